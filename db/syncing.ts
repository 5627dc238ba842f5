import { sql, type Kysely } from 'kysely'
import type { Database } from './schema.js'

/**
 * When a commit is on the disk. FULL: when it is done, and with it every commit before. NORMAL: with the next one that is
 * FULL, or earlier (https://www.sqlite.org/pragma.html#pragma_synchronous).
 */
export type Syncing = 'FULL' | 'NORMAL'

/** How to set that for the next transactions of a connection, on which nothing else sets it, and which is FULL now. */
export function createSyncing (db: Kysely<Database>): (syncing: Syncing) => Promise<void> {
  let current: Syncing = 'FULL'
  return async syncing => {
    if (syncing === current) return
    // SQLite sets it while it prepares the statement; one that is kept it prepares anew from its second run on.
    await sql`pragma synchronous = ${sql.raw(syncing)}`.execute(db)
    current = syncing
  }
}
