import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import SQLite from 'better-sqlite3'
import { uuidv7 } from 'uuidv7'
import { createConversation } from '../actions/create-conversation.js'
import { configure } from '../config.js'
import { plainMessage } from '../db/messages.js'
import { migrate } from '../db/migrate.js'
import type { EventRow, MessageRow } from '../db/schema.js'
import { FILE_NAME, openDatabase } from '../db/sqlite.js'
import { createWriter } from '../db/write.js'
import { policyOf } from '../policy.js'
import { inParallel } from './client.js'

/** Where the next message goes. */
interface Talk { id: string, participantId: string, lastSeq: number }

type Insert<Row> = (row: Row) => void

const TEXT = 'The tea is ready, and there is some of the cake left, too.'
// People say some things, then the next conversation goes on.
const TURN = 10
const AT_ONCE = 100_000
const CACHE_KIB = 1024 * 1024
const PACE_MS = 10

/** Makes a database with conversations of one person each in a folder, by the server's own migrations and actions. */
export async function seed (folder: string, conversations: number): Promise<void> {
  const connections = openDatabase(folder)
  await migrate(connections)
  const write = createWriter(connections.writer, () => {})
  const policy = policyOf(configure({ bots: [] }))
  await inParallel(conversations, () => createConversation(write, policy, { sessionId: undefined, nickname: 'ana', name: 'Tea', bots: [] }))
  connections.close()
}

/**
 * Adds text messages to the conversations of a database that no server has open, to each the same number; rows as the server
 * would write them, but without its transactions.
 * @param messages a multiple of ten times the conversations
 */
export async function fill (folder: string, messages: number, onProgress: (part: number) => void): Promise<void> {
  const database = new SQLite(join(folder, FILE_NAME))
  // SQLite would otherwise write everything twice.
  database.pragma('journal_mode = MEMORY')
  database.pragma('synchronous = OFF')
  database.pragma(`cache_size = -${CACHE_KIB}`)
  const talks = listTalks(database)
  const restoreIndexes = dropIndexes(database)
  const insert = prepareInsert(database)
  for (let from = 0; from < messages; from += AT_ONCE) {
    database.transaction(() => insertMessages(insert, talks, from, Math.min(from + AT_ONCE, messages), messages))()
    onProgress(from / messages)
    // Somebody may want to stop this process.
    await nextTurn()
  }
  restoreIndexes()
  storeLastSeqs(database, talks)
  database.close()
}

/** Takes the indexes of messages and events away, which are faster made anew from all rows than kept with each. */
function dropIndexes (database: SQLite.Database): () => void {
  const indexes = database.prepare<[], { name: string, sql: string }>(`select name, sql from sqlite_master
    where type = 'index' and tbl_name in ('messages', 'events') and sql is not null`).all()
  for (const { name } of indexes) database.exec(`drop index ${name}`)
  return () => { for (const { sql } of indexes) database.exec(sql) }
}

/** The ids of some conversations, from the whole of the file. */
export function pickConversations (folder: string, count: number): string[] {
  const database = new SQLite(join(folder, FILE_NAME), { readonly: true })
  const talks = listTalks(database)
  database.close()
  return Array.from({ length: count }, (_, index) => talks[Math.floor(index * talks.length / count)]!.id)
}

function insertMessages (insert: Insert<MessageRow>, talks: Talk[], from: number, to: number, total: number): void {
  const nowMs = Date.now()
  for (let index = from; index < to; index++) {
    const talk = talks[Math.floor(index / TURN) % talks.length]!
    insert(messageOf(talk, ++talk.lastSeq, nowMs - (total - index) * PACE_MS))
  }
}

function messageOf (talk: Talk, seq: number, time: number): MessageRow {
  return {
    ...plainMessage,
    id: uuidv7(),
    conversation_id: talk.id,
    seq,
    type: 'T',
    time,
    sender_id: talk.participantId,
    sent_by_human: 1,
    local_id: `filled-${seq}`,
    text: TEXT
  }
}

/** Stores a message and its event. */
function prepareInsert (database: SQLite.Database): Insert<MessageRow> {
  const storeMessage = prepareRow<MessageRow>(database, 'messages')
  const storeEvent = prepareRow<EventRow>(database, 'events')
  return message => {
    storeMessage(message)
    storeEvent({ conversation_id: message.conversation_id, seq: message.seq!, type: 'message.created', time: message.time, message_id: message.id, data: null, audience: 'all' })
  }
}

function prepareRow<Row extends object> (database: SQLite.Database, table: string): Insert<Row> {
  const columns = database.pragma(`table_info(${table})`) as Array<{ name: keyof Row & string }>
  const statement = database.prepare(`insert into ${table} (${columns.map(({ name }) => name).join(', ')}) values (${columns.map(() => '?').join(', ')})`)
  return row => { statement.run(columns.map(({ name }) => row[name])) }
}

function listTalks (database: SQLite.Database): Talk[] {
  return database.prepare<[], Talk>(`select conversations.id, conversations.last_seq as lastSeq, participants.id as participantId
    from conversations join participants on participants.conversation_id = conversations.id group by conversations.id`).all()
}

function storeLastSeqs (database: SQLite.Database, talks: Talk[]): void {
  const store = database.prepare('update conversations set last_seq = ?, last_event_at = ? where id = ?')
  database.transaction(() => { for (const { id, lastSeq } of talks) store.run(lastSeq, Date.now(), id) })()
}
