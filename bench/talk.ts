import { setTimeout as pause } from 'node:timers/promises'
import type { Ledger } from './count.js'
import { waitUntil, type Crowd } from './crowd.js'
import type { Done } from './measure.js'
import { readLocalId, readSeq } from './message-frames.js'

/** Sockets that hear each other, and those of them that speak, by their places in a crowd. */
export interface Room { conversationId: string, listeners: number[], speakers: number[] }

/** People who talk: each has so many messages on the way and says the next when everybody in the room has one of them. */
export interface Talk {
  crowd: Crowd
  rooms: Room[]
  window: number
  /** The frame that says a message. */
  frameOf: (localId: string) => string
  ledger: Ledger
  /** How long what is on its way when time is up may take. */
  patienceMs?: number
}

/** What has been said and heard; the latencies are from saying a message until everybody in the room had it. */
export interface Said extends Omit<Done, 'count'> { messages: number, deliveries: number }

const PATIENCE_MS = 10_000

interface Speaker { index: number, room: Room, last: number }
interface Flight { speaker: Speaker, localId: string, previous: number, saidAt: number, left: number }

/**
 * Prepares a crowd to talk. What each socket hears is held against what it has heard before: each speaker's messages,
 * each once and in order.
 * @returns what lets them talk for some seconds
 */
export function createTalk ({ crowd, rooms, window, frameOf, ledger, patienceMs = PATIENCE_MS }: Talk): (seconds: number) => Promise<Said> {
  const speakers: Speaker[] = rooms.flatMap(room => room.speakers.map(index => ({ index, room, last: 0 })))
  const heard = crowd.sockets.map(() => new Map<Speaker, number>())
  const flights = new Map<number, Flight>()
  let said = { deliveries: 0, latenciesMs: [] as number[] }
  let endMs = 0

  function say (speaker: Speaker): void {
    const localId = ledger.nextLocalId()
    const number = Number(localId)
    flights.set(number, { speaker, localId, previous: speaker.last, saidAt: performance.now(), left: speaker.room.listeners.length })
    speaker.last = number
    crowd.sockets[speaker.index]!.send(frameOf(localId))
  }

  crowd.hear = (index, frame) => {
    const number = readLocalId(frame)
    if (number === undefined) return undefined
    const flight = flights.get(number)
    if (flight === undefined) return `Doubled: socket ${index} was given message ${number}, which everybody had.`
    const last = heard[index]!.get(flight.speaker) ?? 0
    heard[index]!.set(flight.speaker, number)
    said.deliveries++
    if (--flight.left === 0) land(number, flight, readSeq(frame))
    return last === flight.previous ? undefined : `Out of order: socket ${index} was given message ${number} after ${last}, and not after ${flight.previous}.`
  }

  function land (number: number, { speaker, localId, saidAt }: Flight, seq: number): void {
    flights.delete(number)
    ledger.acknowledge(speaker.room.conversationId, { localId, seq })
    const now = performance.now()
    said.latenciesMs.push(now - saidAt)
    if (now < endMs) say(speaker)
  }

  return async seconds => {
    const start = performance.now()
    endMs = start + seconds * 1000
    said = { deliveries: 0, latenciesMs: [] }
    for (let turn = 0; turn < window; turn++) speakers.forEach(say)
    await pause(seconds * 1000)
    await waitUntil(() => flights.size === 0, patienceMs)
    for (const [number, { left }] of flights) crowd.note(`Lost: ${left} sockets were not given message ${number}.`)
    flights.clear()
    return { ...said, messages: said.latenciesMs.length, seconds: (performance.now() - start) / 1000, mistakes: crowd.takeMistakes() }
  }
}
