import { prepare } from './prepare.js'
import type { Audience, MessageRow, Reader, Writer } from './schema.js'
import { noteMessage } from './write.js'

/** Which messages of a conversation, by time. Milliseconds; both ends belong to it. */
export interface Period { since?: number, until?: number }

/** The messages of a conversation that these audiences see. */
interface Scope { conversationId: string, audiences: Audience[] }
interface ScopeOfPeriod extends Scope { since: number | undefined, until: number | undefined }

/** A message of the conversation that these audiences see. */
export async function findVisibleMessage (db: Reader, conversationId: string, id: string, audiences: Audience[]): Promise<MessageRow | undefined> {
  return selectVisible(db, { conversationId, audiences }).where('id', '=', id).executeTakeFirst()
}

const byId = prepare((db, { conversationId, id }: { conversationId: string, id: string }) =>
  db.selectFrom('messages').selectAll().where('id', '=', id).where('conversation_id', '=', conversationId))

/** A message of the conversation, also one that nobody sees yet. */
export async function findMessage (db: Reader, conversationId: string, id: string): Promise<MessageRow | undefined> {
  return byId.find(db, { conversationId, id })
}

const lastSaid = prepare((db, { conversationId }: { conversationId: string }) => db.selectFrom('messages').selectAll()
  .where('conversation_id', '=', conversationId).where('seq', 'is not', null).where('type', '<>', 'S')
  .orderBy('seq', 'desc').limit(1))

/** The last visible message of the conversation that somebody has said. */
export async function findLastSaid (db: Reader, conversationId: string): Promise<MessageRow | undefined> {
  return lastSaid.find(db, { conversationId })
}

const lastSeen = prepare((db, scope: Scope) => selectVisible(db, scope).where('type', '<>', 'S').orderBy('seq', 'desc').limit(1))

/** The last message of the conversation that somebody has said and these audiences see. */
export async function findLastSeen (db: Reader, conversationId: string, audiences: Audience[]): Promise<MessageRow | undefined> {
  return lastSeen.find(db, { conversationId, audiences })
}

const unread = prepare((db, { readerId, seq, most, ...scope }: Scope & { readerId: string, seq: number, most: number }) =>
  db.selectFrom(selectVisible(db, scope).where('seq', '>', seq).where('type', '<>', 'S').where('sender_id', '<>', readerId).limit(most).as('counted'))
    .select(({ fn }) => fn.countAll<number>().as('count')))

/** The number of messages that others have said after a seq, counted no further than to `most`. */
export async function countUnread (db: Reader, conversationId: string, audiences: Audience[], readerId: string, seq: number, most: number): Promise<number> {
  return Number((await unread.find(db, { conversationId, audiences, readerId, seq, most }))!.count)
}

/** Whether a person has said something visible in the conversation before a seq. */
export async function hasSaidBefore (db: Reader, conversationId: string, seq: number): Promise<boolean> {
  const row = await db.selectFrom('messages').select('id')
    .where('conversation_id', '=', conversationId).where('seq', '<', seq).where('sent_by_human', '=', 1)
    .limit(1).executeTakeFirst()
  return row !== undefined
}

const byLocalId = prepare((db, { conversationId, senderId, localId }: { conversationId: string, senderId: string, localId: string }) =>
  db.selectFrom('messages').selectAll().where('conversation_id', '=', conversationId).where('sender_id', '=', senderId).where('local_id', '=', localId))

/** The message that a sender has sent under a local_id. */
export async function findSentMessage (db: Reader, conversationId: string, senderId: string, localId: string): Promise<MessageRow | undefined> {
  return byLocalId.find(db, { conversationId, senderId, localId })
}

const count = prepare((db, { most, ...scope }: ScopeOfPeriod & { most: number }) =>
  db.selectFrom(selectPeriod(db, scope).select('seq').limit(most).as('counted')).select(({ fn }) => fn.countAll<number>().as('count')))

/** The number of messages of a period; counts no further than to `most`. */
export async function countMessages (db: Reader, conversationId: string, audiences: Audience[], { since, until }: Period, most: number): Promise<number> {
  return Number((await count.find(db, { conversationId, audiences, since, until, most }))!.count)
}

const ofPeriod = prepare((db, { offset, limit, ...scope }: ScopeOfPeriod & { offset: number, limit: number }) =>
  selectPeriod(db, scope).selectAll().orderBy('time', 'desc').orderBy('seq', 'desc').offset(offset).limit(limit))

/** The messages of a period by time, then seq, the newest first. */
export async function listMessagesOfPeriod (db: Reader, conversationId: string, audiences: Audience[], { since, until }: Period, offset: number, limit: number): Promise<MessageRow[]> {
  return ofPeriod.list(db, { conversationId, audiences, since, until, offset, limit })
}

const after = prepare((db, { seq, limit, ...scope }: Scope & { seq: number, limit: number }) =>
  selectVisible(db, scope).where('seq', '>', seq).orderBy('seq').limit(limit))

/** The nearest messages after a seq, oldest first. */
export async function listMessagesAfter (db: Reader, conversationId: string, audiences: Audience[], seq: number, limit: number): Promise<MessageRow[]> {
  return after.list(db, { conversationId, audiences, seq, limit })
}

const upTo = prepare((db, { seq, limit, ...scope }: Scope & { seq: number, limit: number }) =>
  selectVisible(db, scope).where('seq', '<=', seq).orderBy('seq', 'desc').limit(limit))

/** The nearest messages up to a seq, oldest first. */
export async function listMessagesUpTo (db: Reader, conversationId: string, audiences: Audience[], seq: number, limit: number): Promise<MessageRow[]> {
  return (await upTo.list(db, { conversationId, audiences, seq, limit })).reverse()
}

/** What most messages have: they are for everybody and have never waited, without a file, a quotation or a command. */
export const plainMessage = {
  local_id: null,
  options: '[]',
  quoted_message_id: null,
  event: null,
  metadata: null,
  file_key: null,
  file_name: null,
  file_size: null,
  external_file_url: null,
  approval_status: 1,
  audience: 'all',
  hops: 0,
  command: null,
  on_behalf_of: null,
  original_text: null,
  waiting_seq: null,
  deadline_at: null,
  decision: null
} as const satisfies Partial<MessageRow>

const insertion = prepare((db: Writer, message: MessageRow) => db.insertInto('messages').values(message))

export async function insertMessage (db: Writer, message: MessageRow): Promise<void> {
  await insertion.run(db, message)
  noteMessage(db, message)
}

// Each sees what is for it, and what it has said itself.
function selectVisible (db: Reader, { conversationId, audiences }: Scope) {
  return db.selectFrom('messages').selectAll().where('conversation_id', '=', conversationId).where('seq', 'is not', null)
    .where(({ or, eb }) => or([eb('audience', 'in', audiences), eb('sender_id', 'in', audiences)]))
}

function selectPeriod (db: Reader, { conversationId, audiences, since, until }: ScopeOfPeriod) {
  return db.selectFrom('messages')
    .where('conversation_id', '=', conversationId).where('seq', 'is not', null)
    .where(({ or, eb }) => or([eb('audience', 'in', audiences), eb('sender_id', 'in', audiences)]))
    .$if(since !== undefined, query => query.where('time', '>=', since!))
    .$if(until !== undefined, query => query.where('time', '<=', until!))
}
