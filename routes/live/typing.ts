import type { FastifyInstance } from 'fastify'
import type { ParticipantRow } from '../../db/schema.js'
import type { Reader } from '../../plugins/feed/feed.js'

// Who is writing says so again before that; otherwise it has stopped.
const EXPIRES_MS = 6000
// Whoever says it more often is not passed on.
const PAUSE_MS = 500

export interface Typing {
  set: (isActive: boolean) => void
  stop: () => void
}

/** Tells the others that a participant is writing something. Nothing of it is stored. */
export function createTyping (app: FastifyInstance, me: ParticipantRow, reader: Reader): Typing {
  let isActive = false
  let toldAt = -Infinity
  let expiry: NodeJS.Timeout | undefined

  function set (active: boolean): void {
    clearTimeout(expiry)
    if (active) expiry = setTimeout(() => set(false), EXPIRES_MS).unref()
    const isTooSoon = active && Date.now() - toldAt < PAUSE_MS
    if ((!active && !isActive) || isTooSoon) return
    if (active) toldAt = Date.now()
    isActive = active
    const text = JSON.stringify({ typing: { participant_id: me.id, active } })
    app.feed.tell(me.conversation_id, text, other => other !== reader && !other.viewer.audiences.includes(me.id))
  }

  return { set, stop: () => set(false) }
}
