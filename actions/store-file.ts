import { createHash } from 'node:crypto'
import { CHUNK_BYTES, deleteFile, deleteLastChunk, findStoredBytes, insertChunks, insertFile } from '../db/files.js'
import type { Write } from '../db/write.js'
import { bodyProblem } from '../errors.js'

export interface FileTraits {
  declaredType: string
  createdAt: number
  /** Throws when the file is larger than allowed; told its size so far. */
  checkSize: (bytes: number) => void
}

/** What is stored or read at a time: more of it shares a commit or a turn of the event loop, and each transfer has a piece in memory. */
export const PIECE_CHUNKS = 4
const PIECE_BYTES = PIECE_CHUNKS * CHUNK_BYTES
export const UNKNOWN_TYPE = 'application/octet-stream'

/**
 * Stores a file that belongs to no message yet, under a key that nothing is stored under. When it fails, pieces of it may be left.
 * @throws ProblemError body_invalid when it is empty, and what `checkSize` throws
 */
export async function storeFile (write: Write, key: string, content: AsyncIterable<Uint8Array>, { declaredType, createdAt, checkSize }: FileTraits): Promise<{ size: number, sha256: string }> {
  const hash = createHash('sha256')
  let [size, position, sniffedType] = [0, 0, UNKNOWN_TYPE]
  for await (const piece of inPieces(content)) {
    size += piece.length
    checkSize(size)
    hash.update(piece)
    const first = position
    position += PIECE_CHUNKS
    if (first === 0) sniffedType = await sniff(piece.subarray(0, CHUNK_BYTES))
    await write(db => insertChunks(db, key, first, piece), piece.length)
  }
  if (size === 0) throw bodyProblem('body_invalid', '/file', 'empty', 'The file is empty. Send one with content.')
  const sha256 = hash.digest('hex')
  await write(async db => {
    // Whoever has touched the chunks in between: a file that is acknowledged is there.
    if (await findStoredBytes(db, key) !== size) throw new Error(`File ${key} has lost a part.`)
    await insertFile(db, { key, sha256, size, declared_type: declaredType, sniffed_type: sniffedType, created_at: createdAt })
  })
  return { size, sha256 }
}

/** Deletes a file that belongs to no message, and pieces of one, in small steps. */
export async function discardFile (write: Write, key: string): Promise<void> {
  await write(db => deleteFile(db, key))
  while (await write(db => deleteLastChunk(db, key), CHUNK_BYTES));
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
