import { fastify, type FastifyInstance } from 'fastify'
import plugin from 'fastify-plugin'
import { once } from '../once.js'

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * Serves paths by an application of its own within this one. Most servers are never asked for them, so it is made,
     * and its libraries are loaded, at the first request: to an application that is running they could not be added.
     * @param paths below the prefix; empty for the prefix itself
     * @param furnish adds what the application serves, at the whole paths, the prefix included
     */
    annex: (paths: string[], furnish: (annex: FastifyInstance) => Promise<void>) => void
  }
}

// What the annex is told of a request.
const told = ['if-none-match', 'accept-encoding'] as const

export default plugin(async app => {
  app.decorate('annex', function (this: FastifyInstance, paths, furnish) {
    const open = once(async () => {
      const annex = fastify()
      await furnish(annex)
      return annex
    })
    for (const path of paths) {
      // A host may have it already, or see no difference between two spellings.
      if (this.hasRoute({ method: 'GET', url: `${this.prefix}${path}` })) continue
      this.get(path, { config: { session: 'none' }, prefixTrailingSlash: path === '' ? 'no-slash' : 'slash' }, async ({ url, headers }, reply) => {
        const named = Object.fromEntries(told.flatMap(name => headers[name] === undefined ? [] : [[name, String(headers[name])]]))
        const answer = await (await open()).inject({ url, headers: named })
        if (answer.statusCode === 403 || answer.statusCode === 404) return reply.callNotFound()
        const { connection: _, date: __, vary, ...others } = answer.headers
        // Where the origin makes a difference, it still does.
        if (vary !== undefined) reply.header('vary', [reply.getHeader('vary'), vary].filter(Boolean).join(', '))
        return reply.code(answer.statusCode).headers(others).send(answer.rawPayload.length > 0 ? answer.rawPayload : undefined)
      })
    }
  })
}, { name: 'annex' })
