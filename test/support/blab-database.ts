// A database of BLAB Controller, as Django makes it in SQLite, and its media folder.
import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import SQLite from 'better-sqlite3'

const tables = `
  CREATE TABLE "django_migrations" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "app" varchar(255) NOT NULL, "name" varchar(255) NOT NULL, "applied" datetime NOT NULL);
  CREATE TABLE "django_session" ("session_key" varchar(40) NOT NULL PRIMARY KEY, "session_data" text NOT NULL, "expire_date" datetime NOT NULL);
  CREATE TABLE "chat_conversation" ("id" char(32) NOT NULL PRIMARY KEY, "name" varchar(50) NULL, "created_at" datetime NOT NULL);
  CREATE TABLE "chat_participant" (
    "id" char(32) NOT NULL PRIMARY KEY, "name" varchar(50) NOT NULL, "type" varchar(1) NOT NULL,
    "conversation_id" char(32) NOT NULL REFERENCES "chat_conversation" ("id") DEFERRABLE INITIALLY DEFERRED, "is_required" bool NOT NULL);
  CREATE TABLE "chat_message" (
    "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "m_id" char(32) NOT NULL UNIQUE, "type" varchar(1) NOT NULL, "time" datetime NOT NULL,
    "text" varchar(4000) NOT NULL, "additional_metadata" text NOT NULL CHECK ((JSON_VALID("additional_metadata") OR "additional_metadata" IS NULL)),
    "original_file_name" varchar(100) NULL, "mime_type" varchar(256) NULL, "local_id" varchar(32) NULL,
    "conversation_id" char(32) NOT NULL REFERENCES "chat_conversation" ("id") DEFERRABLE INITIALLY DEFERRED,
    "quoted_message_id" bigint NULL REFERENCES "chat_message" ("id") DEFERRABLE INITIALLY DEFERRED,
    "sender_id" char(32) NULL REFERENCES "chat_participant" ("id") DEFERRABLE INITIALLY DEFERRED,
    "file" varchar(256) NULL, "file_key" char(32) NOT NULL, "file_size" bigint unsigned NULL CHECK ("file_size" >= 0),
    "external_file_url" varchar(1000) NOT NULL, "approval_status" integer NOT NULL, "command" varchar(1000) NOT NULL, "sent_by_manager" bool NOT NULL,
    CONSTRAINT "local_id_unique" UNIQUE ("conversation_id", "sender_id", "local_id"));
  CREATE TABLE "chat_messageoption" (
    "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "option_text" varchar(4000) NOT NULL, "position" smallint unsigned NOT NULL CHECK ("position" >= 0),
    "message_id" bigint NOT NULL REFERENCES "chat_message" ("id") DEFERRABLE INITIALLY DEFERRED);
  CREATE INDEX "chat_participant_conversation_id" ON "chat_participant" ("conversation_id");
  CREATE INDEX "chat_message_conversation_id" ON "chat_message" ("conversation_id");
  CREATE INDEX "chat_message_quoted_message_id" ON "chat_message" ("quoted_message_id");
  CREATE INDEX "chat_message_sender_id" ON "chat_message" ("sender_id");
  CREATE INDEX "chat_messageoption_message_id" ON "chat_messageoption" ("message_id");
`

/** What a message says beyond its type; the rest is as for a text of nobody at the next moment. */
export interface NewBlabMessage {
  sender?: string
  text?: string
  /** Django's spelling. */
  time?: string
  /** The number of a message. */
  quotes?: number
  options?: string[]
  localId?: string
  approval?: 0 | 1 | 2
  command?: string
  byManager?: boolean
  metadata?: object
  /** Written to the media folder. */
  file?: { name: string, type?: string, bytes: Uint8Array | string }
  url?: string
  /** Columns as they are to be. */
  columns?: Record<string, string | number | null>
}

export interface BlabDatabase {
  file: string
  media: string
  /** Gives the id, as all of these, in hex. */
  conversation: (name: string | null) => string
  person: (conversation: string, name: string) => string
  /** Also says that it has joined. */
  bot: (conversation: string, name: string) => string
  /** Gives the number by which others quote it. */
  message: (conversation: string, type: string, message?: NewBlabMessage) => number
  /** A system message about a participant. */
  event: (conversation: string, event: string, participant?: string) => number
  /** The columns of a message. */
  row: (number: number) => Record<string, any>
  /** Does a lot in one transaction. */
  atOnce: (work: () => void) => void
  sql: SQLite.Database
}

