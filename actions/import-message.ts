import { ExternalFileUrl } from '../contract/api.js'
import { judgeOf } from '../contract/ajv.js'
import { toUuid, type BlabMessage, type BlabParticipant } from '../db/blab-rows.js'
import { plainMessage } from '../db/messages.js'
import type { MessageRow, SystemEvent } from '../db/schema.js'

/** Why a message cannot be taken. */
export type Refusal = 'message_unreadable' | 'type_unknown' | 'event_unknown' | 'sender_missing' | 'sender_foreign'

/** A message that can be taken: it has an id and a time. */
export type TakenMessage = BlabMessage & { id: string, time: number }

const fileTypes: string[] = ['A', 'i', 'V', 'a', 'v'] satisfies Array<MessageRow['type']>
const systemEvents: string[] = ['conversation-created', 'participant-joined', 'participant-left', 'conversation-ended'] satisfies SystemEvent[]

// What the API takes of a new message.
const TEXT_MAX = 4000
const OPTIONS_MAX = 50
const LOCAL_ID_MAX = 32

/**
 * Why a message cannot be taken; null when it can.
 * @param members the participants of its conversation, by id
 */
export function judge ({ id, time, type, text, sender_id: senderId }: BlabMessage, members: ReadonlyMap<string, unknown>): Refusal | null {
  if (id === null || time === null) return 'message_unreadable'
  if (type === 'S') return systemEvents.includes(text) ? null : 'event_unknown'
  if (type !== 'T' && !fileTypes.includes(type)) return 'type_unknown'
  if (senderId === null) return 'sender_missing'
  return members.has(senderId) ? null : 'sender_foreign'
}

/** Whether a message is one of a file, which it may lack. */
export function isFileMessage ({ type }: Pick<BlabMessage, 'type'>): boolean {
  return fileTypes.includes(type)
}

/** Whether the API would not take it as it is. */
export function isOversized ({ text, options, local_id: localId }: BlabMessage): boolean {
  const tooLong = (text: string): boolean => text.length > TEXT_MAX && [...text].length > TEXT_MAX
  return tooLong(text) || options.length > OPTIONS_MAX || options.some(tooLong) || (localId?.length ?? 0) > LOCAL_ID_MAX
}

/** The participants that a message is about or from, by id. */
export function participantsOf (message: BlabMessage): string[] {
  const id = message.type === 'S' ? readMetadata(message.metadata).participant_id : message.sender_id
  return id == null ? [] : [id]
}

/**
 * The row of a message, without its file.
 * @param sender undefined for system messages
 */
export function toRow (conversationId: string, message: TakenMessage, sender: Pick<BlabParticipant, 'type'> | undefined): MessageRow {
  const { id, time } = message
  const columns = sender === undefined ? systemColumns(message) : saidColumns(message, sender)
  return { ...plainMessage, ...approvalOf(message), id, conversation_id: conversationId, seq: null, time, ...columns }
}

// What was never approved there waits for nobody here: it is kept, hidden, like what only carries a command.
function approvalOf ({ approval_status: status }: BlabMessage): Pick<MessageRow, 'approval_status' | 'decision'> {
  if (status === 2) return { approval_status: 2, decision: 'approve' }
  return status > 0 ? { approval_status: 1, decision: null } : { approval_status: 0, decision: 'hide' }
}

function systemColumns ({ text, metadata }: TakenMessage) {
  return { type: 'S', sender_id: null, sent_by_human: 0, text: '', event: text as SystemEvent, metadata: JSON.stringify(readMetadata(metadata)) } as const
}

function saidColumns (message: TakenMessage, { type }: Pick<BlabParticipant, 'type'>) {
  // A manager may speak for a person.
  const isHuman = type === 'H' && !message.sent_by_manager
  return {
    type: message.type as MessageRow['type'],
    sender_id: message.sender_id,
    sent_by_human: isHuman ? 1 : 0,
    hops: isHuman ? 0 : 1,
    local_id: message.local_id,
    text: message.text,
    options: JSON.stringify(message.options),
    quoted_message_id: message.quoted_message_id,
    command: message.command || null
  } as const
}

/** Whom a system message is about; nothing when it makes no sense. */
function readMetadata (json: string): { participant_id?: string } {
  try {
    const id = toUuid((JSON.parse(json) as { participant_id?: unknown } | null)?.participant_id)
    return id === null ? {} : { participant_id: id }
  } catch {
    return {}
  }
}

// It is trimmed, for which it must be in something.
const hasAddress = judgeOf<{ url: string }>({ type: 'object', properties: { url: ExternalFileUrl } })

/** The address of a file elsewhere, as the API takes it; null when it would not, because browsers may do anything with it. */
export function readAddress (url: string): string | null {
  const holder = { url }
  return hasAddress(holder) ? holder.url : null
}

/** The row with a file of the store. */
export function withFile (row: MessageRow, { file_name: name }: BlabMessage, { key, size }: { key: string, size: number }): MessageRow {
  return { ...row, file_key: key, file_name: name, file_size: size }
}

/** The row with the address of a file elsewhere, whose name stands after the last slash and before the query. */
export function withAddress (row: MessageRow, { file_size: size }: BlabMessage, url: string): MessageRow {
  return { ...row, external_file_url: url, file_name: url.replace(/\?[^?]*$/, '').split('/').at(-1)!, file_size: size }
}

/** The row as a text, because its file is lost or cannot be asked for: each message of a file has one. */
export function withoutFile (row: MessageRow, { text, file, file_name: name }: BlabMessage): MessageRow {
  const line = file === null ? '[no file]' : `[missing file: ${name ?? file.split('/').at(-1)!}]`
  return { ...row, type: 'T', text: text === '' ? line : `${text}\n${line}` }
}
