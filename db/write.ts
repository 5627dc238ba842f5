import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'
import { CompiledQuery, type Kysely } from 'kysely'
import { problem } from '../errors.js'
import { arePieces, takeGroup, type Sized } from './groups.js'
import { execute } from './prepare.js'
import type { Database, LoggedEvent, MessageRow, Writer } from './schema.js'
import { createSyncing } from './syncing.js'

// A longer queue is refused: its end would wait for seconds.
const QUEUE_MAX = 10_000
const RETRIES_MAX = 50
const RETRY_PAUSE_MS = 20

/**
 * That somebody may have waited for: the log of a conversation, whose id is the topic, has grown to `seq`; a bot, whose
 * topic `botTopic` gives, has something to do; or a message waits for a decision.
 */
export interface Growth {
  topic: string
  seq: number
  /** What the log has grown by. Its message is absent, too, when it was stored earlier. */
  logged?: LoggedEvent
}

export const APPROVALS_TOPIC = 'approvals'

export function botTopic (name: string): string {
  return `bot ${name}`
}

/**
 * Runs queries in a transaction and resolves once they are durable. Between begin and commit only queries may be
 * awaited: anything slower would hold every other write. The work may run twice, when the database is busy the first time.
 * @param pieceBytes makes it a piece of something that a later write completes: it resolves when it is committed, and is
 *   durable when any later write that is no piece resolves. A loss of power before that leaves the earlier pieces, or none.
 * @throws ProblemError server_busy when too many writes wait
 */
export type Write = <T>(work: (db: Writer) => Promise<T>, pieceBytes?: number) => Promise<T>

interface Job extends Sized {
  work: (db: Writer) => Promise<unknown>
  settle: (outcome: Outcome) => void
}

type Outcome = { value: unknown } | { error: unknown }

const savepoint = CompiledQuery.raw('savepoint job')
const release = CompiledQuery.raw('release job')
const rollback = CompiledQuery.raw('rollback to job')

// What the job that is at work in an open transaction has appended so far.
const growths = new WeakMap<Writer, Growth[]>()

/** Says that something has grown; told to `onCommit` once it is durable. */
export function noteGrowth (db: Writer, growth: Growth): void {
  growths.get(db)!.push(growth)
}

/** Says what a message is now, for the events about it that the same job has appended: they come first, because they number it. */
export function noteMessage (db: Writer, message: MessageRow): void {
  for (const { logged } of growths.get(db)!) if (logged?.event.message_id === message.id) logged.message = message
}

/**
 * Writes that come in the same moment share one transaction and one fsync, each in its own savepoint: one that fails
 * is undone alone.
 * @param onCommit is given what the committed writes have let grow
 * @param betweenCommits is awaited before the next commit; never rejects
 */
export function createWriter (db: Kysely<Database>, onCommit: (growths: Growth[]) => void, betweenCommits = async (): Promise<void> => {}): Write {
  const queue: Job[] = []
  const sync = createSyncing(db)
  let running = false

  async function run (): Promise<void> {
    while (queue.length > 0) {
      const jobs = takeGroup(queue)
      await commitGroup(db, jobs, () => sync(arePieces(jobs) ? 'NORMAL' : 'FULL'), onCommit)
      await betweenCommits()
      // Queries take no turn of the event loop: without this, a long queue would let nothing else happen.
      await nextTurn()
    }
    running = false
  }

  return (work, pieceBytes = 0) => new Promise((resolve, reject) => {
    if (queue.length >= QUEUE_MAX) return reject(problem('server_busy', {}, { 'Retry-After': '1' }))
    queue.push({ work, pieceBytes, settle: outcome => 'error' in outcome ? reject(outcome.error) : resolve(outcome.value as never) })
    if (running) return
    running = true
    setImmediate(run)
  })
}

async function commitGroup (db: Kysely<Database>, jobs: Job[], begin: () => Promise<void>, onCommit: (growths: Growth[]) => void): Promise<void> {
  try {
    await begin()
    const { outcomes, appended } = await retryWhenBusy(() => db.transaction().execute(db => runJobs(db, jobs)))
    jobs.forEach((job, index) => job.settle(outcomes[index]!))
    if (appended.length > 0) onCommit(appended)
  } catch (error) {
    for (const job of jobs) job.settle({ error })
  }
}

async function runJobs (db: Writer, jobs: Job[]): Promise<{ outcomes: Outcome[], appended: Growth[] }> {
  const appended: Growth[] = []
  const outcomes: Outcome[] = []
  for (const job of jobs) outcomes.push(await runJob(db, job, appended))
  return { outcomes, appended }
}

async function runJob (db: Writer, job: Job, appended: Growth[]): Promise<Outcome> {
  const own: Growth[] = []
  growths.set(db, own)
  await execute(db, savepoint)
  try {
    const value = await job.work(db)
    await execute(db, release)
    appended.push(...own)
    return { value }
  } catch (error) {
    await undo(db, error)
    return { error }
  }
}

async function undo (db: Writer, reason: unknown): Promise<void> {
  try {
    await execute(db, rollback)
    await execute(db, release)
  } catch {
    // SQLite has given up the whole transaction, as it does when the disk is full.
    throw reason
  }
}

/**
 * Does the work again for about a second while another process, such as a migration, holds the file.
 * @throws ProblemError server_busy
 */
export async function retryWhenBusy<T> (work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try { return await work() } catch (error) {
      if (!isBusy(error)) throw error
      if (attempt === RETRIES_MAX) throw problem('server_busy', {}, { 'Retry-After': '1' })
      await pause(RETRY_PAUSE_MS * (0.5 + Math.random()))
    }
  }
}

export function isBusy (error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY')
}
