import { closeDeliveriesOf } from '../db/deliveries.js'
import { appendEvent } from '../db/events.js'
import { findParticipant, updateParticipantLeft, updateParticipantPresence } from '../db/participants.js'
import type { ParticipantRow } from '../db/schema.js'
import type { Write } from '../db/write.js'
import { participantView } from '../views/participant.js'
import { announce } from './announce.js'

/** Takes a participant out of its conversation; one who has left already stays as it is. */
export async function leaveConversation (write: Write, { id, conversation_id: conversationId }: ParticipantRow): Promise<ParticipantRow> {
  const time = Date.now()
  return write(async db => {
    const participant = (await findParticipant(db, conversationId, id))!
    if (participant.left_at !== null) return participant
    const left = { ...participant, left_at: time }
    await updateParticipantLeft(db, id, time)
    await updateParticipantPresence(db, id, null)
    await closeDeliveriesOf(db, id, time)
    // Who was told to be gone is not told so again.
    if (participant.is_present !== 0) await announce(db, conversationId, time, 'participant-left', { participant_id: id })
    await appendEvent(db, conversationId, { type: 'participant.left', time, data: { participant: participantView(left) } })
    return left
  })
}
