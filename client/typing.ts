/** Tells that somebody is writing: not at each key, and not that nobody is when nobody was. */
export interface Typing {
  set: (isActive: boolean) => void
  /** What was told is forgotten: there is another connection, or none. */
  forget: () => void
}

export function createTyping (typingMs: number, tell: (isActive: boolean) => void): Typing {
  let toldAt = -Infinity

  function set (isActive: boolean): void {
    const now = performance.now()
    const isTold = isActive ? now - toldAt < typingMs : toldAt === -Infinity
    if (isTold) return
    toldAt = isActive ? now : -Infinity
    tell(isActive)
  }

  return { set, forget: () => { toldAt = -Infinity } }
}
