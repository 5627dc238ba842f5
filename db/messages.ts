import type { MessageRow, Reader, Writer } from './schema.js'

/** Which messages of a conversation, by time. Milliseconds; both ends belong to it. */
export interface Period { since?: number, until?: number }

/** A visible message of the conversation. */
export async function findMessage (db: Reader, conversationId: string, id: string): Promise<MessageRow | undefined> {
  return selectVisible(db, conversationId).where('id', '=', id).executeTakeFirst()
}

/** The message that a sender has sent under a local_id. */
export async function findSentMessage (db: Reader, conversationId: string, senderId: string, localId: string): Promise<MessageRow | undefined> {
  return db.selectFrom('messages').selectAll()
    .where('conversation_id', '=', conversationId).where('sender_id', '=', senderId).where('local_id', '=', localId)
    .executeTakeFirst()
}

/** The number of messages of a period; counts no further than to `most`. */
export async function countMessages (db: Reader, conversationId: string, period: Period, most: number): Promise<number> {
  const { count } = await db.selectFrom(selectPeriod(db, conversationId, period).select('seq').limit(most).as('counted'))
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** The messages of a period by time, then seq, the newest first. */
export async function listMessagesOfPeriod (db: Reader, conversationId: string, period: Period, offset: number, limit: number): Promise<MessageRow[]> {
  return selectPeriod(db, conversationId, period).selectAll()
    .orderBy('time', 'desc').orderBy('seq', 'desc').offset(offset).limit(limit).execute()
}

/** The nearest messages after a seq, oldest first. */
export async function listMessagesAfter (db: Reader, conversationId: string, seq: number, limit: number): Promise<MessageRow[]> {
  return selectVisible(db, conversationId).where('seq', '>', seq).orderBy('seq').limit(limit).execute()
}

/** The nearest messages up to a seq, oldest first. */
export async function listMessagesUpTo (db: Reader, conversationId: string, seq: number, limit: number): Promise<MessageRow[]> {
  const rows = await selectVisible(db, conversationId).where('seq', '<=', seq).orderBy('seq', 'desc').limit(limit).execute()
  return rows.reverse()
}

export async function insertMessage (db: Writer, message: MessageRow): Promise<void> {
  await db.insertInto('messages').values(message).execute()
}

function selectVisible (db: Reader, conversationId: string) {
  return db.selectFrom('messages').selectAll().where('conversation_id', '=', conversationId).where('seq', 'is not', null)
}

function selectPeriod (db: Reader, conversationId: string, { since, until }: Period) {
  return db.selectFrom('messages')
    .where('conversation_id', '=', conversationId).where('seq', 'is not', null)
    .$if(since !== undefined, query => query.where('time', '>=', since!))
    .$if(until !== undefined, query => query.where('time', '<=', until!))
}
