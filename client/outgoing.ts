import type { Message, MessageInput, Problem } from './types.js'

export interface SendOptions {
  /** The file of a message of type A, i, V, a or v; a Buffer of Node is a Uint8Array. */
  file?: Blob | Uint8Array | ArrayBuffer
  /** What it is called; the file's own name when absent. */
  fileName?: string
}

/** A message on its way. */
export interface Outgoing extends SendOptions {
  /** The id by which the server knows that it is the same when it is sent again. */
  localId: string
  input: MessageInput
  file?: Blob
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

/** The messages on their way, in the order in which they were sent. */
export interface OutgoingList {
  all: () => readonly Outgoing[]
  find: (localId: string) => Outgoing | undefined
  /** Appends one, in the place of an earlier one with the same `local_id`. */
  add: (item: Outgoing) => void
  change: (localId: string, changes: Partial<Outgoing>) => void
  /** Gives those that were removed. */
  remove: (isGone: (item: Outgoing) => boolean) => readonly Outgoing[]
  /** Keeps it as it is: nothing is changed and nothing is told any more. */
  freeze: () => void
}

export function createOutgoingList (onChange: (items: readonly Outgoing[]) => void): OutgoingList {
  let items: readonly Outgoing[] = []
  let isFrozen = false

  function find (localId: string): Outgoing | undefined {
    return items.find(item => item.localId === localId)
  }

  function set (next: readonly Outgoing[]): void {
    if (!isFrozen) onChange(items = next)
  }

  function add (item: Outgoing): void {
    set([...items.filter(({ localId }) => localId !== item.localId), item])
  }

  function change (localId: string, changes: Partial<Outgoing>): void {
    if (find(localId) !== undefined) set(items.map(item => item.localId === localId ? { ...item, ...changes } : item))
  }

  function remove (isGone: (item: Outgoing) => boolean): readonly Outgoing[] {
    const gone = items.filter(isGone)
    if (gone.length > 0) set(items.filter(item => !gone.includes(item)))
    return gone
  }

  return { all: () => items, find, add, change, remove, freeze: () => { isFrozen = true } }
}
