import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import * as api from '../contract/api.js'
import { findConversation } from '../db/conversations.js'
import { listEvents } from '../db/events.js'
import { listMessagesUpTo } from '../db/messages.js'
import { findParticipant, listParticipants } from '../db/participants.js'
import { problem } from '../errors.js'
import type { ParticipantRow } from '../db/schema.js'
import { conversationHeadView } from '../views/conversation.js'
import { eventView } from '../views/event.js'
import { messageView } from '../views/message.js'
import { lightEnd, lightPart } from '../views/page.js'
import { participantView } from '../views/participant.js'

export const log: FastifyPluginAsyncTypebox = async app => {
  app.route({
    ...api.listEvents,
    handler: async (request, reply) => {
      const { me } = request.loaded
      const { after = 0, limit = 100, wait = 0 } = request.query
      if (wait === 0) return readPage(me, after, limit)
      const patience = new AbortController()
      reply.raw.once('close', () => patience.abort())
      try {
        // Listens before it reads, so that nothing is stored unnoticed in between.
        const growth = app.doorbell.wait(me.conversation_id, me.id, wait * 1000, patience.signal)
        const page = await readPage(me, after, limit)
        if (page.events.length > 0 || page.last_seq < after) return page
        await growth
        return await readPage(me, after, limit)
      } finally {
        patience.abort()
      }
    }
  })

  app.route({
    ...api.getSnapshot,
    handler: async request => app.readAtOnce(async db => {
      const { me } = request.loaded
      const conversation = (await findConversation(db, me.conversation_id))!
      const participants = await listParticipants(db, conversation.id)
      const messages = await listMessagesUpTo(db, conversation.id, conversation.last_seq, request.query.messages ?? 50)
      return {
        conversation: conversationHeadView(conversation),
        participants: participants.map(participantView),
        my_participant_id: me.id,
        messages: lightEnd(messages).map(row => messageView(row, app.base)),
        last_seq: conversation.last_seq
      }
    })
  })

  function readPage ({ id, conversation_id: conversationId }: ParticipantRow, after: number, limit: number): Promise<api.EventPage> {
    return app.readAtOnce(async db => {
      const conversation = (await findConversation(db, conversationId))!
      const rows = await listEvents(db, conversationId, after, limit + 1)
      // The caller may have left while it waited.
      if ((await findParticipant(db, conversationId, id))?.left_at !== null) throw problem('not_a_participant')
      const events = lightPart(rows.slice(0, limit), row => row.message)
      return {
        events: events.map(({ event, message }) => eventView(event, message, app.base)),
        last_seq: conversation.last_seq,
        has_more: rows.length > events.length
      }
    })
  }
}
