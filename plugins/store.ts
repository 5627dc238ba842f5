import { createHash, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import plugin from 'fastify-plugin'
import type { StoredFile } from '../actions/post-message.js'
import { CHUNK_BYTES, deleteFile, deleteLastChunk, findStoredBytes, insertChunks, insertFile, listChunks, listStrayFiles } from '../db/files.js'
import { bodyProblem } from '../errors.js'

export interface Incoming {
  name: string
  declaredType: string
  /** Throws when the file is larger than allowed; told its size so far. */
  checkSize: (bytes: number) => void
}

/** Files in the database, in chunks, so that neither storing nor reading holds the event loop for long. */
export interface Store {
  /** Stores a file that belongs to no message yet. When it fails, nothing is left. */
  save: (content: AsyncIterable<Uint8Array>, incoming: Incoming) => Promise<StoredFile>
  /** The bytes from `start` to `end`, both included. */
  open: (key: string, start: number, end: number) => Readable
  /** Deletes a file that belongs to no message. */
  discard: (key: string) => Promise<void>
}

declare module 'fastify' {
  interface FastifyInstance { store: Store }
}

// What is stored or read at a time: more of it shares a commit or a turn of the event loop, and each transfer has a piece in memory.
const PIECE_CHUNKS = 4
const PIECE_BYTES = PIECE_CHUNKS * CHUNK_BYTES
const RETRY_MS = 1000
const UNKNOWN_TYPE = 'application/octet-stream'

export default plugin(async app => {
  const store: Store = {
    save: (content, incoming) => save(app, content, incoming),
    open: (key, start, end) => Readable.from(read(app, key, start, end), { objectMode: false }),
    discard: key => discard(app, key)
  }
  app.decorate('store', store)
  // What a process that died in the middle of an upload has left.
  app.addHook('onReady', async () => {
    for (const key of await listStrayFiles(app.db)) await discard(app, key)
  })
}, { name: 'store', dependencies: ['database'] })

async function save (app: FastifyInstance, content: AsyncIterable<Uint8Array>, { name, declaredType, checkSize }: Incoming): Promise<StoredFile> {
  const key = randomBytes(16).toString('hex')
  const hash = createHash('sha256')
  let size = 0
  let sniffedType = UNKNOWN_TYPE
  try {
    let position = 0
    for await (const piece of inPieces(content)) {
      size += piece.length
      checkSize(size)
      hash.update(piece)
      const first = position
      position += PIECE_CHUNKS
      if (first === 0) sniffedType = await sniff(piece.subarray(0, CHUNK_BYTES))
      await app.write(db => insertChunks(db, key, first, piece), piece.length)
    }
    if (size === 0) throw bodyProblem('body_invalid', '/file', 'empty', 'The file is empty. Send one with content.')
    const sha256 = hash.digest('hex')
    await app.write(async db => {
      // Whoever has touched the chunks in between: a file that is acknowledged is there.
      if (await findStoredBytes(db, key) !== size) throw new Error(`File ${key} has lost a part.`)
      await insertFile(db, { key, sha256, size, declared_type: declaredType, sniffed_type: sniffedType, created_at: Date.now() })
    })
    return { key, name, size, sha256 }
  } catch (error) {
    await discard(app, key)
    throw error
  }
}

/** The media type of what starts so. */
async function sniff (start: Uint8Array): Promise<string> {
  // Loaded with the first file, because it is large and many servers see none.
  const { fileTypeFromBuffer } = await import('file-type')
  return (await fileTypeFromBuffer(start))?.mime ?? UNKNOWN_TYPE
}

/** The same bytes in pieces of PIECE_BYTES, the last one shorter. The next piece takes the place of the one before. */
async function * inPieces (content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const piece = Buffer.allocUnsafeSlow(PIECE_BYTES)
  let length = 0
  for await (const part of content) {
    for (let start = 0; start < part.length;) {
      const taken = part.subarray(start, start + PIECE_BYTES - length)
      piece.set(taken, length)
      start += taken.length
      length += taken.length
      if (length < PIECE_BYTES) continue
      yield piece
      length = 0
    }
  }
  if (length > 0) yield piece.subarray(0, length)
}

async function * read (app: FastifyInstance, key: string, start: number, end: number): AsyncGenerator<Uint8Array> {
  const last = Math.floor(end / CHUNK_BYTES)
  for (let first = Math.floor(start / CHUNK_BYTES); first <= last; first += PIECE_CHUNKS) {
    const until = Math.min(last, first + PIECE_CHUNKS - 1)
    const chunks = await listChunks(app.db, key, first, until)
    if (chunks.length <= until - first) throw new Error(`A chunk of file ${key} from ${first} to ${until} is missing.`)
    for (const [index, chunk] of chunks.entries()) {
      const offset = (first + index) * CHUNK_BYTES
      yield chunk.subarray(Math.max(0, start - offset), end + 1 - offset)
    }
    // A fast reader would otherwise get the whole file before anybody else gets a turn.
    await nextTurn()
  }
}

/** Deletes a file; later, when the database is too busy now. */
async function discard (app: FastifyInstance, key: string): Promise<void> {
  try {
    await app.write(db => deleteFile(db, key))
    while (await app.write(db => deleteLastChunk(db, key), CHUNK_BYTES));
  } catch (error) {
    app.log.warn({ key, error }, 'A file cannot be deleted now.')
    if (!app.isDraining()) setTimeout(() => discard(app, key), RETRY_MS).unref()
  }
}
