import type { FastifyInstance } from 'fastify'
import type { Policy } from '../../actions/policy.js'
import { updateParticipantHeard } from '../../db/participants.js'
import type { ParticipantRow } from '../../db/schema.js'
import type { Item } from '../../views/item.js'

/** What a bot is sent over its sockets. */
export interface Ear {
  hears: (item: Item) => boolean
  /** Remembers how far it was sent the log, for the next time that it connects. */
  note: (seq: number) => void
}

/** Bots read everything that they may see, but do not keep each other talking for ever. People remember by themselves. */
export function createEar (app: FastifyInstance, policy: Policy, me: ParticipantRow): Ear | undefined {
  if (me.type === 'H') return undefined
  // Who manages hears everything.
  const hopsMax = me.is_manager === 1 ? Infinity : policy.bots.get(me.bot!)?.hopsMax ?? Infinity
  let [heard, stored] = [0, 0]
  let isStoring = false

  async function store (): Promise<void> {
    isStoring = true
    while (stored < heard) {
      const seq = heard
      await app.write(db => updateParticipantHeard(db, me.id, seq))
      stored = seq
    }
    isStoring = false
  }

  return {
    hears: ({ hops, senderId, event }) => hops <= hopsMax || senderId === me.id || event.type === 'message.redirected',
    note: seq => {
      heard = Math.max(heard, seq)
      if (isStoring) return
      store().catch(error => {
        isStoring = false
        app.log.warn(error, 'It cannot be stored what a bot has been sent.')
      })
    }
  }
}
