import type { Client } from 'openapi-fetch'
import { createConnection } from './connection.js'
import { createEmitter, type Emitter } from './emitter.js'
import { createLog, isLogged, type Logged } from './log.js'
import { listenToNetwork } from './network.js'
import { createOutbox, type Outbox } from './outbox.js'
import type { Outgoing } from './outgoing.js'
import type { paths } from './schema.js'
import { createTyping } from './typing.js'
import type { Event, FrameProblem, Message, Participant, Place, ServerFrame, Typing } from './types.js'

export interface LiveOptions {
  /** The seq of the last event that is known, such as `last_seq` of a snapshot; the whole log is told when absent. */
  after?: number
}

/** `connecting` for the first time; `waiting` after that has failed, or the connection was lost; `ended`: there will be no other try. */
export type LiveStatus = 'connecting' | 'live' | 'waiting' | 'ended'

/** Why there is no other try: the close code of the server, 1000 after `reset`. */
export interface LiveEnd { code: number, reason: string }

/** What is told, by the name under which it is listened to. */
export interface LiveEvents {
  /** A message at its place in the log: each once, in order, whatever happens to the connection. */
  message: { message: Message, seq: number }
  /** Another event of the log, likewise. */
  event: { event: Event, seq: number }
  /** Who is in the conversation now. */
  state: Participant[]
  typing: Typing
  /** What was sent over the socket is refused. */
  error: FrameProblem
  status: LiveStatus
  /** The messages on their way have changed. */
  outbox: readonly Outgoing[]
  /** The log is not the one that was known: start again from a snapshot. */
  reset: { last_seq: number }
  /** The log is followed no more. What is in the outbox is sent nevertheless. If nobody listens to it, the console is told, unless after `reset`. */
  end: LiveEnd
}

/** A conversation, followed live. */
export interface Live extends Pick<Emitter<LiveEvents>, 'on'>, Pick<Outbox, 'send' | 'retry' | 'discard'> {
  readonly status: LiveStatus
  /** The seq of the last event that was told. */
  readonly seq: number
  /** The messages on their way. */
  readonly outbox: readonly Outgoing[]
  /** Tells the others that one is writing something, or no longer; may be called at each key. */
  typing: (isActive: boolean) => void
  /**
   * Stops everything; nothing is told any more. What is in the outbox is not sent, and can still be read: `send` of another
   * `live` takes the `input` of what is not `sent`, which has its `local_id`, so that it is not stored twice.
   */
  close: () => void
}

/**
 * Follows a conversation: a WebSocket that resumes where it was, and an outbox.
 * @throws Error when there is no WebSocket, or it does not take the address or the token
 */
export function createLive (place: Place, client: Client<paths>, conversationId: string, { after = 0 }: LiveOptions = {}): Live {
  if (place.WebSocket === undefined) throw new Error('There is no WebSocket here. Give one to createClient, such as that of the library ws.')
  const { on, emit, isUnheard, stop } = createEmitter<LiveEvents>()
  const log = createLog(client, conversationId, after)
  const outbox = createOutbox(place, conversationId, { onChange: items => emit('outbox', items), reached: log.seq })
  const connection = createConnection(place, place.WebSocket, { address: () => socketAddress(place, conversationId, log.seq()), onFrame, onChange, onEnd: end, isBehind: log.isBehind })
  const typing = createTyping(place.pace.typingMs, isActive => connection.send({ typing: { active: isActive } }))
  const removeListeners = listenToNetwork({ online: () => { connection.renew(); outbox.hurry() }, offline: connection.lose })
  let status: LiveStatus = 'connecting'

  function setStatus (next: LiveStatus): void {
    if (status === next || status === 'ended') return
    emit('status', status = next)
  }

  function onChange (isConnected: boolean): void {
    typing.forget()
    setStatus(isConnected ? 'live' : 'waiting')
    if (isConnected) outbox.hurry()
  }

  function onFrame (frame: ServerFrame): void {
    if (isLogged(frame)) return onLogged(frame)
    tellOf(frame, emit)
    if ('reset' in frame) end(1000, 'Start again from a snapshot.')
  }

  function onLogged (frame: Logged): void {
    if (!log.take(frame)) return
    if ('message' in frame) emit('message', frame)
    else emit('event', frame)
    outbox.arrived(frame.seq, 'message' in frame ? frame.message : undefined)
  }

  function end (code: number, reason: string): void {
    if (status === 'ended') return
    setStatus('ended')
    leave()
    if (code !== 1000 && isUnheard('end')) console.error(`The conversation ${conversationId} is followed no more: ${reason} (code ${code})`)
    emit('end', { code, reason })
  }

  function leave (): void {
    status = 'ended'
    removeListeners()
    connection.close()
  }

  function close (): void {
    stop()
    leave()
    outbox.close()
  }

  try { connection.open() } catch (error) {
    close()
    throw error
  }
  return {
    on,
    get status () { return status },
    get seq () { return log.seq() },
    get outbox () { return outbox.list() },
    send: outbox.send,
    retry: outbox.retry,
    discard: outbox.discard,
    typing: typing.set,
    close
  }
}

/** Tells of what is no part of the log. */
function tellOf (frame: ServerFrame, emit: Emitter<LiveEvents>['emit']): void {
  if ('state' in frame) emit('state', frame.state.participants)
  else if ('typing' in frame) emit('typing', frame.typing)
  else if ('error' in frame) emit('error', frame.error)
  else if ('reset' in frame) emit('reset', frame.reset)
}

function socketAddress ({ url }: Place, conversationId: string, after: number): string {
  return `${url.replace(/^http/i, 'ws')}/ws/chat/${encodeURIComponent(conversationId)}/?after=${after}`
}
