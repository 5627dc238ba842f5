import { findBot, upsertBot } from '../db/bots.js'
import { closeDelivery, findDelivery, updateDelivery } from '../db/deliveries.js'
import type { DeliveryRow, Writer } from '../db/schema.js'
import type { Write } from '../db/write.js'

/** A failure to deliver, and when to try again. */
export interface Failure {
  error: string
  nextAt: number
  /** The bot wants nothing more. */
  isGone?: boolean
}

/** The least pause before something is tried again. */
export const PAUSE_FIRST_MS = 1000
const PAUSE_MAX_MS = 300_000

/** Pauses that double, each between half of it and all of it, so that bots which failed together do not come together. */
export function pauseAfter (attempts: number): number {
  const pause = Math.min(PAUSE_MAX_MS, PAUSE_FIRST_MS * 2 ** attempts)
  return Math.round(pause * (0.5 + Math.random() / 2))
}

const ERROR_MAX = 1000

/** Notes that a delivery has failed, and when it is tried again. */
export async function postponeDelivery (write: Write, { id, bot }: DeliveryRow, { error, nextAt, isGone = false }: Failure): Promise<void> {
  const now = Date.now()
  await write(async db => {
    const current = await findDelivery(db, id)
    if (current?.state !== 'open') return
    // An older one that was opened again meanwhile goes first.
    const nextDue = current.next_at === null ? null : nextAt
    await updateDelivery(db, id, { attempts: current.attempts + 1, next_at: nextDue, last_error: cutError(error) })
    await noteFailure(db, bot, error, now, isGone)
  })
}

/** Gives up a delivery whose answer makes no sense; the next one goes on. */
export async function failDelivery (write: Write, delivery: DeliveryRow, error: string): Promise<void> {
  const now = Date.now()
  await write(async db => {
    const current = await findDelivery(db, delivery.id)
    if (current?.state !== 'open') return
    await closeDelivery(db, current, 'failed', now, cutError(error))
    await noteFailure(db, delivery.bot, error, now, false)
  })
}

/** Notes in a transaction that a bot has failed. */
export async function noteFailure (db: Writer, bot: string, error: string, now: number, isGone: boolean): Promise<void> {
  const failures = (await findBot(db, bot))?.failures ?? 0
  await upsertBot(db, bot, { failures: failures + 1, last_error: cutError(error), last_error_at: now, ...isGone && { disabled_at: now } })
}

/** As much of an error as is kept. */
export function cutError (error: string): string {
  return error.slice(0, ERROR_MAX)
}
