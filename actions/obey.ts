import type { ManagerCommand } from '../contract/api.js'
import { insertMessage } from '../db/messages.js'
import { findParticipant } from '../db/participants.js'
import type { ConversationRow, MessageRow, Writer } from '../db/schema.js'
import { commandProblem } from './command.js'
import { approve, describeRefusal, redirect, reject, requireMessage, type Decider, type Refuse } from './decide.js'
import type { Policy } from './policy.js'
import { showMessage } from './show-message.js'

/**
 * Stores the message of a manager and carries out its command, all of it or, when it throws, nothing.
 * @throws ProblemError command_invalid, message_not_found, already_decided
 */
export async function obey (db: Writer, policy: Policy, conversation: ConversationRow, by: Decider, message: MessageRow, command: ManagerCommand): Promise<MessageRow> {
  const said = { ...message, on_behalf_of: await findRepresented(db, conversation.id, command) }
  const stored = command.self_approve ? await showMessage(db, said, 'people') : await hide(db, conversation, said)
  if (command.action !== undefined) await act(db, policy, stored, by, command)
  if (command.self_redirect) await redirect(db, policy, stored, by, command.bots!, command.overrides, refuserOf(command))
  return stored
}

async function act (db: Writer, policy: Policy, { conversation_id: conversationId, quoted_message_id: quotedId }: MessageRow, by: Decider, command: ManagerCommand): Promise<void> {
  if (quotedId === null) throw commandProblem('/action', 'quoted_message', 'An action is about a message. Quote it by quoted_message_id.')
  const quoted = await requireMessage(db, conversationId, quotedId)
  switch (command.action!) {
    case 'approve': await approve(db, policy, quoted, by, command.text); break
    case 'reject': await reject(db, quoted, by, command.reason); break
    case 'redirect': await redirect(db, policy, quoted, by, command.bots!, command.overrides, refuserOf(command))
  }
}

// What only carries a command is no news for anybody; it takes the place in the log at which it came.
async function hide (db: Writer, conversation: ConversationRow, message: MessageRow): Promise<MessageRow> {
  const hidden: MessageRow = { ...message, approval_status: 0, decision: 'hide', audience: 'managers', waiting_seq: conversation.last_seq }
  await insertMessage(db, hidden)
  return hidden
}

async function findRepresented (db: Writer, conversationId: string, { on_behalf_of: id }: ManagerCommand): Promise<string | null> {
  if (id === undefined) return null
  if (await findParticipant(db, conversationId, id) !== undefined) return id
  throw commandProblem('/on_behalf_of', 'not_found', 'There is no such participant in this conversation.')
}

function refuserOf ({ bots }: ManagerCommand): Refuse {
  return (index, rule) => commandProblem(`/bots/${index}`, rule, describeRefusal(bots![index]!, rule))
}
