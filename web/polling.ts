import { useEffect, useState } from 'preact/hooks'

const PAUSE_MS = 5000

export interface Polled<Value> {
  /** What was read last; undefined before the first time. An error takes nothing away. */
  value: Value | undefined
  /** Why the last attempt failed. */
  error: unknown
}

interface PollingOptions {
  isOn?: boolean
  /** Whether it is enough to have it once. */
  isOnce?: boolean
  /** What it is read anew for when it changes. */
  causes?: unknown[]
}

/** Reads something now, and again and again as long as somebody looks at the page; at once when the network is back. */
export function usePolling<Value> (read: () => Promise<Value>, { isOn = true, isOnce = false, causes = [] }: PollingOptions = {}): Polled<Value> {
  const [polled, setPolled] = useState<Polled<Value>>({ value: undefined, error: undefined })
  useEffect(() => {
    if (!isOn) return
    let timer: ReturnType<typeof setTimeout>
    let isOver = false
    let isReading = false

    async function round (): Promise<void> {
      if (isReading || isOver) return
      clearTimeout(timer)
      isReading = true
      if (!document.hidden) await attempt()
      isReading = false
      if (!isOver) timer = setTimeout(round, PAUSE_MS)
    }

    async function attempt (): Promise<void> {
      const outcome = await read().then(value => ({ value, error: undefined }), (error: unknown) => ({ error }))
      if (isOver) return
      isOver = isOnce && outcome.error === undefined
      setPolled(last => ({ ...last, ...outcome }))
    }

    const listener = (): void => { if (!document.hidden) round() }
    round()
    document.addEventListener('visibilitychange', listener)
    addEventListener('online', listener)
    return () => {
      isOver = true
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', listener)
      removeEventListener('online', listener)
    }
  }, [isOn, ...causes])
  return isOn ? polled : { value: polled.value, error: undefined }
}
