import type { Server } from 'node:http'
import type { Duplex } from 'node:stream'
import websocket from '@fastify/websocket'
import type { FastifyRequest } from 'fastify'
import plugin from 'fastify-plugin'
import { WebSocket } from 'ws'
import { close, closeByOwnCode, type CloseReason } from './closing.js'
import { hearHandshakes, selectProtocol } from './handshakes.js'

export type { CloseReason } from './closing.js'

export interface SocketOptions {
  /** Of one frame that a client sends. */
  frameBytes: number
  socketBufferBytes: number
  socketsPerSession: number
  sockets: number
  origins: string[]
  publicUrl: string | undefined
}

/** A WebSocket and the stream under it. */
export interface Line { socket: WebSocket, stream: Duplex }

/** The WebSockets of the process. */
export interface Sockets {
  /** Counts a socket of a session until it closes; tells why when it cannot be. */
  admit: (socket: WebSocket, sessionId: string) => CloseReason | undefined
  close: (socket: WebSocket, reason: CloseReason) => void
  /**
   * Sends a frame as `textFrame` makes it, which may be the same for many, or closes the socket when too much waits to be
   * sent already. It goes by the stream: without compression the library keeps nothing back that would have to go first.
   */
  send: (line: Line, frame: Buffer) => void
  /** Whether the page that opens a socket may; programs say no origin. */
  isFromHere: (request: FastifyRequest) => boolean
}

declare module 'fastify' {
  interface FastifyInstance { sockets: Sockets }
}

const PING_MS = 25_000

export default plugin<SocketOptions>(async (app, { frameBytes, socketBufferBytes, socketsPerSession, sockets: socketsMax, origins, publicUrl }) => {
  // Those who were asked whether they are there.
  const asked = new Set<WebSocket>()
  const counts = new Map<string, number>()
  // With the session of each.
  const open = new Map<WebSocket, string>()

  // A host application may have WebSockets of its own.
  if (!app.hasDecorator('websocketServer')) {
    await app.register(websocket, {
      options: { maxPayload: frameBytes, perMessageDeflate: false, handleProtocols: selectProtocol, server: hearHandshakes(app.server) as Server },
      errorHandler: (error, socket) => hearError.call(socket, error),
      preClose: done => done()
    })
  }
  app.addHook('preClose', async () => { for (const socket of open.keys()) close(socket, 'draining') })

  function admit (socket: WebSocket, sessionId: string): CloseReason | undefined {
    const count = counts.get(sessionId) ?? 0
    if (open.size >= socketsMax) return 'full'
    if (count >= socketsPerSession) return 'too_many'
    counts.set(sessionId, count + 1)
    open.set(socket, sessionId)
    socket.close = closeByOwnCode
    // The plugin's own listener would keep the request of the handshake.
    socket.removeAllListeners('error').on('error', hearError)
    socket.on('pong', hearAnswer)
    socket.on('close', forget)
    return undefined
  }

  function forget (this: WebSocket): void {
    const sessionId = open.get(this)!
    const rest = counts.get(sessionId)! - 1
    if (rest === 0) counts.delete(sessionId)
    else counts.set(sessionId, rest)
    open.delete(this)
    asked.delete(this)
  }

  function hearError (this: WebSocket, error: Error): void {
    // What the client did wrong has closed the socket already, with a reason.
    if (this.readyState === WebSocket.OPEN) app.log.error(error)
    close(this, 'failed')
  }

  function hearAnswer (this: WebSocket): void {
    asked.delete(this)
  }

  // Who has not answered since the last time is gone, whatever the network says.
  const pinging = setInterval(() => {
    for (const socket of open.keys()) {
      if (asked.has(socket)) socket.terminate()
      else socket.ping()
      asked.add(socket)
    }
  }, PING_MS).unref()
  app.addHook('onClose', async () => {
    clearInterval(pinging)
    for (const socket of open.keys()) socket.terminate()
  })

  function send ({ socket, stream }: Line, frame: Buffer): void {
    if (socket.readyState !== WebSocket.OPEN) return
    if (stream.writableLength > socketBufferBytes) close(socket, 'too_slow')
    else stream.write(frame)
  }

  app.decorate('sockets', { admit, close, send, isFromHere: request => isFromHere(request, origins, publicUrl) })
}, { name: 'sockets', dependencies: ['links'] })

function isFromHere ({ host, headers: { origin } }: FastifyRequest, origins: string[], publicUrl: string | undefined): boolean {
  if (origin === undefined || origins.includes(origin)) return true
  // A proxy in front may speak https where this server hears http.
  const own = [`http://${host}`, `https://${host}`, publicUrl ?? ''].filter(address => URL.canParse(address)).map(address => new URL(address).origin)
  return own.includes(origin)
}
