import { findLastSeq } from '../db/conversations.js'
import { updateParticipantRead } from '../db/participants.js'
import type { Member } from '../db/schema.js'
import type { Write } from '../db/write.js'
import { requirePresent } from './require-present.js'

/**
 * Remembers that a participant has read everything up to a seq, at most the last of the log. It is told to nobody, so it
 * is no event.
 * @returns how far it has read now
 * @throws ProblemError not_a_participant
 */
export async function markRead (write: Write, me: Member, seq: number): Promise<number> {
  return write(async db => {
    const { read_seq: before } = await requirePresent(db, me)
    const now = Math.min(seq, await findLastSeq(db, me.conversation_id))
    if (now <= before) return before
    await updateParticipantRead(db, me.id, now)
    return now
  })
}