/** Makes an empty database in a folder. Its ids and times are the same each time, unless it has another name, the times some milliseconds apart. */
export function newBlab (folder: string, journal: 'WAL' | 'DELETE' = 'DELETE', name = 'blab'): BlabDatabase {
  const file = join(folder, 'blab.sqlite3')
  const media = join(folder, 'media')
  mkdirSync(media, { recursive: true })
  const sql = new SQLite(file)
  sql.pragma(`journal_mode = ${journal}`)
  sql.exec(tables)
  sql.prepare("insert into django_session values ('k7q', 'e30:', '2023-11-20 12:00:00')").run()
  let count = 0
  // As uuid4 would, in no order.
  const newId = (): string => createHash('md5').update(`${name} ${++count}`).digest('hex')
  const newTime = (): string => new Date(Date.UTC(2023, 10, 6, 12) + ++count * 7).toISOString().replace('T', ' ').replace('Z', '059')

  function conversation (name: string | null): string {
    const id = newId()
    sql.prepare('insert into chat_conversation values (?, ?, ?)').run(id, name, newTime())
    event(id, 'conversation-created')
    return id
  }

  function participant (type: 'H' | 'B', conversation: string, name: string): string {
    const id = newId()
    sql.prepare('insert into chat_participant values (?, ?, ?, ?, 0)').run(id, name, type, conversation)
    return id
  }

  function bot (conversation: string, name: string): string {
    const id = participant('B', conversation, name)
    event(conversation, 'participant-joined', id)
    return id
  }

  function message (conversation: string, type: string, given: NewBlabMessage = {}): number {
    const id = newId()
    const row = { ...plain, m_id: id, type, conversation_id: conversation, time: newTime(), file_key: newId(), ...columnsOf(given), ...storeFile(conversation, id, given) }
    if (row.file !== null) row.file += row.file_key
    const names = Object.keys({ ...row, ...given.columns })
    const { lastInsertRowid } = sql.prepare(`insert into chat_message (${names.join(', ')}) values (${names.map(name => `@${name}`).join(', ')})`).run({ ...row, ...given.columns })
    // The last first: their positions count.
    for (const [position, text] of [...(given.options ?? []).entries()].reverse()) {
      sql.prepare('insert into chat_messageoption (option_text, position, message_id) values (?, ?, ?)').run(text, position, lastInsertRowid)
    }
    if (given.file !== undefined) write(join(media, String(row.file)), given.file.bytes)
    return Number(lastInsertRowid)
  }

  function event (conversation: string, event: string, participant?: string): number {
    return message(conversation, 'S', { text: event, ...participant !== undefined && { metadata: { participant_id: dashed(participant) } } })
  }

  return {
    file,
    media,
    conversation,
    person: (conversation, name) => participant('H', conversation, name),
    bot,
    message,
    event,
    row: number => sql.prepare<[number], Record<string, any>>('select * from chat_message where id = ?').get(number)!,
    atOnce: work => { sql.transaction(work)() },
    sql
  }
}

const plain = { text: '', additional_metadata: '{}', original_file_name: null, mime_type: null, local_id: null, quoted_message_id: null, sender_id: null, file: null, file_size: null, external_file_url: '', approval_status: 1, command: '', sent_by_manager: 0 }

function columnsOf ({ text = '', time, sender, quotes, localId, approval = 1, command = '', byManager = false, metadata = {}, url = '' }: NewBlabMessage) {
  return {
    text,
    ...time !== undefined && { time },
    sender_id: sender ?? null,
    quoted_message_id: quotes ?? null,
    local_id: localId ?? null,
    approval_status: approval,
    command,
    sent_by_manager: byManager ? 1 : 0,
    additional_metadata: JSON.stringify(metadata),
    external_file_url: url
  }
}

function storeFile (conversation: string, id: string, { file }: NewBlabMessage): { file: string | null, file_size?: number, original_file_name?: string, mime_type?: string } {
  if (file === undefined) return { file: null }
  return { file: `chat/chat_${conversation}/msg_${id}_`, file_size: Buffer.byteLength(file.bytes), original_file_name: file.name, ...file.type !== undefined && { mime_type: file.type } }
}

function write (file: string, bytes: Uint8Array | string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, bytes)
}

/** A UUID as the API spells it. */
export function dashed (hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
