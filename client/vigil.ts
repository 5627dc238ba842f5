// After a connection was given up for its silence the next one is given more time, so that a slow line gets through.
const PATIENCE_MAX = 8

/** Notices a connection that is dead without anybody having said so. */
export interface Vigil {
  /** A connection is open: something should be heard now and then. */
  begin: () => void
  heard: () => void
  /** There is no connection. */
  end: () => void
  /** Nothing of it is left. */
  stop: () => void
}

export interface VigilOptions {
  silenceMs: number
  /** A connection on which a question takes longer is not alive either. */
  answerMs: number
  /** Whether something should have been heard; that it cannot be asked means the same. */
  isBehind: (signal: AbortSignal) => Promise<boolean>
  onDead: () => void
}

export function createVigil ({ silenceMs, answerMs, isBehind, onDead }: VigilOptions): Vigil {
  let heardAt: number | undefined
  let patience = 1
  let asking: AbortController | undefined

  async function ask (): Promise<void> {
    heardAt = Date.now()
    const own = asking = new AbortController()
    const timer = setTimeout(() => own.abort(), answerMs)
    const isDead = await isBehind(own.signal).catch(() => true)
    clearTimeout(timer)
    if (asking !== own) return
    asking = undefined
    if (!isDead) return
    patience = Math.min(patience * 2, PATIENCE_MAX)
    onDead()
  }

  function look (): void {
    if (heardAt === undefined || asking !== undefined) return
    const silentMs = Date.now() - heardAt
    // The clock may have been set back.
    if (silentMs < 0 || silentMs >= silenceMs * patience) ask()
  }

  function note (time: number | undefined): void {
    heardAt = time
    asking?.abort()
    asking = undefined
  }

  const timer = setInterval(look, silenceMs / 3)
  return {
    begin: () => note(Date.now()),
    heard: () => { patience = 1; note(Date.now()) },
    end: () => note(undefined),
    stop: () => { clearInterval(timer); note(undefined) }
  }
}
