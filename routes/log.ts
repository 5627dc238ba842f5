import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import * as api from '../contract/api.js'
import { findConversation } from '../db/conversations.js'
import { listEvents } from '../db/events.js'
import { listMessagesUpTo } from '../db/messages.js'
import { findParticipant, listParticipants } from '../db/participants.js'
import { endFor } from '../db/restore.js'
import { problem } from '../errors.js'
import type { ConversationTraits, Member } from '../db/schema.js'
import { conversationHeadView } from '../views/conversation.js'
import { eventView } from '../views/event.js'
import { messageView } from '../views/message.js'
import { lightEnd, lightPart } from '../views/page.js'
import { participantView } from '../views/participant.js'
import type { Viewer } from '../views/viewer.js'

/** What the gate has loaded; a manager need not be in the conversation. */
interface Loaded { conversation: ConversationTraits, me?: Member, viewer: Viewer }

export const log: FastifyPluginAsyncTypebox = async app => {
  app.route({
    ...api.listEvents,
    handler: async ({ loaded, query: { after = 0, limit = 100, wait = 0 } }, reply) => {
      const read = (): Promise<api.EventPage> => readPage(loaded, after, limit)
      return app.readUntil(reply, { topic: loaded.conversation.id, waitMs: wait * 1000 }, read, page => page.events.length > 0 || page.last_seq < after)
    }
  })

  app.route({
    ...api.getSnapshot,
    handler: async request => app.readAtOnce(async db => {
      const { me, viewer, conversation: { id } } = request.loaded as Loaded
      const conversation = (await findConversation(db, id))!
      const participants = await listParticipants(db, id)
      const messages = await listMessagesUpTo(db, id, viewer.audiences, conversation.last_seq, request.query.messages ?? 50)
      return {
        conversation: conversationHeadView(conversation),
        participants: participants.map(participantView),
        my_participant_id: me?.id ?? null,
        messages: lightEnd(messages).map(row => messageView(row, app.base)),
        last_seq: conversation.last_seq
      }
    })
  })

  function readPage ({ me, viewer, conversation: { id } }: Loaded, after: number, limit: number): Promise<api.EventPage> {
    return app.readAtOnce(async db => {
      const conversation = (await findConversation(db, id))!
      const end = endFor(conversation, after)
      const rows = after > end ? [] : await listEvents(db, id, after, limit + 1, viewer.audiences)
      // The caller may have left while it waited.
      if (me !== undefined && (await findParticipant(db, id, me.id))?.left_at !== null) throw problem('not_a_participant')
      const events = lightPart(rows.slice(0, limit), row => row.message)
      return {
        events: events.map(({ event, message }) => eventView(event, message, app.base)),
        last_seq: end,
        has_more: rows.length > events.length
      }
    })
  }
}
