import { sql } from 'kysely'
import { prepare } from './prepare.js'
import type { DeliveryRow, Reader, Writer } from './schema.js'
import { botTopic, noteGrowth } from './write.js'

// Literals, as in the partial indexes: SQLite would not know that a parameter has their value.
const isOpen = sql<boolean>`state = 'open'`
const isDone = sql<boolean>`state in ('done', 'cancelled')`
const isUnsuccessful = sql<boolean>`state in ('dropped', 'failed')`

export type NewDelivery = Pick<DeliveryRow, 'id' | 'bot' | 'participant_id' | 'conversation_id' | 'message_id' | 'seq' | 'overrides' | 'created_at' | 'not_before'>

const insertion = prepare((db: Writer, delivery: NewDelivery) =>
  db.insertInto('deliveries').values({ ...delivery, state: 'open', next_at: null, attempts: 0, lease_id: null, last_error: null, closed_at: null }))

/** Queues a delivery behind the open ones of its participant; it is due at once when there is none. */
export async function insertDelivery (db: Writer, delivery: NewDelivery): Promise<void> {
  await insertion.run(db, delivery)
  await updateNextDue(db, delivery.bot, delivery.participant_id, delivery.created_at)
}

const byId = prepare((db, { id }: { id: string }) => db.selectFrom('deliveries').selectAll().where('id', '=', id))

export async function findDelivery (db: Reader, id: string): Promise<DeliveryRow | undefined> {
  return byId.find(db, { id })
}

/** Whether something is on its way to a participant, or has been since a time. */
export async function hasDeliverySince (db: Reader, participantId: string, time: number): Promise<boolean> {
  const open = await db.selectFrom('deliveries').select('id').where(isOpen).where('participant_id', '=', participantId).limit(1).executeTakeFirst()
  const done = open ?? await db.selectFrom('deliveries').select('id').where(isDone).where('closed_at', '>=', time).where('participant_id', '=', participantId).limit(1).executeTakeFirst()
  return done !== undefined
}

const due = prepare((db, { bot, now, limit }: { bot: string, now: number, limit: number }) => db.selectFrom('deliveries').selectAll().where(isOpen)
  .where('bot', '=', bot).where('next_at', 'is not', null).where('next_at', '<=', now)
  .orderBy('next_at').limit(limit))

/** What a bot is to be given now, at most one delivery for each of its participants. */
export async function listDueDeliveries (db: Reader, bot: string, now: number, limit: number): Promise<DeliveryRow[]> {
  return due.list(db, { bot, now, limit })
}

const nextDue = prepare((db, { bot, now }: { bot: string, now: number }) => db.selectFrom('deliveries').select('next_at').where(isOpen)
  .where('bot', '=', bot).where('next_at', '>', now)
  .orderBy('next_at').limit(1))

/** When something will be due for a bot for which nothing more is due now. */
export async function findNextDue (db: Reader, bot: string, now: number): Promise<number | undefined> {
  return (await nextDue.find(db, { bot, now }))?.next_at ?? undefined
}

/** The open deliveries of a bot that are older than a time, oldest first, but for those that are leased now. */
export async function listStaleDeliveries (db: Reader, bot: string, before: number, now: number, limit: number): Promise<DeliveryRow[]> {
  return db.selectFrom('deliveries').selectAll().where(isOpen).where('bot', '=', bot).where('created_at', '<', before)
    .where(({ or, eb }) => or([eb('lease_id', 'is', null), eb('next_at', 'is', null), eb('next_at', '<=', now)]))
    .orderBy('created_at').orderBy('seq').limit(limit).execute()
}

export async function updateDelivery (db: Writer, id: string, changes: Partial<Pick<DeliveryRow, 'next_at' | 'attempts' | 'lease_id' | 'last_error'>>): Promise<void> {
  await db.updateTable('deliveries').set(changes).where('id', '=', id).execute()
}

const closing = prepare((db: Writer, { id, ...changes }: { id: string, state: DeliveryRow['state'], closed_at: number, last_error: string | undefined }) =>
  db.updateTable('deliveries').set({ ...changes, next_at: null }).where('id', '=', id))

/** Ends a delivery, and lets the next one of its participant be due. */
export async function closeDelivery (db: Writer, { id, bot, participant_id: participantId }: DeliveryRow, state: 'done' | 'dropped' | 'failed', now: number, error: string | null): Promise<void> {
  await closing.run(db, { id, state, closed_at: now, last_error: error ?? undefined })
  await updateNextDue(db, bot, participantId, now)
}

/** Ends every open delivery of a participant whose answer would not be taken any more, as when it has left. */
export async function closeDeliveriesOf (db: Writer, participantId: string, now: number): Promise<void> {
  await db.updateTable('deliveries').set({ state: 'cancelled', closed_at: now, next_at: null }).where(isOpen).where('participant_id', '=', participantId).execute()
}

