import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import * as api from '../contract/api.js'
import { createSession } from '../actions/open-session.js'
import { problem } from '../errors.js'
import { timeView } from '../views/time.js'

export const sessions: FastifyPluginAsyncTypebox = async app => {
  app.route({
    ...api.createSession,
    handler: async (request, reply) => {
      const { nickname, role = null } = request.body
      if (role !== null && request.role !== 'admin') throw problem('admin_required')
      const session = await createSession(app.write, nickname || null, role)
      reply.code(201)
      return { token: app.signToken(session), expires_at: timeView(session.expires_at), session_id: session.id, role }
    }
  })
}
