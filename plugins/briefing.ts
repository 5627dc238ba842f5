import type { FastifyInstance } from 'fastify'
import plugin from 'fastify-plugin'
import { ensureBotSession } from '../actions/bot-session.js'
import type { Delivery } from '../bots/bot.js'
import { findConversation } from '../db/conversations.js'
import { findBotState } from '../db/bots.js'
import { listHeard, type Heard } from '../db/heard.js'
import { findMessage, hasSaidBefore } from '../db/messages.js'
import { findParticipant, listBots } from '../db/participants.js'
import type { DeliveryRow } from '../db/schema.js'
import { findSession } from '../db/sessions.js'
import { conversationHeadView } from '../views/conversation.js'
import { messageView } from '../views/message.js'
import { viewerOf } from '../views/viewer.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** What a bot is to know of a delivery. */
    brief: (delivery: DeliveryRow) => Promise<Delivery>
  }
}

export default plugin(async app => {
  app.decorate('brief', delivery => brief(app, delivery))
}, { name: 'briefing', dependencies: ['database', 'sessions', 'presence', 'links'] })

async function brief (app: FastifyInstance, row: DeliveryRow): Promise<Delivery> {
  const { conversation_id: conversationId, participant_id: participantId, seq } = row
  const conversation = (await findConversation(app.db, conversationId))!
  const me = (await findParticipant(app.db, conversationId, participantId))!
  const message = (await findMessage(app.db, conversationId, row.message_id))!
  const state = await findBotState(app.db, participantId)
  return {
    id: row.id,
    attempt: row.attempts + 1,
    conversation: conversationHeadView(conversation),
    me: { id: me.id, name: me.name },
    message: heardView({ message: { ...message, seq }, overrides: row.overrides === null ? {} : JSON.parse(row.overrides) }, app.base),
    isWaiting: message.approval_status === 0 && message.decision === null,
    state: state === undefined ? undefined : JSON.parse(state.state),
    readHistory: async limit => (await listHeard(app.db, me, viewerOf(me, null).audiences, message.seq ?? seq, limit)).map(heard => heardView(heard, app.base)),
    readBots: async () => (await listBots(app.db, conversationId)).filter(bot => bot.id !== me.id).map(bot => ({ id: bot.id, name: bot.bot! })),
    hasBegun: () => hasSaidBefore(app.db, conversationId, message.seq ?? seq),
    readSession: async () => app.signToken(me.session_id === null ? await ensureBotSession(app.write, me) : (await findSession(app.db, me.session_id))!),
    isConnected: () => app.presence.isConnected(participantId)
  }
}

/** A message as this bot is to see it. */
function heardView ({ message, overrides }: Heard, base: string): Delivery['message'] {
  return { ...messageView(message, base), ...overrides }
}
