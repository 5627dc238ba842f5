import { uuidv7 } from 'uuidv7'
import type { MessageOverrides } from '../contract/api.js'
import { findConversation } from '../db/conversations.js'
import { insertDecision, listDecisions, updateMessageDecided } from '../db/decisions.js'
import { appendEvent } from '../db/events.js'
import { findMessage } from '../db/messages.js'
import { listBots } from '../db/participants.js'
import type { Decision, DecisionRow, MessageRow, ParticipantRow, Writer } from '../db/schema.js'
import { problem } from '../errors.js'
import { decisionView } from '../views/decision.js'
import type { Policy } from './policy.js'
import { queueDeliveries, queueDelivery } from './queue-deliveries.js'

/** Who decides: a bot by its participant, a person by its session, or the configuration when the time is over. */
export interface Decider {
  kind: 'bot' | 'person' | 'timeout'
  id: string | null
  /** Whether it answers what it is given: then it must not let bots talk for ever. */
  isAnswering?: boolean
}

/** Makes the error for a target of a redirection, by its place among them. */
export type Refuse = (index: number, rule: 'not_found' | 'hop_limit') => Error

/** Why a bot is no target. */
export function describeRefusal (name: string, rule: Parameters<Refuse>[1]): string {
  return rule === 'not_found'
    ? `There is no bot "${name}" in this conversation, or it is its manager.`
    : `The bot "${name}" is not given this message: as many messages of bots in a row as its hop_limit allows have led to it.`
}

// A message is redirected to each bot once, so that there are not many decisions about it.
const DECISIONS_MAX = 1000

/**
 * Makes a message that waits visible to people, perhaps with another text. The same again changes nothing.
 * @throws ProblemError already_decided
 */
export async function approve (db: Writer, policy: Policy, message: MessageRow, by: Decider, text?: string): Promise<DecisionRow> {
  const earlier = await findEarlier(db, message, 'approve', earlier => text === undefined || text === earlier.text || text === message.text)
  if (earlier !== undefined) return earlier
  const isChanged = text !== undefined && text !== message.text
  const conversation = (await findConversation(db, message.conversation_id))!
  // Where a bot manages, it alone says what other bots hear.
  const audience = conversation.approval === 'bot' ? 'people' : 'all'
  const seq = await appendEvent(db, message.conversation_id, { type: 'message.created', time: Date.now(), message_id: message.id, audience })
  const approved = { ...message, seq, approval_status: 2, audience, decision: 'approve', ...isChanged && { text, original_text: message.text } } as const
  await updateMessageDecided(db, approved)
  if (conversation.approval !== 'bot') await queueDeliveries(db, policy, conversation, approved, seq)
  return record(db, message, by, { action: 'approve', text: isChanged ? text : null })
}

/**
 * Lets a message that waits never be seen. The same again changes nothing.
 * @throws ProblemError already_decided
 */
export async function reject (db: Writer, message: MessageRow, by: Decider, reason?: string): Promise<DecisionRow> {
  const earlier = await findEarlier(db, message, 'reject', () => true)
  if (earlier !== undefined) return earlier
  await updateMessageDecided(db, { ...message, decision: 'reject' })
  return record(db, message, by, { action: 'reject', reason: reason || null })
}

/**
 * Gives a message to bots, perhaps changed. One that waits is thereby decided; one that people see may be given to one
 * bot after the other. The same again changes nothing.
 * @param refuse makes the error for a target, by its place, that is no bot of the conversation, or is not given more of what bots say
 * @throws ProblemError already_decided, or what `refuse` makes
 */
export async function redirect (db: Writer, policy: Policy, message: MessageRow, by: Decider, names: string[], overrides: MessageOverrides | undefined, refuse: Refuse): Promise<DecisionRow> {
  const targets = await findTargets(db, policy, message, by, names, refuse)
  const changes = spell(overrides)
  const { earlier, open } = await sortOut(db, message, targets, changes)
  if (open.length === 0) return earlier!
  for (const target of open) {
    const seq = await appendEvent(db, message.conversation_id, { type: 'message.redirected', time: Date.now(), message_id: message.id, audience: target.id, data: { overrides: overrides ?? {} } })
    await queueDelivery(db, policy, target, message, seq, overrides)
  }
  if (message.approval_status === 0 && message.decision === null) await updateMessageDecided(db, { ...message, decision: 'redirect' })
  return record(db, message, by, { action: 'redirect', targets: JSON.stringify(open.map(target => target.id)), overrides: changes })
}

