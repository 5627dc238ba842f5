import { findConversation } from '../db/conversations.js'
import { countParticipants, findMember, listParticipants } from '../db/participants.js'
import type { Write } from '../db/write.js'
import { addPerson, requireRoom } from './add-participant.js'
import type { Entry } from './create-conversation.js'
import { ensureSession } from './open-session.js'

export interface Joining {
  conversationId: string
  /** The caller's session; absent when it has none yet. */
  sessionId: string | undefined
  nickname: string | null
  /** The most participants that a conversation may have. */
  participantsMax: number
}

/**
 * Makes the caller a participant, once: a member gets the same participant again, unchanged.
 * @throws ProblemError conversation_full
 */
export async function joinConversation (write: Write, { conversationId, sessionId, nickname, participantsMax }: Joining): Promise<Entry> {
  const time = Date.now()
  return write(async db => {
    const session = await ensureSession(db, sessionId)
    let me = await findMember(db, conversationId, session.id)
    if (me === undefined) {
      requireRoom(await countParticipants(db, conversationId), participantsMax)
      me = await addPerson(db, conversationId, time, session, nickname)
    }
    const conversation = (await findConversation(db, conversationId))!
    return { conversation, participants: await listParticipants(db, conversationId), me, session }
  })
}
