import type { Item } from '../../views/item.js'

/** The last items of a log that are in memory, without gaps; those before them are in the log alone. */
export interface Tail {
  /** The seq of the last item of the log that was in memory, whether it still is or not. */
  end: number
  items: Item[]
  /** Of all its items, in characters. */
  length: number
}

/** Bounds what all tails hold together. */
export interface Tails {
  /** Adds the item that follows the end. */
  append: (tail: Tail, item: Item) => void
  /** Adds the items that come just before those in memory. */
  prepend: (tail: Tail, items: Item[]) => void
  /** Keeps nothing in memory. */
  release: (tail: Tail) => void
}

const LENGTH_MAX = 256 * 1024
const ALL_LENGTH_MAX = 8 * 1024 * 1024

export function createTails (): Tails {
  // Those that have items; the one that got some last is at the end.
  const kept = new Set<Tail>()
  let allLength = 0

  function grow (tail: Tail, items: Item[]): void {
    kept.delete(tail)
    kept.add(tail)
    for (const item of items) change(tail, item.length)
    while (tail.length > LENGTH_MAX && tail.items.length > 1) change(tail, -tail.items.shift()!.length)
    for (const oldest of kept) {
      if (allLength <= ALL_LENGTH_MAX) return
      release(oldest)
    }
  }

  function change (tail: Tail, length: number): void {
    tail.length += length
    allLength += length
  }

  function release (tail: Tail): void {
    if (!kept.delete(tail)) return
    change(tail, -tail.length)
    tail.items = []
  }

  return {
    append: (tail, item) => {
      tail.items.push(item)
      tail.end = item.seq
      grow(tail, [item])
    },
    prepend: (tail, items) => {
      tail.items = [...items, ...tail.items]
      grow(tail, items)
    },
    release
  }
}

/** The seq of the first item that is in memory; the one after the end when there is none. */
export function startOf ({ end, items }: Tail): number {
  return end - items.length + 1
}
