import type { FastifyInstance } from 'fastify'
import type { LoggedEvent } from '../../db/schema.js'
import { callsRoster, itemView } from '../../views/item.js'
import type { Channel } from './channel.js'
import type { Giving } from './give.js'
import type { Log } from './log.js'
import type { Roster } from './roster.js'
import type { Tails } from './tail.js'

/** Lets what was committed reach those who are live. */
export interface Pump {
  /** Takes an event, if it is the next one. */
  append: (channel: Channel, logged: LoggedEvent) => void
  /** Gives everything that is new; what was not appended is read from the log. */
  run: (channel: Channel) => void
}

interface Parts { log: Log, tails: Tails, roster: Roster, giveNews: Giving['giveNews'] }

const RETRY_MS = 1000
// Who was cut comes back within this time, and finds what it has missed in memory.
const KEPT_MS = 60_000

export function createPump (app: FastifyInstance, { log, tails, roster, giveNews }: Parts): Pump {
  function append (channel: Channel, logged: LoggedEvent): void {
    const { event: { seq } } = logged
    if (seq !== channel.tail.end + 1) return
    tails.append(channel.tail, itemView(logged, app.base))
    if (callsRoster(logged)) channel.rosterSeq = seq
  }

  function run (channel: Channel): void {
    if (channel.isPumping || channel.tail.end === Infinity) return
    channel.isPumping = true
    drain(channel).catch(error => {
      channel.isPumping = false
      app.log.error(error, 'The log of a conversation cannot be followed.')
      setTimeout(() => run(channel), RETRY_MS).unref()
    })
  }

  async function drain (channel: Channel): Promise<void> {
    while (channel.followers.size > 0 && hasNews(channel)) {
      if (channel.tail.end < channel.lastSeq) await readOn(channel)
      await giveNews(channel)
      if (channel.rosterSeq > 0 && channel.rosterSeq <= channel.givenSeq) await tellRoster(channel)
    }
    // In the same turn in which nothing more was found to do: what grows from now on runs it again.
    channel.isPumping = false
    if (Date.now() - channel.wantedAt > KEPT_MS) tails.release(channel.tail)
  }

  async function readOn (channel: Channel): Promise<void> {
    const { lastSeq, tail: { end } } = channel
    for (const row of await log.readOn(channel)) if (row.event.seq <= channel.lastSeq) append(channel, row)
    // The log has the last word on where it ends.
    if (channel.tail.end === end && channel.lastSeq === lastSeq) channel.lastSeq = end
  }

  async function tellRoster (channel: Channel): Promise<void> {
    channel.rosterSeq = 0
    await roster.tell(channel)
  }

  return { append, run }
}

function hasNews ({ givenSeq, lastSeq, rosterSeq, tail }: Channel): boolean {
  return givenSeq < tail.end || tail.end < lastSeq || rosterSeq > 0
}
