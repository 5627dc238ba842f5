import { closeSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import SQLite from 'better-sqlite3'
import { Kysely, SqliteAdapter, SqliteDialect, type QueryResult, type SqliteDatabase, type SqliteStatement } from 'kysely'
import type { Database } from './schema.js'

/** The one file that holds everything, in the data folder. */
export const FILE_NAME = 'colloquy.sqlite3'

// A statement is prepared once; queries whose text has no end of variants would otherwise fill the memory.
const STATEMENTS_MAX = 500

// Of new files. A message changes pages that are far apart, each of which is written whole: small ones make a commit of
// many conversations lighter, large ones a file.
const PAGE_BYTES = 2048

// About 512 KiB: what SQLite itself copies from the log into the file where no thread does, as on the command line.
const CHECKPOINT_PAGES = 256

// What the writer changes again and again stays in memory; what is read only once does not matter.
const WRITER_CACHE_KIB = 64 * 1024
const READER_CACHE_KIB = 32 * 1024

/** A connection that writes and one that reads what is committed, to the same file. */
export interface Connections {
  file: string
  writer: Kysely<Database>
  reader: Kysely<Database>
  close: () => void
}

export function openDatabase (folder: string): Connections {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = join(folder, FILE_NAME)
  // Readable by its owner alone, and so are the files that SQLite puts beside it.
  closeSync(openSync(file, 'a', 0o600))
  const [writing, reading] = [openWriter(file), openReader(file)]
  return {
    file,
    // A deferred transaction that reads before it writes fails when another process has written in between.
    writer: connect(writing, 'begin immediate'),
    reader: connect(reading, 'begin'),
    // Kysely closes only what was asked through it. The last one to close copies the log into the file and deletes it.
    close: () => { reading.close(); writing.close() }
  }
}

function openWriter (file: string): SQLite.Database {
  // No waiting inside SQLite, which would hold the event loop: `createWriter` tries again.
  const database = new SQLite(file, { timeout: 0 })
  database.pragma(`page_size = ${PAGE_BYTES}`)
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = FULL')
  database.pragma('foreign_keys = ON')
  database.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`)
  database.pragma(`cache_size = -${WRITER_CACHE_KIB}`)
  // Each savepoint keeps copies of what it changes: not in a file.
  database.pragma('temp_store = MEMORY')
  return database
}

function openReader (file: string): SQLite.Database {
  const database = new SQLite(file, { timeout: 0 })
  database.pragma('query_only = ON')
  database.pragma(`cache_size = -${READER_CACHE_KIB}`)
  return database
}

function connect (database: SQLite.Database, begin: string): Kysely<Database> {
  const statements = keepStatements(database, begin)
  const dialect = new SqliteDialect({ database: statements })
  dialect.createAdapter = () => new DirectAdapter(statements)
  return new Kysely<Database>({ dialect })
}

/** What can be asked of SQLite at once: it knows no waiting, and what Kysely does for databases that do costs more than a short query. */
export class DirectAdapter extends SqliteAdapter {
  readonly #statements: SqliteDatabase

  constructor (statements: SqliteDatabase) {
    super()
    this.#statements = statements
  }

  // Kysely does not count on it, and would leave a migration that fails half done.
  override get supportsTransactionalDdl (): boolean {
    return true
  }

  /** Executes a query on the one connection, in whatever transaction that is. */
  execute<Row> (text: string, parameters: readonly unknown[]): QueryResult<Row> {
    const statement = this.#statements.prepare(text)
    if (statement.reader) return { rows: statement.all(parameters) as Row[] }
    return { rows: [], numAffectedRows: BigInt(statement.run(parameters).changes) }
  }
}

function keepStatements (database: SQLite.Database, begin: string): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>()
  const prepare = (text: string): SqliteStatement => {
    const kept = statements.get(text)
    if (kept !== undefined) return kept
    if (statements.size >= STATEMENTS_MAX) statements.clear()
    const statement = database.prepare(text === 'begin' ? begin : text) as unknown as SqliteStatement
    statements.set(text, text === 'rollback' ? whenOpen(database, statement) : statement)
    return statements.get(text)!
  }
  return { prepare, close: () => { database.close() } }
}

/** SQLite itself gives up a transaction that meets a full disk; there is nothing to undo then, and no second error to tell. */
function whenOpen (database: SQLite.Database, rollback: SqliteStatement): SqliteStatement {
  return { ...rollback, reader: false, run: values => database.inTransaction ? rollback.run(values) : { changes: 0, lastInsertRowid: 0 } }
}
