import SQLite from 'better-sqlite3'
import { sql, type Kysely } from 'kysely'
import type { ConversationRow, Database, Jump } from './schema.js'

// The `user_version` of a backup, a number that SQLite keeps for applications in the head of each file.
const MARK = 1

// More than can have happened in a conversation between a backup and the loss of what it is a copy of.
const JUMP = 1_000_000

/** Marks a copy of the database, so that it is known for one when it is put to use. */
export function markBackup (file: string): void {
  const copy = new SQLite(file)
  try {
    copy.pragma(`user_version = ${MARK}`)
  } finally {
    copy.close()
  }
}

/**
 * Puts a backup to use: each log goes on far beyond what anybody can have seen of it after the backup was made, so that no
 * seq comes to mean something else. Gives whether it was a backup.
 */
export async function takeUpBackup (writer: Kysely<Database>): Promise<boolean> {
  return writer.transaction().execute(async db => {
    const { rows: [row] } = await sql<{ user_version: number }>`pragma user_version`.execute(db)
    if (row!.user_version !== MARK) return false
    const next = sql<number>`last_seq + ${sql.lit(JUMP)}`
    // Where nothing was said since an earlier jump, this one begins where that one did.
    const restored = sql<number>`(select coalesce(max(seq), 0) from events where conversation_id = conversations.id)`
    await db.updateTable('conversations').set({ restored_seq: restored, resumed_seq: next, last_seq: next }).execute()
    await sql`pragma user_version = 0`.execute(db)
    return true
  })
}

/** The last seq of a log that a reader who has come to a seq knows: less than that when it has seen what was lost, or what never was. */
export function endFor ({ last_seq: lastSeq, restored_seq: restored, resumed_seq: resumed }: Jump & Pick<ConversationRow, 'last_seq'>, seq: number): number {
  return restored !== null && seq > restored && seq < resumed! ? restored : lastSeq
}

/** Where a reader who has come to a seq stands: whoever has read all that there was before the jump, after it, though there may be no event yet. */
export function standOf ({ restored_seq: restored, resumed_seq: resumed }: Jump, seq: number): number {
  return seq === restored ? resumed! : seq
}
