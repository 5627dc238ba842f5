import { createDecide, isOver, type Decide } from './decisions.js'
import { createReader } from './reader.js'
import { sayError } from '../errors.js'
import { say } from '../language.js'
import { ProblemError } from '../session.js'
import { createStore, type Store } from '../store.js'
import type { WaitingState } from './state.js'

/** The messages that wait for a decision, as they come and go. */
export interface Waiting extends Store<WaitingState> {
  decide: Decide
  close: () => void
}

const initial: WaitingState = { items: [], hasMore: false, isLoaded: false, problem: '', problemAt: 0, trouble: '', deciding: new Set(), decided: new Set() }

// Nobody looks at more at once; the others come when some of these are decided.
const SHOWN_MAX = 100
const REREAD_MS = 5000
const PAUSE_MS = 2000
// Many may come one by one.
const ARRIVAL_PAUSE_MS = 250
const PROBLEM_MS = 5000

export function openWaiting (): Waiting {
  const store = createStore(initial)
  const reader = createReader()
  const decide = createDecide(store, leave)
  const leaving = new AbortController()

  // The list again and again, since others decide, too. In between what comes is added to it.
  async function follow (): Promise<void> {
    while (!leaving.signal.aborted) {
      try {
        const end = performance.now() + REREAD_MS
        let after = await readAgain()
        while (!leaving.signal.aborted && after !== undefined && performance.now() < end) after = await hear(after, end)
        if (after === undefined) await reader.pause(PAUSE_MS)
      } catch (error) {
        if (leaving.signal.aborted) return
        if (isOver(error)) return leave()
        store.set({ trouble: error instanceof ProblemError ? sayError(error) : say('staleList') })
        await reader.pause(PAUSE_MS)
      }
    }
  }

  // Gives after which message to wait for others; undefined when there are more than are shown.
  async function readAgain (): Promise<string | undefined> {
    const { results, next } = await reader.read({ limit: SHOWN_MAX })
    const items = results.filter(({ message }) => !store.state.decided.has(message.id))
    const isRead = performance.now() - store.state.problemAt > PROBLEM_MS
    store.set({ items, hasMore: next !== null, isLoaded: true, trouble: '', ...isRead && { problem: '' } })
    return next === null ? results.at(-1)?.message.id ?? '' : undefined
  }

  async function hear (after: string, end: number): Promise<string | undefined> {
    const wait = Math.max(1, Math.ceil((end - performance.now()) / 1000))
    const { results, next } = await reader.read({ ...after !== '' && { after }, wait, limit: SHOWN_MAX })
    if (results.length === 0) return after
    const items = [...store.state.items, ...results]
    const hasMore = next !== null || items.length > SHOWN_MAX
    store.set({ items: items.slice(0, SHOWN_MAX), hasMore })
    await reader.pause(ARRIVAL_PAUSE_MS)
    return hasMore ? undefined : results.at(-1)!.message.id
  }

  function leave (): void {
    store.set({ problem: '', trouble: say('sessionOver') })
    close()
  }

  function close (): void {
    leaving.abort()
    reader.close()
  }

  follow()
  return { get state () { return store.state }, set: store.set, subscribe: store.subscribe, decide, close }
}
