import { setTimeout as pause } from 'node:timers/promises'
import { gather, waitUntil } from './crowd.js'
import { measure, type Done } from './measure.js'
import { readLocalId } from './message-frames.js'
import type { Running } from './processes.js'
import type { Run } from './scenario.js'
import type { Place } from './socket-client.js'

/** A socket that comes back, and the local_ids of the messages that it has missed. */
export interface Visit { place: Place, sent: number[] }

const CATCH_UP_MAX_MS = 60_000
// What is sent twice comes right after what was sent once.
const AFTERWARDS_MS = 200

/** Sockets come, stay until a server has nothing more to do, and are cut all at once. */
export async function visit (places: Place[], stay: () => Promise<void>): Promise<void> {
  const crowd = await gather(places)
  await stay()
  crowd.close()
}

/** Sockets come all at once; the time is until each has been given what it has missed, once and in order. */
export async function reconnect (server: Pick<Running, 'cpuUs' | 'residentMib'>, visits: Visit[]): Promise<Run> {
  const { figures, ...rest } = await measure(server, () => catchUp(visits))
  return { ...rest, figures: { ...figures, caught_up_ms: visits.length / figures.rate_per_s! * 1000 } }
}

async function catchUp (visits: Visit[]): Promise<Done> {
  const latenciesMs: number[] = []
  const taken = new Uint32Array(visits.length)
  const start = performance.now()
  const crowd = await gather(visits.map(({ place }) => place), (index, frame) => {
    const number = readLocalId(frame)
    if (number === undefined) return undefined
    const { sent } = visits[index]!
    const expected = sent[taken[index]!++]
    if (taken[index] === sent.length) latenciesMs.push(performance.now() - start)
    return number === expected ? undefined : `Socket ${index} was given message ${number} where ${expected ?? 'nothing'} came next.`
  })
  const isCaughtUp = await waitUntil(() => latenciesMs.length === visits.length, CATCH_UP_MAX_MS)
  const seconds = (performance.now() - start) / 1000
  if (!isCaughtUp) crowd.note(`Lost: ${visits.length - latenciesMs.length} sockets were not given all that they had missed.`)
  await pause(AFTERWARDS_MS)
  crowd.close()
  return { count: visits.length, seconds, latenciesMs, mistakes: crowd.takeMistakes() }
}
