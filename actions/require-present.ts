import { findParticipant } from '../db/participants.js'
import type { Member, ParticipantRow, Writer } from '../db/schema.js'
import { problem } from '../errors.js'

/**
 * The participant as it is now: it may have left since its request was let in.
 * @throws ProblemError not_a_participant
 */
export async function requirePresent (db: Writer, { conversation_id: conversationId, id }: Member): Promise<ParticipantRow> {
  const participant = await findParticipant(db, conversationId, id)
  if (participant?.left_at !== null) throw problem('not_a_participant')
  return participant
}
