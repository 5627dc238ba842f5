import type { Message } from '../../client/index.js'

/**
 * A stretch of a conversation without gaps: the messages that are known, by seq. `hasOlder` and `hasNewer` say whether
 * the server has more on either side.
 */
export interface Stretch {
  items: readonly Message[]
  hasOlder: boolean
  hasNewer: boolean
}

export const emptyStretch: Stretch = { items: [], hasOlder: false, hasNewer: false }

/** What is to be kept of the last messages while a stretch is looked at: nothing when they are part of it. */
export function tailOf (stretch: Stretch, tail: Stretch | undefined): Stretch | undefined {
  return stretch.hasNewer ? tail : undefined
}

/** Adds a message that has just come. Where newer ones are missing it would leave a gap, and is not added. */
export function append (stretch: Stretch, message: Message): Stretch {
  const last = stretch.items.at(-1)?.seq ?? 0
  return stretch.hasNewer || message.seq <= last ? stretch : { ...stretch, items: [...stretch.items, message] }
}

export function addOlder (stretch: Stretch, items: readonly Message[], hasOlder: boolean): Stretch {
  const first = stretch.items[0]?.seq ?? Infinity
  return { ...stretch, items: [...items.filter(({ seq }) => seq < first), ...stretch.items], hasOlder }
}

export function addNewer (stretch: Stretch, items: readonly Message[], hasNewer: boolean): Stretch {
  const last = stretch.items.at(-1)?.seq ?? 0
  return { ...stretch, items: [...stretch.items, ...items.filter(({ seq }) => seq > last)], hasNewer }
}

/** The part of the known messages that is drawn: from one place to another, the second not included. */
export interface Slice { from: number, to: number }

// Few enough that a new message is drawn within a frame, and enough for a tall screen.
const DRAWN_MAX = 120
const STEP = 40

/** The slice that ends with the last message. */
export function sliceAtEnd (count: number): Slice {
  return { from: Math.max(0, count - DRAWN_MAX / 2), to: count }
}

export function sliceAround (index: number, count: number): Slice {
  const from = Math.max(0, index - DRAWN_MAX / 2)
  return { from, to: Math.min(count, from + DRAWN_MAX) }
}

/** More on the upper side, less on the lower when it gets too much. */
export function growUp ({ from, to }: Slice): Slice {
  const first = Math.max(0, from - STEP)
  return { from: first, to: Math.min(to, first + DRAWN_MAX) }
}

export function growDown ({ from, to }: Slice, count: number): Slice {
  const last = Math.min(count, to + STEP)
  return { from: Math.max(from, last - DRAWN_MAX), to: last }
}
