import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { readDocument } from '../../contract/document.js'
import { problems, type ProblemCode } from '../../errors.js'

/** An operation of openapi.yaml, its parameters merged. */
export interface Operation {
  id: string
  method: string
  path: string
  access: string
  session: 'none' | 'optional' | 'required'
  /** The codes of the problems that it may give. */
  problems: Set<string>
  source: Record<string, any>
  parameters: Array<Record<string, any>>
}

// What says who a caller is; the others are keys of bots and of the admin.
const sessionSchemes = new Set(['bearer', 'cookie'])

export const document = readDocument()
export const operations: Operation[] = Object.entries<Record<string, any>>(document.paths).flatMap(([path, item]) =>
  Object.entries<Record<string, any>>(item).filter(([method]) => method !== 'parameters').map(([method, source]) => toOperation(path, item, method, source)))

const ajv = new Ajv2020({ strict: false, allErrors: true })
formats.default(ajv)
ajv.addVocabulary(['x-trim', 'x-access', 'x-problems', 'x-rooms', 'x-observers'])
ajv.addSchema({ $id: 'closed', components: { schemas: close(document.components.schemas) } })

/** The operation that a request calls, whichever way its path is spelled. */
export function operationOf (method: string, url: string): Operation | undefined {
  const path = url.split('?')[0]!.replace(/\/$/, '')
  const sought = method === 'HEAD' ? 'GET' : method
  const matching = operations.filter(operation => operation.method === sought && toPattern(operation.path).test(path))
  return matching.sort((one, other) => one.parameters.length - other.parameters.length)[0]
}

/** Throws when an answer is not what the contract promises, or has more than the contract names. */
export function requirePromised (operation: Operation, status: number, type: string | undefined, text: string): void {
  const place = `${operation.id} ${status}`
  const promised = operation.source.responses[status] ?? operation.source.responses[`${String(status)[0]}XX`]
  if (promised === undefined) throw new Error(`${place} is not in the contract: ${text}`)
  const { content } = resolve(promised)
  const jsonType = Object.keys(content ?? {}).find(name => name.endsWith('json'))
  if (jsonType === undefined) {
    const isNamed = content === undefined || Object.keys(content).some(name => name === type || name.replace(/\*$/, '') === type?.replace(/[^/]*$/, ''))
    if (!isNamed) throw new Error(`${place} is ${type}, which is not in the contract`)
    return
  }
  if (!type?.startsWith(jsonType)) throw new Error(`${place} is ${type}, not ${jsonType}: ${text}`)
  const body: any = JSON.parse(text)
  const validate = validatorOf(content[jsonType].schema.$ref)
  if (!validate(body)) throw new Error(`${place} breaks the contract: ${ajv.errorsText(validate.errors)} in ${text}`)
  if (status >= 400) requireKnownProblem(operation, status, body as { code: ProblemCode })
}

export function validatorOf (ref: string): ValidateFunction {
  return ajv.getSchema(`closed${ref}`)!
}

export function resolve (value: Record<string, any>): Record<string, any> {
  if (value.$ref === undefined) return value
  return value.$ref.split('/').slice(1).reduce((place: any, key: string) => place[key], document)
}

function requireKnownProblem (operation: Operation, status: number, { code }: { code: ProblemCode }): void {
  if (!operation.problems.has(code)) throw new Error(`${operation.id} gave ${code}, which the contract does not list for it`)
  if (problems[code][0] !== status) throw new Error(`${code} came with ${status}`)
}

function toOperation (path: string, item: Record<string, any>, method: string, source: Record<string, any>): Operation {
  const security: object[] = source.security ?? document.security
  const takesSession = security.some(one => Object.keys(one).some(name => sessionSchemes.has(name)))
  const session = !takesSession ? 'none' : security.some(one => Object.keys(one).length === 0) ? 'optional' : 'required'
  const parameters = [...item.parameters ?? [], ...source.parameters ?? []].map(resolve)
  const occasions = new Set(['everywhere',
    ...session === 'none' ? [] : ['session'],
    ...session === 'required' ? ['session_required'] : [],
    ...source.requestBody === undefined ? [] : ['body'],
    ...source.requestBody?.required === true ? ['body_required'] : [],
    ...parameters.some(parameter => parameter.in === 'query') ? ['query'] : []])
  const implied = Object.entries<{ when?: string }>(document['x-problems']).filter(([, { when }]) => occasions.has(when ?? '')).map(([code]) => code)
  return {
    id: source.operationId,
    method: method.toUpperCase(),
    path,
    access: source['x-access'],
    session,
    problems: new Set([...implied, ...source['x-problems'] ?? []]),
    source,
    parameters
  }
}

function toPattern (path: string): RegExp {
  return new RegExp(`^${path.replace(/\/$/, '').replace(/\{\w+\}/g, '[^/]+')}$`)
}

/** The same schemas, but objects have no properties beyond those that are named. */
function close (schema: any): any {
  if (Array.isArray(schema)) return schema.map(close)
  if (typeof schema !== 'object' || schema === null) return schema
  const closed = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, close(value)]))
  return schema.type === 'object' && schema.properties !== undefined ? { additionalProperties: false, ...closed } : closed
}
