import type { Client } from 'openapi-fetch'
import type { paths } from './schema.js'
import type { Event, Message, ServerFrame } from './types.js'

/** An event of the log, a message or another one, at its place. */
export type Logged = { message: Message, seq: number } | { event: Event, seq: number }

/** The log of a conversation, as far as it is known. */
export interface Log {
  /** The seq of the last event that is known. */
  seq: () => number
  /** Whether an event is new; it is known from then on. */
  take: (logged: Logged) => boolean
  /** Asks whether the log has gone on without us. */
  isBehind: (signal: AbortSignal) => Promise<boolean>
}

export function createLog (client: Client<paths>, conversationId: string, after: number): Log {
  let seq = after

  function take (logged: Logged): boolean {
    const isNew = logged.seq > seq
    if (isNew) seq = logged.seq
    return isNew
  }

  async function isBehind (signal: AbortSignal): Promise<boolean> {
    const { data } = await client.GET('/api/chat/conversations/{conversation_id}/events/', { params: { path: { conversation_id: conversationId }, query: { after: seq, limit: 1 } }, signal })
    return data?.events.some(event => event.seq > seq) ?? false
  }

  return { seq: () => seq, take, isBehind }
}

export function isLogged (frame: ServerFrame): frame is Logged {
  return 'seq' in frame && frame.seq !== undefined
}
