import type { Live, MessageInput, Outgoing, SendOptions } from '../../client/index.js'
import { client, orThrow, ProblemError } from '../session.js'
import { createStore, type Store } from '../store.js'
import { keepOutbox, keptOutbox } from './kept-outbox.js'
import { createReadMark } from './read-mark.js'
import { createReader, PAGE, type Reader } from './reader.js'
import { afterEvent, afterMessage, unknownTalk, withPeople, type TalkState } from './state.js'

/** A conversation as the page shows it: what is known of it, and what can be done. */
export interface Talk extends Store<TalkState>, Omit<Reader, 'readAround'> {
  id: string
  send: (input: MessageInput, options?: SendOptions) => void
  retry: (localId: string) => void
  discard: (localId: string) => void
  typing: (isActive: boolean) => void
  /** Whether somebody looks at its end: what is there, and what comes meanwhile, is read. */
  look: (isLooking: boolean) => void
  join: (nickname: string) => Promise<void>
  reload: () => Promise<void>
  close: () => void
}

/**
 * Opens a conversation.
 * @param around the seq at which to begin reading, the end when absent
 */
export function openTalk (id: string, around?: number): Talk {
  const store = createStore(unknownTalk)
  let live: Live | undefined
  let isOpen = true
  let isLookedAt = false
  let lastHeard = 0
  const { readAround, ...reader } = createReader(id, store, () => lastHeard)
  const mark = createReadMark(id)

  async function load (seq?: number): Promise<void> {
    store.set({ phase: 'loading' })
    const { lastSeq, ...loaded } = await read(id, seq, readAround).catch(async error => ({ phase: await phaseAfter(error, id), lastSeq: undefined }))
    if (!isOpen) return
    store.set({ ...unknownTalk, ...loaded })
    if (lastSeq === undefined) return
    follow(lastSeq)
    if (seq !== undefined && store.state.myId !== null) store.set({ fresh: await mark.countUnread() })
  }

  function follow (after: number): void {
    // What was on its way goes on, as the same messages.
    const unsent = unsentOf(live?.outbox ?? [], keptOutbox(id))
    live?.close()
    live = client.live(id, { after })
    listen(live)
    for (const { input, ...options } of unsent) live.send(input, options)
  }

  function listen (live: Live): void {
    live.on('message', ({ message }) => { lastHeard = message.seq; store.set(afterMessage(message, store.state, isLookedAt)) })
    live.on('event', ({ event }) => store.set(afterEvent(event, store.state)))
    live.on('state', present => store.set({ present, people: withPeople(store.state.people, present) }))
    live.on('typing', ({ participant_id: writer, active }) => store.set({ writing: [...store.state.writing.filter(one => one !== writer), ...active ? [writer] : []] }))
    live.on('status', status => store.set({ status, ...status !== 'live' && { writing: [] } }))
    live.on('outbox', outbox => { store.set({ outbox }); keepOutbox(id, outbox) })
    live.on('reset', () => { load() })
    live.on('end', end => { if (end.code !== 1000) store.set({ end }) })
  }

  function look (isLooking: boolean): void {
    isLookedAt = isLooking
    if (!isLooking) return
    if (store.state.fresh > 0) store.set({ fresh: 0 })
    if (store.state.myId !== null) mark.set(live?.seq ?? 0)
  }

  async function join (nickname: string): Promise<void> {
    await orThrow(client.POST('/api/chat/conversations/{conversation_id}/join/', { params: { path: { conversation_id: id } }, body: { nickname } }))
    await load()
  }

  load(around)
  return {
    ...reader,
    id,
    get state () { return store.state },
    set: store.set,
    subscribe: store.subscribe,
    send: (input, options) => live?.send(input, options),
    retry: localId => live?.retry(localId),
    discard: localId => live?.discard(localId),
    typing: isActive => live?.typing(isActive),
    look,
    join,
    reload: () => load(),
    close: () => { isOpen = false; mark.end(store.state.end === undefined); live?.close() }
  }
}

/** The present state of a conversation, with the messages around a seq, or the last ones. */
async function read (id: string, seq: number | undefined, readAround: Reader['readAround']) {
  const path = { conversation_id: id }
  const snapshot = await orThrow(client.GET('/api/chat/conversations/{conversation_id}/snapshot/', { params: { path, query: { messages: PAGE } } }))
  const { results } = await orThrow(client.GET('/api/chat/conversations/{conversation_id}/participants/', { params: { path, query: { left: true } } }))
  const { conversation, my_participant_id: myId, messages, participants: present, last_seq: lastSeq } = snapshot
  const first = messages[0]?.seq ?? 1
  const stretch = seq !== undefined && seq < first ? await readAround(seq) : { items: messages, hasOlder: first > 2, hasNewer: false }
  return { phase: 'ready', conversation, myId, present, stretch, lastSeq, people: new Map(results.map(one => [one.id, one])) } as const
}

/** What is not stored yet, each once: of the same page, then of an earlier one. */
function unsentOf (outbox: readonly Outgoing[], kept: MessageInput[]): Array<{ input: MessageInput } & SendOptions> {
  const unsent = outbox.filter(({ state }) => state !== 'sent').map(({ input, file, fileName }) => ({ input, ...file && { file }, ...fileName !== undefined && { fileName } }))
  const known = new Set(outbox.map(({ localId }) => localId))
  return [...unsent, ...kept.filter(input => !known.has(input.local_id!)).map(input => ({ input }))]
}

async function phaseAfter (error: unknown, id: string): Promise<TalkState['phase']> {
  if (!(error instanceof ProblemError)) return 'broken'
  const { status, code } = error.problem
  if (code !== 'not_a_participant' && code !== 'session_required') return status === 404 ? 'missing' : 'broken'
  // Where strangers may look, they may also join.
  const asked = client.GET('/api/chat/conversations/{conversation_id}/', { params: { path: { conversation_id: id } } })
  return asked.then(({ data }) => data === undefined ? 'missing' : 'stranger', () => 'broken')
}
