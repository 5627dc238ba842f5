import { useEffect, useRef, useState } from 'preact/hooks'
import { sayError } from './errors.js'

export interface Attempt {
  isBusy: boolean
  /** Why the last one failed; empty when it did not. */
  problem: string
  attempt: (work: () => Promise<void>) => Promise<void>
}

/** What a form does when it is sent: not again while it is under way, so that who clicks twice gets one of it. */
export function useAttempt (sayWhy: (error: unknown) => string = sayError): Attempt {
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const isRunning = useRef(false)
  const focused = useRef<Element | null>(null)

  // A button that is disabled loses the focus.
  useEffect(() => { if (!isBusy && document.activeElement === document.body) (focused.current as HTMLElement | null)?.focus() }, [isBusy])

  async function attempt (work: () => Promise<void>): Promise<void> {
    if (isRunning.current) return
    isRunning.current = true
    focused.current = document.activeElement
    setBusy(true)
    setError(undefined)
    await work().catch(setError)
    isRunning.current = false
    setBusy(false)
  }

  return { isBusy, problem: error === undefined ? '' : sayWhy(error), attempt }
}
