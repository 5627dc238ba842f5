import { Ajv, type AnySchemaObject, type ErrorObject, type ValidateFunction } from 'ajv'
import formats from 'ajv-formats'
import { pointerTo, type FieldError } from '../errors.js'

const ERRORS_MAX = 20

/** Says whether a value is as its schema has it; its `errors` are what was wrong with the last one. */
export interface Judge<T> {
  (value: unknown): value is T
  errors: ErrorObject[]
}

/**
 * A judge of values by a schema of the contract, which changes nothing that is valid but trims what is to be trimmed. It is
 * compiled at the first value: to compile all of them would be a third of the start.
 * @param useDefaults whether it fills in what is absent and has a default
 */
export function judgeOf<T> (schema: AnySchemaObject, { useDefaults = false } = {}): Judge<T> {
  let validate: ValidateFunction<T> | undefined
  const judge = (value: unknown): value is T => {
    validate ??= (useDefaults ? filling : checking).compile<T>(schema)
    const isValid = validate(value)
    judge.errors = validate.errors ?? []
    return isValid
  }
  judge.errors = [] as ErrorObject[]
  return judge
}

const checking = createAjv(false)
const filling = createAjv(true)

// The schemas are the generator's, which is stricter than the schema of schemas.
function createAjv (useDefaults: boolean): Ajv {
  const ajv = new Ajv({ allErrors: true, discriminator: true, strict: false, addUsedSchema: false, meta: false, validateSchema: false, useDefaults })
  formats.default(ajv)
  ajv.addKeyword({ keyword: 'x-trim', type: 'string', before: 'maxLength', modifying: true, errors: false, compile: () => trim })
  return ajv
}

function trim (text: string, context?: { parentData: Record<string, unknown>, parentDataProperty: string | number }): boolean {
  context!.parentData[context!.parentDataProperty] = text.trim()
  return true
}

type Mistake = Pick<ErrorObject, 'keyword' | 'instancePath' | 'params' | 'message'>

/**
 * The mistakes that a validator has found, as the API tells them; the first ones when there are many.
 * @param parent the pointer to what was validated
 */
export function fieldErrors (mistakes: Mistake[], place: FieldError['in'], parent = ''): FieldError[] {
  return mistakes.slice(0, ERRORS_MAX).map(({ keyword, instancePath, params, message = 'is wrong' }) => {
    const name = params.missingProperty ?? params.additionalProperty
    const at = parent + instancePath
    return { in: place, pointer: name === undefined ? at : pointerTo(at, String(name)), code: toSnakeCase(keyword), detail: describe(keyword, params, message) }
  })
}

/** One sentence for each mistake. */
export function describeAll (fields: FieldError[], whole: string): string {
  return fields.map(({ pointer, detail }) => `${pointer === '' ? whole : pointer} ${detail}.`).join(' ')
}

function describe (keyword: string, params: Record<string, unknown>, message: string): string {
  switch (keyword) {
    case 'required': return 'is required'
    case 'additionalProperties': return 'is not known here; leave it out'
    case 'enum': return `must be one of ${(params.allowedValues as unknown[]).join(', ')}`
    case 'type': return `must be ${[params.type].flat().join(' or ')}`
    default: return message
  }
}

function toSnakeCase (keyword: string): string {
  return keyword.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
}
