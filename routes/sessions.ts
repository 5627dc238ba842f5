import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import * as api from '../contract/api.js'
import { createSession } from '../actions/open-session.js'
import { timeView } from '../views/time.js'

export const sessions: FastifyPluginAsyncTypebox = async app => {
  app.route({
    ...api.createSession,
    handler: async (request, reply) => {
      const session = await createSession(app.write, request.body.nickname || null)
      reply.code(201)
      return { token: app.signToken(session), expires_at: timeView(session.expires_at), session_id: session.id }
    }
  })
}
