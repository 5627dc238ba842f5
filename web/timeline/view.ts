import type { Message } from '../../client/index.js'
import { sliceAround, sliceAtEnd, type Slice } from '../talk/window.js'

/** What is drawn: the end, which moves with each new message, or a part that begins and ends with a seq. */
export type View = 'end' | { first: number, last: number }

export function viewOf ({ from, to }: Slice, items: readonly Message[]): View {
  return items.length === 0 ? 'end' : { first: items[from]!.seq, last: items[to - 1]!.seq }
}

export function sliceOf (view: View, items: readonly Message[]): Slice {
  if (view === 'end') return sliceAtEnd(items.length)
  const from = items.findIndex(({ seq }) => seq >= view.first)
  const to = items.findLastIndex(({ seq }) => seq <= view.last) + 1
  return from < 0 || to <= from ? sliceAtEnd(items.length) : { from, to }
}

/** The view around the first message from a seq on, and the id of that message; the end when there is none. */
export function viewAround (seq: number | undefined, items: readonly Message[]): [View, id?: string] {
  const index = seq === undefined ? -1 : items.findIndex(message => message.seq >= seq)
  return index < 0 ? ['end'] : [viewOf(sliceAround(index, items.length), items), items[index]!.id]
}
