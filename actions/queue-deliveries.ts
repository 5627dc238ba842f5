import { uuidv7 } from 'uuidv7'
import { hasDeliverySince, insertDelivery } from '../db/deliveries.js'
import { listBots } from '../db/participants.js'
import type { ConversationRow, MessageRow, ParticipantRow, Writer } from '../db/schema.js'
import type { BotTraits, Policy } from './policy.js'

// A bot that was told of a conversation has so long to come.
const CALL_AGAIN_MS = 60_000

/** Queues a message that people see for the bots that are to be given it. Where a bot manages, it alone. */
export async function queueDeliveries (db: Writer, policy: Policy, conversation: ConversationRow, message: MessageRow, seq: number): Promise<void> {
  for (const bot of await listBots(db, conversation.id)) {
    await callBack(db, policy, bot, message, seq)
    if (conversation.approval === 'bot' ? bot.is_manager === 0 : !isFor(policy, bot, message)) continue
    if (bot.id !== message.sender_id) await queueDelivery(db, policy, bot, message, seq)
  }
}

/** Queues a message for one bot, if it is given messages at all. */
export async function queueDelivery (db: Writer, policy: Policy, bot: ParticipantRow, message: MessageRow, seq: number, overrides: object | null = null): Promise<void> {
  const traits = policy.bots.get(bot.bot!)
  if (traits?.hearsMessages) await insert(db, traits, bot, message.id, seq, overrides)
}

/** Queues for a bot the message that says that it has joined. */
export async function queueJoining (db: Writer, policy: Policy, bot: ParticipantRow, announced: { id: string, seq: number }): Promise<void> {
  const traits = policy.bots.get(bot.bot!)
  if (traits?.hearsJoining) await insert(db, { ...traits, delayMs: 0 }, bot, announced.id, announced.seq, null)
}

/** Tells a bot that should read from a socket, but is gone, once more of the conversation: its program may have died. */
async function callBack (db: Writer, policy: Policy, bot: ParticipantRow, message: MessageRow, seq: number): Promise<void> {
  const traits = policy.bots.get(bot.bot!)
  if (traits === undefined || traits.hearsMessages || bot.is_present === 1) return
  const wasJustTold = await hasDeliverySince(db, bot.id, Date.now() - CALL_AGAIN_MS)
  if (!wasJustTold) await insert(db, traits, bot, message.id, seq, null)
}

function isFor (policy: Policy, bot: ParticipantRow, message: MessageRow): boolean {
  const traits = policy.bots.get(bot.bot!)
  if (traits === undefined || message.sent_by_human === 1) return traits !== undefined
  return traits.receives === 'all' && message.hops <= traits.hopsMax
}

async function insert (db: Writer, { delayMs }: BotTraits, bot: ParticipantRow, messageId: string, seq: number, overrides: object | null): Promise<void> {
  const now = Date.now()
  await insertDelivery(db, {
    id: uuidv7(),
    bot: bot.bot!,
    participant_id: bot.id,
    conversation_id: bot.conversation_id,
    message_id: messageId,
    seq,
    overrides: overrides === null ? null : JSON.stringify(overrides),
    created_at: now,
    not_before: now + delayMs
  })
}
