import { uuidv7 } from 'uuidv7'
import { findConversation, insertConversation } from '../db/conversations.js'
import { appendEvent } from '../db/events.js'
import type { ConversationRow, ParticipantRow, SessionRow } from '../db/schema.js'
import type { Write } from '../db/write.js'
import { conversationHeadView } from '../views/conversation.js'
import { addBot, addPerson, requireRoom } from './add-participant.js'
import { announce } from './announce.js'
import { ensureSession } from './open-session.js'
import type { Policy } from './policy.js'

export interface NewConversation {
  /** The caller's session; absent when it has none yet. */
  sessionId: string | undefined
  nickname: string | null
  name: string | null
  /** Names of configured bots, in the order in which they join. */
  bots: string[]
}

/** A conversation as its newest member finds it. */
export interface Entry {
  conversation: ConversationRow
  participants: ParticipantRow[]
  me: ParticipantRow
  session: SessionRow
}

/**
 * Creates a conversation with the caller and some bots in it, the manager last, and the caller's session when there is none.
 * @throws ProblemError conversation_full
 */
export async function createConversation (write: Write, policy: Policy, { sessionId, nickname, name, bots }: NewConversation): Promise<Entry> {
  const manager = policy.approval?.bot ?? null
  // Who names the manager gets it once, as its manager.
  const crew = [...bots.filter(bot => bot !== manager), ...manager === null ? [] : [manager]]
  requireRoom(crew.length, policy.participantsMax)
  const time = Date.now()
  const approval = policy.approval === null ? null : manager === null ? 'person' : 'bot'
  const conversation = { id: uuidv7(), name, created_at: time, approval } as const
  return write(async db => {
    const session = await ensureSession(db, sessionId)
    await insertConversation(db, conversation)
    await appendEvent(db, conversation.id, { type: 'conversation.created', time, data: { conversation: conversationHeadView({ ...conversation, ended_at: null }) } })
    await announce(db, conversation.id, time, 'conversation-created')
    const me = await addPerson(db, conversation.id, time, session, nickname)
    const participants = [me]
    for (const bot of crew) participants.push(await addBot(db, policy, conversation.id, time, bot, bot === manager))
    return { conversation: (await findConversation(db, conversation.id))!, participants, me, session }
  })
}
