import { uuidv7 } from 'uuidv7'
import type { FileMessage, ManagerCommand, MessageInput } from '../contract/api.js'
import { plainMessage } from '../db/messages.js'
import type { Member, MessageRow } from '../db/schema.js'
import type { Write } from '../db/write.js'
import { bodyProblem, problem } from '../errors.js'
import { readCommand } from './command.js'
import type { FileLimits, Policy } from './policy.js'
import { storeMessage, type Draft, type Posted } from './store-message.js'

// Of the text and the options together.
const WEIGHT_MAX_BYTES = 256 * 1024

/** A file in the store that belongs to no message yet. */
export interface StoredFile { key: string, name: string, size: number, sha256: string }

export interface NewMessage {
  type: MessageInput['type']
  text: string
  localId: string | null
  quotedMessageId: string | null
  options: string[]
  file: StoredFile | null
  externalFileUrl: string | null
  /** JSON: what a manager wants done; ignored from everybody else. */
  command: string | null
}

/**
 * Stores a message and appends its event. A message that the sender has sent before under the same local_id is not
 * stored again.
 * @throws ProblemError body_invalid, file_missing, file_unexpected, file_too_large, quoted_message_not_found, local_id_conflict,
 *   not_a_participant, conversation_ended; of managers command_invalid, bot_not_found, message_not_found, already_decided
 */
export async function postMessage (write: Write, policy: Policy, sender: Member, message: NewMessage): Promise<Posted> {
  const draft = draftMessage(policy.fileLimits, sender, message)
  return write(db => storeMessage(db, policy, draft))
}

/** Reads the fields of a message as the API takes them. */
export function toNewMessage (input: MessageInput, file: StoredFile | null = null): NewMessage {
  return {
    type: input.type,
    text: input.text ?? '',
    localId: input.local_id || null,
    quotedMessageId: input.quoted_message_id || null,
    options: input.options ?? [],
    file,
    externalFileUrl: input.external_file_url || null,
    command: input.command || null
  }
}

/**
 * What can be judged of a message without looking at the conversation.
 * @throws ProblemError body_invalid, file_missing, file_unexpected, file_too_large, command_invalid
 */
export function draftMessage (limits: FileLimits, sender: Member, message: NewMessage): Draft {
  requireFile(message)
  requireWeight(message)
  if (message.type !== 'T') requireSize(limits, message.type, message.file?.size ?? 0)
  const command: ManagerCommand | null = sender.is_manager === 1 && message.command !== null ? readCommand(message.command) : null
  return { row: toRow(sender, message), sender, fileHash: message.file?.sha256, command }
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

function toRow (sender: Member, { type, text, localId, quotedMessageId, options, file, externalFileUrl, command }: NewMessage): MessageRow {
  // A text message has no file, and a file goes before an address.
  const url = type === 'T' || file !== null ? null : externalFileUrl
  return {
    ...plainMessage,
    id: uuidv7(),
    time: Date.now(),
    seq: null,
    conversation_id: sender.conversation_id,
    type,
    sender_id: sender.id,
    sent_by_human: sender.type === 'H' ? 1 : 0,
    local_id: localId,
    text,
    options: JSON.stringify(options),
    quoted_message_id: quotedMessageId,
    file_key: file?.key ?? null,
    file_name: file?.name ?? (url === null ? null : nameInUrl(url)),
    file_size: file?.size ?? null,
    external_file_url: url,
    command: sender.is_manager === 1 ? command : null
  }
}

/** What stands after the last slash and before the query, as it is. */
function nameInUrl (url: string): string {
  return url.slice(url.lastIndexOf('/') + 1).split('?')[0]!
}
