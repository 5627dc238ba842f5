import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import plugin from 'fastify-plugin'
import type { StoredFile } from '../actions/post-message.js'
import { discardFile, PIECE_CHUNKS, storeFile } from '../actions/store-file.js'
import { CHUNK_BYTES, listChunks, listStrayFiles } from '../db/files.js'

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
  try {
    return { key, name, ...await storeFile(app.write, key, content, { declaredType, checkSize, createdAt: Date.now() }) }
  } catch (error) {
    await discard(app, key)
    throw error
  }
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
    await discardFile(app.write, key)
  } catch (error) {
    app.log.warn({ key, error }, 'A file cannot be deleted now.')
    if (!app.isDraining()) setTimeout(() => discard(app, key), RETRY_MS).unref()
  }
}
