import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Config } from '../config.js'
import * as api from '../contract/api.js'
import { countConversations, countConversationsOf, listConversations, listConversationsOf, type ConversationEntryRow } from '../db/conversations.js'
import { countUnread, findLastSeen } from '../db/messages.js'
import type { Reader, Role } from '../db/schema.js'
import { problem } from '../errors.js'
import { conversationEntryView, ownEntryView } from '../views/conversation.js'
import { messageView } from '../views/message.js'
import { pageView } from '../views/page.js'
import { viewerOf } from '../views/viewer.js'

const PAGE_SIZE = 100
const UNREAD_MAX = Number(api.ReadState.properties.unread_count.maximum)

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
        const results = query.mine ? await Promise.all(rows.map(row => ownEntry(db, row, role))) : rows.map(conversationEntryView)
        return { count, next, previous, results }
      })
    }
  })

  async function ownEntry (db: Reader, row: ConversationEntryRow, role: Role | null): Promise<api.ConversationEntry> {
    const me = row.my_participant_id!
    const { audiences } = viewerOf({ id: me, type: 'H', is_manager: 0 }, role)
    const said = await findLastSeen(db, row.id, audiences)
    const unreadCount = await countUnread(db, row.id, audiences, me, row.read_seq!, UNREAD_MAX)
    return ownEntryView(row, unreadCount, said && messageView(said, app.base))
  }
}
