import { uuidv7 } from 'uuidv7'
import type { FileMessage, MessageInput } from '../contract/api.js'
import { appendEvent } from '../db/events.js'
import { findFileHash } from '../db/files.js'
import { findMessage, findSentMessage, insertMessage } from '../db/messages.js'
import type { MessageRow, ParticipantRow, Reader, Writer } from '../db/schema.js'
import type { Write } from '../db/write.js'
import { bodyProblem, problem } from '../errors.js'
import { requirePresent } from './require-present.js'

// Of the text and the options together.
const WEIGHT_MAX_BYTES = 256 * 1024

/** A file in the store that belongs to no message yet. */
export interface StoredFile { key: string, name: string, size: number, sha256: string }

/** The greatest file of a message of each type, in bytes; 0 disables the type. */
export type FileLimits = Record<FileMessage['type'], number>

export interface NewMessage {
  type: MessageInput['type']
  text: string
  localId: string | null
  quotedMessageId: string | null
  options: string[]
  file: StoredFile | null
  externalFileUrl: string | null
}

/** The message that is stored, and whether this call stored it. */
export interface Posted { message: MessageRow, isNew: boolean }

/**
 * Stores a message and appends its event. A message that the sender has sent before under the same local_id is not
 * stored again.
 * @throws ProblemError body_invalid, file_missing, file_unexpected, file_too_large, quoted_message_not_found, local_id_conflict,
 *   not_a_participant
 */
export async function postMessage (write: Write, sender: ParticipantRow, message: NewMessage, limits: FileLimits): Promise<Posted> {
  requireFile(message)
  requireWeight(message)
  if (message.type !== 'T') requireSize(limits, message.type, message.file?.size ?? 0)
  const row = { ...toRow(sender, message), id: uuidv7(), time: Date.now() }
  return write(async db => {
    const earlier = row.local_id === null ? undefined : await findSentMessage(db, row.conversation_id, sender.id, row.local_id)
    if (earlier !== undefined) return { message: await requireSame(db, earlier, row, message.file), isNew: false }
    await requirePresent(db, sender)
    await requireQuoted(db, row)
    const seq = await appendEvent(db, row.conversation_id, { type: 'message.created', time: row.time, message_id: row.id })
    await insertMessage(db, { ...row, seq })
    return { message: { ...row, seq }, isNew: true }
  })
}

function requireFile ({ type, file, externalFileUrl }: NewMessage): void {
  if (file !== null) requireFileType(type)
  if (type !== 'T' && file === null && externalFileUrl === null) {
    throw bodyProblem('file_missing', '/file', 'required', `A message of type ${type} needs a file or an external_file_url.`)
  }
}

/**
 * Refuses a file of a message that is text.
 * @throws ProblemError file_unexpected
 */
export function requireFileType (type: MessageInput['type']): asserts type is FileMessage['type'] {
  if (type === 'T') throw bodyProblem('file_unexpected', '/file', 'unexpected', 'A text message takes no file. Send it with another type.')
}

/** Bounds what a page of messages may weigh. */
function requireWeight ({ text, options }: NewMessage): void {
  const bytes = Buffer.byteLength(text) + Buffer.byteLength(JSON.stringify(options))
  if (bytes > WEIGHT_MAX_BYTES) throw bodyProblem('body_invalid', '/options', 'max_bytes', `Text and options have at most ${WEIGHT_MAX_BYTES} bytes together. Send fewer or shorter options.`)
}

/**
 * Refuses a file that is too large for its type, and every file of a type that is disabled.
 * @throws ProblemError file_too_large
 */
export function requireSize (limits: FileLimits, type: FileMessage['type'], bytes: number): void {
  const limit = limits[type]
  if (limit > 0 && bytes <= limit) return
  const detail = limit === 0 ? `Messages of type ${type} are disabled on this server.` : `A file of type ${type} has at most ${limit} bytes. Send a smaller one.`
  throw problem('file_too_large', { detail, limit })
}

function toRow (sender: ParticipantRow, { type, text, localId, quotedMessageId, options, file, externalFileUrl }: NewMessage) {
  // A text message has no file, and a file goes before an address.
  const url = type === 'T' || file !== null ? null : externalFileUrl
  return {
    conversation_id: sender.conversation_id,
    type,
    sender_id: sender.id,
    sent_by_human: sender.type === 'H' ? 1 : 0,
    local_id: localId,
    text,
    options: JSON.stringify(options),
    quoted_message_id: quotedMessageId,
    event: null,
    metadata: null,
    file_key: file?.key ?? null,
    file_name: file?.name ?? (url === null ? null : nameInUrl(url)),
    file_size: file?.size ?? null,
    external_file_url: url,
    approval_status: 1
  } as const
}

/** What stands after the last slash and before the query, as it is. */
function nameInUrl (url: string): string {
  return url.slice(url.lastIndexOf('/') + 1).split('?')[0]!
}

const contentColumns = ['type', 'text', 'options', 'quoted_message_id', 'file_name', 'file_size', 'external_file_url'] as const

async function requireSame (db: Reader, earlier: MessageRow, row: Omit<MessageRow, 'seq'>, file: StoredFile | null): Promise<MessageRow> {
  const sameColumns = contentColumns.every(column => earlier[column] === row[column])
  const hash = earlier.file_key === null ? undefined : await findFileHash(db, earlier.file_key)
  if (!sameColumns || hash !== file?.sha256) {
    throw bodyProblem('local_id_conflict', '/local_id', 'conflict', 'This local_id belongs to another message of yours. Use a new one.')
  }
  return earlier
}

async function requireQuoted (db: Writer, { conversation_id: conversationId, quoted_message_id: quotedId }: Omit<MessageRow, 'seq'>): Promise<void> {
  if (quotedId === null || await findMessage(db, conversationId, quotedId) !== undefined) return
  throw bodyProblem('quoted_message_not_found', '/quoted_message_id', 'not_found', 'There is no such message in this conversation. Quote another one, or none.')
}
