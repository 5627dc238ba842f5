import { sql } from 'kysely'
import { prepare } from './prepare.js'
import type { Member, ParticipantRow, Reader, Writer } from './schema.js'

const bySession = prepare((db, { conversationId, sessionId }: { conversationId: string, sessionId: string }) =>
  selectParticipants(db, conversationId).where('session_id', '=', sessionId).where('left_at', 'is', null))

// A literal, as in the partial index: SQLite would not know that a parameter has its value.
const isBot = sql<boolean>`type = 'B'`

/** The participant of a session that is in the conversation now. */
export async function findMember (db: Reader, conversationId: string, sessionId: string): Promise<ParticipantRow | undefined> {
  return bySession.find(db, { conversationId, sessionId })
}

/** Whether a session is that of a bot, which has it for one conversation. */
export async function isSessionOfBot (db: Reader, sessionId: string): Promise<boolean> {
  const row = await db.selectFrom('participants').select('id').where('session_id', '=', sessionId).where('left_at', 'is', null).where('type', '=', 'B').limit(1).executeTakeFirst()
  return row !== undefined
}

const byId = prepare((db, { conversationId, id }: { conversationId: string, id: string }) => selectParticipants(db, conversationId).where('id', '=', id))

/** A participant of the conversation, also one who has left. */
export async function findParticipant (db: Reader, conversationId: string, id: string): Promise<ParticipantRow | undefined> {
  return byId.find(db, { conversationId, id })
}

/** Whether a participant, as it was known a moment ago, is no longer in its conversation. */
export async function hasLeft (db: Reader, { conversation_id: conversationId, id }: Member): Promise<boolean> {
  return (await findParticipant(db, conversationId, id))?.left_at !== null
}

const present = prepare((db, { conversationId }: { conversationId: string }) => selectParticipants(db, conversationId).where('left_at', 'is', null).orderBy('joined_seq'))

/** Those who are in the conversation, in the order in which they joined. */
export async function listParticipants (db: Reader, conversationId: string): Promise<ParticipantRow[]> {
  return present.list(db, { conversationId })
}

/** Those who are or were in the conversation, in the order in which they joined: the last ones, at most `limit`. */
export async function listParticipantsEver (db: Reader, conversationId: string, limit: number): Promise<ParticipantRow[]> {
  const rows = await selectParticipants(db, conversationId).orderBy('joined_seq', 'desc').limit(limit).execute()
  return rows.reverse()
}

export async function countParticipants (db: Reader, conversationId: string): Promise<number> {
  const { count } = await db.selectFrom('participants')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('conversation_id', '=', conversationId).where('left_at', 'is', null)
    .executeTakeFirstOrThrow()
  return Number(count)
}

export async function insertParticipant (db: Writer, participant: ParticipantRow): Promise<void> {
  await db.insertInto('participants').values(participant).execute()
}

export async function updateParticipantName (db: Writer, id: string, name: string): Promise<void> {
  await db.updateTable('participants').set({ name }).where('id', '=', id).execute()
}

export async function updateParticipantSession (db: Writer, id: string, sessionId: string): Promise<void> {
  await db.updateTable('participants').set({ session_id: sessionId }).where('id', '=', id).execute()
}

export async function updateParticipantLeft (db: Writer, id: string, leftAt: number): Promise<void> {
  await db.updateTable('participants').set({ left_at: leftAt }).where('id', '=', id).execute()
}

export async function updateParticipantPresence (db: Writer, id: string, isPresent: 0 | 1 | null): Promise<void> {
  await db.updateTable('participants').set({ is_present: isPresent }).where('id', '=', id).execute()
}

const bots = prepare((db, { conversationId }: { conversationId: string }) =>
  selectParticipants(db, conversationId).where(isBot).where('left_at', 'is', null).orderBy('joined_seq'))

/** The bots that are in the conversation, in the order in which they joined. */
export async function listBots (db: Reader, conversationId: string): Promise<ParticipantRow[]> {
  return bots.list(db, { conversationId })
}

export async function updateParticipantHeard (db: Writer, id: string, seq: number): Promise<void> {
  await db.updateTable('participants').set({ heard_seq: seq }).where('id', '=', id).execute()
}

/** Never goes back. */
export async function updateParticipantRead (db: Writer, id: string, seq: number): Promise<void> {
  await db.updateTable('participants').set({ read_seq: seq }).where('id', '=', id).where('read_seq', '<', seq).execute()
}

/** Those who are told to be connected, by id. */
export async function listPresent (db: Reader, afterId: string, limit: number): Promise<ParticipantRow[]> {
  return db.selectFrom('participants').selectAll().where(sql<boolean>`is_present = 1`).where('id', '>', afterId).orderBy('id').limit(limit).execute()
}

function selectParticipants (db: Reader, conversationId: string) {
  return db.selectFrom('participants').selectAll().where('conversation_id', '=', conversationId)
}
