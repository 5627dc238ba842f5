import type { Event, FileMessage, Live, LiveStatus, Message, MessageInput, Outgoing, Participant, SendOptions, Snapshot, TextMessage } from '../client/index.js'
import { client, orThrow, ProblemError } from './session.js'
import { createStore, type Store } from './store.js'
import { addNewer, addOlder, append, emptyStretch, type Stretch } from './window.js'

/** A message that somebody has said. */
export type Said = TextMessage | FileMessage

export interface TalkState {
  /** `stranger`: who is not in it, but may join. */
  phase: 'loading' | 'ready' | 'stranger' | 'missing' | 'broken'
  conversation: Snapshot['conversation'] | undefined
  myId: string | null
  /** Everybody who is or was in it, by id. */
  people: ReadonlyMap<string, Participant>
  /** Those who are in it now. */
  present: readonly Participant[]
  stretch: Stretch
  /** How many messages have come that are not in the stretch, or have not been looked at. */
  fresh: number
  /** How often one went to the end. */
  returns: number
  /** Who is writing something. */
  writing: readonly string[]
  status: LiveStatus
  outbox: readonly Outgoing[]
  /** Why there is no connection any more. */
  end: { code: number, reason: string } | undefined
  /** The bot that could not be given a message. */
  dropped: string | undefined
}

