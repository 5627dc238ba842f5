import { appendEvent } from '../db/events.js'
import { findParticipant, updateParticipantLeft, updateParticipantPresence } from '../db/participants.js'
import type { Member } from '../db/schema.js'
import type { Write } from '../db/write.js'
import { problem } from '../errors.js'
import { participantView } from '../views/participant.js'
import { announce } from './announce.js'

/**
 * Takes a person out of its conversation; one who has left already stays as it is.
 * @throws ProblemError people_only
 */
export async function leaveConversation (write: Write, { id, type, conversation_id: conversationId }: Member): Promise<Member> {
  if (type === 'B') throw problem('people_only')
  const time = Date.now()
  return write(async db => {
    const participant = (await findParticipant(db, conversationId, id))!
    if (participant.left_at !== null) return participant
    const left = { ...participant, left_at: time }
    await updateParticipantLeft(db, id, time)
    await updateParticipantPresence(db, id, null)
    // Who was told to be gone is not told so again.
    if (participant.is_present !== 0) await announce(db, conversationId, time, 'participant-left', { participant_id: id })
    await appendEvent(db, conversationId, { type: 'participant.left', time, data: { participant: participantView(left) } })
    return left
  })
}
