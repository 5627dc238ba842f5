import plugin from 'fastify-plugin'
import { findConversation, findLastSeq } from '../db/conversations.js'
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
  /** The seq of the last event of a conversation, which exists. */
  lastSeq: (conversationId: string) => number | Promise<number>
}

declare module 'fastify' {
  interface FastifyInstance { memberships: Memberships }
}

// Of all conversations together; the conversations that have been remembered longest are forgotten first.
const MEMBERSHIPS_MAX = 20_000

/** What is remembered of a conversation. */
interface Known {
  /** 0 until it is known. */
  lastSeq: number
  /** By session. */
  memberships: Map<string, Membership>
}

export default plugin(async app => {
  const conversations = new Map<string, Known>()
  let count = 0

  // In the map before anything is read: what changes in between makes the rest of the reading forgotten.
  async function find (conversationId: string, sessionId: string | null): Promise<Membership | undefined> {
    const known = conversations.get(conversationId) ?? { lastSeq: 0, memberships: new Map() }
    conversations.set(conversationId, known)
    try {
      const me = sessionId === null ? undefined : await findMember(app.db, conversationId, sessionId)
      const conversation = await findConversation(app.db, conversationId)
      if (conversation === undefined) return undefined
      // It may have grown since it was read.
      known.lastSeq = Math.max(known.lastSeq, conversation.last_seq)
      // Of strangers there is no end.
      if (me !== undefined && conversations.get(conversationId) === known) remember(known, sessionId!, { conversation, me })
      return { conversation, me }
    } finally {
      if (known.memberships.size === 0 && conversations.get(conversationId) === known) conversations.delete(conversationId)
    }
  }

  function remember ({ memberships }: Known, sessionId: string, membership: Membership): void {
    if (!memberships.has(sessionId)) count++
    memberships.set(sessionId, membership)
    for (const id of conversations.keys()) {
      if (count <= MEMBERSHIPS_MAX) return
      forget(id)
    }
  }

  function forget (conversationId: string): void {
    count -= conversations.get(conversationId)?.memberships.size ?? 0
    conversations.delete(conversationId)
  }

  function notice (growths: Growth[]): void {
    for (const { topic, seq, logged } of growths) {
      const known = conversations.get(topic)
      if (known !== undefined && logged?.event.message_id === null) forget(topic)
      else if (known !== undefined && logged !== undefined) known.lastSeq = Math.max(known.lastSeq, seq)
    }
  }

  app.doorbell.listen(notice)
  app.decorate('memberships', {
    recall: (conversationId, sessionId) => sessionId === null ? undefined : conversations.get(conversationId)?.memberships.get(sessionId),
    find,
    lastSeq: conversationId => conversations.get(conversationId)?.lastSeq || findLastSeq(app.db, conversationId)
  })
}, { name: 'memberships', dependencies: ['doorbell', 'database'] })
