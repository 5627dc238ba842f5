import { channel } from 'node:diagnostics_channel'
import { sql } from 'kysely'
import { prepare } from './prepare.js'
import type { Audience, EventRow, EventType, LoggedEvent, Reader, Writer } from './schema.js'
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

// Whoever measures counts by it how often the log is read.
const reads = channel('colloquy:log.read')

const nextSeq = prepare((db: Writer, { id, time }: { id: string, time: number }) => db.updateTable('conversations')
  .set({ last_seq: sql`last_seq + 1`, last_event_at: time })
  .where('id', '=', id)
  .returning('last_seq'))

const insertion = prepare((db: Writer, event: EventRow) => db.insertInto('events').values(event))

/**
 * Takes the conversation's next seq for an event and appends it. The only way into the log.
 * @returns the seq
 */
export async function appendEvent (db: Writer, conversationId: string, event: NewEvent): Promise<number> {
  const { last_seq: seq } = (await nextSeq.find(db, { id: conversationId, time: event.time }))!
  const row: EventRow = {
    conversation_id: conversationId,
    seq,
    type: event.type,
    time: event.time,
    message_id: event.message_id ?? null,
    data: event.data === undefined ? null : JSON.stringify(event.data),
    audience: event.audience ?? 'all'
  }
  await insertion.run(db, row)
  noteGrowth(db, { topic: conversationId, seq, logged: { event: row, message: undefined } })
  return seq
}

const eventsAfter = prepare((db, { conversationId, after, limit, audiences }: { conversationId: string, after: number, limit: number, audiences: Audience[] | undefined }) =>
  db.selectFrom('events').selectAll()
    .where('conversation_id', '=', conversationId).where('seq', '>', after)
    .$if(audiences !== undefined, query => query.where('audience', 'in', audiences!))
    .orderBy('seq').limit(limit))

const messagesOfEvents = prepare((db, { conversationId, after, last }: { conversationId: string, after: number, last: number }) =>
  db.selectFrom('messages').selectAll()
    .where('id', 'in', ({ selectFrom }) => selectFrom('events').select('message_id').$castTo<{ message_id: string }>()
      .where('conversation_id', '=', conversationId).where('seq', '>', after).where('seq', '<=', last)
      .where('message_id', 'is not', null)))

/**
 * The events after a seq, oldest first, each with the message that it is about.
 * @param audiences only what is for one of them; everything when null
 */
export async function listEvents (db: Reader, conversationId: string, after: number, limit: number, audiences: Audience[] | null): Promise<LoggedEvent[]> {
  if (reads.hasSubscribers) reads.publish({ conversationId })
  const events = await eventsAfter.list(db, { conversationId, after, limit, audiences: audiences ?? undefined })
  if (!events.some(event => event.message_id !== null)) return events.map(event => ({ event, message: undefined }))
  const messages = await messagesOfEvents.list(db, { conversationId, after, last: events.at(-1)!.seq })
  const byId = new Map(messages.map(message => [message.id, message]))
  return events.map(event => ({ event, message: byId.get(event.message_id ?? '') }))
}
