import type { Reader, SessionRow, Writer } from './schema.js'

export async function findSession (db: Reader, id: string): Promise<SessionRow | undefined> {
  return db.selectFrom('sessions').selectAll().where('id', '=', id).executeTakeFirst()
}

/** The session of somebody whom the host application knows by `subject`. */
export async function findSessionOfSubject (db: Reader, subject: string): Promise<SessionRow | undefined> {
  return db.selectFrom('sessions').selectAll().where('subject', '=', subject).executeTakeFirst()
}

export async function insertSession (db: Writer, session: SessionRow): Promise<void> {
  await db.insertInto('sessions').values(session).execute()
}

export async function updateNickname (db: Writer, id: string, nickname: string): Promise<void> {
  await db.updateTable('sessions').set({ nickname }).where('id', '=', id).execute()
}
