// What runs in the thread that copies the log into the file.
import { parentPort, workerData } from 'node:worker_threads'
import SQLite from 'better-sqlite3'
import type { FromCheckpoints, ToCheckpoints } from './checkpoints.js'

const database = new SQLite(workerData as string, { fileMustExist: true, timeout: 0 })

parentPort!.on('message', (message: ToCheckpoints) => {
  if (message === 'end') return end()
  // Waits for nobody: what another process still reads stays in the log.
  database.pragma('wal_checkpoint(passive)')
  parentPort!.postMessage('copied' satisfies FromCheckpoints)
})

function end (): void {
  database.close()
  parentPort!.close()
}
