import type { BlabParticipant } from '../db/blab-rows.js'
import { findConversation, findLastSeq, insertConversation } from '../db/conversations.js'
import { appendEvent } from '../db/events.js'
import { updateLastEventAt } from '../db/imports.js'
import { findMessage, findSentMessage, insertMessage } from '../db/messages.js'
import { insertParticipant, listBots, updateParticipantHeard } from '../db/participants.js'
import type { ConversationRow, MessageRow, Writer } from '../db/schema.js'
import type { Write } from '../db/write.js'
import { conversationHeadView } from '../views/conversation.js'
import { participantView } from '../views/participant.js'
import type { Policy } from './policy.js'
import { showMessage } from './show-message.js'

export interface ImportedParticipant extends BlabParticipant {
  id: string
  /** Whether it is the bot that manages, where a bot does. */
  isManager: boolean
}

/** What comes next in a conversation: who joins, then perhaps a message. */
export interface ImportStep {
  joining: ImportedParticipant[]
  message: MessageRow | null
}

/** The ids of the messages that could not be stored with everything that they had. */
export interface Losses { quotes: string[], localIds: string[] }

/**
 * Creates a conversation that was one elsewhere, unless it is here already. Gives whether it did. It is managed as a new
 * one would be, by a bot only when that is in it.
 */
export async function importConversation (write: Write, policy: Policy, conversation: Pick<ConversationRow, 'id' | 'name' | 'created_at'>, hasManager: boolean): Promise<boolean> {
  const manager = policy.approval?.bot ?? null
  const approval = policy.approval === null ? null : manager === null ? 'person' : hasManager ? 'bot' : null
  return write(async db => {
    if (await findConversation(db, conversation.id) !== undefined) return false
    await insertConversation(db, { ...conversation, approval })
    const data = { conversation: conversationHeadView({ ...conversation, ended_at: null }) }
    await appendEvent(db, conversation.id, { type: 'conversation.created', time: conversation.created_at, data })
    return true
  })
}

/**
 * Appends to a conversation, in one transaction, what was said and who joined elsewhere, at its times. No bot is given any of it.
 * A quotation must be of a message that is stored before.
 */
export async function importSteps (write: Write, conversationId: string, steps: ImportStep[]): Promise<Losses> {
  return write(async db => {
    const conversation = (await findConversation(db, conversationId))!
    const losses: Losses = { quotes: [], localIds: [] }
    for (const { joining, message } of steps) {
      for (const participant of joining) await addParticipant(db, conversation, participant, message?.time ?? conversation.last_event_at)
      if (message !== null) await addMessage(db, conversation, message, losses)
    }
    const after = (await findConversation(db, conversationId))!
    if (after.last_event_at < conversation.last_event_at) await updateLastEventAt(db, conversationId, conversation.last_event_at)
    // Those that read from a socket would answer the past. What they had not read yet is lost to them, too, which is the lesser evil.
    for (const bot of await listBots(db, conversationId)) await updateParticipantHeard(db, bot.id, after.last_seq)
    return losses
  })
}

async function addParticipant (db: Writer, { id: conversationId, approval }: ConversationRow, { id, name, type, isManager }: ImportedParticipant, time: number): Promise<void> {
  const fields = { id, conversation_id: conversationId, session_id: null, type: type as 'H' | 'B', name, bot: type === 'B' ? name : null, left_at: null, is_manager: isManager && approval === 'bot' ? 1 : 0 } as const
  const data = { participant: participantView({ ...fields, joined_seq: 0 }) }
  const seq = await appendEvent(db, conversationId, { type: 'participant.joined', time, data })
  await insertParticipant(db, { ...fields, joined_seq: seq, is_present: null, heard_seq: null, read_seq: 0 })
}

async function addMessage (db: Writer, { id: conversationId, approval }: ConversationRow, message: MessageRow, losses: Losses): Promise<void> {
  const row = await requireKept(db, message, losses)
  // Where a bot manages, it alone says what other bots hear.
  if (row.approval_status > 0) await showMessage(db, row, approval === 'bot' && row.type !== 'S' ? 'people' : 'all')
  // It takes the place in the log at which it came, without an event.
  else await insertMessage(db, { ...row, audience: 'managers', waiting_seq: await findLastSeq(db, conversationId) })
}

/** The row without what the database would refuse. */
async function requireKept (db: Writer, row: MessageRow, losses: Losses): Promise<MessageRow> {
  const { id, conversation_id: conversationId, quoted_message_id: quotedId, sender_id: senderId, local_id: localId } = row
  const losesQuote = quotedId !== null && await findMessage(db, conversationId, quotedId) === undefined
  // A bot that goes on here may have begun anew to count.
  const losesLocalId = localId !== null && await findSentMessage(db, conversationId, senderId!, localId) !== undefined
  if (losesQuote) losses.quotes.push(id)
  if (losesLocalId) losses.localIds.push(id)
  return { ...row, ...losesQuote && { quoted_message_id: null }, ...losesLocalId && { local_id: null } }
}
