import plugin from 'fastify-plugin'
import type { MessagePage } from '../contract/api.js'

/** Pages of messages as they were sent, each for as long as nothing has happened in its conversation since. */
export interface Pages {
  /**
   * Gives a page that is kept and still right.
   * @param key who asks for what
   * @param lastSeq of the conversation, as it is now: whatever changes what somebody may read takes a new one
   */
  recall: (key: string, lastSeq: number) => Buffer | undefined
  /**
   * Gives the bytes of a page, and keeps them.
   * @param lastSeq of the conversation, at the moment of which the page is
   */
  keep: (key: string, lastSeq: number, page: MessagePage) => Buffer
}

declare module 'fastify' {
  interface FastifyInstance { pages: Pages }
}

// Of all pages together; those that were asked for longest ago are dropped first.
const PAGES_MAX_BYTES = 16 * 1024 * 1024
const PAGE_MAX_BYTES = 256 * 1024

interface Page { lastSeq: number, bytes: Buffer }

export default plugin(async app => {
  const pages = new Map<string, Page>()
  let size = 0

  function recall (key: string, lastSeq: number): Buffer | undefined {
    const page = pages.get(key)
    if (page === undefined) return undefined
    drop(key, page)
    if (page.lastSeq !== lastSeq) return undefined
    add(key, page)
    return page.bytes
  }

  function keep (key: string, lastSeq: number, page: MessagePage): Buffer {
    const bytes = Buffer.from(JSON.stringify(page))
    const earlier = pages.get(key)
    if (earlier !== undefined) drop(key, earlier)
    if (weightOf(key, bytes) <= PAGE_MAX_BYTES) add(key, { lastSeq, bytes })
    for (const [key, page] of pages) {
      if (size <= PAGES_MAX_BYTES) break
      drop(key, page)
    }
    return bytes
  }

  function add (key: string, page: Page): void {
    pages.set(key, page)
    size += weightOf(key, page.bytes)
  }

  function drop (key: string, page: Page): void {
    pages.delete(key)
    size -= weightOf(key, page.bytes)
  }

  app.decorate('pages', { recall, keep })
}, { name: 'pages' })

function weightOf (key: string, bytes: Buffer): number {
  return key.length + bytes.length
}
