import { prepare } from './prepare.js'
import type { MessageRow, Reader, Writer } from './schema.js'

const byId = prepare((db, { id }: { id: string }) => db.selectFrom('messages').select('file_key').where('id', '=', id))

/** The file of a message, in whatever conversation that is; undefined when there is no such message. */
export async function findFileOf (db: Reader, id: string): Promise<Pick<MessageRow, 'file_key'> | undefined> {
  return byId.find(db, { id })
}

/** Whether a file belongs to a message. */
export async function isFileInUse (db: Reader, key: string): Promise<boolean> {
  return await db.selectFrom('messages').select('id').where('file_key', '=', key).executeTakeFirst() !== undefined
}

/** Corrects when something has happened last, after older events were appended. */
export async function updateLastEventAt (db: Writer, conversationId: string, time: number): Promise<void> {
  await db.updateTable('conversations').set({ last_event_at: time }).where('id', '=', conversationId).execute()
}
