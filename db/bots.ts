import { prepare } from './prepare.js'
import type { BotRow, BotStateRow, Reader, Writer } from './schema.js'

const botByName = prepare((db, { name }: { name: string }) => db.selectFrom('bots').selectAll().where('name', '=', name))

export async function findBot (db: Reader, name: string): Promise<BotRow | undefined> {
  return botByName.find(db, { name })
}

export async function listBotRows (db: Reader): Promise<BotRow[]> {
  return db.selectFrom('bots').selectAll().execute()
}

/** Notes how a bot fares; what is not said stays. */
export async function upsertBot (db: Writer, name: string, changes: Partial<Omit<BotRow, 'name'>>): Promise<void> {
  const nothing = { disabled_at: null, failures: 0, last_error: null, last_error_at: null, last_done_at: null }
  await db.insertInto('bots').values({ name, ...nothing, ...changes }).onConflict(conflict => conflict.column('name').doUpdateSet(changes)).execute()
}

const doneByBot = prepare((db: Writer, { name, now }: { name: string, now: number }) => db.insertInto('bots')
  .values({ name, disabled_at: null, failures: 0, last_error: null, last_error_at: null, last_done_at: now })
  .onConflict(conflict => conflict.column('name').doUpdateSet({ failures: 0, last_done_at: now })))

/** Notes that a bot has answered. */
export async function upsertBotDone (db: Writer, name: string, now: number): Promise<void> {
  await doneByBot.run(db, { name, now })
}

const stateOf = prepare((db, { participantId }: { participantId: string }) => db.selectFrom('bot_states').selectAll().where('participant_id', '=', participantId))

export async function findBotState (db: Reader, participantId: string): Promise<BotStateRow | undefined> {
  return stateOf.find(db, { participantId })
}

export async function upsertBotState (db: Writer, participantId: string, state: string): Promise<void> {
  await db.insertInto('bot_states').values({ participant_id: participantId, state }).onConflict(conflict => conflict.column('participant_id').doUpdateSet({ state })).execute()
}
