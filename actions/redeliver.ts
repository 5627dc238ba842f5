import { upsertBot } from '../db/bots.js'
import { hastenDeliveries, reopenDeliveries } from '../db/deliveries.js'
import type { Write } from '../db/write.js'

// In one transaction, so that it does not hold others for long.
const REOPENED_AT_ONCE = 100

/** Gives a bot again what it could not be given, and tries again one that has said that it is gone. */
export async function redeliver (write: Write, bot: string): Promise<{ reopened: number, hastened: number }> {
  const now = Date.now()
  await write(db => upsertBot(db, bot, { disabled_at: null, failures: 0 }))
  let [reopened, last] = [0, REOPENED_AT_ONCE]
  while (last === REOPENED_AT_ONCE) {
    last = await write(db => reopenDeliveries(db, bot, now, REOPENED_AT_ONCE))
    reopened += last
  }
  return { reopened, hastened: await write(db => hastenDeliveries(db, bot, now)) }
}
