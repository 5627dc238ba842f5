import { uuidv7 } from 'uuidv7'
import { appendEvent } from '../db/events.js'
import { insertMessage } from '../db/messages.js'
import type { SystemEvent, Writer } from '../db/schema.js'

/** Tells the readers of a conversation, by a system message, that something happened. Gives its id and its seq. */
export async function announce (db: Writer, conversationId: string, time: number, event: SystemEvent, metadata: object = {}): Promise<{ id: string, seq: number }> {
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
    approval_status: 1,
    audience: 'all',
    hops: 0,
    command: null,
    on_behalf_of: null,
    original_text: null,
    waiting_seq: null,
    deadline_at: null,
    decision: null
  })
  return { id, seq }
}
