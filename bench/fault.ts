import { join } from 'node:path'
import SQLite from 'better-sqlite3'
import { FILE_NAME } from '../db/sqlite.js'
import type { Colloquy } from './colloquy.js'
import type { Ledger } from './count.js'
import type { Extent } from './scenario.js'

interface Place { conversationId: string, seq: number }

const faults: Record<NonNullable<Extent['fault']>, (database: SQLite.Database, place: Place) => void> = { drop, double }

/** Reads the log of a server back and compares it with a ledger; harms a message in its file before that, when asked to. */
export async function checkStored ({ fault }: Pick<Extent, 'fault'>, { address, folder }: Colloquy, ledger: Ledger): Promise<string[]> {
  const place = ledger.any()
  if (fault !== undefined && folder !== undefined && place !== undefined) harm(join(folder, FILE_NAME), fault, place)
  return ledger.check(address)
}

function harm (file: string, fault: keyof typeof faults, place: Place): void {
  const database = new SQLite(file)
  // Answers may quote what is taken away.
  database.pragma('foreign_keys = OFF')
  try {
    database.transaction(() => faults[fault](database, place))()
  } finally {
    database.close()
  }
}

function drop (database: SQLite.Database, { conversationId, seq }: Place): void {
  database.prepare('delete from events where conversation_id = ? and seq = ?').run(conversationId, seq)
  database.prepare('delete from messages where conversation_id = ? and seq = ?').run(conversationId, seq)
}

/** Tells the readers of the log a second time of the message. */
function double (database: SQLite.Database, { conversationId, seq }: Place): void {
  database.prepare('update conversations set last_seq = last_seq + 1 where id = ?').run(conversationId)
  database.prepare(`insert into events (conversation_id, seq, type, time, message_id, audience)
    select conversation_id, (select last_seq from conversations where id = conversation_id), type, time, message_id, audience
    from events where conversation_id = ? and seq = ?`).run(conversationId, seq)
}
