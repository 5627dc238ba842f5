import { sql } from 'kysely'
import type { DecisionRow, MessageRow, Reader, Writer } from './schema.js'
import { noteMessage } from './write.js'

/**
 * The messages of all conversations that wait for a decision, in the order in which they were stored.
 * @param afterId the message after which they begin; from the beginning for one that does not exist
 */
export async function listWaitingMessages (db: Reader, afterId: string, limit: number): Promise<MessageRow[]> {
  const after = sql<number>`coalesce((select rowid from messages as earlier where earlier.id = ${afterId}), 0)`
  return selectWaiting(db).where(sql<boolean>`messages.rowid > ${after}`).orderBy(sql`messages.rowid`).limit(limit).execute()
}

/** The messages of a conversation that wait for a decision. */
export async function listWaitingMessagesIn (db: Reader, conversationId: string): Promise<MessageRow[]> {
  return selectWaiting(db).where('conversation_id', '=', conversationId).orderBy(sql`messages.rowid`).execute()
}

/** The messages that wait although their deadline is over. */
export async function listOverdueMessages (db: Reader, now: number, limit: number): Promise<MessageRow[]> {
  return selectWaiting(db).where('deadline_at', 'is not', null).where('deadline_at', '<=', now).orderBy('deadline_at').orderBy(sql`messages.rowid`).limit(limit).execute()
}

/** When the next deadline of a message that waits is over. */
export async function findNextDeadline (db: Reader): Promise<number | undefined> {
  const row = await selectWaiting(db).where('deadline_at', 'is not', null).orderBy('deadline_at').limit(1).executeTakeFirst()
  return row?.deadline_at ?? undefined
}

/** Stores what a decision has made of a message. */
export async function updateMessageDecided (db: Writer, message: MessageRow): Promise<void> {
  const { id, seq, audience, decision, text, approval_status: status, original_text: original } = message
  await db.updateTable('messages').set({ seq, audience, decision, text, approval_status: status, original_text: original }).where('id', '=', id).execute()
  noteMessage(db, message)
}

export async function insertDecision (db: Writer, decision: DecisionRow): Promise<void> {
  await db.insertInto('decisions').values(decision).execute()
}

/** What was decided about a message, oldest first: the last ones, at most `limit`. */
export async function listDecisions (db: Reader, messageId: string, limit: number): Promise<DecisionRow[]> {
  const rows = await db.selectFrom('decisions').selectAll().where('message_id', '=', messageId).orderBy('id', 'desc').limit(limit).execute()
  return rows.reverse()
}

// Literals, as in the partial indexes: SQLite would not know that a parameter has their value.
function selectWaiting (db: Reader) {
  return db.selectFrom('messages').selectAll().where(sql<boolean>`approval_status = 0`).where('decision', 'is', null)
}
