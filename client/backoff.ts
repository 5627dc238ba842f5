import type { Pace } from './pace.js'

/** Something that is tried again after a pause. */
export interface Backoff {
  /**
   * Calls a function after a pause, which grows from one failure to the next.
   * @param leastMs how long the server has asked to wait
   */
  schedule: (work: () => void, leastMs?: number) => void
  isWaiting: () => boolean
  /** Calls what is scheduled now, unless the server has asked to wait. */
  hurry: () => void
  /** Nothing is scheduled any more, and the next pause is the first again. */
  reset: () => void
}

export function createBackoff ({ pauseMs }: Pick<Pace, 'pauseMs'>): Backoff {
  let failures = 0
  let isAsked = false
  let timer: ReturnType<typeof setTimeout> | undefined
  let scheduled: (() => void) | undefined

  function cancel (): void {
    clearTimeout(timer)
    scheduled = undefined
  }

  function run (): void {
    const work = scheduled
    cancel()
    work?.()
  }

  function schedule (work: () => void, leastMs = 0): void {
    cancel()
    scheduled = work
    isAsked = leastMs > 0
    timer = setTimeout(run, pauseMs(failures++, leastMs))
  }

  return {
    schedule,
    isWaiting: () => scheduled !== undefined,
    hurry: () => { if (!isAsked) run() },
    reset: () => { cancel(); failures = 0 }
  }
}
