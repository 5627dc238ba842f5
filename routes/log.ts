import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import * as api from '../contract/api.js'
import { findConversation } from '../db/conversations.js'
import { listEvents } from '../db/events.js'
import { listMessagesUpTo } from '../db/messages.js'
import { findParticipant, listParticipants } from '../db/participants.js'
import { problem } from '../errors.js'
import type { ConversationRow, ParticipantRow } from '../db/schema.js'
import { conversationHeadView } from '../views/conversation.js'
import { eventView } from '../views/event.js'
import { messageView } from '../views/message.js'
import { lightEnd, lightPart } from '../views/page.js'
import { participantView } from '../views/participant.js'
import type { Viewer } from '../views/viewer.js'

/** What the gate has loaded; a manager need not be in the conversation. */
interface Loaded { conversation: ConversationRow, me?: ParticipantRow, viewer: Viewer }

export const log: FastifyPluginAsyncTypebox = async app => {
  app.route({
    ...api.listEvents,
    handler: async (request, reply) => {
      const { loaded, query: { after = 0, limit = 100, wait = 0 } } = request
      if (wait === 0) return readPage(loaded, after, limit)
      const patience = new AbortController()
      reply.raw.once('close', () => patience.abort())
      try {
        return await waitForPage(loaded, request.sessionId ?? request.bot ?? request.ip, after, limit, Date.now() + wait * 1000, patience.signal)
      } finally {
        patience.abort()
      }
    }
  })

  /** A page that is not empty, as soon as there is one, or whatever there is when the time is over. */
  async function waitForPage (loaded: Loaded, owner: string, after: number, limit: number, until: number, signal: AbortSignal): Promise<api.EventPage> {
    for (;;) {
      // Listens before it reads, so that nothing is stored unnoticed in between.
      const growth = app.doorbell.wait(loaded.conversation.id, owner, until - Date.now(), signal)
      const page = await readPage(loaded, after, limit)
      if (page.events.length > 0 || page.last_seq < after) return page
      const isLast = await growth === 'over'
      if (isLast) return readPage(loaded, after, limit)
    }
  }

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
      const rows = await listEvents(db, id, after, limit + 1, viewer.audiences)
      // The caller may have left while it waited.
      if (me !== undefined && (await findParticipant(db, id, me.id))?.left_at !== null) throw problem('not_a_participant')
      const events = lightPart(rows.slice(0, limit), row => row.message)
      return {
        events: events.map(({ event, message }) => eventView(event, message, app.base)),
        last_seq: conversation.last_seq,
        has_more: rows.length > events.length
      }
    })
  }
}
