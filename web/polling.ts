import { useEffect } from 'preact/hooks'

const PAUSE_MS = 5000

/** Does something now, and again and again as long as somebody looks at the page. */
export function usePolling (work: () => Promise<void>, ...causes: unknown[]): void {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>
    let isOver = false
    let isWorking = false

    async function round (): Promise<void> {
      if (isWorking) return
      clearTimeout(timer)
      isWorking = true
      if (!document.hidden) await work().catch(() => {})
      isWorking = false
      if (!isOver) timer = setTimeout(round, PAUSE_MS)
    }

    const listener = (): void => { if (!document.hidden) round() }
    round()
    document.addEventListener('visibilitychange', listener)
    return () => {
      isOver = true
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', listener)
    }
  }, causes)
}
