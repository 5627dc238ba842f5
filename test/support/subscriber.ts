import { EventEmitter, once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { WebSocket, type RawData } from 'ws'
import type { Test } from './app.js'

export interface Subscriber {
  /** Every frame so far, parsed, in order. A text that is not JSON is as it came, a binary frame is a Buffer. */
  frames: any[]
  /** The `message` objects of the frames so far, in order. */
  messages: () => any[]
  /** Resolves with the first frame, from the given place on, for which the test is true; rejects when the socket closes or after 30 s. */
  until: (test: (frame: any) => boolean, from?: number) => Promise<any>
  /** Resolves with the first `message` that has these fields; an object in them may have fewer fields than that of the message. */
  hears: (fields: object) => Promise<any>
  /** Sends an object as JSON, a string and a Buffer as they are. */
  send: (frame: unknown) => void
  /** The reason is that of the close frame, or why the socket did not open. */
  closed: Promise<{ code: number, reason: string }>
  close: (code?: number) => Promise<void>
  /** Drops the TCP connection without a close frame. */
  cut: () => void
  socket: WebSocket
}

export interface SubscriberOptions {
  token?: string
  /** The id of a session, which is sent as the cookie `sessionid`. */
  cookie?: string
  origin?: string
  protocols?: string[]
  headers?: Record<string, string>
  /** Without, the subscriber is given before its socket is open. */
  waitOpen?: boolean
}

/** Opens a WebSocket, dropped with the test. Rejects with the status and the body when the handshake is refused. */
export async function subscribe (t: Pick<Test, 'teardown'>, url: string, options: SubscriberOptions = {}): Promise<Subscriber> {
  const { token, cookie, origin, protocols = [], headers, waitOpen = true } = options
  const socket = new WebSocket(url, protocols, {
    handshakeTimeout: patienceMs,
    ...origin !== undefined && { origin },
    headers: {
      ...token !== undefined && { authorization: `Bearer ${token}` },
      ...cookie !== undefined && { cookie: `sessionid=${cookie}` },
      ...headers
    }
  })
  const heard = arrivals<any>()
  let isOpened = false
  let failure: string | undefined
  const opened = new Promise<void>(resolve => socket.once('open', () => { isOpened = true; resolve() }))
  // Heard from the start: the first frames may come together with the answer to the handshake.
  socket.on('message', (data, isBinary) => heard.add(parse(data, isBinary)))
  socket.on('error', error => { failure ??= error.message })
  socket.on('unexpected-response', async (_request, response) => {
    const body = await response.setEncoding('utf8').toArray().catch(() => [])
    failure = `The handshake was refused with ${response.statusCode}: ${body.join('')}`
    socket.terminate()
  })
  const closed = new Promise<{ code: number, reason: string }>(resolve => socket.once('close', (code, reason) => {
    heard.end(['The socket closed', code, reason, failure].filter(part => String(part ?? '') !== '').join(' '))
    resolve({ code, reason: isOpened ? String(reason) : failure ?? '' })
  }))
  t.teardown(() => { socket.terminate(); return closed })

  if (waitOpen) await Promise.race([opened, closed.then(({ code, reason }) => { if (!isOpened) throw new Error(reason || `The socket closed with ${code}`) })])
  return {
    frames: heard.items,
    messages: () => heard.items.filter(isMessage).map(frame => frame.message),
    until: heard.until,
    hears: quiet(async fields => (await heard.until(frame => isMessage(frame) && has(frame.message, fields), 0, JSON.stringify(fields))).message),
    send: frame => socket.send(typeof frame === 'string' || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame)),
    closed,
    close: async code => { socket.close(code); await closed },
    cut: () => socket.terminate(),
    socket
  }
}

/** Listens at a free port of this host, unless the application listens already. Gives the address. */
export async function listen (app: FastifyInstance): Promise<string> {
  if (!app.server.listening) await app.listen({ host: '127.0.0.1', port: 0 })
  return addressOf(app)
}

export function addressOf (app: FastifyInstance): string {
  return `127.0.0.1:${(app.server.address() as AddressInfo).port}`
}

export function wsUrl (app: FastifyInstance, conversationId: string, query = ''): string {
  return `ws://${addressOf(app)}/ws/chat/${conversationId}/${query}`
}

const patienceMs = 30_000

/** Things that come one after the other, and for which a test waits. */
export interface Arrivals<T> {
  items: T[]
  add: (item: T) => void
  /** Nothing comes any more: whoever still waits is told why. */
  end: (why: string) => void
  /** Resolves with the first thing, from the given place on, for which the test is true; rejects at the end or after 30 s, with what came instead. */
  until: (test: (item: T) => boolean, from?: number, sought?: string) => Promise<T>
}

export function arrivals<T> (show: (item: T) => string = item => JSON.stringify(item)): Arrivals<T> {
  const items: T[] = []
  const bell = new EventEmitter().setMaxListeners(0)
  let over: string | undefined
  const until = async (test: (item: T) => boolean, from = 0, sought = ''): Promise<T> => {
    const patience = AbortSignal.timeout(patienceMs)
    for (let index = from; ; index++) {
      while (index >= items.length) {
        const why = over ?? (patience.aborted ? `Nothing of the kind came within ${patienceMs} ms` : undefined)
        if (why !== undefined) throw new Error([why, ...sought === '' ? [] : [`Sought: ${sought}`], `${items.length} came:`, ...items.map(item => show(item).slice(0, 500))].join('\n'))
        await once(bell, 'ring', { signal: patience }).catch(() => {})
      }
      if (test(items[index]!)) return items[index]!
    }
  }
  return {
    items,
    until: quiet(until),
    add: item => { items.push(item); bell.emit('ring') },
    end: why => { over ??= why; bell.emit('ring') }
  }
}

/** A test that fails before it awaits what it asked for shows its own failure, not that nobody took this one. */
function quiet<A extends unknown[], R> (work: (...values: A) => Promise<R>): (...values: A) => Promise<R> {
  return (...values) => {
    const result = work(...values)
    result.catch(() => {})
    return result
  }
}

function parse (data: RawData, isBinary: boolean): unknown {
  if (isBinary) return data
  try {
    return JSON.parse(String(data))
  } catch {
    return String(data)
  }
}

function isMessage (frame: any): boolean {
  return typeof frame?.message === 'object' && frame.message !== null
}

function has (value: any, wanted: any): boolean {
  if (typeof wanted !== 'object' || wanted === null) return Object.is(value, wanted)
  if (typeof value !== 'object' || value === null || Array.isArray(value) !== Array.isArray(wanted)) return false
  if (Array.isArray(wanted) && wanted.length !== value.length) return false
  return Object.entries(wanted).every(([key, inner]) => has(value[key], inner))
}
