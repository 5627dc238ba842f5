import type { FastifyRequest } from 'fastify'
import plugin from 'fastify-plugin'

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

export default plugin<{ publicUrl: string | undefined }>(async (app, { publicUrl }) => {
  const base = app.prefix.replace(/\/$/, '')
  app.decorate('base', base)
  app.decorateRequest('addressOf', function (this: FastifyRequest, path: string) { return `${originOf(this)}${base}${path}` })
  app.decorateRequest('ownAddress', function (this: FastifyRequest) { return `${originOf(this)}${this.url}` })

  function originOf ({ protocol, host }: FastifyRequest): string {
    return publicUrl ?? `${protocol}://${host || 'localhost'}`
  }
}, { name: 'links' })
