import { Ajv, type ErrorObject } from 'ajv'
import formats from 'ajv-formats'
import { pointerTo, type FieldError } from '../errors.js'

const ERRORS_MAX = 20

/** A validator of the contract's schemas, which changes nothing that is valid but trims what is to be trimmed. */
export function createAjv (useDefaults = false): Ajv {
  const ajv = new Ajv({ allErrors: true, discriminator: true, strict: false, addUsedSchema: false, useDefaults })
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
