import { prepare } from './prepare.js'
import type { MessageRow, ParticipantRow, Reader, Writer } from './schema.js'

const messageById = prepare((db, { id }: { id: string }) => db.selectFrom('messages').select(['conversation_id', 'file_key']).where('id', '=', id))

/** Where a message is, in whatever conversation; undefined when there is no such message. */
export async function findMessageAnywhere (db: Reader, id: string): Promise<Pick<MessageRow, 'conversation_id' | 'file_key'> | undefined> {
  return messageById.find(db, { id })
}

const participantById = prepare((db, { id }: { id: string }) => db.selectFrom('participants').select('conversation_id').where('id', '=', id))

/** Where a participant is, in whatever conversation; undefined when there is no such participant. */
export async function findParticipantAnywhere (db: Reader, id: string): Promise<Pick<ParticipantRow, 'conversation_id'> | undefined> {
  return participantById.find(db, { id })
}

/** Whether a file belongs to a message. */
export async function isFileInUse (db: Reader, key: string): Promise<boolean> {
  return await db.selectFrom('messages').select('id').where('file_key', '=', key).executeTakeFirst() !== undefined
}

/** Corrects when something has happened last, after older events were appended. */
export async function updateLastEventAt (db: Writer, conversationId: string, time: number): Promise<void> {
  await db.updateTable('conversations').set({ last_event_at: time }).where('id', '=', conversationId).execute()
}
