import { forget, keep, recall } from './storage.js'

// Where somebody was reading, for a reload of this tab.
const keyOf = (id: string): string => `colloquy.place.${id}`

/** The seq of the message that was at the top; undefined for the end. */
export function keptPlace (id: string): number | undefined {
  const kept = recall('session', keyOf(id))
  return kept === null ? undefined : Number(kept)
}

export function keepPlace (id: string, seq: number): void {
  keep('session', keyOf(id), String(seq))
}

export function forgetPlace (id: string): void {
  forget('session', keyOf(id))
}
