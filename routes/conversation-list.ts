import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Config } from '../config.js'
import * as api from '../contract/api.js'
import { countConversations, countConversationsOf, listConversations, listConversationsOf } from '../db/conversations.js'
import { problem } from '../errors.js'
import { conversationEntryView } from '../views/conversation.js'
import { pageView } from '../views/page.js'

const PAGE_SIZE = 100

export const conversationList: FastifyPluginAsyncTypebox<{ config: Config }> = async (app, { config }) => {
  app.route({
    ...api.listConversations,
    handler: async request => {
      const { sessionId, role, query } = request
      if (query.mine && sessionId === null) throw problem('session_required')
      if (!query.mine && !config.rooms && role === null) throw problem('rooms_disabled')
      return app.readAtOnce(async db => {
        const total = query.mine ? await countConversationsOf(db, sessionId!) : await countConversations(db)
        const { offset, count, next, previous } = pageView(query.page, total, PAGE_SIZE, request.ownAddress())
        const slice = { offset, limit: PAGE_SIZE }
        const rows = query.mine ? await listConversationsOf(db, sessionId!, slice) : await listConversations(db, sessionId, slice)
        return { count, next, previous, results: rows.map(conversationEntryView) }
      })
    }
  })
}
