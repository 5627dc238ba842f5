import type { ValidateFunction } from 'ajv'
import type { FastifyRequest, FastifySchema } from 'fastify'
import plugin from 'fastify-plugin'
import { judgeOf } from '../contract/ajv.js'
import { problem } from '../errors.js'

type Properties = Record<string, { type?: string | string[] }>

/** Judges bodies, parameters and queries by the schemas of the contract, without changing what is valid. */
export default plugin(async app => {
  app.setValidatorCompiler<FastifySchema>(({ schema, httpPart }) => httpPart === 'body' ? judgeOf(schema as object) : compileText(schema as { properties?: Properties }))
  app.addHook('preValidation', (request, _reply, done) => {
    requireBody(request)
    done()
  })
}, { name: 'validation', dependencies: ['problems'] })

/** A validator of parameters, which arrive as text: numbers and booleans are read by the schema, and only when written plainly. */
function compileText (schema: { properties?: Properties }): ValidateFunction {
  const validate = judgeOf(schema, { useDefaults: true })
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

function requireBody (request: FastifyRequest): void {
  const { consumes = [], bodyRequired } = request.routeOptions.config
  if (consumes.length === 0) return
  const mediaType = request.headers['content-type']?.split(';')[0]!.trim().toLowerCase()
  if (mediaType !== undefined && !consumes.includes(mediaType)) throw problem('media_type_unsupported', { detail: `Send the body as ${consumes.join(' or ')}.` })
  if (mediaType === 'multipart/form-data' || request.body !== undefined) return
  if (bodyRequired) throw problem('body_missing', { detail: `Send a body as ${consumes.join(' or ')}.` })
  request.body = {}
}
