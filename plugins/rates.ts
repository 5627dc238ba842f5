import rateLimit, { type RateLimitOptions } from '@fastify/rate-limit'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import plugin from 'fastify-plugin'
import { problem, ProblemError } from '../errors.js'

// Whoever watches the process may share its address with everybody.
const probes = new Set(['getHealth', 'getReadiness'])

/** Limits the requests of each session, or of each address for those without. Stands before the gate, so that refused requests count. */
export default plugin<{ requestsPerMinute: number }>(async (app, { requestsPerMinute: max }) => {
  if (max === 0) return
  const options: RateLimitOptions = {
    max,
    timeWindow: '1 minute',
    cache: 10_000,
    allowList: request => probes.has(request.routeOptions.config.operationId ?? ''),
    keyGenerator: request => request.caller,
    errorResponseBuilder: (_request, { ttl }) => problem('rate_limited', {
      detail: `At most ${max} requests a minute. Wait ${Math.ceil(ttl / 1000)} seconds.`,
      limit: max
    })
  }
  await app.register(rateLimit, { global: false })
  // With all options: in a host application that limits requests, too, `rateLimit` is the host's.
  const limit = app.rateLimit(options) as (this: FastifyInstance, request: FastifyRequest, reply: FastifyReply) => Promise<void>
  app.addHook('onRequest', async function (request, reply) {
    try { await limit.call(this, request, reply) } catch (error) {
      if (!request.ws || !(error instanceof ProblemError)) throw error
      // A page is told nothing of a handshake that fails: its socket is closed with a reason instead.
      request.tokenProblem = error
    }
  })
}, { name: 'rates', dependencies: ['problems', 'sessions'] })
