import type { BotState } from '../contract/api.js'
import { listBotRows } from '../db/bots.js'
import { listBacklogs, type Backlog } from '../db/deliveries.js'
import type { BotRow, Reader } from '../db/schema.js'
import { timeView } from './time.js'

/** How the configured bots fare, and others that have still messages to get. */
export async function readBotStates (db: Reader, bots: Array<{ name: string, kind: string }>): Promise<BotState[]> {
  const kinds = new Map(bots.map(({ name, kind }) => [name, kind]))
  const backlogs = new Map((await listBacklogs(db)).map(backlog => [backlog.bot, backlog]))
  const rows = new Map((await listBotRows(db)).map(row => [row.name, row]))
  const names = new Set([...kinds.keys(), ...backlogs.keys()])
  return [...names].map(name => botStateView(name, kinds.get(name) ?? null, backlogs.get(name), rows.get(name)))
}

function botStateView (name: string, kind: string | null, backlog: Backlog | undefined, row: BotRow | undefined): BotState {
  return {
    name,
    kind,
    state: kind === null ? 'unconfigured' : row?.disabled_at != null ? 'disabled' : (row?.failures ?? 0) > 0 ? 'failing' : 'working',
    open: backlog?.open ?? 0,
    oldest_open_at: optional(backlog?.oldest_open_at),
    dropped: backlog?.dropped ?? 0,
    failed: backlog?.failed ?? 0,
    failures: row?.failures ?? 0,
    last_error: row?.last_error ?? null,
    last_error_at: optional(row?.last_error_at),
    last_done_at: optional(row?.last_done_at)
  }
}

function optional (time: number | null | undefined): string | null {
  return time == null ? null : timeView(time)
}
