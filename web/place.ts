// Where somebody was reading, for a reload of this tab.
const keyOf = (id: string): string => `colloquy.place.${id}`

/** The seq of the message that was at the top; undefined for the end. */
export function keptPlace (id: string): number | undefined {
  const kept = sessionStorage.getItem(keyOf(id))
  return kept === null ? undefined : Number(kept)
}

export function keepPlace (id: string, seq: number): void {
  sessionStorage.setItem(keyOf(id), String(seq))
}

export function forgetPlace (id: string): void {
  sessionStorage.removeItem(keyOf(id))
}
