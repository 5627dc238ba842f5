import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import * as api from '../contract/api.js'
import { findConversation } from '../db/conversations.js'
import { listWaitingMessages } from '../db/decisions.js'
import { APPROVALS_TOPIC } from '../db/write.js'
import { conversationHeadView } from '../views/conversation.js'
import { deadlineView } from '../views/event.js'
import { messageView } from '../views/message.js'
import { lightPart } from '../views/page.js'

export const approvals: FastifyPluginAsyncTypebox = async app => {
  app.route({
    ...api.listApprovals,
    handler: async ({ query: { after = '', limit = 100, wait = 0 } }, reply) =>
      app.readUntil(reply, { topic: APPROVALS_TOPIC, waitMs: wait * 1000 }, () => readPage(after, limit), page => page.results.length > 0)
  })

  function readPage (after: string, limit: number): Promise<api.ApprovalPage> {
    return app.readAtOnce(async db => {
      const rows = await listWaitingMessages(db, after, limit + 1)
      const given = lightPart(rows.slice(0, limit), row => row)
      const results = []
      for (const row of given) {
        const conversation = (await findConversation(db, row.conversation_id))!
        results.push({ conversation: conversationHeadView(conversation), message: messageView(row, app.base), deadline: deadlineView(row) })
      }
      return { results, next: rows.length > given.length ? given.at(-1)!.id : null }
    })
  }
}