/** A conversation as the page shows it: what is known of it, and what can be done. */
export interface Talk extends Store<TalkState> {
  id: string
  loadOlder: () => Promise<void>
  loadNewer: () => Promise<void>
  /** A message of the conversation, wherever it is; undefined for none. */
  peek: (messageId: string) => Promise<Message | undefined>
  /** Makes a message part of the stretch, for which all others may be forgotten. Gives its seq. */
  find: (messageId: string) => Promise<number | undefined>
  toEnd: () => Promise<void>
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

const PAGE = 50
const READ_PAUSE_MS = 400

const initial: TalkState = {
  phase: 'loading',
  conversation: undefined,
  myId: null,
  people: new Map(),
  present: [],
  stretch: emptyStretch,
  fresh: 0,
  returns: 0,
  writing: [],
  status: 'connecting',
  outbox: [],
  end: undefined,
  dropped: undefined
}

/**
 * Opens a conversation.
 * @param around the seq at which to begin reading, the end when absent
 */
export function openTalk (id: string, around?: number): Talk {
  const store = createStore(initial)
  const path = { conversation_id: id }
  let live: Live | undefined
  let isOpen = true
  let loading: Promise<void> | undefined
  let readSeq = 0
  // Of the messages that have come by themselves.
  let lastHeard = 0
  let isLookedAt = false
  let readTimer: ReturnType<typeof setTimeout> | undefined

  async function load (seq?: number): Promise<void> {
    store.set({ phase: 'loading' })
    try {
      const snapshot = await orThrow(client.GET('/api/chat/conversations/{conversation_id}/snapshot/', { params: { path, query: { messages: PAGE } } }))
      const { results } = await orThrow(client.GET('/api/chat/conversations/{conversation_id}/participants/', { params: { path, query: { left: true } } }))
      const { conversation, my_participant_id: myId, messages, participants } = snapshot
      const isEarlier = seq !== undefined && seq < (messages[0]?.seq ?? 0)
      const stretch = isEarlier ? await readAround(seq) : { items: messages, hasOlder: (messages[0]?.seq ?? 1) > 2, hasNewer: false }
      if (!isOpen) return
      store.set({ ...initial, phase: 'ready', conversation, myId, people: new Map(results.map(one => [one.id, one])), present: participants, stretch })
      follow(snapshot.last_seq)
    } catch (error) {
      const phase = await phaseAfter(error, id)
      if (isOpen) store.set({ phase })
    }
  }

  function follow (after: number): void {
    if (!isOpen) return
    const kept = [...live?.outbox.filter(({ state }) => state !== 'sent') ?? [], ...keptOutbox(id).map(input => ({ input }))]
    live?.close()
    live = client.live(id, { after })
    live.on('message', ({ message }) => hear(message))
    live.on('event', ({ event }) => store.set(changesOf(event, store.state)))
    live.on('state', present => store.set({ present, people: new Map([...store.state.people, ...present.map(one => [one.id, one] as const)]) }))
    live.on('typing', ({ participant_id: writer, active }) => store.set({ writing: [...store.state.writing.filter(one => one !== writer), ...active ? [writer] : []] }))
    live.on('status', status => store.set({ status, ...status !== 'live' && { writing: [] } }))
    live.on('outbox', outbox => { store.set({ outbox }); keepOutbox(id, outbox) })
    live.on('reset', () => { load() })
    live.on('end', end => { if (end.code !== 1000) store.set({ end }) })
    // What was on its way goes on, as the same messages.
    const localIds = new Set<string>()
    for (const { input, ...options } of kept) {
      if (localIds.has(input.local_id!)) continue
      localIds.add(input.local_id!)
      live.send(input, options)
    }
  }

  function hear (message: Message): void {
    const { state } = store
    lastHeard = message.seq
    const isOwn = message.type !== 'S' && message.sender_id === state.myId
    const writing = message.type === 'S' ? state.writing : state.writing.filter(one => one !== message.sender_id)
    store.set({ stretch: append(state.stretch, message), writing, fresh: message.type === 'S' || isOwn || isLookedAt ? state.fresh : state.fresh + 1 })
  }

  // One page at a time: who scrolls asks again and again.
  function once (work: () => Promise<void>): Promise<void> {
    loading ??= work().catch(() => {}).finally(() => { loading = undefined })
    return loading
  }

  async function page (query: { before?: number, after?: number, around?: number }) {
    return orThrow(client.GET('/api/chat/conversations/{conversation_id}/messages/', { params: { path, query: { ...query, limit: PAGE } } }))
  }

  async function loadOlder (): Promise<void> {
    const { stretch: { items: [first], hasOlder } } = store.state
    if (!hasOlder || first === undefined) return
    const { results, previous } = await page({ before: first.seq })
    // Somebody may have gone elsewhere meanwhile.
    if (store.state.stretch.items[0] === first) store.set({ stretch: addOlder(store.state.stretch, results, previous !== null) })
  }

  async function loadNewer (): Promise<void> {
    const { stretch: { items, hasNewer } } = store.state
    if (!hasNewer) return
    const { results, next } = await page({ after: items.at(-1)!.seq })
    if (store.state.stretch.items.at(-1) === items.at(-1)) store.set({ stretch: addNewer(store.state.stretch, results, isMore(results, next)) })
  }

  // What has come since the page was read on the server is not in it.
  function isMore (results: readonly Message[], next: string | null): boolean {
    return next !== null || lastHeard > (results.at(-1)?.seq ?? Infinity)
  }

  async function readAround (seq: number): Promise<Stretch> {
    const { results, previous, next } = await page({ around: seq })
    return { items: results, hasOlder: previous !== null, hasNewer: isMore(results, next) }
  }

  async function goTo (seq: number): Promise<void> {
    store.set({ stretch: await readAround(seq) })
  }

  const peeked = new Map<string, Promise<Message | undefined>>()

  function peek (messageId: string): Promise<Message | undefined> {
    const known = peeked.get(messageId)
    if (known !== undefined) return known
    const asked = client.GET('/api/chat/conversations/{conversation_id}/messages/{message_id}/', { params: { path: { ...path, message_id: messageId } } })
      .then(({ data }) => data, () => { peeked.delete(messageId); return undefined })
    peeked.set(messageId, asked)
    return asked
  }

  async function find (messageId: string): Promise<number | undefined> {
    const known = store.state.stretch.items.find(message => message.id === messageId)
    if (known !== undefined) return known.seq
    const message = await peek(messageId)
    if (message !== undefined) await goTo(message.seq)
    return message?.seq
  }

  async function toEnd (): Promise<void> {
    if (store.state.stretch.hasNewer) await goTo(Number.MAX_SAFE_INTEGER)
    if (store.state.stretch.hasNewer) await loadNewer()
    store.set({ fresh: 0, returns: store.state.returns + 1 })
  }

  function look (isLooking: boolean): void {
    isLookedAt = isLooking
    if (isLooking) markRead()
  }

  function markRead (): void {
    const last = live?.seq ?? 0
    if (store.state.fresh > 0) store.set({ fresh: 0 })
    if (store.state.myId === null || last <= readSeq) return
    readSeq = last
    clearTimeout(readTimer)
    readTimer = setTimeout(() => {
      client.POST('/api/chat/conversations/{conversation_id}/read/', { params: { path }, body: { seq: readSeq } }).catch(() => { readSeq = 0 })
    }, READ_PAUSE_MS)
  }

  async function join (nickname: string): Promise<void> {
    await orThrow(client.POST('/api/chat/conversations/{conversation_id}/join/', { params: { path }, body: { nickname } }))
    await load()
  }

  load(around)
  return {
    id,
    get state () { return store.state },
    set: store.set,
    subscribe: store.subscribe,
    loadOlder: () => once(loadOlder),
    loadNewer: () => once(loadNewer),
    peek,
    // Without a connection one stays where one is.
    find: messageId => find(messageId).catch(() => undefined),
    toEnd: () => toEnd().catch(() => {}),
    send: (input, options) => live?.send(input, options),
    retry: localId => live?.retry(localId),
    discard: localId => live?.discard(localId),
    typing: isActive => live?.typing(isActive),
    look,
    join,
    reload: () => load(),
    close: () => { isOpen = false; live?.close() }
  }
}

async function phaseAfter (error: unknown, id: string): Promise<TalkState['phase']> {
  if (!(error instanceof ProblemError)) return 'broken'
  const { status, code } = error.problem
  if (code !== 'not_a_participant' && code !== 'session_required') return status === 404 ? 'missing' : 'broken'
  // Where strangers may look, they may also join.
  const { data } = await client.GET('/api/chat/conversations/{conversation_id}/', { params: { path: { conversation_id: id } } })
  return data === undefined ? 'missing' : 'stranger'
}

/** What an event of the log, other than a message, changes. */
function changesOf (event: Event, { people, conversation }: TalkState): Partial<TalkState> {
  switch (event.type) {
    case 'conversation.renamed':
    case 'conversation.ended': return { conversation: { ...conversation, ...event.conversation } }
    case 'participant.joined':
    case 'participant.renamed':
    case 'participant.left': return { people: new Map([...people, [event.participant.id, event.participant]]) }
    case 'delivery.dropped': return { dropped: event.participant_id }
    default: return {}
  }
}

const keyOf = (id: string): string => `colloquy.outbox.${id}`

/** Texts on their way outlive a reload, with their local_id; files do not. */
function keepOutbox (id: string, outbox: readonly Outgoing[]): void {
  const inputs = outbox.filter(({ file, state }) => file === undefined && state !== 'sent').map(({ input }) => input)
  if (inputs.length === 0) sessionStorage.removeItem(keyOf(id))
  else sessionStorage.setItem(keyOf(id), JSON.stringify(inputs))
}

function keptOutbox (id: string): MessageInput[] {
  return JSON.parse(sessionStorage.getItem(keyOf(id)) ?? '[]')
}
