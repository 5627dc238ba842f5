import { uuidv7 } from 'uuidv7'
import { appendEvent } from '../db/events.js'
import { insertMessage } from '../db/messages.js'
import type { SystemEvent, Writer } from '../db/schema.js'

/** Tells the readers of a conversation, by a system message, that something happened. */
export async function announce (db: Writer, conversationId: string, time: number, event: SystemEvent, metadata: object = {}): Promise<void> {
  const id = uuidv7()
  const seq = await appendEvent(db, conversationId, { type: 'message.created', time, message_id: id })
  await insertMessage(db, {
    id,
    conversation_id: conversationId,
    seq,
    type: 'S',
    time,
    sender_id: null,
    sent_by_human: 0,
    local_id: null,
    text: '',
    options: '[]',
    quoted_message_id: null,
    event,
    metadata: JSON.stringify(metadata),
    file_key: null,
    file_name: null,
    file_size: null,
    external_file_url: null,
    approval_status: 1
  })
}
