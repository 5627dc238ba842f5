import { sql } from 'kysely'
import { prepare } from './prepare.js'
import type { FileChunkRow, FileRow, Reader, Writer } from './schema.js'

/** The bytes of each chunk of a file but the last. */
export const CHUNK_BYTES = 64 * 1024

/** A file that belongs to a message, also one that waits: whoever decides about it looks at the file. */
export async function findFile (db: Reader, { key, messageId, conversationId }: { key: string, messageId: string, conversationId: string }): Promise<FileRow & { name: string | null } | undefined> {
  return db.selectFrom('files')
    .innerJoin('messages', 'messages.file_key', 'files.key')
    .selectAll('files').select('messages.file_name as name')
    .where('files.key', '=', key).where('messages.id', '=', messageId).where('messages.conversation_id', '=', conversationId)
    .executeTakeFirst()
}

/** The SHA-256 hash of a complete file, in hex. */
export async function findFileHash (db: Reader, key: string): Promise<string | undefined> {
  const row = await db.selectFrom('files').select('sha256').where('key', '=', key).executeTakeFirst()
  return row?.sha256
}

const chunks = prepare((db, { key, first, last }: { key: string, first: number, last: number }) => db.selectFrom('file_chunks').select('data')
  .where('file_key', '=', key).where('position', '>=', first).where('position', '<=', last).orderBy('position'))

/** The chunks of a file from one position to another, both included; fewer when some are missing. */
export async function listChunks (db: Reader, key: string, first: number, last: number): Promise<Uint8Array[]> {
  return (await chunks.list(db, { key, first, last })).map(row => row.data)
}

/** The keys of files and pieces of files that belong to no message. */
export async function listStrayFiles (db: Reader): Promise<string[]> {
  const { rows } = await sql<{ key: string }>`
    select key from files where key not in (select file_key from messages where file_key is not null)
    union
    select file_key from file_chunks where position = 0 and file_key not in (select file_key from messages where file_key is not null)
  `.execute(db)
  return rows.map(row => row.key)
}

/** The bytes that are stored of a file. */
export async function findStoredBytes (db: Reader, key: string): Promise<number> {
  const { bytes } = await db.selectFrom('file_chunks').select(sql<number>`coalesce(sum(length(data)), 0)`.as('bytes')).where('file_key', '=', key).executeTakeFirstOrThrow()
  return Number(bytes)
}

export async function insertFile (db: Writer, file: FileRow): Promise<void> {
  await db.insertInto('files').values(file).execute()
}

const chunkInsertion = prepare((db: Writer, chunk: FileChunkRow) => db.insertInto('file_chunks').values(chunk))

export async function insertChunk (db: Writer, key: string, position: number, data: Uint8Array): Promise<void> {
  await chunkInsertion.run(db, { file_key: key, position, data })
}

/** Inserts a part of a file as chunks. It begins at the position of its first chunk, and only the end of the file may end within one. */
export async function insertChunks (db: Writer, key: string, first: number, part: Uint8Array): Promise<void> {
  for (let start = 0, position = first; start < part.length; start += CHUNK_BYTES, position++) {
    await insertChunk(db, key, position, part.subarray(start, start + CHUNK_BYTES))
  }
}

export async function deleteFile (db: Writer, key: string): Promise<void> {
  await db.deleteFrom('files').where('key', '=', key).execute()
}

/**
 * Deletes the last chunk, so that a large file is deleted in small steps, its first chunk at the end.
 * @returns whether there was one
 */
export async function deleteLastChunk (db: Writer, key: string): Promise<boolean> {
  const { numDeletedRows } = await db.deleteFrom('file_chunks')
    .where('file_key', '=', key)
    .where('position', '=', ({ selectFrom }) => selectFrom('file_chunks').select(({ fn }) => fn.max('position').as('last')).where('file_key', '=', key))
    .executeTakeFirst()
  return numDeletedRows > 0n
}
