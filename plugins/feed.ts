import { setImmediate as nextTurn } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import plugin from 'fastify-plugin'
import { findConversation } from '../db/conversations.js'
import { listEvents } from '../db/events.js'
import { listParticipants } from '../db/participants.js'
import type { Audience, LoggedEvent } from '../db/schema.js'
import { changesRoster, itemView, type Item } from '../views/item.js'
import { lightPart } from '../views/page.js'
import { participantView } from '../views/participant.js'
import type { Viewer } from '../views/viewer.js'

const PAGE_SIZE = 100
// After so many readers of one event somebody else gets a turn of the event loop.
const GIVE_AT_ONCE = 128
const LENGTH_AT_ONCE = 256 * 1024
const ROSTER_AT_ONCE = 64
const ROSTER_PAUSE_MS = 1000
const RETRY_MS = 1000

/** Somebody who follows the log of a conversation. */
export interface Reader {
  viewer: Viewer
  /** Takes the next event that the viewer may see. Must not wait and must not throw. */
  give: (item: Item) => void
  /** Resolves when there is room for more; before, no more of the past is given. */
  hasRoom: () => Promise<void>
  /** Takes a text that is no event and goes to everybody who is connected; who is in the conversation, say. */
  tell?: (text: string) => void
}

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
  readState: (conversationId: string) => Promise<string>
}

declare module 'fastify' {
  interface FastifyInstance { feed: Feed }
}

interface Follower { reader: Reader, cursor: number, isLive: boolean }

/** A conversation that somebody follows. Everything up to `head` was given to those who are live. */
interface Channel { id: string, head: number, followers: Map<Reader, Follower>, isPumping: boolean, hasGrown: boolean, opened: Promise<void>, rosterTimer?: NodeJS.Timeout }

export default plugin(async app => {
  const channels = new Map<string, Channel>()

  function openChannel (id: string): Channel {
    const channel: Channel = { id, head: Infinity, followers: new Map(), isPumping: false, hasGrown: false, opened: Promise.resolve() }
    channels.set(id, channel)
    channel.opened = findConversation(app.db, id).then(conversation => { channel.head = conversation!.last_seq })
    return channel
  }

  async function follow (id: string, after: number | null, reader: Reader): Promise<{ isKnown: boolean, lastSeq: number }> {
    const channel = channels.get(id) ?? openChannel(id)
    const follower: Follower = { reader, cursor: 0, isLive: false }
    channel.followers.set(reader, follower)
    try {
      await channel.opened
      const { last_seq: lastSeq } = (await findConversation(app.db, id))!
      const isKnown = after === null || after <= lastSeq
      if (!isKnown) leave(id, reader)
      follower.cursor = after ?? lastSeq
      await catchUp(app, channel, follower)
      // What has grown before the head was known.
      if (channel.hasGrown) pump(channel)
      return { isKnown, lastSeq }
    } catch (error) {
      leave(id, reader)
      throw error
    }
  }

  function leave (id: string, reader: Reader): void {
    const channel = channels.get(id)
    if (channel?.followers.delete(reader) && channel.followers.size === 0) channels.delete(id)
  }

  function pump (channel: Channel): void {
    channel.hasGrown = true
    if (channel.isPumping || channel.head === Infinity) return
    channel.isPumping = true
    drain(app, channel).catch(error => {
      channel.isPumping = false
      app.log.error(error, 'The log of a conversation cannot be followed.')
      setTimeout(() => pump(channel), RETRY_MS).unref()
    })
  }

  function tell (id: string, text: string, isFor: (reader: Reader) => boolean): void {
    for (const { reader, isLive } of channels.get(id)?.followers.values() ?? []) if (isLive && isFor(reader)) reader.tell?.(text)
  }

  app.doorbell.listen(growths => {
    for (const { topic } of growths) {
      const channel = channels.get(topic)
      if (channel !== undefined) pump(channel)
    }
  })
  app.decorate('feed', { follow, leave, tell, readState: id => readState(app, id) })
}, { name: 'feed', dependencies: ['doorbell', 'database', 'links'] })

