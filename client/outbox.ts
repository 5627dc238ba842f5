import { blobOf } from './form.js'
import { createOutgoingList, type Outgoing, type SendOptions } from './outgoing.js'
import { createSender } from './sender.js'
import type { Message, MessageInput, Place } from './types.js'

/** The messages that somebody sends in a conversation: one at a time, in order, until each is stored or refused. */
export interface Outbox {
  list: () => readonly Outgoing[]
  /**
   * Sends a message. One whose `local_id` is on its way already is not sent a second time.
   * @throws Error when it is closed
   * @throws TypeError when the message cannot be JSON, or the file is none
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
  // An id that was given may be that of somebody else's message, or of an older one: then only the answer tells whose it is.
  const madeHere = new Set<string>()
  const items = createOutgoingList(onChange)
  const sender = createSender(place, conversationId, items, () => arrived(reached()))
  let isOpen = true

  function send (input: MessageInput, { file, fileName }: SendOptions = {}): Outgoing {
    if (!isOpen) throw new Error('It is closed and sends nothing any more.')
    const localId = input.local_id || newLocalId()
    const other = items.find(localId)
    if (other !== undefined && other.state !== 'failed') return other
    const item: Outgoing = { ...file && { file: requireBlob(file) }, ...fileName && { fileName }, localId, input: copyOf({ ...input, local_id: localId }), state: 'waiting', progress: 0 }
    if (!input.local_id) madeHere.add(localId)
    items.add(item)
    sender.work()
    return item
  }

  function arrived (seq: number, message?: Message): void {
    const isHere = (item: Outgoing): boolean => item.message === undefined
      ? madeHere.has(item.localId) && message !== undefined && message.type !== 'S' && message.local_id === item.localId
      : item.message.seq <= seq
    remove(isHere)
  }

  function remove (isGone: (item: Outgoing) => boolean): void {
    for (const { localId } of items.remove(isGone)) madeHere.delete(localId)
  }

  function retry (localId: string): void {
    if (items.find(localId)?.state !== 'failed') return
    items.change(localId, { state: 'waiting', progress: 0, problem: undefined })
    sender.work()
  }

  function discard (localId: string): void {
    remove(item => item.localId === localId)
    sender.abort(localId)
  }

  function close (): void {
    isOpen = false
    items.freeze()
    sender.close()
  }

  return { list: items.all, send, retry, discard, arrived, hurry: sender.hurry, close }
}

/** As it is now, whatever becomes of it until it is sent. */
function copyOf (input: MessageInput): MessageInput {
  try { return JSON.parse(JSON.stringify(input)) } catch (error) {
    throw new TypeError(`The message cannot be sent as JSON. ${(error as Error).message}`)
  }
}

function requireBlob (file: unknown): Blob {
  const blob = blobOf(file)
  if (blob === undefined) throw new TypeError('The file is neither a Blob nor a Uint8Array nor an ArrayBuffer.')
  return blob
}

/** 32 random hex digits. `crypto.randomUUID` would be missing in pages that came by http from another machine. */
function newLocalId (): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, '0')).join('')
}
