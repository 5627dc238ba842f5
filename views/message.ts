import type { FileMessage, Message, SystemMessage, TextMessage } from '../contract/api.js'
import type { MessageRow } from '../db/schema.js'
import { timeView } from './time.js'

/**
 * A message; one that waits has the seq at which the managers were told of it.
 * @param base the path under which the service is mounted, such as `/chat`; empty for none
 */
export function messageView (row: MessageRow, base: string): Message {
  switch (row.type) {
    case 'S': return systemMessageView(row)
    case 'T': return { ...saidView<'T'>(row), options: optionsView(row), seq: seqOf(row) } satisfies TextMessage
    default: return { ...saidView<FileMessage['type']>(row), ...fileView(row, base), options: optionsView(row), seq: seqOf(row) } satisfies FileMessage
  }
}

function systemMessageView (row: MessageRow): SystemMessage {
  return {
    type: 'S',
    time: timeView(row.time),
    id: row.id,
    sent_by_human: false,
    event: row.event!,
    additional_metadata: JSON.parse(row.metadata!),
    options: [],
    seq: seqOf(row)
  }
}

function saidView<Type extends MessageRow['type']> (row: MessageRow) {
  return {
    type: row.type as Type,
    time: timeView(row.time),
    id: row.id,
    sent_by_human: row.sent_by_human === 1,
    quoted_message_id: row.quoted_message_id,
    sender_id: row.on_behalf_of ?? row.sender_id!,
    local_id: row.local_id,
    text: row.text
  }
}

function seqOf (row: MessageRow): number {
  return row.seq ?? row.waiting_seq!
}

function fileView (row: MessageRow, base: string) {
  const url = row.file_key === null ? row.external_file_url! : base + mediaPath(row.conversation_id, row.id, row.file_key)
  return { file_url: url, file_size: row.file_size, file_name: row.file_name }
}

function optionsView (row: MessageRow): string[] {
  return row.options === '[]' ? [] : JSON.parse(row.options)
}

/** The path of a file; `readMediaPath` takes it apart again. */
function mediaPath (conversationId: string, messageId: string, key: string): string {
  return `/media/chat/chat_${toHex(conversationId)}/msg_${toHex(messageId)}_${key}`
}

/** The ids in the two last segments of a file's path; undefined when it is no such path. */
export function readMediaPath (folder: string, file: string): { conversationId: string, messageId: string, key: string } | undefined {
  const conversation = folder.match(/^chat_([0-9a-f]{32})$/)
  const message = file.match(/^msg_([0-9a-f]{32})_([0-9a-f]{32})$/)
  if (conversation === null || message === null) return undefined
  return { conversationId: toUuid(conversation[1]!), messageId: toUuid(message[1]!), key: message[2]! }
}

function toHex (uuid: string): string {
  return uuid.replaceAll('-', '')
}

function toUuid (hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
