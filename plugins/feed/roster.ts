import type { FastifyInstance } from 'fastify'
import { listParticipants } from '../../db/participants.js'
import { written, type Written } from '../../views/item.js'
import { participantView } from '../../views/participant.js'
import type { Channel } from './channel.js'
import type { Pace } from './pace.js'

/** Tells who is in a conversation. */
export interface Roster {
  /** The text that says so; the same one until somebody comes, goes or changes its name. */
  read: (conversationId: string) => Promise<Written<string>>
  /** Somebody has. */
  forget: (conversationId: string) => void
  /** Gives the text to everybody who is live. */
  tell: (channel: Channel) => Promise<void>
}

// They are there for those who come in the same moment.
const TEXTS_MAX = 256
const TELL_AT_ONCE = 64
const PAUSE_MS = 1000

export function createRoster (app: FastifyInstance, pace: Pace): Roster {
  const texts = new Map<string, Promise<Written<string>>>()

  function read (id: string): Promise<Written<string>> {
    return texts.get(id) ?? remember(id, readState(app, id))
  }

  function remember (id: string, text: Promise<Written<string>>): Promise<Written<string>> {
    if (texts.size >= TEXTS_MAX) texts.delete(texts.keys().next().value!)
    texts.set(id, text)
    text.catch(() => { if (texts.get(id) === text) texts.delete(id) })
    return text
  }

  async function tell (channel: Channel): Promise<void> {
    // To many, the same long list is not told for each who comes and goes.
    if (channel.followers.size <= TELL_AT_ONCE) return tellNow(channel)
    channel.rosterTimer ??= setTimeout(() => {
      delete channel.rosterTimer
      tellNow(channel).catch(error => app.log.warn(error, 'It cannot be told who is in a conversation.'))
    }, PAUSE_MS).unref()
  }

  async function tellNow (channel: Channel): Promise<void> {
    const text = await read(channel.id)
    for (const { reader, isLive } of channel.followers.values()) {
      if (!isLive) continue
      const turn = pace.take(1)
      if (turn !== undefined) await turn
      reader.tell?.(text)
    }
  }

  return { read, forget: id => { texts.delete(id) }, tell }
}

async function readState (app: FastifyInstance, conversationId: string): Promise<Written<string>> {
  const participants = await listParticipants(app.db, conversationId)
  return written(JSON.stringify({ state: { participants: participants.map(participantView) } }))
}
