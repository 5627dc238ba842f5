import { findConversation, updateConversationEnded } from '../db/conversations.js'
import { closeDeliveriesOf } from '../db/deliveries.js'
import { appendEvent } from '../db/events.js'
import { findParticipant, listBots, updateParticipantPresence } from '../db/participants.js'
import type { ParticipantRow, Writer } from '../db/schema.js'
import type { Write } from '../db/write.js'
import { conversationHeadView } from '../views/conversation.js'
import { announce } from './announce.js'
import type { Policy } from './policy.js'

/** Notes that a participant is connected, and tells the others of it, unless they know. Gives whether they were told now. */
export async function arrive (write: Write, { conversation_id: conversationId, id }: ParticipantRow): Promise<boolean> {
  return write(async db => {
    const participant = (await findParticipant(db, conversationId, id))!
    if (participant.left_at !== null || participant.is_present === 1) return false
    await updateParticipantPresence(db, id, 1)
    // A bot was announced when the conversation was created.
    if (participant.type === 'B' && participant.is_present === null) return false
    await announce(db, conversationId, Date.now(), 'participant-joined', { participant_id: id })
    return true
  })
}

/** Tells the others that a participant is gone; without a bot that is required the conversation ends. */
export async function depart (write: Write, policy: Policy, { conversation_id: conversationId, id }: ParticipantRow): Promise<void> {
  const time = Date.now()
  await write(async db => {
    const participant = (await findParticipant(db, conversationId, id))!
    if (participant.is_present !== 1) return
    await updateParticipantPresence(db, id, 0)
    await announce(db, conversationId, time, 'participant-left', { participant_id: id })
    if (policy.bots.get(participant.bot ?? '')?.isRequired) await endConversation(db, participant, time)
  })
}

async function endConversation (db: Writer, { conversation_id: conversationId, id }: ParticipantRow, time: number): Promise<void> {
  const conversation = (await findConversation(db, conversationId))!
  if (conversation.ended_at !== null) return
  await updateConversationEnded(db, conversationId, time)
  // What the bots would answer would not be taken.
  for (const bot of await listBots(db, conversationId)) await closeDeliveriesOf(db, bot.id, time)
  await announce(db, conversationId, time, 'conversation-ended', { participant_id: id })
  const data = { conversation: conversationHeadView({ ...conversation, ended_at: time }) }
  await appendEvent(db, conversationId, { type: 'conversation.ended', time, data })
}
