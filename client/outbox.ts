import { createBackoff } from './backoff.js'
import { postMessage, type Posted } from './post.js'
import type { Message, MessageInput, Place, Problem } from './types.js'

export interface SendOptions {
  /** The file of a message of type A, i, V, a or v. */
  file?: Blob
  /** What it is called; the file's own name when absent. */
  fileName?: string
}

/** A message on its way. */
export interface Outgoing extends SendOptions {
  /** The id by which the server knows that it is the same when it is sent again. */
  localId: string
  input: MessageInput
  /**
   * `waiting`: for its turn, or for another try; `sent`: stored, and about to come by the log; `failed`: refused, for the
   * reason in `problem`.
   */
  state: 'waiting' | 'sending' | 'sent' | 'failed'
  /** The part of the file that is sent, 0 to 1, where that can be known. */
  progress: number
  /** Why it is refused, or why it has to wait. */
  problem?: Problem | undefined
  /** The stored message. */
  message?: Message
}

/** The messages that somebody sends in a conversation: one at a time, in order, until each is stored or refused. */
export interface Outbox {
  list: () => readonly Outgoing[]
  /**
   * Sends a message. One whose `local_id` is on its way already is not sent a second time.
   * @throws Error when it is closed
   */
  send: (input: MessageInput, options?: SendOptions) => Outgoing
  /** Sends one that has failed again, as the same message. */
  retry: (localId: string) => void
  /** Sends one no more. It may be stored already when it was just being sent. */
  discard: (localId: string) => void
  /** The log has brought everything up to a seq. */
  arrived: (seq: number, message?: Message) => void
  /** Tries what waits at once, unless the server has asked to wait. */
  hurry: () => void
  close: () => void
}

export interface OutboxOptions {
  onChange: (items: readonly Outgoing[]) => void
  /** The seq up to which the log has come. */
  reached: () => number
}

export function createOutbox (place: Place, conversationId: string, { onChange, reached }: OutboxOptions): Outbox {
  const backoff = createBackoff(place.pace)
  // An id that was given may be that of somebody else's message, or of an older one: then only the answer tells whose it is.
  const madeHere = new Set<string>()
  let items: readonly Outgoing[] = []
  let current: { localId: string, controller: AbortController } | undefined
  let isOpen = true

  function find (localId: string): Outgoing | undefined {
    return items.find(item => item.localId === localId)
  }

  function set (next: readonly Outgoing[]): void {
    if (isOpen) onChange(items = next)
  }

  function change (localId: string, changes: Partial<Outgoing>): void {
    if (find(localId) !== undefined) set(items.map(item => item.localId === localId ? { ...item, ...changes } : item))
  }

  function send (input: MessageInput, { file, fileName }: SendOptions = {}): Outgoing {
    if (!isOpen) throw new Error('It is closed and sends nothing any more.')
    const localId = input.local_id || newLocalId()
    if (!input.local_id) madeHere.add(localId)
    const other = find(localId)
    if (other !== undefined && other.state !== 'failed') return other
    const item: Outgoing = { ...file && { file }, ...fileName && { fileName }, localId, input: { ...input, local_id: localId }, state: 'waiting', progress: 0 }
    set([...items.filter(one => one !== other), item])
    work()
    return item
  }

  /** Posts what is next, unless something is being posted or there is a pause. */
  function work (): void {
    const next = items.find(({ state }) => state === 'waiting')
    if (isOpen && !backoff.isWaiting() && current === undefined && next !== undefined) post(next)
  }

  async function post ({ localId, input, file, fileName }: Outgoing): Promise<void> {
    const { signal } = (current = { localId, controller: new AbortController() }).controller
    change(localId, { state: 'sending', progress: 0 })
    const onProgress = (progress: number): void => change(localId, { progress })
    const posted = await postMessage(place, { conversationId, input, file, fileName, onProgress, signal })
    current = undefined
    settle(localId, posted)
  }

  function settle (localId: string, posted: Posted): void {
    // Those behind it wait, too: they are to come in the order in which they were sent.
    if ('againMs' in posted && find(localId) !== undefined) {
      if (isOpen) backoff.schedule(work, posted.againMs)
      return change(localId, { state: 'waiting', progress: 0, problem: posted.problem })
    }
    if (!('againMs' in posted)) {
      backoff.reset()
      change(localId, 'message' in posted ? { state: 'sent', progress: 1, message: posted.message, problem: undefined } : { state: 'failed', problem: posted.problem })
      arrived(reached())
    }
    work()
  }

  function arrived (seq: number, message?: Message): void {
    const isHere = (item: Outgoing): boolean => item.message === undefined
      ? madeHere.has(item.localId) && message !== undefined && message.type !== 'S' && message.local_id === item.localId
      : item.message.seq <= seq
    remove(isHere)
  }

  function remove (isGone: (item: Outgoing) => boolean): void {
    const gone = items.filter(isGone)
    for (const { localId } of gone) madeHere.delete(localId)
    if (gone.length > 0) set(items.filter(item => !gone.includes(item)))
  }

  function retry (localId: string): void {
    if (find(localId)?.state !== 'failed') return
    change(localId, { state: 'waiting', progress: 0, problem: undefined })
    work()
  }

  function discard (localId: string): void {
    remove(item => item.localId === localId)
    if (current?.localId === localId) current.controller.abort()
  }

  function close (): void {
    isOpen = false
    backoff.reset()
    current?.controller.abort()
  }

  return { list: () => items, send, retry, discard, arrived, hurry: backoff.hurry, close }
}

/** 32 random hex digits. `crypto.randomUUID` would be missing in pages that came by http from another machine. */
function newLocalId (): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, '0')).join('')
}
