import plugin from 'fastify-plugin'
import { findConversation } from '../db/conversations.js'
import { findMember } from '../db/participants.js'
import type { ConversationTraits, Member } from '../db/schema.js'
import type { Growth } from '../db/write.js'

/** What a session is to a conversation: its participant there, or nobody. */
export interface Membership { conversation: ConversationTraits, me: Member | undefined }

/** Who is in which conversation: what was read once is remembered until an event tells of a change. */
export interface Memberships {
  /** Gives what is remembered; undefined when that is nothing. */
  recall: (conversationId: string, sessionId: string | null) => Membership | undefined
  /** Reads it; undefined when there is no such conversation. */
  find: (conversationId: string, sessionId: string | null) => Promise<Membership | undefined>
}

declare module 'fastify' {
  interface FastifyInstance { memberships: Memberships }
}

// Of all conversations together; the conversations that were asked for longest ago are forgotten first.
const MEMBERSHIPS_MAX = 20_000

/** What is remembered of a conversation, by session; `''` stands for those without one. */
type Known = Map<string, Membership>

export default plugin(async app => {
  const conversations = new Map<string, Known>()
  let count = 0

  // In the map before anything is read: what changes in between makes the rest of the reading forgotten.
  async function find (conversationId: string, sessionId: string | null): Promise<Membership | undefined> {
    const known = conversations.get(conversationId) ?? new Map<string, Membership>()
    conversations.set(conversationId, known)
    const me = sessionId === null ? undefined : await findMember(app.db, conversationId, sessionId)
    const conversation = await findConversation(app.db, conversationId)
    const membership = conversation && { conversation, me }
    if (membership === undefined) forget(conversationId)
    else if (conversations.get(conversationId) === known) remember(known, sessionId ?? '', membership)
    return membership
  }

  function remember (known: Known, sessionId: string, membership: Membership): void {
    if (!known.has(sessionId)) count++
    known.set(sessionId, membership)
    for (const id of conversations.keys()) {
      if (count <= MEMBERSHIPS_MAX) return
      forget(id)
    }
  }

  function forget (conversationId: string): void {
    count -= conversations.get(conversationId)?.size ?? 0
    conversations.delete(conversationId)
  }

  function notice (growths: Growth[]): void {
    for (const { topic, logged } of growths) if (logged !== undefined && logged.event.message_id === null) forget(topic)
  }

  app.doorbell.listen(notice)
  app.decorate('memberships', { recall: (conversationId, sessionId) => conversations.get(conversationId)?.get(sessionId ?? ''), find })
}, { name: 'memberships', dependencies: ['doorbell', 'database'] })
