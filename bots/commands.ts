import type { ManagerCommand, Message } from '../contract/api.js'
import type { BotMessage } from './bot.js'

/** A message that only says what a manager wants done with another one. */
export function command (message: Message, what: ManagerCommand): BotMessage {
  return { type: 'T', text: '', quoted_message_id: message.id, command: JSON.stringify(what) }
}

/** A message of a manager that people see. */
export function say (text: string, options: string[], quoted?: Message): BotMessage {
  return { type: 'T', text, options, quoted_message_id: quoted?.id ?? null, command: JSON.stringify({ self_approve: true } satisfies ManagerCommand) }
}
