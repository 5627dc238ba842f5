import { uuidv7 } from 'uuidv7'
import { appendEvent } from '../db/events.js'
import { insertMessage, plainMessage } from '../db/messages.js'
import type { SystemEvent, Writer } from '../db/schema.js'

/** Tells the readers of a conversation, by a system message, that something happened. Gives its id and its seq. */
export async function announce (db: Writer, conversationId: string, time: number, event: SystemEvent, metadata: object = {}): Promise<{ id: string, seq: number }> {
  const id = uuidv7()
  const seq = await appendEvent(db, conversationId, { type: 'message.created', time, message_id: id })
  await insertMessage(db, {
    ...plainMessage,
    id,
    conversation_id: conversationId,
    seq,
    type: 'S',
    time,
    sender_id: null,
    sent_by_human: 0,
    text: '',
    event,
    metadata: JSON.stringify(metadata)
  })
  return { id, seq }
}
