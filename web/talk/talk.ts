import { client, orThrow, ProblemError, sessionId } from '../session.js'
import { createStore, type Store } from '../store.js'
import { createLine, type Line } from './line.js'
import { createReadMark, type ReadMark } from './read-mark.js'
import { createReader, PAGE, type Reader } from './reader.js'
import { unknownTalk, type TalkState } from './state.js'
import { unreadOf } from './unread.js'
import { tailOf } from './window.js'

/** A conversation as the page shows it: what is known of it, and what can be done. */
export interface Talk extends Store<TalkState>, Omit<Reader, 'readAround'>, Pick<Line, 'send' | 'retry' | 'discard' | 'typing'> {
  id: string
  /** Whether somebody looks at its end: what is there, and what comes meanwhile, is read. */
  look: (isLooking: boolean) => void
  /** Somebody comes back to it: what is unread begins elsewhere now. */
  noteUnread: () => Promise<void>
  join: (nickname: string, onJoined: () => Promise<void>) => Promise<void>
  /** Begins anew, for whoever is here now. */
  reload: () => Promise<void>
  close: () => void
  /** Whether it is of who is here now, and not of who was before. */
  isOwn: () => boolean
}

// After so long what could not be shown is asked for again.
const RETRY_MS = 5000

/**
 * Opens a conversation.
 * @param around the seq at which to begin reading, the end when absent
 */
export function openTalk (id: string, around?: number): Talk {
  const store = createStore(unknownTalk)
  // Whoever comes after somebody sends nothing of theirs, and the other way round.
  const owner = client
  let session = sessionId
  let again: ReturnType<typeof setTimeout> | undefined
  let isOpen = true
  let isLookedAt = false
  const line = createLine(id, store, { client: owner, isLookedAt: () => isLookedAt, onReset: load })
  const { readAround, ...reader } = createReader(id, store, line.lastHeard)
  const mark = createReadMark(id)

  async function load (seq?: number): Promise<void> {
    clearTimeout(again)
    if (store.state.phase !== 'broken') store.set({ phase: 'loading' })
    const { lastSeq, ...loaded } = await read(id, seq, readAround, mark).catch(async error => ({ ...await outcomeOf(error, id), lastSeq: undefined }))
    if (!isOpen) return
    store.set({ ...unknownTalk, ...loaded })
    if (loaded.phase === 'broken') again = setTimeout(() => load(seq), RETRY_MS)
    if (lastSeq !== undefined) line.follow(lastSeq, session)
  }

  async function noteUnread (): Promise<void> {
    if (store.state.myId === null) return
    store.set({ unread: undefined })
    const upTo = line.seq()
    store.set({ unread: unreadOf(await mark.ask(), upTo) })
  }

  // What is new here may have been read in another tab.
  async function recount (): Promise<void> {
    if (document.hidden || store.state.fresh === 0) return
    const read = await mark.ask()
    store.set({ fresh: Math.min(read?.unread_count ?? Infinity, store.state.fresh) })
  }

  function goOn (): void {
    if (store.state.phase === 'broken') load(around)
  }

  function look (isLooking: boolean): void {
    isLookedAt = isLooking
    if (!isLooking) return
    if (store.state.fresh > 0) store.set({ fresh: 0 })
    if (store.state.myId !== null) mark.set(line.seq())
  }

  async function join (nickname: string, onJoined: () => Promise<void>): Promise<void> {
    await orThrow(client.POST('/api/chat/conversations/{conversation_id}/join/', { params: { path: { conversation_id: id } }, body: { nickname } }))
    // One may have a session only now.
    await onJoined()
    await reload()
  }

  async function reload (): Promise<void> {
    session = sessionId
    await load()
  }

  function close (): void {
    isOpen = false
    clearTimeout(again)
    removeEventListener('online', goOn)
    document.removeEventListener('visibilitychange', recount)
    mark.end(store.state.end === undefined)
    line.close()
  }

  addEventListener('online', goOn)
  document.addEventListener('visibilitychange', recount)
  load(around)
  return {
    ...reader,
    id,
    get state () { return store.state },
    set: store.set,
    subscribe: store.subscribe,
    send: line.send,
    retry: line.retry,
    discard: line.discard,
    typing: line.typing,
    look,
    noteUnread,
    join,
    reload,
    close,
    isOwn: () => owner === client
  }
}

/** The present state of a conversation, with the messages around a seq, or the last ones. */
async function read (id: string, seq: number | undefined, readAround: Reader['readAround'], mark: ReadMark) {
  const path = { conversation_id: id }
  const snapshot = await orThrow(client.GET('/api/chat/conversations/{conversation_id}/snapshot/', { params: { path, query: { messages: PAGE } } }))
  const { conversation, my_participant_id: myId, messages, participants: present, last_seq: lastSeq } = snapshot
  const people = orThrow(client.GET('/api/chat/conversations/{conversation_id}/participants/', { params: { path, query: { left: true } } }))
  // Before anything is shown, since that makes it read. Whoever only observes reads nothing.
  const [{ results }, read] = await Promise.all([people, myId === null ? undefined : mark.ask()])
  const first = messages[0]?.seq ?? 1
  const tail = { items: messages, hasOlder: first > 2, hasNewer: false }
  const stretch = seq !== undefined && seq < first ? await readAround(seq) : tail
  const fresh = seq === undefined ? 0 : read?.unread_count ?? 0
  return { phase: 'ready', conversation, myId, present, stretch, tail: tailOf(stretch, tail), fresh, unread: unreadOf(read, lastSeq), lastSeq, people: new Map(results.map(one => [one.id, one])) } as const
}

/** What can be shown instead of a conversation that could not be read. */
async function outcomeOf (error: unknown, id: string): Promise<Pick<TalkState, 'phase' | 'error'>> {
  if (!(error instanceof ProblemError)) return { phase: 'broken', error }
  const { status, code } = error.problem
  if (code !== 'not_a_participant' && code !== 'session_required') return { phase: status === 404 ? 'missing' : 'broken', error }
  // Where strangers may look, they may also join.
  const asked = client.GET('/api/chat/conversations/{conversation_id}/', { params: { path: { conversation_id: id } } })
  return asked.then(({ data }) => ({ phase: data === undefined ? 'missing' : 'stranger', error }), error => ({ phase: 'broken', error }))
}
