import type { MessageRow } from '../db/schema.js'
import { problem } from '../errors.js'

/** The most things that are given at once by cursor. */
export const PAGE_MAX = 500

/** About how many characters of messages are given at once by cursor. */
const PAGE_MAX_LENGTH = 4 * 1024 * 1024

/** The first rows that are not too heavy together; at least one, when there is one. */
export function lightPart<Row> (rows: Row[], messageOf: (row: Row) => Pick<MessageRow, 'text' | 'options'> | undefined): Row[] {
  let length = 0
  const end = rows.findIndex(row => {
    const message = messageOf(row)
    length += message === undefined ? 0 : message.text.length + message.options.length
    return length > PAGE_MAX_LENGTH
  })
  return end < 0 ? rows : rows.slice(0, Math.max(1, end))
}

/** The last rows that are not too heavy together; at least one, when there is one. */
export function lightEnd<Row extends Pick<MessageRow, 'text' | 'options'>> (rows: Row[]): Row[] {
  return lightPart(rows.toReversed(), row => row).reverse()
}

/** Where a numbered page begins, and the addresses of its neighbours. */
export interface PageView { offset: number, size: number, count: number, next: string | null, previous: string | null }

/**
 * A page by its number, or `last`.
 * @param address the absolute address of the request
 * @throws ProblemError page_not_found
 */
export function pageView (text: string | undefined, count: number, pageSize: number, address: string): PageView {
  const last = Math.max(1, Math.ceil(count / pageSize))
  const page = text === undefined ? 1 : text === 'last' ? last : /^\s*\d{1,15}\s*$/.test(text) ? Number(text) : 0
  if (page < 1 || page > last) throw problem('page_not_found')
  const offset = (page - 1) * pageSize
  return {
    offset,
    size: Math.min(pageSize, count - offset),
    count,
    next: page < last ? addressWith(address, { page: page + 1 }) : null,
    previous: page > 1 ? addressWith(address, { page: page === 2 ? null : page - 1 }) : null
  }
}

/** The address with some parameters set or, by null, taken away, sorted by name. */
export function addressWith (address: string, parameters: Record<string, string | number | null>): string {
  const url = new URL(address)
  for (const [name, value] of Object.entries(parameters)) {
    if (value === null) url.searchParams.delete(name)
    else url.searchParams.set(name, String(value))
  }
  url.searchParams.sort()
  return url.href
}
