import { forget, keep, recall } from './storage.js'

/** Where somebody was reading, for a reload of this tab: which message was uppermost, and how far below the top of the list, in px. */
export interface Place { seq: number, top: number }

const keyOf = (id: string): string => `colloquy.place.${id}`

/** Undefined for the end. */
export function keptPlace (id: string): Place | undefined {
  const [seq, top] = (recall('session', keyOf(id)) ?? '').split(' ').map(Number)
  return seq! > 0 && Number.isFinite(top) ? { seq: seq!, top: top! } : undefined
}

export function keepPlace (id: string, { seq, top }: Place): void {
  keep('session', keyOf(id), `${seq} ${top}`)
}

export function forgetPlace (id: string): void {
  forget('session', keyOf(id))
}
