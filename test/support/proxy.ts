import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import type { Test } from './app.js'

type Range = [min: number, max: number]

export interface ProxyPlan {
  seed: number
  /** A connection is cut when so many bytes went through, counted for each direction on its own. Without, none is. */
  cutAfterBytes?: Range
  /** How long each chunk is held back; chunks keep their order. */
  delayMs?: Range
  /** How likely a cut (without cutAfterBytes, there is none) only ends the one direction, and destroys the connection a little later. */
  halfClose?: number
  /** How many connections are cut before no more are; the delays go on. */
  cutTimes?: number
}

export interface Cut {
  /** Connections are counted from 1. */
  connection: number
  /** `down` is from the server to the client. */
  direction: Direction
  /** How many bytes went through in this direction. */
  bytes: number
  kind: 'destroy' | 'half-close'
}

export interface Proxy {
  port: number
  /** Destroys the connections that are open. These cuts are not part of the plan. */
  cutAll: () => void
  /** Reads nothing more from the server, for connections to come as well: its writes fill the buffers of the system and then its own. */
  pause: () => void
  resume: () => void
  /** How many there were so far. */
  connections: () => number
  /** The cuts of the plan so far. */
  cuts: () => Cut[]
  close: () => Promise<void>
}

type Direction = 'up' | 'down'

/** A TCP proxy that misbehaves: the same seed cuts the connections, by their number, at the same bytes. */
export async function startProxy (t: Pick<Test, 'teardown'>, target: { host: string, port: number }, plan: ProxyPlan): Promise<Proxy> {
  const sockets = new Set<Socket>()
  const cuts: Cut[] = []
  let connections = 0
  let gate = Promise.resolve()
  let open: (() => void) | undefined

  const server = createServer({ allowHalfOpen: true, noDelay: true }, client => {
    const upstream = connect({ ...target, allowHalfOpen: true, noDelay: true })
    const connection = ++connections
    let isCut = false
    const fate = fateOf(plan, connection)
    const destroy = (): void => { client.destroy(); upstream.destroy() }
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', destroy).on('close', () => sockets.delete(socket))
    }

    /** Reads on when what it read is written: a slow reader slows the writer. */
    async function forward (direction: Direction, from: Socket, to: Socket): Promise<void> {
      const { random, limit } = fate[direction]
      let bytes = 0
      for await (const chunk of from.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        if (plan.delayMs !== undefined) await wait(within(plan.delayMs, random()))
        for (const piece of split(chunk, random)) {
          if (direction === 'down') await gate
          if (bytes + piece.length >= limit && !isCut && cuts.length < (plan.cutTimes ?? Infinity)) {
            isCut = true
            cuts.push({ connection, direction, bytes: limit, kind: fate.isHalfClose ? 'half-close' : 'destroy' })
            await write(to, piece.subarray(0, limit - bytes))
            return fate.isHalfClose ? halfClose(to) : destroy()
          }
          await write(to, piece)
          bytes += piece.length
        }
      }
      to.end()
    }

    function halfClose (to: Socket): void {
      to.end()
      setTimeout(destroy, fate.lingerMs)
    }

    forward('up', client, upstream).catch(destroy)
    forward('down', upstream, client).catch(destroy)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  const pause = (): void => { if (open === undefined) gate = new Promise(resolve => { open = resolve }) }
  const resume = (): void => { open?.(); open = undefined }
  const cutAll = (): void => { for (const socket of sockets) socket.destroy() }
  const close = async (): Promise<void> => {
    const closed = new Promise<void>(resolve => server.close(() => resolve()))
    cutAll()
    await closed
  }
  t.teardown(close)
  return {
    port: (server.address() as AddressInfo).port,
    cutAll,
    pause,
    resume,
    connections: () => connections,
    cuts: () => cuts,
    close
  }
}

interface Way { random: () => number, limit: number }
interface Fate { up: Way, down: Way, isHalfClose: boolean, lingerMs: number }

/** All that befalls a connection. The pieces have generators of their own, since how the system cuts chunks differs between runs. */
function fateOf ({ seed, cutAfterBytes = [Infinity, Infinity], halfClose = 0 }: ProxyPlan, connection: number): Fate {
  const random = mulberry32(seed ^ Math.imul(connection, 0x9E3779B1))
  const [up, down] = [random(), random()].map(value => mulberry32(value * 2 ** 32))
  return {
    up: { random: up!, limit: within(cutAfterBytes, random()) },
    down: { random: down!, limit: within(cutAfterBytes, random()) },
    isHalfClose: random() < halfClose,
    lingerMs: within([5, 50], random())
  }
}

/** The chunk in one to three pieces. */
function split (chunk: Buffer, random: () => number): Buffer[] {
  const places = Array.from({ length: within([0, 2], random()) }, () => within([1, chunk.length], random())).sort((one, other) => one - other)
  return [0, ...places].map((place, index) => chunk.subarray(place, places[index])).filter(piece => piece.length > 0)
}

/** Resolves when the system has taken the bytes. */
function write (socket: Socket, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => socket.write(bytes, error => error == null ? resolve() : reject(error)))
}

function within ([min, max]: Range, value: number): number {
  return min === max ? min : min + Math.floor(value * (max - min + 1))
}

function mulberry32 (state: number): () => number {
  return () => {
    state = (state + 0x6D2B79F5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
