import { STATUS_CODES, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest, FastifySchemaValidationError } from 'fastify'
import plugin from 'fastify-plugin'
import { describeAll, fieldErrors } from '../contract/ajv.js'
import { operations } from '../contract/api.js'
import { problem, ProblemError, problems, type ProblemCode } from '../errors.js'

// What Fastify and its plugins call the mistakes of a client, and what the API calls them.
const clientErrors: Record<string, ProblemCode> = {
  FST_ERR_BAD_URL: 'request_malformed',
  FST_ERR_MAX_PARAM_LENGTH: 'route_not_found',
  ECONNRESET: 'request_malformed',
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'request_malformed',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'media_type_unsupported',
  FST_ERR_CTP_EMPTY_TYPE: 'media_type_unsupported'
}

// What is left of the body of a refused request is read no further than this.
const DRAIN_MAX_BYTES = 64 * 1024 * 1024

/** What an error has come of: a request, or a frame that belongs to none. */
interface Cause extends Pick<FastifyRequest, 'log'>, Partial<Pick<FastifyRequest, 'routeOptions'>> {}

declare module 'fastify' {
  interface FastifyInstance {
    /** The problem that an error is for whoever caused it; what is no client's mistake is logged. */
    problemOf: (error: unknown, cause: Cause) => ProblemError
  }
}

export default plugin(async app => {
  app.decorate('problemOf', (error, cause) => logged(toProblem(error as FastifyError, cause), error, cause))
  app.setErrorHandler(answerError)
  app.setNotFoundHandler(answerNotFound)
  // Before a body is read that nothing here would take.
  app.addHook('preParsing', function (request, _reply, _payload, done) {
    if (request.is404) answerNotFound.call(this, request)
    done()
  })
}, { name: 'problems' })

/** Answers whatever was thrown as a problem. */
export function answerError (error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const known = logged(toProblem(error, request), error, request)
  // Fastify closes after a body that is too large, and would take the answer away from a client that is still writing.
  if (Number(request.headers['content-length'] ?? 0) > DRAIN_MAX_BYTES) reply.header('connection', 'close')
  else reply.removeHeader('connection')
  drain(request.raw)
  return reply.code(known.body.status).headers(known.headers).type('application/problem+json').send(known.body)
}

function logged (known: ProblemError, error: unknown, { log }: Cause): ProblemError {
  if (known.body.code === 'internal_error') log.error(error)
  else if (known.body.status >= 500) log.warn({ code: known.body.code }, known.body.detail)
  return known
}

/** Answers what is no HTTP request, or too large or too slow for one, before there is a request. */
export function answerUnreadable (error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy()
    return
  }
  const code = error.code === 'HPE_HEADER_OVERFLOW' ? 'headers_too_large' : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'request_timeout' : 'request_malformed'
  const { body } = problem(code)
  const text = JSON.stringify(body)
  socket.end(`HTTP/1.1 ${body.status} ${STATUS_CODES[body.status]}\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`)
}

function toProblem (error: FastifyError, { routeOptions }: Cause): ProblemError {
  if (error instanceof ProblemError) return error
  if (error.validation !== undefined) return toInvalid(error.validation, error.validationContext)
  const code = clientErrors[error.code]
  if (code === undefined) return problem('internal_error')
  const consumes = routeOptions?.config.consumes ?? []
  if (code === 'media_type_unsupported' && consumes.length > 0) return problem(code, { detail: `Send the body as ${consumes.join(' or ')}.` })
  return problem(code, { detail: `${error.message.replace(/\.$/, '')}. ${problems[code][2]}` })
}

function toInvalid (errors: FastifySchemaValidationError[], context = 'body'): ProblemError {
  const place = context === 'querystring' ? 'query' : context === 'headers' ? 'header' : 'body'
  const fields = fieldErrors(errors, place)
  return problem(place === 'body' ? 'body_invalid' : 'query_invalid', { detail: describeAll(fields, `The ${place}`), errors: fields })
}

function drain (raw: IncomingMessage): void {
  let bytes = 0
  raw.on('data', (piece: Uint8Array) => {
    bytes += piece.length
    if (bytes > DRAIN_MAX_BYTES) raw.destroy()
  })
  raw.resume()
}

function answerNotFound (this: FastifyInstance, request: FastifyRequest): never {
  const path = request.url.split('?')[0]!
  const allowed = allowedMethods(path.slice(this.prefix.length))
  if (allowed.length === 0) throw problem('route_not_found')
  throw problem('method_not_allowed', { detail: `${request.method} is not possible here. Possible: ${allowed.join(', ')}.` }, { Allow: allowed.join(', ') })
}

const patterns = Object.values(operations).map(({ method, url }) => ({ method, pattern: toPattern(url) }))

function allowedMethods (path: string): string[] {
  const methods = patterns.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method)
  return methods.includes('GET' as never) ? [...methods, 'HEAD', 'OPTIONS'] : methods.length > 0 ? [...methods, 'OPTIONS'] : []
}

function toPattern (url: string): RegExp {
  return new RegExp(`^${url.replace(/\/$/, '').replace(/:\w+/g, '[^/]+')}/?$`)
}
