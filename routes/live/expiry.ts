// What setTimeout can wait; with more it waits for nothing at all.
const DELAY_MAX_MS = 2 ** 31 - 1

/** Calls back when a time has come, in ms, however far it is. Gives what calls it off; it keeps no process alive. */
export function callAt (time: number, callback: () => void): () => void {
  let timer: NodeJS.Timeout | undefined

  function wait (): void {
    const left = time - Date.now()
    if (left <= 0) return callback()
    timer = setTimeout(wait, Math.min(left, DELAY_MAX_MS)).unref()
  }

  wait()
  return () => clearTimeout(timer)
}
