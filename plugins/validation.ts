import { isUtf8 } from 'node:buffer'
import { Ajv, type ValidateFunction } from 'ajv'
import formats from 'ajv-formats'
import type { FastifyInstance, FastifyRequest, FastifySchema } from 'fastify'
import plugin from 'fastify-plugin'
import { bodyProblem, pointerTo, problem } from '../errors.js'

// Deeper or wider bodies than any operation takes.
const DEPTH_MAX = 32
const VALUES_MAX = 5000

type Properties = Record<string, { type?: string | string[] }>

/** Reads JSON bodies and judges bodies, parameters and queries by the schemas of the contract, without changing what is valid. */
export default plugin<{ bodyBytes: number }>(async (app, { bodyBytes }) => {
  app.removeContentTypeParser(['application/json', 'text/plain'])
  app.addContentTypeParser('application/json', { parseAs: 'buffer', bodyLimit: bodyBytes }, async (_request: FastifyRequest, body: Buffer) => readJson(body))
  app.setValidatorCompiler<FastifySchema>(({ schema, httpPart }) => httpPart === 'body' ? bodies.compile(schema) : compileText(schema as { properties?: Properties }))
  app.addHook('preValidation', requireBody)
}, { name: 'validation', dependencies: ['problems'] })

const bodies = createAjv(false)
const texts = createAjv(true)

function createAjv (useDefaults: boolean): Ajv {
  const ajv = new Ajv({ allErrors: true, discriminator: true, strict: false, addUsedSchema: false, useDefaults })
  formats.default(ajv)
  ajv.addKeyword({ keyword: 'x-trim', type: 'string', before: 'maxLength', modifying: true, errors: false, compile: () => trim })
  return ajv
}

function trim (text: string, context?: { parentData: Record<string, unknown>, parentDataProperty: string | number }): boolean {
  context!.parentData[context!.parentDataProperty] = text.trim()
  return true
}

/** A validator of parameters, which arrive as text: numbers and booleans are read by the schema, and only when written plainly. */
function compileText (schema: { properties?: Properties }): ValidateFunction {
  const validate = texts.compile(schema)
  const readers = Object.entries(schema.properties ?? {}).flatMap(([name, { type }]) => type === 'integer' ? [[name, readInteger] as const] : type === 'boolean' ? [[name, readBoolean] as const] : [])
  const check = (data: Record<string, unknown>): boolean => {
    for (const [name, read] of readers) if (typeof data[name] === 'string') data[name] = read(data[name])
    const valid = validate(data)
    check.errors = validate.errors
    return valid
  }
  check.errors = undefined as ValidateFunction['errors']
  return check as unknown as ValidateFunction
}

function readInteger (text: string): unknown {
  return /^-?\d{1,16}$/.test(text) ? Number(text) : text
}

function readBoolean (text: string): unknown {
  return text === 'true' ? true : text === 'false' ? false : text
}

async function requireBody (this: FastifyInstance, request: FastifyRequest): Promise<void> {
  const { consumes = [], bodyRequired } = request.routeOptions.config
  if (consumes.length === 0) return
  const mediaType = request.headers['content-type']?.split(';')[0]!.trim().toLowerCase()
  if (mediaType !== undefined && !consumes.includes(mediaType)) throw problem('media_type_unsupported', { detail: `Send the body as ${consumes.join(' or ')}.` })
  if (mediaType === 'multipart/form-data' || request.body !== undefined) return
  if (bodyRequired) throw problem('body_missing', { detail: `Send a body as ${consumes.join(' or ')}.` })
  request.body = {}
}

/**
 * A JSON body; undefined for none.
 * @throws ProblemError body_malformed, body_invalid
 */
function readJson (bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined
  if (!isUtf8(bytes)) throw problem('body_malformed', { detail: 'The body is not UTF-8.' })
  const value = parse(bytes.toString('utf8'))
  requireStorable(value)
  return value
}

function parse (text: string): unknown {
  try { return JSON.parse(text) } catch (error) {
    throw problem('body_malformed', { detail: `The body is not JSON: ${(error as Error).message}.` })
  }
}

/** Refuses what no database and no other client could take: NUL, halves of surrogate pairs, and endless structures. */
function requireStorable (body: unknown): void {
  const open = [{ value: body, pointer: '', depth: 0 }]
  for (let count = 0; open.length > 0; count++) {
    const { value, pointer, depth } = open.pop()!
    if (count > VALUES_MAX) throw problem('body_malformed', { detail: `The body has more than ${VALUES_MAX} values.`, limit: VALUES_MAX })
    if (depth > DEPTH_MAX) throw problem('body_malformed', { detail: `The body is nested deeper than ${DEPTH_MAX} levels.`, limit: DEPTH_MAX })
    if (typeof value === 'string' && !isStorable(value)) throw bodyProblem('body_invalid', pointer, 'characters', `${pointer} must not have NUL or half a surrogate pair.`)
    if (typeof value !== 'object' || value === null) continue
    for (const [key, inner] of Object.entries(value)) {
      open.push({ value: inner, pointer: pointerTo(pointer, key), depth: depth + 1 })
    }
  }
}

function isStorable (text: string): boolean {
  return !text.includes('\0') && text.isWellFormed()
}
