import { createHash, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import plugin from 'fastify-plugin'
import type { StoredFile } from '../actions/post-message.js'
import { CHUNK_BYTES, deleteFile, deleteLastChunk, findChunk, findStoredBytes, insertChunk, insertFile, listStrayFiles } from '../db/files.js'
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
    for await (const chunk of inChunks(content)) {
      size += chunk.length
      checkSize(size)
      hash.update(chunk)
      const at = position++
      if (at === 0) sniffedType = await sniff(chunk)
      await app.write(db => insertChunk(db, key, at, chunk))
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

/** The same bytes in pieces of CHUNK_BYTES, the last one shorter. */
async function * inChunks (content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let kept: Uint8Array[] = []
  let length = 0
  for await (const piece of content) {
    kept.push(piece)
    length += piece.length
    if (length < CHUNK_BYTES) continue
    const joined = Buffer.concat(kept)
    let start = 0
    for (; start + CHUNK_BYTES <= joined.length; start += CHUNK_BYTES) yield joined.subarray(start, start + CHUNK_BYTES)
    kept = [joined.subarray(start)]
    length = joined.length - start
  }
  if (length > 0) yield Buffer.concat(kept)
}

async function * read (app: FastifyInstance, key: string, start: number, end: number): AsyncGenerator<Uint8Array> {
  const last = Math.floor(end / CHUNK_BYTES)
  for (let position = Math.floor(start / CHUNK_BYTES); position <= last; position++) {
    const offset = position * CHUNK_BYTES
    const chunk = await findChunk(app.db, key, position)
    if (chunk === undefined) throw new Error(`Chunk ${position} of file ${key} is missing.`)
    yield chunk.subarray(Math.max(0, start - offset), end + 1 - offset)
    // A fast reader would otherwise get the whole file before anybody else gets a turn.
    await nextTurn()
  }
}

/** Deletes a file; later, when the database is too busy now. */
async function discard (app: FastifyInstance, key: string): Promise<void> {
  try {
    await app.write(db => deleteFile(db, key))
    while (await app.write(db => deleteLastChunk(db, key)));
  } catch (error) {
    app.log.warn({ key, error }, 'A file cannot be deleted now.')
    if (!app.isDraining()) setTimeout(() => discard(app, key), RETRY_MS).unref()
  }
}
