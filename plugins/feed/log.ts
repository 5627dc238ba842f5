import type { FastifyInstance } from 'fastify'
import { listEvents } from '../../db/events.js'
import type { LoggedEvent } from '../../db/schema.js'
import { itemView, type Item } from '../../views/item.js'
import { lightPart } from '../../views/page.js'
import type { Channel } from './channel.js'
import type { Pace } from './pace.js'
import { startOf, type Tails } from './tail.js'

/** Reads the log of conversations for those who follow them. */
export interface Log {
  /** The page that follows the tail, oldest first. */
  readOn: (channel: Channel) => Promise<LoggedEvent[]>
  /** A page with the events that follow a seq, shared by those who come for it at the same time; when it meets the tail, it stays in memory for others. */
  readBack: (channel: Channel, after: number) => Promise<Item[]>
}

const PAGE_SIZE = 100
// Of those who were cut in the same moment some were given a little less than others: one page is for all of them.
const LEAD = 10
// Reading takes no turn of the event loop: so many readers could be given something instead.
const PAGE_COST = 128

export function createLog (app: FastifyInstance, pace: Pace, tails: Tails): Log {
  async function readPage (conversationId: string, after: number): Promise<LoggedEvent[]> {
    return lightPart(await app.readAtOnce(db => listEvents(db, conversationId, after, PAGE_SIZE, null)), row => row.message)
  }

  function readBack (channel: Channel, after: number): Promise<Item[]> {
    const { reading, tail } = channel
    if (reading !== undefined && reading.after <= after && after < reading.after + PAGE_SIZE) return reading.items
    channel.wantedAt = Date.now()
    const start = tail.end - after < PAGE_SIZE ? Math.max(0, after - LEAD) : after
    const items = read(channel, start).finally(() => { if (channel.reading?.items === items) delete channel.reading })
    channel.reading = { after: start, items }
    return items
  }

  async function read (channel: Channel, after: number): Promise<Item[]> {
    await pace.take(PAGE_COST)
    const rows = await readPage(channel.id, after)
    // What is not known yet comes as news.
    const items = rows.filter(({ event }) => event.seq <= channel.tail.end).map(row => itemView(row, app.base))
    keep(channel, items)
    return items
  }

  function keep ({ tail }: Channel, items: Item[]): void {
    const start = startOf(tail)
    const earlier = items.filter(({ seq }) => seq < start)
    if (earlier.at(-1)?.seq === start - 1) tails.prepend(tail, earlier)
  }

  return { readOn: channel => readPage(channel.id, channel.tail.end), readBack }
}
