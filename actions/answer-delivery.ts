import { createHash } from 'node:crypto'
import type { BotMessage } from '../contract/api.js'
import { upsertBotDone, upsertBotState } from '../db/bots.js'
import { closeDelivery, findDelivery } from '../db/deliveries.js'
import { findMessage } from '../db/messages.js'
import { findParticipant } from '../db/participants.js'
import type { DeliveryRow, Writer } from '../db/schema.js'
import type { Write } from '../db/write.js'
import { problem, ProblemError } from '../errors.js'
import { requireLease } from './lease-deliveries.js'
import type { Policy } from './policy.js'
import { draftMessage, toNewMessage } from './post-message.js'
import { storeMessage, type Draft } from './store-message.js'

/** What a bot answers a delivery with. */
export interface Answer {
  messages: BotMessage[]
  /** What it will remember of the conversation; what it remembers already when absent. */
  state?: unknown
}

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
