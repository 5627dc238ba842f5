/** A piece of a text: an address of the web, or what is between two of them. */
export interface Piece { text: string, isLink: boolean }

// Characters that turn the direction could make an address look like another one.
const ADDRESS = /(?<![\p{L}\p{N}_])https?:\/\/[^\s<>"/\p{Bidi_Control}][^\s<>"\p{Bidi_Control}]*/giu
const CLOSING = /[.,;:!?'`…。、，．；：！？،؛؟\p{Pe}\p{Pi}\p{Pf}]/u
const openings: Record<string, string> = { ')': '(', ']': '[', '}': '{' }

/** The pieces of a text, in order. Together they are the text. */
export function piecesOf (text: string): Piece[] {
  const pieces: Piece[] = []
  let end = 0
  for (const { 0: found, index } of text.matchAll(ADDRESS)) {
    const address = withoutClosing(found)
    if (!URL.canParse(address)) continue
    pieces.push({ text: text.slice(end, index), isLink: false }, { text: address, isLink: true })
    end = index + address.length
  }
  return [...pieces, { text: text.slice(end), isLink: false }].filter(({ text }) => text !== '')
}

/** An address without what belongs to the sentence around it. A bracket belongs to that when it is opened there. */
function withoutClosing (found: string): string {
  const surplus = new Map(Object.entries(openings).map(([close, open]) => [close, count(found, close) - count(found, open)]))
  let length = found.length
  for (; CLOSING.test(found.charAt(length - 1)); length--) {
    const last = found.charAt(length - 1)
    const more = surplus.get(last) ?? 1
    if (more <= 0) break
    if (surplus.has(last)) surplus.set(last, more - 1)
  }
  return found.slice(0, length)
}

function count (text: string, character: string): number {
  return text.split(character).length - 1
}
