import { chmodSync, existsSync, renameSync, rmSync } from 'node:fs'
import SQLite from 'better-sqlite3'
import { markBackup } from './restore.js'

// Small steps, so that a running server in the same process stays responsive.
const PAGES_PER_STEP = 1024

/**
 * Copies the database as it is at this moment into a new file, also while a server writes to it.
 * @param onProgress is told the done part, 0 to 1
 * @throws when the source does not exist, or the target does
 */
export async function backUp (source: string, target: string, onProgress: (part: number) => void): Promise<void> {
  if (!existsSync(source)) throw new Error(`There is no database at ${source}.`)
  if (existsSync(target)) throw new Error(`${target} exists already. Name a new file.`)
  const unfinished = `${target}.unfinished`
  rmSync(unfinished, { force: true })
  const database = new SQLite(source)
  try {
    // An open read transaction holds this moment: without it each write of another process would start the copy anew.
    database.exec('begin; select count(*) from sqlite_schema')
    await database.backup(unfinished, {
      progress: ({ totalPages, remainingPages }) => {
        onProgress(totalPages === 0 ? 0 : 1 - remainingPages / totalPages)
        return PAGES_PER_STEP
      }
    })
    chmodSync(unfinished, 0o600)
    markBackup(unfinished)
    onProgress(1)
    renameSync(unfinished, target)
  } finally {
    database.close()
    rmSync(unfinished, { force: true })
  }
}
