/** Tells that somebody is writing: not at each key, and not that nobody is when nobody was. */
export interface Typing {
  set: (isActive: boolean) => void
  /** What was told is forgotten. */
  forget: () => void
}

/** @param tell gives whether it could be told */
export function createTyping (typingMs: number, tell: (isActive: boolean) => boolean): Typing {
  let toldAt = -Infinity

  function set (isActive: boolean): void {
    const now = performance.now()
    const isTold = isActive ? now - toldAt < typingMs : toldAt === -Infinity
    if (!isTold && tell(isActive)) toldAt = isActive ? now : -Infinity
  }

  return { set, forget: () => { toldAt = -Infinity } }
}
