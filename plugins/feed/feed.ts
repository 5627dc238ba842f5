import type { FastifyInstance } from 'fastify'
import plugin from 'fastify-plugin'
import { findConversation } from '../../db/conversations.js'
import { endFor } from '../../db/restore.js'
import type { LoggedEvent } from '../../db/schema.js'
import type { Growth } from '../../db/write.js'
import { changesRoster, written, type Written } from '../../views/item.js'
import type { Channel, Follower, Reader } from './channel.js'
import { createGiving } from './give.js'
import { createLog } from './log.js'
import { createPace } from './pace.js'
import { createPump } from './pump.js'
import { createRoster } from './roster.js'
import { createTails } from './tail.js'

export type { Reader } from './channel.js'

// A few milliseconds, when each of so many readers is given one event.
const TURN_COST = 256

/** Follows the logs of conversations: each event that a reader may see is given to it once, in order. */
export interface Feed {
  /**
   * Gives a reader what comes after a seq, the past first. Resolves when the past is given.
   * @param after the seq of the last event that the reader has; null for those to come only
   * @returns whether `after` is in the log; if it is not, the reader is not given anything
   */
  follow: (conversationId: string, after: number | null, reader: Reader) => Promise<{ isKnown: boolean, lastSeq: number }>
  leave: (conversationId: string, reader: Reader) => void
  /** Gives a text that is not stored to the readers of a conversation. */
  tell: (conversationId: string, text: string, isFor: (reader: Reader) => boolean) => void
  /** The text that tells who is in a conversation. */
  readState: (conversationId: string) => Promise<Written<string>>
}

declare module 'fastify' {
  interface FastifyInstance { feed: Feed }
}

export default plugin(async app => {
  const channels = new Map<string, Channel>()
  const pace = createPace(TURN_COST)
  const tails = createTails()
  const roster = createRoster(app, pace)
  const log = createLog(app, pace, tails)
  const { giveNews, catchUp } = createGiving(app, pace, log)
  const pump = createPump(app, { log, tails, roster, giveNews })

  function open (id: string): Channel {
    const channel = newChannel(id)
    channels.set(id, channel)
    channel.opened = findConversation(app.db, id).then(conversation => {
      channel.tail.end = channel.givenSeq = conversation!.last_seq
      channel.jump = conversation!
      channel.lastSeq = Math.max(channel.lastSeq, channel.tail.end)
      pump.run(channel)
    })
    return channel
  }

  async function follow (id: string, after: number | null, reader: Reader): Promise<{ isKnown: boolean, lastSeq: number }> {
    const channel = channels.get(id) ?? open(id)
    const follower: Follower = { reader, cursor: Infinity, isLive: false }
    channel.followers.set(reader, follower)
    try {
      await channel.opened
      const lastSeq = await findLastSeq(app, channel, after)
      const isKnown = after === null || after <= endFor({ ...channel.jump, last_seq: lastSeq }, after)
      if (!isKnown) leave(id, reader)
      follower.cursor = after ?? lastSeq
      await catchUp(channel, follower)
      return { isKnown, lastSeq }
    } catch (error) {
      leave(id, reader)
      throw error
    }
  }

  function leave (id: string, reader: Reader): void {
    const channel = channels.get(id)
    if (!channel?.followers.delete(reader)) return
    channel.wantedAt = Date.now()
    if (channel.followers.size > 0) return
    tails.release(channel.tail)
    channels.delete(id)
  }

  /** Takes what a commit has appended; what is together is given together. */
  function grow (growths: Growth[]): void {
    const grown = new Set(growths.map(take))
    for (const channel of grown) if (channel !== undefined) pump.run(channel)
  }

  /** Takes the next event as it is; otherwise the log is read from where the tail ends. */
  function take ({ topic: id, seq, logged }: Growth): Channel | undefined {
    if (logged !== undefined && changesRoster(logged)) roster.forget(id)
    const channel = channels.get(id)
    if (channel === undefined) return undefined
    channel.lastSeq = Math.max(channel.lastSeq, seq)
    if (logged !== undefined && isWhole(logged)) pump.append(channel, logged)
    return channel
  }

  function tell (id: string, text: string, isFor: (reader: Reader) => boolean): void {
    const note = written(text)
    for (const { reader, isLive } of channels.get(id)?.followers.values() ?? []) if (isLive && isFor(reader)) reader.tell?.(note)
  }

  app.doorbell.listen(grow)
  app.decorate('feed', { follow, leave, tell, readState: roster.read })
}, { name: 'feed', dependencies: ['doorbell', 'database', 'links'] })

function newChannel (id: string): Channel {
  const tail = { end: Infinity, items: [], length: 0 }
  return { id, tail, lastSeq: 0, jump: { restored_seq: null, resumed_seq: null }, givenSeq: 0, followers: new Map(), opened: Promise.resolve(), isPumping: false, rosterSeq: 0, wantedAt: -Infinity }
}

/** Whether an event is here with the message that it is about. */
function isWhole ({ event, message }: LoggedEvent): boolean {
  return event.message_id === null || message !== undefined
}

/** The seq of the last event of a log. What a reader has seen may have been committed, and not been told yet. */
async function findLastSeq (app: FastifyInstance, { id, lastSeq }: Channel, after: number | null): Promise<number> {
  return after === null || after <= lastSeq ? lastSeq : (await findConversation(app.db, id))!.last_seq
}
