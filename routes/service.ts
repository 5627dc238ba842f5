import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import * as api from '../contract/api.js'
import type { Config } from '../config.js'
import { isMigrated } from '../db/migrate.js'
import { problem } from '../errors.js'
import { PAGE_MAX } from '../views/page.js'

export const service: FastifyPluginAsyncTypebox<{ config: Config }> = async (app, { config }) => {
  const names = config.bots.map(bot => bot.name)
  const details = config.bots.map(({ name, description, kind, required }) => ({ name, description, kind, required }))
  const { fileBytes, bodyBytes, requestsPerMinute } = config.limits
  const limits = {
    MAX_ATTACHMENT_SIZE: fileBytes.A,
    MAX_IMAGE_SIZE: fileBytes.i,
    MAX_VIDEO_SIZE: fileBytes.V,
    MAX_AUDIO_SIZE: fileBytes.a,
    MAX_VOICE_SIZE: fileBytes.v,
    MAX_TEXT_LENGTH: Number(api.MessageText.maxLength),
    MAX_PAGE_SIZE: PAGE_MAX,
    MAX_BODY_SIZE: bodyBytes,
    MAX_REQUESTS_PER_MINUTE: requestsPerMinute
  }

  app.route({
    ...api.getEntryPoints,
    handler: async request => ({
      conversations: request.addressOf('/api/chat/conversations/'),
      sessions: request.addressOf('/api/chat/sessions/'),
      bots: request.addressOf('/api/chat/bots/'),
      limits: request.addressOf('/api/chat/limits/'),
      openapi: request.addressOf('/openapi.json')
    })
  })

  app.route({
    ...api.listBots,
    handler: async (request, reply) => {
      if (request.query.details) return reply.redirect(`${app.base}/api/chat/bots/details/`, 307)
      return { results: names }
    }
  })

  app.route({ ...api.listBotDetails, handler: async () => ({ results: details }) })

  app.route({ ...api.getLimits, handler: async () => limits })

  app.route({ ...api.getHealth, handler: async () => ({ status: 'ok' as const }) })

  app.route({
    ...api.getReadiness,
    handler: async () => {
      if (!await isMigrated(app.db).catch(() => false)) throw problem('server_busy', { detail: 'The database cannot be read, or is not migrated.' })
      return { status: 'ok' as const }
    }
  })
}
