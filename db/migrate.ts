import { chmodSync } from 'node:fs'
import { sql, Migrator, type Kysely } from 'kysely'
import { migrations } from './migrations/index.js'
import { markBackup } from './restore.js'
import type { Connections } from './sqlite.js'
import type { Database, Reader } from './schema.js'
import { isBusy, retryWhenBusy } from './write.js'

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
  // A file from the future has more than is known here; the migrator refuses it.
  if (!pending && await countApplied(writer) === before.length) return { applied: [], copy: undefined }
  const copy = before.some(migration => migration.executedAt !== undefined) ? await copyFile(file, writer) : undefined
  const applied = await retryWhenBusy(() => apply(migrator, to))
  return { applied, copy }
}

async function countApplied (db: Reader): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count from kysely_migration`.execute(db)
  return Number(rows[0]!.count)
}

async function apply (migrator: Migrator, to: string | undefined): Promise<string[]> {
  const { error, results = [] } = to === undefined ? await migrator.migrateToLatest() : await migrator.migrateTo(to)
  if (isBusy(error)) throw error
  if (error) throw new Error('The database cannot be migrated.', { cause: error })
  return results.map(result => result.migrationName)
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
  await sql`vacuum into ${copy}`.execute(db)
  chmodSync(copy, 0o600)
  markBackup(copy)
  return copy
}
