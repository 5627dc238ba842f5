import { findParticipant, updateParticipantPresence } from '../db/participants.js'
import type { ParticipantRow } from '../db/schema.js'
import type { Write } from '../db/write.js'
import { announce } from './announce.js'
import { endConversation } from './end-conversation.js'
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
