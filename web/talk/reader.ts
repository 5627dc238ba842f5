import type { Message } from '../../client/index.js'
import { remember } from '../known.js'
import { client, orThrow } from '../session.js'
import type { Store } from '../store.js'
import { addNewer, addOlder, tailOf, type Stretch } from './window.js'
import type { TalkState } from './state.js'

/** Reads the parts of a conversation that are looked at. */
export interface Reader {
  loadOlder: () => Promise<void>
  loadNewer: () => Promise<void>
  readAround: (seq: number) => Promise<Stretch>
  /** A message of the conversation, wherever it is; undefined for none. */
  peek: (messageId: string) => Promise<Message | undefined>
  /** Makes a message part of the stretch, for which all others may be forgotten. Gives its seq. */
  find: (messageId: string) => Promise<number | undefined>
  toEnd: () => void
}

export const PAGE = 50

/** @param lastHeard the seq of the last message that has come by itself */
export function createReader (conversationId: string, store: Store<TalkState>, lastHeard: () => number): Reader {
  const path = { conversation_id: conversationId }
  const peek = createPeeking(path)
  let loading: Promise<void> | undefined

  // One page at a time: who scrolls asks again and again.
  function inTurn (work: () => Promise<void>): Promise<void> {
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
    if (store.state.stretch.items.at(-1) === items.at(-1)) show(addNewer(store.state.stretch, results, isMore(results, next)), store.state.tail)
  }

  // What has come since the page was read on the server is not in it.
  function isMore (results: readonly Message[], next: string | null): boolean {
    return next !== null || lastHeard() > (results.at(-1)?.seq ?? Infinity)
  }

  async function readAround (seq: number): Promise<Stretch> {
    const { results, previous, next } = await page({ around: seq })
    return { items: results, hasOlder: previous !== null, hasNewer: isMore(results, next) }
  }

  async function find (messageId: string): Promise<number | undefined> {
    const known = store.state.stretch.items.find(message => message.id === messageId)
    if (known !== undefined) return known.seq
    const message = await peek(messageId)
    if (message === undefined) return
    const around = await readAround(message.seq)
    show(around, store.state.tail ?? store.state.stretch)
    return message.seq
  }

  function show (stretch: Stretch, tail: Stretch | undefined): void {
    store.set({ stretch, tail: tailOf(stretch, tail) })
  }

  // Needs no server: one's own message is to be seen also without a network.
  function toEnd (): void {
    const { stretch, tail, returns } = store.state
    store.set({ stretch: tail ?? stretch, tail: undefined, fresh: 0, returns: returns + 1 })
  }

  return {
    loadOlder: () => inTurn(loadOlder),
    loadNewer: () => inTurn(loadNewer),
    readAround,
    peek,
    // Without a connection one stays where one is.
    find: messageId => find(messageId).catch(() => undefined),
    toEnd
  }
}

/** Asks for a message once; again when it could not be asked. */
function createPeeking (path: { conversation_id: string }): Reader['peek'] {
  const known = new Map<string, Promise<Message | undefined>>()

  async function ask (messageId: string): Promise<Message | undefined> {
    return (await client.GET('/api/chat/conversations/{conversation_id}/messages/{message_id}/', { params: { path: { ...path, message_id: messageId } } })).data
  }

  return messageId => (known.get(messageId) ?? remember(known, messageId, ask(messageId))).catch(() => undefined)
}
