import { setImmediate as nextTurn } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { standOf } from '../../db/restore.js'
import type { Item } from '../../views/item.js'
import type { Channel, Follower } from './channel.js'
import type { Log } from './log.js'
import type { Pace } from './pace.js'
import { startOf } from './tail.js'

/** Gives events to those who follow a conversation: to each in order, and each once. */
export interface Giving {
  /** Gives what is new to everybody who is live. */
  giveNews: (channel: Channel) => Promise<void>
  /** Gives the past to a follower, until it is live. */
  catchUp: (channel: Channel, follower: Follower) => Promise<void>
}

// So much at once to one reader: what is heavy is given time to leave, otherwise quick readers would look slow.
const LENGTH_AT_ONCE = 16 * 1024
// Somebody is given several events of the past at once, but one of what is new.
const PAST_COST = 4
const RETRY_MS = 1000

export function createGiving (app: FastifyInstance, pace: Pace, log: Log): Giving {
  async function giveNews (channel: Channel): Promise<void> {
    const { end } = channel.tail
    let hasMore = false
    for (const follower of channel.followers.values()) {
      if (!follower.isLive || follower.cursor >= end) continue
      const turn = pace.take(1)
      if (turn !== undefined) await turn
      giveLive(channel, follower)
      hasMore ||= follower.isLive && follower.cursor < end
    }
    if (hasMore) await nextTurn()
    else channel.givenSeq = end
  }

  function giveLive (channel: Channel, follower: Follower): void {
    if (isInMemory(channel, follower)) return givePart(follower, channel.tail.items)
    // More has come than is kept.
    follower.isLive = false
    resume(channel, follower)
  }

  function resume (channel: Channel, follower: Follower): void {
    catchUp(channel, follower).catch(error => {
      app.log.error(error, 'The log of a conversation cannot be read.')
      setTimeout(() => resume(channel, follower), RETRY_MS).unref()
    })
  }

  async function catchUp (channel: Channel, follower: Follower): Promise<void> {
    while (isHere(channel, follower)) {
      follower.cursor = standOf(channel.jump, follower.cursor)
      // From here to the next await nothing can happen in between: who is at the end now is given what comes next.
      if (follower.cursor >= channel.tail.end) {
        follower.isLive = true
        return
      }
      await takeTurn(follower)
      if (isInMemory(channel, follower)) givePart(follower, channel.tail.items)
      else await givePage(channel, follower, await log.readBack(channel, follower.cursor))
    }
  }

  async function givePage (channel: Channel, follower: Follower, items: Item[]): Promise<void> {
    const end = items.at(-1)?.seq ?? 0
    while (follower.cursor < end && isHere(channel, follower)) {
      givePart(follower, items)
      await takeTurn(follower)
    }
  }

  function takeTurn ({ reader }: Follower): Promise<void> | undefined {
    return reader.isFull() ? reader.drained() : pace.take(PAST_COST)
  }

  return { giveNews, catchUp }
}

function isHere ({ followers }: Channel, follower: Follower): boolean {
  return followers.get(follower.reader) === follower
}

function isInMemory ({ tail }: Channel, { cursor }: Follower): boolean {
  return cursor + 1 >= startOf(tail)
}

/** Gives a follower what comes next of some items. Who is not live is given the past only as fast as it takes it. */
function givePart (follower: Follower, items: Item[]): void {
  const { reader, cursor, isLive } = follower
  // From behind, where whoever is live stands; there may be jumps between the seqs.
  let index = items.findLastIndex(({ seq }) => seq <= cursor) + 1
  const isTogether = items.length - index > 1
  if (isTogether) reader.cork?.()
  for (let length = 0; index < items.length && length < LENGTH_AT_ONCE; index++) {
    if (!isLive && reader.isFull()) break
    const item = items[index]!
    length += item.length
    follower.cursor = item.seq
    if (reader.viewer.audiences.includes(item.audience)) reader.give(item)
  }
  if (isTogether) reader.uncork?.()
}
