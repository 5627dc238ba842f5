import { findParticipant, updateParticipantSession } from '../db/participants.js'
import type { ParticipantRow, SessionRow } from '../db/schema.js'
import { findSession } from '../db/sessions.js'
import type { Write } from '../db/write.js'
import { openBotSession } from './open-session.js'

/** The session by which a bot acts in a conversation; made when it has none, as one that was of another kind before. */
export async function ensureBotSession (write: Write, { conversation_id: conversationId, id }: ParticipantRow): Promise<SessionRow> {
  return write(async db => {
    const { session_id: sessionId } = (await findParticipant(db, conversationId, id))!
    if (sessionId !== null) return (await findSession(db, sessionId))!
    const session = await openBotSession(db)
    await updateParticipantSession(db, id, session.id)
    return session
  })
}
