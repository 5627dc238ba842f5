import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import type { FastifyPluginAsync } from 'fastify'
import type { Config } from '../../config.js'
import * as api from '../../contract/api.js'
import { hasLeft } from '../../db/participants.js'
import type { Member } from '../../db/schema.js'
import { problem } from '../../errors.js'
import type { Reader } from '../../plugins/feed/feed.js'
import { endsViewing } from '../../views/viewer.js'
import { callAt } from './expiry.js'

const HEARTBEAT_MS = 15_000
const CLOSE_MS = 2000
const ROOM_POLL_MS = 10
// One participant has as many tabs and devices.
const STREAMS_PER_CALLER = 8
const STREAMS_MAX = 10_000

const ended = new WeakSet<Readable>()

/** The log of a conversation as Server-Sent Events (HTML Standard, 9.2). */
export const streamRoute: FastifyPluginAsync<{ config: Config }> = async (app, { config }) => {
  const open = new Map<string, Set<Readable>>()
  let count = 0

  app.route<{ Querystring: { after?: number } }>({
    ...api.streamEvents,
    handler: async (request, reply) => {
      const { conversation: { id }, viewer } = request.loaded
      reply.header('cache-control', 'no-store').header('x-accel-buffering', 'no').type('text/event-stream')
      // Nobody would read it.
      if (request.method === 'HEAD') return reply.send(Readable.from([]))
      const stream = new Readable({ read: () => {}, highWaterMark: config.limits.socketBufferBytes })
      const after = readAfter(request) ?? await app.memberships.lastSeq(id)
      keep(stream, `${request.caller} ${id}`)
      const reader = createReader(stream, viewer)
      stream.once('close', () => app.feed.leave(id, reader))
      // A client that is cut before the first event resumes from here, too.
      stream.push(`retry: 1000\nid: ${after}\n\n`)
      const beating = setInterval(createBeat(request.raw.socket, stream), HEARTBEAT_MS)
      stream.once('close', () => clearInterval(beating))
      // Its client connects again, and is told why by the answer.
      stream.once('close', callAt(request.sessionExpiresAt, () => push(stream, null)))
      follow(id, after, reader, stream, request.loaded.me).catch(error => stream.destroy(error))
      return reply.send(stream)
    }
  })

  async function follow (id: string, after: number, reader: Reader, stream: Readable, me: Member | undefined): Promise<void> {
    const { isKnown, lastSeq } = await app.feed.follow(id, after, reader)
    // Who has left before the feed was followed is not told so by it.
    if (me !== undefined && await hasLeft(app.db, me)) return push(stream, null)
    if (isKnown) return
    push(stream, `id: ${lastSeq}\nevent: reset\ndata: ${JSON.stringify({ last_seq: lastSeq })}\n\n`)
    push(stream, null)
  }

  function keep (stream: Readable, caller: string): void {
    const own = open.get(caller) ?? new Set()
    if (count >= STREAMS_MAX) throw problem('server_busy', {}, { 'Retry-After': '1' })
    if (own.size >= STREAMS_PER_CALLER) throw problem('rate_limited', { detail: `At most ${STREAMS_PER_CALLER} streams of a conversation at once. Close another one.`, limit: STREAMS_PER_CALLER })
    open.set(caller, own.add(stream))
    count++
    stream.once('close', () => {
      count--
      own.delete(stream)
      if (own.size === 0) open.delete(caller)
    })
  }

  app.addHook('preClose', async () => {
    for (const stream of [...open.values()].flatMap(streams => [...streams])) {
      push(stream, null)
      // Who takes nothing does not take the end either.
      setTimeout(() => stream.destroy(), CLOSE_MS).unref()
    }
  })
}

function readAfter ({ headers, query }: { headers: Record<string, unknown>, query: { after?: number } }): number | null {
  const last = headers['last-event-id']
  if (last === undefined || last === '') return query.after ?? null
  if (typeof last === 'string' && /^\d{1,20}$/.test(last)) return Number(last)
  const detail = 'must be the id of an event'
  throw problem('query_invalid', { detail: `Last-Event-ID ${detail}.`, errors: [{ in: 'header', pointer: '/last-event-id', code: 'format', detail }] })
}

function createReader (stream: Readable, viewer: Reader['viewer']): Reader {
  return {
    viewer,
    give: item => {
      // Who is too slow connects again, and goes on where it was.
      if (stream.readableLength > stream.readableHighWaterMark) return push(stream, null)
      push(stream, item.as(textOf))
      if (endsViewing(item.event, viewer)) push(stream, null)
    },
    isFull: () => isFull(stream),
    drained: async () => { while (isFull(stream)) await new Promise(resolve => setTimeout(resolve, ROOM_POLL_MS)) }
  }
}

function isFull (stream: Readable): boolean {
  return !stream.destroyed && stream.readableLength > stream.readableHighWaterMark / 2
}

/** Shows the reader that the stream is alive. One who has taken nothing of what waits since the last time is gone, whatever the network says. */
function createBeat (socket: Socket, stream: Readable): () => void {
  let written = -1
  return () => {
    if (stream.readableLength > 0 && socket.bytesWritten === written) return stream.destroy()
    written = socket.bytesWritten
    push(stream, ':\n\n')
  }
}

/** Adds to a stream, or ends it by null; one that has ended stays as it is. */
function push (stream: Readable, text: string | null): void {
  if (ended.has(stream) || stream.destroyed) return
  if (text === null) ended.add(stream)
  stream.push(text)
}

function textOf (event: api.Event): string {
  return `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`
}
