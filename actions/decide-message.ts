import type { Redirecting } from '../contract/api.js'
import { findConversation } from '../db/conversations.js'
import { listOverdueMessages } from '../db/decisions.js'
import type { DecisionRow, MessageRow } from '../db/schema.js'
import type { Write } from '../db/write.js'
import { bodyProblem, problem } from '../errors.js'
import { approve, describeRefusal, redirect, reject, requireMessage, type Decider, type Refuse } from './decide.js'
import type { Policy } from './policy.js'

// The most that is decided in one transaction because the time is over.
const OVERDUE_MAX = 64

/** @throws ProblemError already_decided */
export async function approveMessage (write: Write, policy: Policy, { conversation_id: id, id: messageId }: MessageRow, by: Decider, text: string | undefined): Promise<DecisionRow> {
  return write(async db => approve(db, policy, await requireMessage(db, id, messageId), by, text))
}

/** @throws ProblemError already_decided */
export async function rejectMessage (write: Write, { conversation_id: id, id: messageId }: MessageRow, by: Decider, reason: string | undefined): Promise<DecisionRow> {
  return write(async db => reject(db, await requireMessage(db, id, messageId), by, reason))
}

/** @throws ProblemError already_decided, bot_not_found, conversation_ended */
export async function redirectMessage (write: Write, policy: Policy, { conversation_id: id, id: messageId }: MessageRow, by: Decider, { bots, overrides }: Redirecting): Promise<DecisionRow> {
  const refuse: Refuse = (index, rule) => bodyProblem('bot_not_found', `/bots/${index}`, rule, describeRefusal(bots[index]!, rule))
  return write(async db => {
    if ((await findConversation(db, id))!.ended_at !== null) throw problem('conversation_ended')
    return redirect(db, policy, await requireMessage(db, id, messageId), by, bots, overrides, refuse)
  })
}

/** Decides, as the configuration says, about messages whose deadline is over. Gives how many there were. */
export async function decideOverdue (write: Write, policy: Policy): Promise<number> {
  const { approval } = policy
  const by: Decider = { kind: 'timeout', id: null }
  if (approval === null || approval.onTimeout === 'wait') return 0
  return write(async db => {
    const messages = await listOverdueMessages(db, Date.now(), OVERDUE_MAX)
    for (const message of messages) await (approval.onTimeout === 'approve' ? approve(db, policy, message, by) : reject(db, message, by))
    return messages.length
  })
}
