/** Tells listeners of things by name, each thing to all of them before the next one. One that throws keeps nothing from the others. */
export interface Emitter<Events extends Record<keyof Events, unknown>> {
  /** Gives how to listen no more. */
  on: <Name extends keyof Events>(name: Name, listener: (what: Events[Name]) => void) => () => void
  emit: <Name extends keyof Events>(name: Name, what: Events[Name]) => void
  /** Whether nobody listens to it. */
  isUnheard: (name: keyof Events) => boolean
  /** Nothing is told any more, not even what has happened already. */
  stop: () => void
}

export function createEmitter<Events extends Record<keyof Events, unknown>> (): Emitter<Events> {
  const listeners = new Map<keyof Events, Set<(what: never) => void>>()
  // What happens while listeners are told of something else comes after it for all of them.
  const untold: Array<() => void> = []
  let isStopped = false

  function tell (name: keyof Events, what: unknown): void {
    const those = listeners.get(name) ?? new Set()
    for (const listener of [...those]) {
      if (isStopped || !those.has(listener)) continue
      try { listener(what as never) } catch (error) { queueMicrotask(() => { throw error }) }
    }
  }

  return {
    on: (name, listener) => {
      const others = listeners.get(name) ?? new Set()
      listeners.set(name, others.add(listener as never))
      return () => { others.delete(listener as never) }
    },
    emit: (name, what) => {
      if (untold.push(() => tell(name, what)) > 1) return
      for (; untold.length > 0; untold.shift()) untold[0]!()
    },
    isUnheard: name => !listeners.get(name)?.size,
    stop: () => { isStopped = true }
  }
}
