import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import * as api from '../contract/api.js'
import { createSession } from '../actions/open-session.js'
import type { Config } from '../config.js'
import { findSession } from '../db/sessions.js'
import { problem } from '../errors.js'
import { timeView } from '../views/time.js'

export const sessions: FastifyPluginAsyncTypebox<{ config: Config }> = async (app, { config }) => {
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

  app.route({
    ...api.getCurrentSession,
    handler: async request => {
      // A key of the server or of a bot is no session.
      const session = request.sessionId === null ? undefined : await findSession(app.db, request.sessionId)
      return {
        expires_at: session === undefined ? null : timeView(session.expires_at),
        session_id: session?.id ?? null,
        role: request.role,
        nickname: session?.nickname ?? null,
        rooms: config.rooms
      }
    }
  })
}
