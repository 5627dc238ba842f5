import type { ManagerCommand } from '../contract/api.js'
import { findConversationOf } from '../db/conversations.js'
import { appendEvent } from '../db/events.js'
import { findFileHash } from '../db/files.js'
import { findLastSaid, findMessage, findSentMessage, findVisibleMessage, insertMessage } from '../db/messages.js'
import { listBots } from '../db/participants.js'
import type { ConversationRow, Member, MessageRow, Reader, Writer } from '../db/schema.js'
import { APPROVALS_TOPIC, noteGrowth } from '../db/write.js'
import { bodyProblem, problem } from '../errors.js'
import { obey } from './obey.js'
import type { Policy } from './policy.js'
import { queueDeliveries, queueDelivery } from './queue-deliveries.js'
import { showMessage } from './show-message.js'

/** A message that is about to be stored. */
export interface Draft {
  row: MessageRow
  sender: Member
  /** SHA-256, hex. */
  fileHash: string | undefined
  /** What a manager wants done. */
  command: ManagerCommand | null
  /** How many messages of bots in a row lead to it, when that is known. */
  hops?: number
}

/** The message that is stored, and whether this call stored it. */
export interface Posted { message: MessageRow, isNew: boolean }

/** Stores a message in a transaction: for everybody, for the managers first, or as a command. */
export async function storeMessage (db: Writer, policy: Policy, draft: Draft): Promise<Posted> {
  const { row, sender, command } = draft
  const earlier = row.local_id === null ? undefined : await findSentMessage(db, row.conversation_id, sender.id, row.local_id)
  if (earlier !== undefined) return { message: await requireSame(db, earlier, draft), isNew: false }
  const conversation = await requirePlace(db, sender)
  await requireQuoted(db, row, sender)
  const message = { ...row, hops: sender.type === 'H' ? 0 : draft.hops ?? await countHops(db, conversation.id) }
  const by = { kind: 'bot', id: sender.id, isAnswering: draft.hops !== undefined } as const
  if (command !== null) return { message: await obey(db, policy, conversation, by, message, command), isNew: true }
  const mustWait = conversation.approval !== null && sender.type === 'B'
  return { message: mustWait ? await wait(db, policy, conversation, sender, message) : await show(db, policy, conversation, message), isNew: true }
}

async function show (db: Writer, policy: Policy, conversation: ConversationRow, message: MessageRow): Promise<MessageRow> {
  // Where a bot manages, the other bots hear of people's messages from it.
  const shown = await showMessage(db, message, conversation.approval === 'bot' ? 'people' : 'all')
  await queueDeliveries(db, policy, conversation, shown, shown.seq!)
  return shown
}

async function wait (db: Writer, policy: Policy, conversation: ConversationRow, sender: Member, message: MessageRow): Promise<MessageRow> {
  const { timeoutMs, onTimeout } = policy.approval ?? { timeoutMs: null, onTimeout: 'wait' }
  const deadline = timeoutMs === null || onTimeout === 'wait' ? null : message.time + timeoutMs
  const seq = await appendEvent(db, message.conversation_id, { type: 'message.pending', time: message.time, message_id: message.id, audience: 'managers' })
  const waiting: MessageRow = { ...message, waiting_seq: seq, deadline_at: deadline, approval_status: 0 }
  await insertMessage(db, waiting)
  noteGrowth(db, { topic: APPROVALS_TOPIC, seq })
  const managers = (await listBots(db, conversation.id)).filter(bot => bot.is_manager === 1 && bot.id !== sender.id)
  for (const manager of managers) await queueDelivery(db, policy, manager, waiting, seq)
  return waiting
}

/**
 * The conversation, if it still takes messages and the sender is still in it.
 * @throws ProblemError not_a_participant, conversation_ended
 */
async function requirePlace (db: Writer, sender: Member): Promise<ConversationRow> {
  const conversation = await findConversationOf(db, sender)
  if (conversation === undefined) throw problem('not_a_participant')
  if (conversation.ended_at !== null) throw problem('conversation_ended')
  return conversation
}

// Bots may quote what people do not see: a manager what waits, the others what they were given.
async function requireQuoted (db: Writer, { conversation_id: conversationId, quoted_message_id: quotedId }: MessageRow, { type }: Member): Promise<void> {
  if (quotedId === null) return
  const quoted = type === 'B' ? await findMessage(db, conversationId, quotedId) : await findVisibleMessage(db, conversationId, quotedId, ['all', 'people'])
  if (quoted !== undefined) return
  throw bodyProblem('quoted_message_not_found', '/quoted_message_id', 'not_found', 'There is no such message in this conversation. Quote another one, or none.')
}

// A bot that speaks by itself continues whatever was said last.
async function countHops (db: Writer, conversationId: string): Promise<number> {
  const last = await findLastSaid(db, conversationId)
  return (last?.hops ?? 0) + 1
}

const contentColumns = ['type', 'text', 'options', 'quoted_message_id', 'file_name', 'file_size', 'external_file_url', 'command'] as const

async function requireSame (db: Reader, earlier: MessageRow, { row, fileHash }: Draft): Promise<MessageRow> {
  const asSent = { ...earlier, text: earlier.original_text ?? earlier.text }
  const sameColumns = contentColumns.every(column => asSent[column] === row[column])
  const hash = earlier.file_key === null ? undefined : await findFileHash(db, earlier.file_key)
  if (!sameColumns || hash !== fileHash) {
    throw bodyProblem('local_id_conflict', '/local_id', 'conflict', 'This local_id belongs to another message of yours. Use a new one.')
  }
  return earlier
}
