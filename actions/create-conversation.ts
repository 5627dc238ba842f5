import { uuidv7 } from 'uuidv7'
import { findConversation, insertConversation } from '../db/conversations.js'
import { appendEvent } from '../db/events.js'
import type { ConversationRow, ParticipantRow, SessionRow } from '../db/schema.js'
import type { Write } from '../db/write.js'
import { conversationHeadView } from '../views/conversation.js'
import { addBot, addPerson, requireRoom } from './add-participant.js'
import { announce } from './announce.js'
import { ensureSession } from './open-session.js'

export interface NewConversation {
  /** The caller's session; absent when it has none yet. */
  sessionId: string | undefined
  nickname: string | null
  name: string | null
  /** Names of configured bots, in the order in which they join. */
  bots: string[]
  /** The most participants that a conversation may have. */
  participantsMax: number
}

/** A conversation as its newest member finds it. */
export interface Entry {
  conversation: ConversationRow
  participants: ParticipantRow[]
  me: ParticipantRow
  session: SessionRow
}

/**
 * Creates a conversation with the caller and some bots in it, and the caller's session when there is none.
 * @throws ProblemError conversation_full
 */
export async function createConversation (write: Write, { sessionId, nickname, name, bots, participantsMax }: NewConversation): Promise<Entry> {
  requireRoom(bots.length, participantsMax)
  const time = Date.now()
  const conversation = { id: uuidv7(), name, created_at: time }
  return write(async db => {
    const session = await ensureSession(db, sessionId)
    await insertConversation(db, conversation)
    await appendEvent(db, conversation.id, { type: 'conversation.created', time, data: { conversation: conversationHeadView(conversation) } })
    await announce(db, conversation.id, time, 'conversation-created')
    const me = await addPerson(db, conversation.id, time, session, nickname)
    const participants = [me]
    for (const bot of bots) participants.push(await addBot(db, conversation.id, time, bot))
    return { conversation: (await findConversation(db, conversation.id))!, participants, me, session }
  })
}