/**
 * The message as it is now, for a decision about it.
 * @throws ProblemError message_not_found
 */
export async function requireMessage (db: Writer, conversationId: string, id: string): Promise<MessageRow> {
  const message = await findMessage(db, conversationId, id)
  if (message === undefined) throw problem('message_not_found')
  return message
}

/** The same decision, when it was made before; undefined as long as the message waits. */
async function findEarlier (db: Writer, message: MessageRow, action: Decision, isSame: (earlier: DecisionRow) => boolean): Promise<DecisionRow | undefined> {
  if (message.approval_status === 0 && message.decision === null) return undefined
  const [earlier] = await listDecisions(db, message.id, 1)
  if (message.decision === action && earlier !== undefined && isSame(earlier)) return earlier
  throw alreadyDecided(message)
}

function alreadyDecided ({ decision }: MessageRow): Error {
  const detail = decision === null || decision === 'hide' ? 'This message does not wait for a decision.' : `There is a decision about this message already: ${decision}.`
  return problem('already_decided', { detail })
}

async function findTargets (db: Writer, policy: Policy, { conversation_id: conversationId, hops }: MessageRow, by: Decider, names: string[], refuse: Refuse): Promise<ParticipantRow[]> {
  const bots = await listBots(db, conversationId)
  const found = names.map((name, index) => {
    // By its configured name: what it calls itself is its own affair.
    const bot = bots.find(bot => bot.is_manager === 0 && (bot.id === name || bot.bot === name))
    if (bot === undefined) throw refuse(index, 'not_found')
    if (by.isAnswering && hops > (policy.bots.get(bot.bot!)?.hopsMax ?? Infinity)) throw refuse(index, 'hop_limit')
    return bot
  })
  return [...new Set(found)]
}

/** The overrides as they are stored: the same text for the same fields. */
function spell (overrides: MessageOverrides = {}): string | null {
  const fields = Object.entries(overrides).toSorted(([one], [other]) => one < other ? -1 : 1)
  return fields.length === 0 ? null : JSON.stringify(Object.fromEntries(fields))
}

/** Which of the targets have not been given the message yet, and the decision by which the others have. */
async function sortOut (db: Writer, message: MessageRow, targets: ParticipantRow[], changes: string | null): Promise<{ earlier: DecisionRow | undefined, open: ParticipantRow[] }> {
  // What the system says is for everybody.
  if (message.decision === 'approve' || message.decision === 'reject' || message.type === 'S') throw alreadyDecided(message)
  const decisions = await listDecisions(db, message.id, DECISIONS_MAX)
  const given = new Map(decisions.flatMap(decision => (JSON.parse(decision.targets ?? '[]') as string[]).map(id => [id, decision])))
  const open = targets.filter(target => !given.has(target.id))
  const isOther = targets.some(target => given.has(target.id) && given.get(target.id)!.overrides !== changes)
  if (isOther || (message.decision === 'redirect' && open.length > 0)) throw alreadyDecided(message)
  return { earlier: given.get(targets[0]!.id), open }
}

async function record (db: Writer, { id, conversation_id: conversationId }: MessageRow, by: Decider, what: Pick<DecisionRow, 'action'> & Partial<DecisionRow>): Promise<DecisionRow> {
  const time = Date.now()
  const nothing = { reason: null, text: null, targets: null, overrides: null }
  const decision: DecisionRow = { id: uuidv7(), conversation_id: conversationId, message_id: id, by_kind: by.kind, by_id: by.id, time, ...nothing, ...what }
  await insertDecision(db, decision)
  await appendEvent(db, conversationId, { type: 'message.decided', time, audience: 'managers', data: { decision: decisionView(decision) } })
  return decision
}
