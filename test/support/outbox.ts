// What waits for bots, as the database, the admin and the log of a conversation show it.
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import SQLite from 'better-sqlite3'
import type { FastifyInstance } from 'fastify'
import type { BotState, Event } from '../../contract/api.js'
import type { DeliveryRow } from '../../db/schema.js'
import { FILE_NAME } from '../../db/sqlite.js'
import type { Person } from './app.js'
import { call } from './call.js'

export const adminKey = 'the key of the admin, which nobody guesses'

export async function botState (app: FastifyInstance, name: string): Promise<BotState> {
  const { body } = await call(app, 'GET', '/api/chat/admin/bots/', { token: adminKey })
  return body.results.find((state: BotState) => state.name === name)
}

export async function redeliver (app: FastifyInstance, name: string): Promise<{ reopened: number, hastened: number }> {
  const { body } = await call(app, 'POST', `/api/chat/admin/bots/${name}/redeliver/`, { token: adminKey })
  return body
}

/** The deliveries to a bot, or to all, in the order in which they were queued. */
export function deliveriesIn (folder: string, bot?: string): DeliveryRow[] {
  return withFile(folder, file => file.prepare<[], DeliveryRow>('select * from deliveries order by created_at, seq, id').all()).filter(row => bot === undefined || row.bot === bot)
}

/** Changes the database behind the back of whoever serves it. */
export function alter (folder: string, statement: string): void {
  withFile(folder, file => file.prepare(statement).run())
}

function withFile<T> (folder: string, work: (file: SQLite.Database) => T): T {
  const file = new SQLite(join(folder, FILE_NAME), { timeout: 5000 })
  try { return work(file) } finally { file.close() }
}

/**
 * Resolves with the first value that is not undefined or false, of something that tells nobody when it changes; rejects after 30 s.
 * @param everyMs shorter than usual where a moment has to be caught
 */
export async function eventually<T> (look: () => T | Promise<T>, sought: string, everyMs = 20): Promise<Exclude<T, undefined | false>> {
  const patience = AbortSignal.timeout(30_000)
  for (;;) {
    const value = await look()
    if (value !== undefined && value !== false) return value as Exclude<T, undefined | false>
    if (patience.aborted) throw new Error(`This did not happen within 30 s: ${sought}`)
    await pause(everyMs)
  }
}

/** Resolves when there are so many deliveries to a bot and none is open any more. */
export function settled (folder: string, count: number, bot?: string): Promise<DeliveryRow[]> {
  return eventually(() => {
    const rows = deliveriesIn(folder, bot)
    return rows.length >= count && rows.every(({ state }) => state !== 'open') && rows
  }, `${count} deliveries to ${bot ?? 'the bots'} are settled`)
}

type Get = Pick<Person, 'get'>['get']

/** The events of a conversation up to the first one for which the test is true; rejects when nothing comes for 30 s. */
export async function untilEvent (get: Get, path: string, test: (event: any) => boolean): Promise<Event[]> {
  const events: Event[] = []
  for (;;) {
    const { body } = await get(`${path}/events/?after=${events.at(-1)?.seq ?? 0}&wait=30&limit=500`)
    if (body.events.length === 0) throw new Error(`Nothing of the kind came within 30 s:\n${events.map(event => JSON.stringify(event).slice(0, 300)).join('\n')}`)
    for (const event of body.events) {
      events.push(event)
      if (test(event)) return events
    }
  }
}

/** Resolves with the first message that has this text. */
export async function heard (get: Get, path: string, text: string): Promise<any> {
  const events = await untilEvent(get, path, event => event.message?.text === text)
  return (events.at(-1) as any).message
}

/** What was said in a conversation, in the order of the log: who, and what. */
export async function said (get: Get, path: string): Promise<string[]> {
  const { body: { participants } } = await get(`${path}/`)
  const names = new Map(participants.map(({ id, name }: { id: string, name: string }) => [id, name]))
  const { body } = await get(`${path}/messages/?after=0&limit=500`)
  return body.results.filter((message: any) => message.type !== 'S').map((message: any) => `${names.get(message.sender_id)}: ${message.text}`)
}
