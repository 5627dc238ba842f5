import { useEffect, useState } from 'preact/hooks'

/** A value that changes, and those who show it. */
export interface Store<State> {
  readonly state: State
  set: (changes: Partial<State>) => void
  /** Gives how to listen no more. */
  subscribe: (listener: () => void) => () => void
}

/** What changes within one frame is shown at once, in the next. */
export function createStore<State extends object> (initial: State): Store<State> {
  const listeners = new Set<() => void>()
  let state = initial
  let isScheduled = false

  function tell (): void {
    isScheduled = false
    for (const listener of listeners) listener()
  }

  return {
    get state () { return state },
    set: changes => {
      state = { ...state, ...changes }
      if (isScheduled) return
      isScheduled = true
      // A page in the background draws no frames.
      if (document.hidden) setTimeout(tell, 50)
      else requestAnimationFrame(tell)
    },
    subscribe: listener => {
      listeners.add(listener)
      return () => { listeners.delete(listener) }
    }
  }
}

export function useStore<State extends object> (store: Store<State>): State {
  const [state, setState] = useState(store.state)
  useEffect(() => {
    setState(store.state)
    return store.subscribe(() => setState(store.state))
  }, [store])
  return state
}
