import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import * as api from '../../contract/api.js'
import { findLastSeq } from '../../db/conversations.js'
import { countMessages, listMessagesAfter, listMessagesOfPeriod, listMessagesUpTo } from '../../db/messages.js'
import type { MessageRow, Reader } from '../../db/schema.js'
import { problem } from '../../errors.js'
import { messageView } from '../../views/message.js'
import { addressWith, lightEnd, lightPart, PAGE_MAX, pageView } from '../../views/page.js'
import { readDateTime } from '../../views/period.js'

const PAGE_SIZE = 100

interface Query { since?: string, until?: string, limit?: number, page?: string, after?: number, before?: number, around?: number }
type CursorName = 'after' | 'before' | 'around'

export const listMessages: FastifyPluginAsyncTypebox = async app => {
  app.route({
    ...api.listMessages,
    handler: async (request, reply) => {
      const { conversation: { id }, viewer: { audiences } } = request.loaded
      const key = [...audiences, request.ownAddress()].join(' ')
      const bytes = app.pages.recall(key, await app.memberships.lastSeq(id)) ?? await app.readAtOnce(async db => {
        const lastSeq = await findLastSeq(db, id)
        return app.pages.keep(key, lastSeq, await read(db, request, request.query))
      })
      return reply.type('application/json; charset=utf-8').send(bytes as never)
    }
  })

  app.route({ ...api.getMessage, handler: async request => messageView(request.loaded.message, app.base) })

  function read (db: Reader, request: FastifyRequest, query: Query): Promise<api.MessagePage> {
    const cursor = cursorOf(query)
    return cursor === undefined ? readNumbered(db, request, query) : readByCursor(db, request, cursor, query[cursor]!, query.limit)
  }

  /** `until` and `since`, then the newest `limit` of what is left, then pages by number. */
  async function readNumbered (db: Reader, request: FastifyRequest, { since, until, limit, page }: Query): Promise<api.MessagePage> {
    const { conversation: { id }, viewer: { audiences } } = request.loaded
    const period = {
      ...until !== undefined && { until: readDateTime('until', until) },
      ...since !== undefined && { since: readDateTime('since', since) }
    }
    const total = await countMessages(db, id, audiences, period, limit ?? Number.MAX_SAFE_INTEGER)
    const { offset, size, count, next, previous } = pageView(page, total, PAGE_SIZE, request.ownAddress())
    // The rows come newest first, the pages count from the oldest.
    const rows = size === 0 ? [] : await listMessagesOfPeriod(db, id, audiences, period, count - offset - size, size)
    return { count, next, previous, results: view(rows.reverse()) }
  }

  /** The messages around a seq, which stay the same while others arrive. */
  async function readByCursor (db: Reader, request: FastifyRequest, cursor: CursorName, seq: number, limit = PAGE_SIZE): Promise<api.MessagePage> {
    if (limit < 1 || limit > PAGE_MAX) throw queryProblem('limit', 'range', `must be from 1 to ${PAGE_MAX} with a cursor`)
    const { conversation: { id }, viewer: { audiences } } = request.loaded
    const [olderMax, newerMax] = shares(cursor, limit)
    const pivot = cursor === 'before' ? seq - 1 : seq
    // One more on each side tells whether there is a next page.
    const older = await listMessagesUpTo(db, id, audiences, pivot, olderMax + 1)
    const newer = await listMessagesAfter(db, id, audiences, pivot, newerMax + 1)
    const [before, after] = [lightEnd(older.slice(Math.max(0, older.length - olderMax))), lightPart(newer.slice(0, newerMax), row => row)]
    const rows = [...before, ...after]
    const at = (name: 'after' | 'before', seq: number): string =>
      addressWith(request.ownAddress(), { after: null, before: null, around: null, [name]: seq })
    return {
      next: newer.length > after.length ? at('after', rows.at(-1)?.seq ?? Math.max(0, pivot)) : null,
      previous: older.length > before.length ? at('before', rows[0]?.seq ?? Math.min(pivot + 1, Number.MAX_SAFE_INTEGER)) : null,
      results: view(rows)
    }
  }

  function view (rows: MessageRow[]): api.Message[] {
    return rows.map(row => messageView(row, app.base))
  }
}

function shares (cursor: CursorName, limit: number): [older: number, newer: number] {
  if (cursor === 'around') return [Math.ceil(limit / 2), Math.floor(limit / 2)]
  return cursor === 'before' ? [limit, 0] : [0, limit]
}

function cursorOf (query: Query): CursorName | undefined {
  const given = (['after', 'before', 'around'] as const).filter(name => query[name] !== undefined)
  if (given.length > 1) throw queryProblem(given[1]!, 'conflict', `cannot be together with ${given[0]}`)
  const other = (['since', 'until', 'page'] as const).find(name => query[name] !== undefined)
  if (given.length === 1 && other !== undefined) throw queryProblem(other, 'conflict', `cannot be together with ${given[0]}`)
  return given[0]
}

function queryProblem (name: string, code: string, detail: string) {
  return problem('query_invalid', { detail: `${name} ${detail}.`, errors: [{ in: 'query', pointer: `/${name}`, code, detail }] })
}
