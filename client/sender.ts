import { createBackoff } from './backoff.js'
import type { Outgoing, OutgoingList } from './outgoing.js'
import { postMessage, type Posted } from './post.js'
import type { Place } from './types.js'

/** Posts the messages that wait: one at a time, in order, each until it is stored or refused. */
export interface Sender {
  /** Posts what is next, unless something is being posted or there is a pause. */
  work: () => void
  /** Tries what waits at once, unless the server has asked to wait. */
  hurry: () => void
  /** Gives a message up if it is being posted. */
  abort: (localId: string) => void
  close: () => void
}

/** @param onStored is told when the server has given a message its place in the log */
export function createSender (place: Place, conversationId: string, items: OutgoingList, onStored: () => void): Sender {
  const backoff = createBackoff(place.pace)
  let current: { localId: string, controller: AbortController } | undefined
  let isOpen = true

  function work (): void {
    const next = items.all().find(({ state }) => state === 'waiting')
    if (isOpen && !backoff.isWaiting() && current === undefined && next !== undefined) post(next)
  }

  async function post ({ localId, input, file, fileName }: Outgoing): Promise<void> {
    const { signal } = (current = { localId, controller: new AbortController() }).controller
    items.change(localId, { state: 'sending', progress: 0 })
    const onProgress = (progress: number): void => items.change(localId, { progress })
    try {
      settle(localId, await postMessage(place, { conversationId, input, file, fileName, onProgress, signal }))
    } finally {
      current = undefined
      work()
    }
  }

  function settle (localId: string, posted: Posted): void {
    if ('againMs' in posted) return postpone(localId, posted)
    backoff.reset()
    if ('problem' in posted) return items.change(localId, { state: 'failed', problem: posted.problem })
    items.change(localId, { state: 'sent', progress: 1, message: posted.message, problem: undefined })
    onStored()
  }

  /** Those behind it wait, too: they are to come in the order in which they were sent. */
  function postpone (localId: string, { againMs, problem }: { againMs: number, problem?: Outgoing['problem'] }): void {
    // It was discarded meanwhile.
    if (items.find(localId) === undefined) return
    if (isOpen) backoff.schedule(work, againMs)
    items.change(localId, { state: 'waiting', progress: 0, problem })
  }

  function close (): void {
    isOpen = false
    backoff.reset()
    current?.controller.abort()
  }

  return { work, hurry: backoff.hurry, abort: localId => { if (current?.localId === localId) current.controller.abort() }, close }
}
