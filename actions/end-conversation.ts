import { findConversation, updateConversationEnded } from '../db/conversations.js'
import { listWaitingMessagesIn } from '../db/decisions.js'
import { closeDeliveriesOf } from '../db/deliveries.js'
import { appendEvent } from '../db/events.js'
import { listBots } from '../db/participants.js'
import type { ParticipantRow, Writer } from '../db/schema.js'
import { conversationHeadView } from '../views/conversation.js'
import { announce } from './announce.js'
import { reject } from './decide.js'

/** Ends a conversation because a participant is gone: it takes no new messages, and what waits is not shown any more. */
export async function endConversation (db: Writer, { conversation_id: conversationId, id }: ParticipantRow, time: number): Promise<void> {
  const conversation = (await findConversation(db, conversationId))!
  if (conversation.ended_at !== null) return
  await updateConversationEnded(db, conversationId, time)
  for (const message of await listWaitingMessagesIn(db, conversationId)) await reject(db, message, { kind: 'timeout', id: null }, 'The conversation has ended.')
  // What the bots would answer would not be taken.
  for (const bot of await listBots(db, conversationId)) await closeDeliveriesOf(db, bot.id, time)
  await announce(db, conversationId, time, 'conversation-ended', { participant_id: id })
  const data = { conversation: conversationHeadView({ ...conversation, ended_at: time }) }
  await appendEvent(db, conversationId, { type: 'conversation.ended', time, data })
}
