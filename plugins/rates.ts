import rateLimit from '@fastify/rate-limit'
import plugin from 'fastify-plugin'
import { problem } from '../errors.js'

/** Limits the requests of each session, or of each address for those without. Stands before the gate, so that refused requests count. */
export default plugin<{ requestsPerMinute: number }>(async (app, { requestsPerMinute: max }) => {
  if (max === 0) return
  await app.register(rateLimit, {
    global: false,
    max,
    timeWindow: '1 minute',
    cache: 10_000,
    keyGenerator: request => request.sessionId ?? request.ip,
    errorResponseBuilder: (_request, { ttl }) => problem('rate_limited', {
      detail: `At most ${max} requests a minute. Wait ${Math.ceil(ttl / 1000)} seconds.`,
      limit: max
    })
  })
  app.addHook('onRequest', app.rateLimit())
}, { name: 'rates', dependencies: ['problems', 'sessions'] })
