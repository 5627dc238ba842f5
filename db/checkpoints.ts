import type { Worker } from 'node:worker_threads'
import { CompiledQuery, sql } from 'kysely'
import { createThread } from '../threads.js'
import type { Connections } from './sqlite.js'

// About 16 MiB: most pages are changed several times until they are copied. Writes wait meanwhile; the event loop does not.
const LOG_PAGES_MAX = 8192
// About 64 MiB: what SQLite lets the log grow to before it copies it itself, in the event loop, should the thread be gone.
const LOG_PAGES_LIMIT = 32_768

export type ToCheckpoints = 'copy' | 'end'
export type FromCheckpoints = 'copied'

/** Copies SQLite's log into the file in a thread, because the disk would hold the event loop for milliseconds. */
export interface Checkpoints {
  /** Resolves when the log is short, or cannot be shortened now. To be called between transactions. */
  shorten: () => Promise<void>
  /** Resolves when there is no thread any more. */
  end: () => Promise<void>
}

interface LogState {
  /** The pages in the log. */
  log: number
  /** Those of them that are in the file, too. */
  checkpointed: number
}

// Tells, and does nothing (https://www.sqlite.org/pragma.html#pragma_wal_checkpoint).
const logQuery = CompiledQuery.raw('pragma wal_checkpoint(noop)')

/**
 * Takes over from SQLite's own checkpoints. The thread is started when the log has become long for the first time.
 * @param onFault is told why the log has not been shortened; the next attempt is made when it has grown again
 */
export async function startCheckpoints ({ file, writer }: Pick<Connections, 'file' | 'writer'>, onFault: (error: unknown) => void): Promise<Checkpoints> {
  await sql`pragma wal_autocheckpoint = ${sql.lit(LOG_PAGES_LIMIT)}`.execute(writer)
  let thread: Worker | undefined
  let hasEnded = false
  let copying: Promise<void> = Promise.resolve()
  // The length of the log when it was last shortened: what a reader needs stays in it, and is not tried again and again.
  let tried = 0

  async function isLong (): Promise<boolean> {
    const { log, checkpointed } = (await writer.executeQuery<LogState>(logQuery)).rows[0]!
    if (log < tried) tried = 0
    if (log - Math.max(checkpointed, tried) < LOG_PAGES_MAX) return false
    tried = log
    return true
  }

  function start (): Worker {
    const started = createThread('checkpoint-thread', import.meta.url, { workerData: file })
    started.on('error', onFault).once('exit', () => { thread = undefined }).unref()
    return started
  }

  return {
    shorten: async () => {
      try {
        if (await isLong() && !hasEnded) await (copying = copyLog(thread ??= start()))
      } catch (error) {
        onFault(error)
      }
    },
    end: async () => {
      hasEnded = true
      await copying
      if (thread === undefined) return
      const last = thread
      last.ref()
      await new Promise(resolve => {
        last.once('exit', resolve)
        post(last, 'end')
      })
    }
  }
}

/** Resolves when the thread has copied what it can, or has ended. */
async function copyLog (thread: Worker): Promise<void> {
  // It keeps the process alive only while somebody waits for it.
  thread.ref()
  await new Promise<void>(resolve => {
    const settle = (): void => { thread.off('message', settle).off('exit', settle); resolve() }
    thread.on('message', settle).on('exit', settle)
    post(thread, 'copy')
  })
  thread.unref()
}

function post (thread: Worker, message: ToCheckpoints): void {
  thread.postMessage(message)
}
