import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import SQLite from 'better-sqlite3'

// In the data folder; empty.
const LOCK_FILE = 'lock'

/**
 * Takes a data folder for this process alone: another one would not hear this one's doorbell, and would delete its
 * unfinished uploads. The operating system gives the lock back when the process dies.
 * @returns how to give it back
 * @throws when another server has it
 */
export function lockFolder (folder: string): () => void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const lock = new SQLite(join(folder, LOCK_FILE), { timeout: 0 })
  try {
    lock.pragma('journal_mode = MEMORY')
    lock.exec('begin exclusive')
  } catch (error) {
    lock.close()
    if ((error as { code?: string }).code !== 'SQLITE_BUSY') throw error
    throw new Error(`Another server uses ${folder}. Stop it first, or set COLLOQUY_DATA to another folder.`)
  }
  return () => { lock.close() }
}