const oldestDue = prepare((db: Writer, { participantId, now }: { participantId: string, now: number }) => db.updateTable('deliveries')
  .set({ next_at: sql`max(not_before, ${now})` })
  .where('id', '=', ({ selectFrom }) => selectFrom('deliveries').select('id').where(isOpen).where('participant_id', '=', participantId).orderBy('seq').limit(1))
  .where('next_at', 'is', null))

async function updateNextDue (db: Writer, bot: string, participantId: string, now: number): Promise<void> {
  if (await oldestDue.run(db, { participantId, now }) > 0) noteGrowth(db, { topic: botTopic(bot), seq: 0 })
}

/**
 * Opens what was dropped or has failed until now, as new, where an answer would still be taken; in the order of the log,
 * before what is younger, but after what is leased.
 */
export async function reopenDeliveries (db: Writer, bot: string, now: number, limit: number): Promise<number> {
  const rows = await db.selectFrom('deliveries').where(isUnsuccessful)
    .innerJoin('participants', 'participants.id', 'deliveries.participant_id').where('participants.left_at', 'is', null)
    .innerJoin('conversations', 'conversations.id', 'deliveries.conversation_id').where('conversations.ended_at', 'is', null)
    .select(['deliveries.id', 'deliveries.participant_id'])
    .where('deliveries.bot', '=', bot).where('closed_at', '<=', now).orderBy('deliveries.id').limit(limit).execute()
  for (const { id } of rows) await db.updateTable('deliveries').set({ state: 'open', created_at: now, attempts: 0, lease_id: null, closed_at: null }).where('id', '=', id).execute()
  for (const participantId of new Set(rows.map(row => row.participant_id))) await startOver(db, bot, participantId, now)
  return rows.length
}

/** Lets the oldest open delivery of a participant be due, unless one is leased. */
async function startOver (db: Writer, bot: string, participantId: string, now: number): Promise<void> {
  const due = await db.selectFrom('deliveries').select(['id', 'lease_id', 'next_at']).where(isOpen)
    .where('participant_id', '=', participantId).where('next_at', 'is not', null).execute()
  if (due.some(({ lease_id: leaseId, next_at: nextAt }) => leaseId !== null && nextAt! > now)) return
  for (const { id } of due) await updateDelivery(db, id, { next_at: null, lease_id: null })
  await updateNextDue(db, bot, participantId, now)
}

/** Lets what waits for another attempt be due now, and the bot be looked at in any case. */
export async function hastenDeliveries (db: Writer, bot: string, now: number): Promise<number> {
  const { numUpdatedRows } = await db.updateTable('deliveries').set({ next_at: now }).where(isOpen)
    .where('bot', '=', bot).where('next_at', '>', now).where('lease_id', 'is', null).executeTakeFirst()
  noteGrowth(db, { topic: botTopic(bot), seq: 0 })
  return Number(numUpdatedRows)
}

/**
 * Deletes deliveries that ended well before one time, or ended otherwise before another; at most `limit` of each.
 * @returns whether there may be more
 */
export async function deleteClosedDeliveries (db: Writer, doneBefore: number, otherBefore: number, limit: number): Promise<boolean> {
  let isFull = false
  for (const [state, before] of [[isDone, doneBefore], [isUnsuccessful, otherBefore]] as const) {
    const { numDeletedRows } = await db.deleteFrom('deliveries')
      .where('id', 'in', ({ selectFrom }) => selectFrom('deliveries').select('id').where(state).where('closed_at', '<', before).orderBy('closed_at').limit(limit))
      .executeTakeFirst()
    isFull ||= numDeletedRows >= limit
  }
  return isFull
}

/** What a bot's deliveries come to. */
export interface Backlog { bot: string, open: number, oldest_open_at: number | null, dropped: number, failed: number }

/** The backlogs of the bots that have one. */
export async function listBacklogs (db: Reader): Promise<Backlog[]> {
  const open = await db.selectFrom('deliveries').where(isOpen).groupBy('bot')
    .select(({ fn }) => ['bot', fn.countAll<number>().as('open'), fn.min('created_at').as('oldest_open_at')]).execute()
  const closed = await db.selectFrom('deliveries').where(isUnsuccessful).groupBy('bot')
    .select(['bot', sql<number>`sum(state = 'dropped')`.as('dropped'), sql<number>`sum(state = 'failed')`.as('failed')]).execute()
  const names = new Set([...open, ...closed].map(({ bot }) => bot))
  const nothing = { open: 0, oldest_open_at: null, dropped: 0, failed: 0 }
  return [...names].map(bot => ({ ...nothing, bot, ...open.find(row => row.bot === bot), ...closed.find(row => row.bot === bot) }))
}

/** The bots that have open deliveries. */
export async function listBotsWithWork (db: Reader): Promise<string[]> {
  const rows = await db.selectFrom('deliveries').select('bot').distinct().where(isOpen).execute()
  return rows.map(row => row.bot)
}
