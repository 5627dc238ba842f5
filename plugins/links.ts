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
  }
}

export default plugin<{ publicUrl: string | undefined }>(async (app, { publicUrl }) => {
  const base = app.prefix.replace(/\/$/, '')
  app.decorate('base', base)
  app.decorateRequest('addressOf', function (this: FastifyRequest, path: string) {
    return `${publicUrl ?? `${this.protocol}://${this.host || 'localhost'}`}${base}${path}`
  })
}, { name: 'links' })
