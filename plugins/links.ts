import type { FastifyRequest } from 'fastify'
import plugin from 'fastify-plugin'
import { problem } from '../errors.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** The path under which the service is mounted, such as `/chat`; empty for none. */
    base: string
  }
  interface FastifyRequest {
    /** The absolute address of a path of the service, as the caller reaches it. */
    addressOf: (path: string) => string
    /** The absolute address of the request. */
    ownAddress: () => string
  }
}

// RFC 9110, 7.2; without one, an HTTP/1.0 client asks for this machine.
const hostPattern = /^$|^[\w.-]+(:\d{1,5})?$|^\[[\da-f:.]+\](:\d{1,5})?$/i

export default plugin<{ publicUrl: string | undefined }>(async (app, { publicUrl }) => {
  if (app.prefix.endsWith('/')) throw new Error(`Register the service under a prefix without a slash at its end, not under ${app.prefix}.`)
  const base = app.prefix
  let good: string | undefined
  app.decorate('base', base)
  app.decorateRequest('addressOf', function (this: FastifyRequest, path: string) { return `${originOf(this)}${base}${path}` })
  app.decorateRequest('ownAddress', function (this: FastifyRequest) { return `${originOf(this)}${this.url.replace(/^https?:\/\/[^/]*/i, '')}` })

  function originOf ({ protocol, host }: FastifyRequest): string {
    if (publicUrl !== undefined) return publicUrl
    const origin = `${protocol}://${host || 'localhost'}`
    // Most requests name the same host, and judging it takes longer than all the rest here.
    if (origin === good) return origin
    if (!hostPattern.test(host) || !URL.canParse(origin)) throw problem('request_malformed', { detail: 'The Host header is not a host.' })
    good = origin
    return origin
  }
}, { name: 'links' })
