import { randomBytes } from 'node:crypto'
import { isFileMessage, readAddress, withAddress, withFile, withoutFile, type TakenMessage } from '../../actions/import-message.js'
import { discardFile, storeFile, UNKNOWN_TYPE } from '../../actions/store-file.js'
import { isFileInUse } from '../../db/imports.js'
import type { MessageRow } from '../../db/schema.js'
import type { MediaFile } from './media.js'
import { note } from './tally.js'
import type { Tools } from './tools.js'

/** The row of a message with its file, which is stored, or as a text when the file is lost. */
export async function attach (tools: Tools, message: TakenMessage, row: MessageRow): Promise<MessageRow> {
  if (!isFileMessage(message)) return row
  if (message.file === null && message.external_file_url !== null) return refer(tools, message, row, message.external_file_url)
  const found = message.file === null ? 'file_none' : await tools.openMedia(message.file, message.file_size)
  if (typeof found === 'string') return lose(tools, message, row, found)
  const key = await store(tools, message, row, found)
  return key === null ? lose(tools, message, row, 'file_of_other_size') : withFile(row, message, { key, size: found.size })
}

function refer (tools: Tools, message: TakenMessage, row: MessageRow, address: string): MessageRow {
  const url = readAddress(address)
  return url === null ? lose(tools, message, row, 'address_unusable') : withAddress(row, message, url)
}

function lose ({ tally }: Tools, message: TakenMessage, row: MessageRow, why: Parameters<typeof note>[1]): MessageRow {
  note(tally, why, message.id)
  return withoutFile(row, message)
}

/** Stores a file under the key by which its address is known. Gives the key; null when it changes meanwhile. */
async function store ({ write, db, tally }: Tools, message: TakenMessage, row: MessageRow, { handle, size }: MediaFile): Promise<string | null> {
  const isUsual = message.file === usualPath(row, message.file_key) && !await isFileInUse(db, message.file_key)
  const key = isUsual ? message.file_key : randomBytes(16).toString('hex')
  // What an import that was interrupted has left.
  await discardFile(write, key)
  const content = handle.createReadStream()
  const stored = await storeFile(write, key, content, { declaredType: message.mime_type ?? UNKNOWN_TYPE, createdAt: row.time, checkSize: () => {} })
  if (stored.size !== size) {
    await discardFile(write, key)
    return null
  }
  if (!isUsual) note(tally, 'address_changed', message.id)
  return key
}

/** Where BLAB Controller puts a file, below its media folder; the same stands in the address here. */
function usualPath ({ conversation_id: conversationId, id }: MessageRow, key: string): string {
  const [conversation, message] = [conversationId, id].map(uuid => uuid.replaceAll('-', ''))
  return `chat/chat_${conversation}/msg_${message}_${key}`
}
