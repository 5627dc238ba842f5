import { uuidv7 } from 'uuidv7'
import { findDelivery, listDueDeliveries, updateDelivery } from '../db/deliveries.js'
import type { DeliveryRow } from '../db/schema.js'
import { botTopic, noteGrowth, type Write } from '../db/write.js'
import { problem } from '../errors.js'
import { cutError, noteFailure } from './fail-delivery.js'

/** Leases what is due for a bot: whoever holds the lease may answer until it ends, and the same message is given again after that. */
export async function leaseDeliveries (write: Write, bot: string, max: number, leaseMs: number): Promise<DeliveryRow[]> {
  const now = Date.now()
  return write(async db => {
    const due = await listDueDeliveries(db, bot, now, max)
    const leased = due.map(delivery => ({ ...delivery, lease_id: uuidv7(), attempts: delivery.attempts + 1, next_at: now + leaseMs }))
    for (const { id, lease_id: leaseId, attempts, next_at: nextAt } of leased) await updateDelivery(db, id, { lease_id: leaseId, attempts, next_at: nextAt })
    const isLost = due.some(delivery => delivery.lease_id !== null)
    if (isLost) await noteFailure(db, bot, 'A lease has ended without an answer.', now, false)
    // Who waits for something to lease is to know when this lease ends.
    if (leased.length > 0) noteGrowth(db, { topic: botTopic(bot), seq: 0 })
    return leased
  })
}

/**
 * Gives a lease another end, or ends it by giving the delivery back.
 * @param error why it is given back; absent when it is not
 * @throws ProblemError lease_lost
 */
export async function changeLease (write: Write, { id, bot }: DeliveryRow, leaseId: string, nextAt: number, error?: string): Promise<DeliveryRow> {
  const now = Date.now()
  return write(async db => {
    const current = (await findDelivery(db, id))!
    requireLease(current, leaseId)
    await updateDelivery(db, id, { next_at: nextAt, ...error !== undefined && { lease_id: null, last_error: cutError(error) } })
    if (error !== undefined) await noteFailure(db, bot, error, now, false)
    // Here, too: it may end sooner now.
    noteGrowth(db, { topic: botTopic(bot), seq: 0 })
    return (await findDelivery(db, id))!
  })
}

/** @throws ProblemError lease_lost, when the delivery is closed, or leased anew; `leaseId` is null for a bot that this process calls */
export function requireLease (current: DeliveryRow, leaseId: string | null): void {
  if (current.state !== 'open' || (leaseId !== null && current.lease_id !== leaseId)) throw problem('lease_lost')
}
