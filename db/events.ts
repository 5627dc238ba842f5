import { sql } from 'kysely'
import type { EventRow, EventType, MessageRow, Reader, Writer } from './schema.js'
import { noteGrowth } from './write.js'

/** What an event says: about a message, or with data of its own. */
export interface NewEvent {
  type: EventType
  time: number
  message_id?: string
  data?: object
}

/** An event, with the message that it is about. */
export interface LoggedEvent {
  event: EventRow
  message: MessageRow | undefined
}

/**
 * Takes the conversation's next seq for an event and appends it. The only way into the log.
 * @returns the seq
 */
export async function appendEvent (db: Writer, conversationId: string, event: NewEvent): Promise<number> {
  const { last_seq: seq } = await db.updateTable('conversations')
    .set({ last_seq: sql`last_seq + 1`, last_event_at: event.time })
    .where('id', '=', conversationId)
    .returning('last_seq')
    .executeTakeFirstOrThrow()
  await db.insertInto('events').values({
    conversation_id: conversationId,
    seq,
    type: event.type,
    time: event.time,
    message_id: event.message_id ?? null,
    data: event.data === undefined ? null : JSON.stringify(event.data)
  }).execute()
  noteGrowth(db, { conversationId, seq })
  return seq
}

/** The events after a seq, oldest first, each with the message that it is about. */
export async function listEvents (db: Reader, conversationId: string, after: number, limit: number): Promise<LoggedEvent[]> {
  const events = await db.selectFrom('events').selectAll()
    .where('conversation_id', '=', conversationId).where('seq', '>', after)
    .orderBy('seq').limit(limit).execute()
  if (events.length === 0) return []
  // A visible message has the seq of its event.
  const messages = await db.selectFrom('messages').selectAll()
    .where('conversation_id', '=', conversationId).where('seq', '>', after).where('seq', '<=', events.at(-1)!.seq)
    .execute()
  const byId = new Map(messages.map(message => [message.id, message]))
  return events.map(event => ({ event, message: byId.get(event.message_id ?? '') }))
}
