import type { Settings } from '../config.js'
import { createConversation, inParallel, joinConversation, openSession, type Member } from './client.js'
import { startColloquy } from './colloquy.js'
import { gather } from './crowd.js'
import { createLedger } from './count.js'
import { checkStored } from './fault.js'
import { measure, type Loaded } from './measure.js'
import { inputFrame, messageFrame } from './message-frames.js'
import { benchFile } from './places.js'
import { startProcess } from './processes.js'
import type { Extent, Stage } from './scenario.js'
import type { Place } from './socket-client.js'
import { createTalk, type Room } from './talk.js'

/** Who talks to whom. */
export interface Plan {
  rooms: number
  /** People in each room. */
  people: number
  /** Sockets of each person. */
  sockets: number
  /** How many sockets of a room speak. */
  speakers: number
  /** How many messages each of them has on the way. */
  window: number
  /** What is counted as an operation. */
  counts: 'messages' | 'deliveries'
}

/** More than any load of sockets here needs. */
export const socketLimits: NonNullable<Settings['limits']> = { participants: 1000, frames_per_second: 10_000, sockets_per_session: 10_000, sockets: 100_000 }

/** People who talk by sockets, in conversations of Colloquy and in rooms of `ws` alone. */
export async function openTalks (extent: Extent, plan: Plan): Promise<Stage> {
  const colloquy = await startColloquy(extent, { settings: { rooms: true, limits: socketLimits } })
  const members = await inhabit(colloquy.address, plan.rooms, plan.people)
  const yardstick = await startProcess({ file: benchFile('yardsticks/sockets') })
  const ours = await meet(colloquy, plan, members, inputFrame)
  const theirs = await meet(yardstick, plan, members, messageFrame)
  return {
    run: () => ours.talk(extent.seconds),
    yardstick: () => theirs.talk(extent.seconds),
    check: () => checkStored(extent, colloquy, ours.ledger),
    close: async () => {
      ours.close()
      theirs.close()
      await Promise.all([colloquy.close(), yardstick.stop()])
    }
  }
}

/** Conversations with so many people in each. */
export async function inhabit (address: string, conversations: number, people: number): Promise<Member[][]> {
  return inParallel(conversations, async () => {
    const creator = await createConversation(address, await openSession(address))
    const others = await inParallel(people - 1, async () => joinConversation(address, await openSession(address), creator.conversationId))
    return [creator, ...others]
  })
}

/** Where a member connects, to be given what comes after a seq; null for what comes from then on. */
export function placeOf (address: string, { conversationId, token }: Member, after: number | null): Place {
  return { url: `${address}/ws/chat/${conversationId}/${after === null ? '' : `?after=${after}`}`, token }
}

/** Brings everybody together at a server, with all their sockets. */
async function meet (server: Loaded, plan: Plan, members: Member[][], frameOf: (localId: string) => string) {
  const { sockets, window, counts } = plan
  const places = members.flat().map(member => placeOf(server.address, member, 0))
  const crowd = await gather(places.flatMap(place => Array<Place>(sockets).fill(place)))
  const ledger = createLedger(members.map(people => people[0]!))
  const talk = createTalk({ crowd, rooms: listRooms(plan, members), window, frameOf, ledger })
  return {
    ledger,
    talk: (seconds: number) => measure(server, async () => {
      const said = await talk(seconds)
      return { ...said, count: said[counts] }
    }),
    close: crowd.close
  }
}

function listRooms ({ people, sockets, speakers }: Plan, members: Member[][]): Room[] {
  const size = people * sockets
  return members.map((room, number) => {
    const listeners = Array.from({ length: size }, (_, index) => number * size + index)
    return { conversationId: room[0]!.conversationId, listeners, speakers: listeners.slice(0, speakers) }
  })
}
