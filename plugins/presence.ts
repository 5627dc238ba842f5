import { setImmediate as nextTurn } from 'node:timers/promises'
import plugin from 'fastify-plugin'
import { arrive, depart } from '../actions/presence.js'
import type { Policy } from '../actions/policy.js'
import { listPresent } from '../db/participants.js'
import type { ParticipantRow } from '../db/schema.js'

/** Who is connected. Others are told of it at once, and of who is gone only after a while. */
export interface Presence {
  /**
   * A participant has opened a connection. Gives whether the others were told now.
   * @param participant as it is in the database at this moment
   */
  enter: (participant: ParticipantRow) => Promise<boolean>
  /** One of its connections is closed. */
  exit: (participant: ParticipantRow) => void
  isConnected: (participantId: string) => boolean
}

declare module 'fastify' {
  interface FastifyInstance { presence: Presence }
}

interface Connected {
  count: number
  /** Whether it is stored, and the others were told. */
  isKnown: boolean
  timer?: NodeJS.Timeout
}

const PAGE_SIZE = 100
const RETRY_MS = 1000

export default plugin<{ policy: Policy, graceMs: number }>(async (app, { policy, graceMs }) => {
  const connected = new Map<string, Connected>()
  // Those who are being stored as gone.
  const leaving = new Set<string>()

  async function enter (participant: ParticipantRow): Promise<boolean> {
    const { id, is_present: isPresent } = participant
    const entry = connected.get(id) ?? { count: 0, isKnown: isPresent === 1 && !leaving.has(id) }
    clearTimeout(entry.timer)
    entry.count++
    connected.set(id, entry)
    if (entry.isKnown) return false
    const isNews = await arrive(app.write, participant)
    entry.isKnown = true
    return isNews
  }

  function exit (participant: ParticipantRow): void {
    const entry = connected.get(participant.id)!
    entry.count--
    // The process is about to stop: whoever comes back to the next one was never gone.
    if (entry.count > 0 || app.isDraining()) return
    entry.timer = setTimeout(() => leave(participant), graceMs).unref()
  }

  async function leave (participant: ParticipantRow): Promise<void> {
    connected.delete(participant.id)
    leaving.add(participant.id)
    await depart(app.write, policy, participant).catch(error => {
      app.log.error(error, 'It cannot be stored that a participant is gone.')
      // As if its last connection had just been closed.
      const isBack = connected.has(participant.id) || app.isDraining()
      if (!isBack) connected.set(participant.id, { count: 0, isKnown: true, timer: setTimeout(() => leave(participant), graceMs + RETRY_MS).unref() })
    })
    // Somebody may have read in this very turn that the participant is present.
    await nextTurn()
    leaving.delete(participant.id)
  }

  /** Those whom an earlier process knew as connected, and who have not come back. */
  async function findGone (): Promise<void> {
    let page = await listPresent(app.db, '', PAGE_SIZE)
    while (page.length > 0 && !app.isDraining()) {
      for (const participant of page) if (!connected.has(participant.id)) await leave(participant)
      page = await listPresent(app.db, page.at(-1)!.id, PAGE_SIZE)
    }
  }

  app.decorate('presence', { enter, exit, isConnected: id => (connected.get(id)?.count ?? 0) > 0 })
  app.addHook('onReady', async () => {
    const timer = setTimeout(() => findGone().catch(error => app.log.error(error)), graceMs).unref()
    app.addHook('onClose', async () => clearTimeout(timer))
  })
  app.addHook('preClose', async () => { for (const { timer } of connected.values()) clearTimeout(timer) })
}, { name: 'presence', dependencies: ['database', 'doorbell'] })
