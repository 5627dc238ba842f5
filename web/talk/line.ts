import type { ColloquyClient, Live, MessageInput, Outgoing, SendOptions } from '../../client/index.js'
import type { Store } from '../store.js'
import { createKeptOutbox, type KeptOutbox } from './kept-outbox.js'
import { afterEvent, afterMessage, withPeople, type TalkState } from './state.js'

/** The connection of a conversation: what comes by itself, and what is sent. */
export interface Line {
  /** Begins after a seq. What is on its way goes on, as the same messages, when it is of the same session, and what that has kept. */
  follow: (after: number, session: string | null) => void
  send: (input: MessageInput, options?: SendOptions) => void
  retry: (localId: string) => void
  discard: (localId: string) => void
  typing: (isActive: boolean) => void
  /** The seq of the last event, and that of the last message, that has come. */
  seq: () => number
  lastHeard: () => number
  close: () => void
}

interface LineOptions {
  client: ColloquyClient
  /** Whether somebody looks at the end. */
  isLookedAt: () => boolean
  /** The log is another one. */
  onReset: () => void
}

export function createLine (id: string, store: Store<TalkState>, { client, isLookedAt, onReset }: LineOptions): Line {
  let live: Live | undefined
  let kept: KeptOutbox | undefined
  let lastHeard = 0
  let writer: string | null = null

  function follow (after: number, session: string | null): void {
    kept = session === null || store.state.myId === null ? undefined : createKeptOutbox(session, id)
    // Nobody sends what somebody else has written.
    const outbox = session === writer ? live?.outbox : undefined
    writer = session
    const unsent = unsentOf(outbox ?? [], kept?.read() ?? [])
    live?.close()
    live = client.live(id, { after })
    listen(live)
    for (const { input, ...options } of unsent) live.send(input, options)
  }

  function listen (live: Live): void {
    live.on('message', ({ message }) => { lastHeard = message.seq; store.set(afterMessage(message, store.state, isLookedAt())) })
    live.on('event', ({ event }) => store.set(afterEvent(event, store.state)))
    live.on('state', present => store.set({ present, people: withPeople(store.state.people, present) }))
    live.on('typing', ({ participant_id: writer, active }) => store.set({ writing: [...store.state.writing.filter(one => one !== writer), ...active ? [writer] : []] }))
    live.on('status', status => store.set({ status, ...status !== 'live' && { writing: [] } }))
    live.on('outbox', outbox => { store.set({ outbox }); kept?.update(outbox) })
    live.on('reset', () => onReset())
    live.on('end', end => { if (end.code !== 1000) store.set({ end }) })
  }

  return {
    follow,
    send: (input, options) => live?.send(input, options),
    retry: localId => live?.retry(localId),
    discard: localId => live?.discard(localId),
    typing: isActive => live?.typing(isActive),
    seq: () => live?.seq ?? 0,
    lastHeard: () => lastHeard,
    close: () => live?.close()
  }
}

/** What is not stored yet, each once: of the same page, then of an earlier one. */
function unsentOf (outbox: readonly Outgoing[], kept: MessageInput[]): Array<{ input: MessageInput } & SendOptions> {
  const unsent = outbox.filter(({ state }) => state !== 'sent').map(({ input, file, fileName }) => ({ input, ...file && { file }, ...fileName !== undefined && { fileName } }))
  const known = new Set(outbox.map(({ localId }) => localId))
  return [...unsent, ...kept.filter(input => !known.has(input.local_id!)).map(input => ({ input }))]
}
