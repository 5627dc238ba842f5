import { appendEvent } from '../db/events.js'
import { insertMessage } from '../db/messages.js'
import type { Audience, MessageRow, Writer } from '../db/schema.js'

/** Stores a message that is visible at once. */
export async function showMessage (db: Writer, message: MessageRow, audience: Audience): Promise<MessageRow> {
  const seq = await appendEvent(db, message.conversation_id, { type: 'message.created', time: message.time, message_id: message.id, audience })
  const shown = { ...message, seq, audience }
  await insertMessage(db, shown)
  return shown
}
