import { sql } from 'kysely'
import type { Audience, EventRow, EventType, MessageRow, Reader, Writer } from './schema.js'
import { noteGrowth } from './write.js'

/** What an event says: about a message, with data of its own, or both. */
export interface NewEvent {
  type: EventType
  time: number
  message_id?: string
  data?: object
  /** Who may see it; everybody when absent. */
  audience?: Audience
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
    data: event.data === undefined ? null : JSON.stringify(event.data),
    audience: event.audience ?? 'all'
  }).execute()
  noteGrowth(db, { topic: conversationId, seq })
  return seq
}

/**
 * The events after a seq, oldest first, each with the message that it is about.
 * @param audiences only what is for one of them; everything when null
 */
export async function listEvents (db: Reader, conversationId: string, after: number, limit: number, audiences: Audience[] | null): Promise<LoggedEvent[]> {
  const events = await db.selectFrom('events').selectAll()
    .where('conversation_id', '=', conversationId).where('seq', '>', after)
    .$if(audiences !== null, query => query.where('audience', 'in', audiences!))
    .orderBy('seq').limit(limit).execute()
  if (!events.some(event => event.message_id !== null)) return events.map(event => ({ event, message: undefined }))
  const messages = await db.selectFrom('messages').selectAll()
    .where('id', 'in', ({ selectFrom }) => selectFrom('events').select('message_id').$castTo<{ message_id: string }>()
      .where('conversation_id', '=', conversationId).where('seq', '>', after).where('seq', '<=', events.at(-1)!.seq)
      .where('message_id', 'is not', null))
    .execute()
  const byId = new Map(messages.map(message => [message.id, message]))
  return events.map(event => ({ event, message: byId.get(event.message_id ?? '') }))
}
