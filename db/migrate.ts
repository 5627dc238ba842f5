import { existsSync } from 'node:fs'
import { sql, Migrator, type Kysely } from 'kysely'
import { migrations } from './migrations/index.js'
import type { Connections } from './sqlite.js'
import type { Database, Reader } from './schema.js'

/** What a migration did. */
export interface Migrated {
  applied: string[]
  /** The copy of the file as it was before; none when the file was empty or nothing was to do. */
  copy: string | undefined
}

/**
 * Brings the file to the newest schema. A file that has data is copied first, beside itself.
 * @param to the last migration to apply; the newest when absent
 */
export async function migrate ({ file, writer }: Pick<Connections, 'file' | 'writer'>, to?: string): Promise<Migrated> {
  const migrator = createMigrator(writer)
  const before = await migrator.getMigrations()
  const pending = before.some(migration => migration.executedAt === undefined)
  const copy = pending && before.some(migration => migration.executedAt !== undefined) ? await copyFile(file, writer) : undefined
  const { error, results = [] } = to === undefined ? await migrator.migrateToLatest() : await migrator.migrateTo(to)
  if (error) throw new Error('The database cannot be migrated.', { cause: error })
  return { applied: results.map(result => result.migrationName), copy }
}

/** Whether the newest migration is applied. */
export async function isMigrated (db: Reader): Promise<boolean> {
  const newest = Object.keys(migrations).at(-1)!
  const { rows } = await sql`select 1 from kysely_migration where name = ${newest}`.execute(db)
  return rows.length === 1
}

function createMigrator (db: Kysely<Database>): Migrator {
  return new Migrator({ db, provider: { getMigrations: async () => migrations } })
}

async function copyFile (file: string, db: Kysely<Database>): Promise<string> {
  const stamp = new Date().toISOString().replace(/[:.]/g, '-')
  const copy = `${file}.before-${stamp}`
  if (!existsSync(copy)) await sql`vacuum into ${copy}`.execute(db)
  return copy
}
