import { sql } from 'kysely'
import type { Audience, MessageRow, ParticipantRow, Reader } from './schema.js'

/** A message as a participant knows it. */
export interface Heard {
  message: MessageRow
  /** The fields that it has seen changed. */
  overrides: object
}

/**
 * What a bot knows of what was said before a seq, oldest first, the last ones: what it may see, what it has said itself,
 * and what it was given by a manager.
 */
export async function listHeard (db: Reader, me: ParticipantRow, audiences: Audience[], before: number, limit: number): Promise<Heard[]> {
  if (limit === 0) return []
  const seen = await listSeen(db, me.conversation_id, audiences, before, limit)
  const said = await listSaid(db, me, before, limit)
  const given = await listGiven(db, me, before, limit)
  // What it was given may be among what it sees.
  const byId = new Map([...seen.map(toHeard), ...said.map(toHeard), ...given].map(heard => [heard.message.id, heard]))
  const inOrder = [...byId.values()].sort((one, other) => placeOf(one) - placeOf(other))
  return inOrder.slice(Math.max(0, inOrder.length - limit))
}

async function listSeen (db: Reader, conversationId: string, audiences: Audience[], before: number, limit: number): Promise<MessageRow[]> {
  return db.selectFrom('messages').selectAll()
    .where('conversation_id', '=', conversationId).where('seq', 'is not', null).where('seq', '<', before)
    .where('audience', 'in', audiences).where('type', '<>', 'S')
    .orderBy('seq', 'desc').limit(limit).execute()
}

// In the order of its ids, which no other sender's messages disturb; only bots ask. The literal is that of the partial index.
async function listSaid (db: Reader, { conversation_id: conversationId, id }: ParticipantRow, before: number, limit: number): Promise<MessageRow[]> {
  return db.selectFrom('messages').selectAll()
    .where('conversation_id', '=', conversationId).where('sender_id', '=', id).where(sql<boolean>`sent_by_human = 0`)
    .where(({ fn }) => fn.coalesce('seq', 'waiting_seq'), '<', before)
    .orderBy('id', 'desc').limit(limit).execute()
}

async function listGiven (db: Reader, { conversation_id: conversationId, id }: ParticipantRow, before: number, limit: number): Promise<Heard[]> {
  const events = await db.selectFrom('events').select(['message_id', 'seq', 'data'])
    .where('conversation_id', '=', conversationId).where('audience', '=', id).where(sql<boolean>`type = 'message.redirected'`).where('seq', '<', before)
    .orderBy('seq', 'desc').limit(limit).execute()
  if (events.length === 0) return []
  const messages = await db.selectFrom('messages').selectAll().where('id', 'in', events.map(event => event.message_id!)).execute()
  const byId = new Map(messages.map(message => [message.id, message]))
  return events.map(({ message_id: messageId, data }) => ({ message: byId.get(messageId!)!, overrides: JSON.parse(data!).overrides as object }))
}

function toHeard (message: MessageRow): Heard {
  return { message, overrides: {} }
}

function placeOf ({ message }: Heard): number {
  return message.seq ?? message.waiting_seq!
}
