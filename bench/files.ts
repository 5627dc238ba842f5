import { createHash, randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { FileMessage } from '../contract/api.js'
import type { Member } from './client.js'
import { readText, send, type Connections } from './requests.js'

/** A file of the load. */
export interface File { content: Buffer, sha256: string }

const BOUNDARY = 'the-end-of-a-part-of-a-form'
const PIECE_BYTES = 64 * 1024

export function createFile (bytes: number): File {
  const content = randomBytes(bytes)
  return { content, sha256: hashOf(content) }
}

/** Posts a message with a file. */
export async function upload (connections: Connections, address: string, { conversationId, token }: Member, localId: string, { content }: File): Promise<FileMessage> {
  const pieces = [Buffer.from(partsBefore(localId)), ...piecesOf(content), Buffer.from(`\r\n--${BOUNDARY}--\r\n`)]
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0)
  const headers = { authorization: `Bearer ${token}`, 'content-type': `multipart/form-data; boundary=${BOUNDARY}`, 'content-length': length }
  const url = `${address}/api/chat/conversations/${conversationId}/messages/`
  return JSON.parse(await readText(await send(connections, url, { method: 'POST', headers, expected: 201 }, pieces)))
}

/** Reads a file back and says whether it is another one than was sent. */
export async function compare (connections: Connections, url: string, { sha256, content }: File): Promise<string[]> {
  const response = await send(connections, url, { expected: 200 })
  const found = await hashOfBody(response)
  return found === sha256 ? [] : [`Changed: the file ${url} of ${content.length} bytes has the SHA-256 ${found} and not ${sha256}.`]
}

async function hashOfBody (response: IncomingMessage): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of response) hash.update(piece)
  return hash.digest('hex')
}

function hashOf (content: Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}

function piecesOf (content: Buffer): Buffer[] {
  return Array.from({ length: Math.ceil(content.length / PIECE_BYTES) }, (_, index) => content.subarray(index * PIECE_BYTES, (index + 1) * PIECE_BYTES))
}

function partsBefore (localId: string): string {
  const fields = Object.entries({ type: 'A', text: 'The recipe.', local_id: localId })
    .map(([name, value]) => `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
  return `${fields.join('')}--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="recipe.bin"\r\nContent-Type: application/octet-stream\r\n\r\n`
}