// Reading takes no turn of the event loop: of all who are given the past, one reads a page in each turn.
let lastTurn: Promise<unknown> = Promise.resolve()

function takeTurn (): Promise<unknown> {
  lastTurn = lastTurn.then(() => nextTurn())
  return lastTurn
}

/** Gives a follower the past, until it is where those who are live are. */
async function catchUp (app: FastifyInstance, channel: Channel, follower: Follower): Promise<void> {
  const { reader } = follower
  while (channel.followers.has(reader)) {
    // From here to the next await nothing can happen in between: who is at the head now is given what comes next.
    if (follower.cursor >= channel.head) {
      follower.isLive = true
      return
    }
    await takeTurn()
    const { rows, end } = await readPage(app, channel.id, follower.cursor, reader.viewer.audiences)
    for (const row of rows) {
      if (!channel.followers.has(reader)) return
      reader.give(itemView(row, app.base))
      // A page may be heavier than what may wait for a reader.
      await reader.hasRoom()
    }
    follower.cursor = end
  }
}

/** Gives what is new to those who are live. */
async function drain (app: FastifyInstance, channel: Channel): Promise<void> {
  while (channel.hasGrown && channel.followers.size > 0) {
    channel.hasGrown = false
    const { rows, end, hasMore } = await readPage(app, channel.id, channel.head, null)
    let isRosterChanged = false
    let length = 0
    for (const row of rows) {
      // What is heavy is given time to leave: otherwise quick readers would look slow.
      length += row.message === undefined ? 0 : row.message.text.length + row.message.options.length
      if (length > LENGTH_AT_ONCE) length = await nextTurn(0)
      channel.head = row.event.seq
      isRosterChanged ||= changesRoster(row)
      await giveToAll(channel, itemView(row, app.base), row.event.audience)
    }
    channel.head = Math.max(channel.head, end)
    channel.hasGrown ||= hasMore
    if (isRosterChanged) await tellRoster(app, channel)
  }
  // In the same turn in which nothing more was found to do: what grows from now on pumps again.
  channel.isPumping = false
}

async function giveToAll (channel: Channel, item: Item, audience: Audience): Promise<void> {
  let count = 0
  for (const follower of [...channel.followers.values()]) {
    if (!follower.isLive || follower.cursor >= item.seq) continue
    follower.cursor = item.seq
    if (follower.reader.viewer.audiences.includes(audience)) follower.reader.give(item)
    if (++count % GIVE_AT_ONCE === 0) await nextTurn()
  }
}

async function readPage (app: FastifyInstance, conversationId: string, after: number, audiences: Audience[] | null): Promise<{ rows: LoggedEvent[], end: number, hasMore: boolean }> {
  return app.readAtOnce(async db => {
    const { last_seq: lastSeq } = (await findConversation(db, conversationId))!
    const found = await listEvents(db, conversationId, after, PAGE_SIZE, audiences)
    const rows = lightPart(found, row => row.message)
    const hasMore = rows.length < found.length || found.length === PAGE_SIZE
    return { rows, end: hasMore ? rows.at(-1)!.event.seq : lastSeq, hasMore }
  })
}

async function tellRoster (app: FastifyInstance, channel: Channel): Promise<void> {
  // To many, the same long list is not told for each who comes and goes.
  if (channel.followers.size > ROSTER_AT_ONCE) {
    channel.rosterTimer ??= setTimeout(() => {
      delete channel.rosterTimer
      tellRosterNow(app, channel).catch(error => app.log.warn(error, 'It cannot be told who is in a conversation.'))
    }, ROSTER_PAUSE_MS).unref()
    return
  }
  await tellRosterNow(app, channel)
}

async function tellRosterNow (app: FastifyInstance, channel: Channel): Promise<void> {
  const text = await readState(app, channel.id)
  for (const { reader, isLive } of [...channel.followers.values()]) if (isLive) reader.tell?.(text)
}

async function readState (app: FastifyInstance, conversationId: string): Promise<string> {
  const participants = await listParticipants(app.db, conversationId)
  return JSON.stringify({ state: { participants: participants.map(participantView) } })
}
