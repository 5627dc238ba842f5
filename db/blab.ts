import SQLite from 'better-sqlite3'
import { toConversation, toMessage, toParticipant, toUuid, type BlabConversation, type BlabMessage, type BlabParticipant, type Row } from './blab-rows.js'

/** How much there is to read. */
export interface BlabTotals { messages: number, files: number, bytes: number }

/** A database of BLAB Controller as it is at one moment, to read from. */
export interface Blab {
  totals: BlabTotals
  /** Oldest first. */
  listConversations: () => BlabConversation[]
  /** In the order in which they were stored. */
  listParticipants: (conversationKey: string) => BlabParticipant[]
  /** By time, then in the order in which they were stored. */
  readMessages: (conversationKey: string) => Generator<BlabMessage>
  /** The paths of the files, until the reader has enough; nothing else may be read meanwhile. */
  readFiles: () => Generator<string>
  /** The ids of messages whose conversation does not exist. */
  listStrayMessages: () => string[]
  /** Whether a manager has said anything in a conversation. */
  isManaged: (conversationKey: string) => boolean
  close: () => void
}

// What is read of each table. Older versions lack some of it.
const columns = {
  chat_conversation: ['id', 'name', 'created_at'],
  chat_participant: ['id', 'name', 'type', 'conversation_id'],
  chat_message: [
    'id', 'm_id', 'type', 'conversation_id', 'time', 'quoted_message_id', 'sender_id', 'approval_status', 'text', 'additional_metadata',
    'original_file_name', 'file_key', 'file', 'file_size', 'mime_type', 'external_file_url', 'local_id', 'command', 'sent_by_manager'
  ],
  chat_messageoption: ['option_text', 'position', 'message_id']
}

// Text messages have no file, whatever their row says.
const hasFile = "type in ('A', 'i', 'V', 'a', 'v') and coalesce(file, '') <> ''"

/**
 * Opens a database of BLAB Controller, without changing it, also while it is in use.
 * @throws when the file is none
 */
export function openBlab (file: string): Blab {
  const ask = <T>(work: () => T): T => { try { return work() } catch (error) { throw explained(file, error) } }
  const database = ask(() => new SQLite(file, { readonly: true, fileMustExist: true }))
  try {
    return ask(() => {
      // Everything is read as of the first query after this.
      database.exec('begin')
      requireTables(file, database)
      return reading(database, ask)
    })
  } catch (error) {
    database.close()
    throw error
  }
}

function explained (file: string, error: unknown): unknown {
  if (!(error instanceof SQLite.SqliteError)) return error
  return new Error(`${file} cannot be read as a database of BLAB Controller: ${error.message}.`)
}

function requireTables (file: string, database: SQLite.Database): void {
  for (const [table, names] of Object.entries(columns)) {
    const present = new Set(database.prepare<[string], string>('select name from pragma_table_info(?)').pluck().all(table))
    if (present.size === 0) throw new Error(`${file} is no database of BLAB Controller: it has no table ${table}.`)
    const missing = names.find(name => !present.has(name))
    if (missing !== undefined) {
      throw new Error(`${file} is of an older BLAB Controller: ${table} has no column ${missing}. Bring it to the newest version by its own: python manage.py migrate`)
    }
  }
}

function reading (database: SQLite.Database, ask: <T>(work: () => T) => T): Blab {
  const list = <Row>(query: string): (key?: string | number) => Row[] => {
    const statement = database.prepare<unknown[], Row>(query)
    return key => ask(() => key === undefined ? statement.all() : statement.all(key))
  }
  const totals = list<BlabTotals>(`select (select count(*) from chat_message) as messages, count(*) as files, total(max(coalesce(file_size, 0), 0)) as bytes from chat_message where ${hasFile}`)
  const conversations = list<Row>('select id, name, created_at from chat_conversation order by created_at, rowid')
  const participants = list<Row>('select id, name, type from chat_participant where conversation_id = ? order by rowid')
  // One by one, because there is no index by which they could be read in order.
  const messageIds = list<{ id: number }>('select id from chat_message where conversation_id = ? order by time, id')
  const message = list<Row>('select message.*, quoted.m_id as quoted from chat_message as message left join chat_message as quoted on quoted.id = message.quoted_message_id where message.id = ?')
  const options = list<{ option_text: unknown }>('select option_text from chat_messageoption where message_id = ? order by position, id')
  const files = database.prepare<[], { file: string }>(`select file from chat_message where ${hasFile}`)
  const strays = list<{ m_id: string }>('select m_id from chat_message where conversation_id not in (select id from chat_conversation) order by id')
  const managed = list('select 1 from chat_message where conversation_id = ? and sent_by_manager limit 1')
  return {
    totals: totals()[0]!,
    listConversations: () => conversations().map(toConversation),
    listParticipants: key => participants(key).map(toParticipant),
    readMessages: function * (key) {
      for (const { id } of messageIds(key)) yield toMessage(message(id)[0]!, options(id).map(row => row.option_text))
    },
    readFiles: function * () {
      for (const { file } of files.iterate()) yield file
    },
    listStrayMessages: () => strays().map(row => toUuid(row.m_id) ?? row.m_id),
    isManaged: key => managed(key).length > 0,
    close: () => { database.close() }
  }
}
