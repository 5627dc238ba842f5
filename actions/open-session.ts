import { uuidv7 } from 'uuidv7'
import { isSessionOfBot } from '../db/participants.js'
import { findSession, findSessionOfSubject, insertSession } from '../db/sessions.js'
import type { Reader, Role, SessionRow, Writer } from '../db/schema.js'
import type { Write } from '../db/write.js'
import { problem } from '../errors.js'

/** How long a session lasts, in milliseconds: two weeks, as existing clients know it. */
export const SESSION_MS = 14 * 24 * 3600 * 1000

// A host application decides itself how long somebody is logged in, and a bot stays as long as its conversation.
const FOREVER = Date.UTC(9999, 11, 31)

export async function createSession (write: Write, nickname: string | null, role: Role | null): Promise<SessionRow> {
  return write(db => openSession(db, { nickname, role }))
}

/** The session by which a bot acts in one conversation. */
export async function openBotSession (db: Writer): Promise<SessionRow> {
  return openSession(db, { nickname: null, expiresAt: FOREVER })
}

/** The session of somebody whom the host application knows; made when this is the first time. */
export async function adoptSubject (db: Reader, write: Write, subject: string, nickname: string | null): Promise<SessionRow> {
  return await findSessionOfSubject(db, subject) ?? await write(async db => await findSessionOfSubject(db, subject) ??
    await openSession(db, { nickname, subject, expiresAt: FOREVER }))
}

/**
 * A person's session with this id, or a new one when there is none.
 * @throws ProblemError people_only
 */
export async function ensureSession (db: Writer, id: string | undefined): Promise<SessionRow> {
  const session = id === undefined ? undefined : await findSession(db, id)
  if (session !== undefined && await isSessionOfBot(db, session.id)) throw problem('people_only')
  return session ?? await openSession(db, { nickname: null })
}

async function openSession (db: Writer, { nickname, subject = null, role = null, expiresAt }: { nickname: string | null, subject?: string | null, role?: Role | null, expiresAt?: number }): Promise<SessionRow> {
  const now = Date.now()
  const session = { id: uuidv7(), nickname, subject, role, created_at: now, expires_at: expiresAt ?? now + SESSION_MS }
  await insertSession(db, session)
  return session
}
