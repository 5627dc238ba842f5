import { createHash } from 'node:crypto'
import { uuidv7 } from 'uuidv7'
import type { BotMessage } from '../contract/api.js'
import { findBot, upsertBot, upsertBotDone, upsertBotState } from '../db/bots.js'
import { closeDelivery, findDelivery, listDueDeliveries, listStaleDeliveries, updateDelivery } from '../db/deliveries.js'
import { findConversation } from '../db/conversations.js'
import { appendEvent } from '../db/events.js'
import { findMessage } from '../db/messages.js'
import { findParticipant } from '../db/participants.js'
import type { Audience, DeliveryRow, Writer } from '../db/schema.js'
import { botTopic, noteGrowth, type Write } from '../db/write.js'
import { problem, ProblemError } from '../errors.js'
import type { Policy } from './policy.js'
import { draftMessage, toNewMessage } from './post-message.js'
import { storeMessage, type Draft } from './store-message.js'

/** What a bot answers a delivery with. */
export interface Answer {
  messages: BotMessage[]
  /** What it will remember of the conversation; what it remembers already when absent. */
  state?: unknown
}

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

// The most that is dropped in one transaction.
const STALE_MAX = 64
const ERROR_MAX = 1000

/**
 * Stores a bot's answer and acknowledges the delivery, in one transaction: all of it or nothing.
 * @param leaseId under which the bot was given it; null for a bot that this process calls
 * @throws ProblemError lease_lost, and what storing messages gives, with pointers into the list
 */
export async function answerDelivery (write: Write, policy: Policy, delivery: DeliveryRow, leaseId: string | null, { messages, state }: Answer): Promise<DeliveryRow> {
  const now = Date.now()
  const answers = messages.map((message, index) => ({ ...toNewMessage(message), localId: localIdOf(delivery, index) }))
  return write(async db => {
    const sender = (await findParticipant(db, delivery.conversation_id, delivery.participant_id))!
    const drafts = answers.map((answer, index) => within(index, () => draftMessage(policy.fileLimits, sender, answer)))
    const current = (await findDelivery(db, delivery.id))!
    if (current.state === 'done' && leaseId !== null && current.lease_id === leaseId) return current
    requireLease(current, leaseId)
    await storeAnswer(db, policy, current, drafts)
    if (state !== undefined) await upsertBotState(db, current.participant_id, JSON.stringify(state))
    await closeDelivery(db, current, 'done', now, null)
    await upsertBotDone(db, current.bot, now)
    return { ...current, state: 'done', closed_at: now, next_at: null }
  })
}

async function storeAnswer (db: Writer, policy: Policy, { message_id: messageId, conversation_id: conversationId }: DeliveryRow, drafts: Draft[]): Promise<void> {
  const { hops } = (await findMessage(db, conversationId, messageId))!
  for (const [index, draft] of drafts.entries()) {
    await storeMessage(db, policy, { ...draft, hops: hops + 1 }).catch(error => within(index, () => { throw error }))
  }
}

// 32 digits, as existing bots write them. The same answer to the same delivery is the same message.
function localIdOf ({ id }: DeliveryRow, index: number): string {
  return createHash('sha256').update(`${id} ${index}`).digest('hex').slice(0, 32)
}

/** Does something about a message of the list, so that the pointers of its problem lead there. */
function within<T> (index: number, work: () => T): T {
  try { return work() } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    const { code, detail, errors } = error.body
    throw problem(code, { detail, ...errors && { errors: errors.map(field => ({ ...field, pointer: `/messages/${index}${field.pointer}` })) } })
  }
}

/** Notes that a delivery has failed, and when it is tried again. */
export async function postponeDelivery (write: Write, { id, bot }: DeliveryRow, { error, nextAt, isGone = false }: Failure): Promise<void> {
  const now = Date.now()
  await write(async db => {
    const current = await findDelivery(db, id)
    if (current?.state !== 'open') return
    // An older one that was opened again meanwhile goes first.
    const nextDue = current.next_at === null ? null : nextAt
    await updateDelivery(db, id, { attempts: current.attempts + 1, next_at: nextDue, last_error: error.slice(0, ERROR_MAX) })
    await noteFailure(db, bot, error, now, isGone)
  })
}

/** Gives up a delivery whose answer makes no sense; the next one goes on. */
export async function failDelivery (write: Write, delivery: DeliveryRow, error: string): Promise<void> {
  const now = Date.now()
  await write(async db => {
    const current = await findDelivery(db, delivery.id)
    if (current?.state !== 'open') return
    await closeDelivery(db, current, 'failed', now, error.slice(0, ERROR_MAX))
    await noteFailure(db, delivery.bot, error, now, false)
  })
}

async function noteFailure (db: Writer, bot: string, error: string, now: number, isGone: boolean): Promise<void> {
  const failures = (await findBot(db, bot))?.failures ?? 0
  await upsertBot(db, bot, { failures: failures + 1, last_error: error.slice(0, ERROR_MAX), last_error_at: now, ...isGone && { disabled_at: now } })
}

/**
 * Drops what could not be given to a bot in time, and tells the readers of it. Gives how many there were.
 * @param isBusy whether a participant of the bot is at work on what it was given
 */
export async function dropStale (write: Write, bot: string, before: number, isBusy: (participantId: string) => boolean): Promise<number> {
  const now = Date.now()
  return write(async db => {
    const stale = (await listStaleDeliveries(db, bot, before, now, STALE_MAX)).filter(delivery => !isBusy(delivery.participant_id))
    for (const delivery of stale) {
      await closeDelivery(db, delivery, 'dropped', now, null)
      const data = { message_id: delivery.message_id, participant_id: delivery.participant_id }
      await appendEvent(db, delivery.conversation_id, { type: 'delivery.dropped', time: now, audience: await audienceOf(db, delivery), data })
    }
    return stale.length
  })
}

/** People are told of what they know: a message that they see, which they have not sent to a manager alone. */
async function audienceOf (db: Writer, { conversation_id: conversationId, message_id: messageId }: DeliveryRow): Promise<Audience> {
  const { approval } = (await findConversation(db, conversationId))!
  const { seq } = (await findMessage(db, conversationId, messageId))!
  return seq === null || approval === 'bot' ? 'managers' : 'people'
}

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
    await updateDelivery(db, id, { next_at: nextAt, ...error !== undefined && { lease_id: null, last_error: error.slice(0, ERROR_MAX) } })
    if (error !== undefined) await noteFailure(db, bot, error, now, false)
    // Here, too: it may end sooner now.
    noteGrowth(db, { topic: botTopic(bot), seq: 0 })
    return (await findDelivery(db, id))!
  })
}

function requireLease (current: DeliveryRow, leaseId: string | null): void {
  if (current.state !== 'open' || (leaseId !== null && current.lease_id !== leaseId)) throw problem('lease_lost')
}
