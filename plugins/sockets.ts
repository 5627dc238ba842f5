import { EventEmitter } from 'node:events'
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import websocket from '@fastify/websocket'
import type { FastifyRequest } from 'fastify'
import plugin from 'fastify-plugin'
import { WebSocket } from 'ws'

export interface SocketOptions {
  /** Of one frame that a client sends. */
  frameBytes: number
  socketBufferBytes: number
  socketsPerSession: number
  sockets: number
  origins: string[]
  publicUrl: string | undefined
}

/** Why a WebSocket is closed by the server; the codes from 4000 on are ours (RFC 6455, 7.4.2). */
const closeReasons = {
  bad_frame: [4400, 'Frames that make no sense.'],
  no_session: [4401, 'No session: send the token of one.'],
  forbidden: [4403, 'Not a member of the conversation.'],
  bad_origin: [4403, 'Pages of this origin may not connect.'],
  not_found: [4404, 'No such conversation.'],
  too_slow: [4408, 'Too slow: more waits to be sent than may.'],
  too_large: [4413, 'The frame is too large.'],
  too_many: [4429, 'Too many: frames, or connections.'],
  reset: [1000, 'Start again from a snapshot.'],
  failed: [1011, 'Something went wrong on the server.'],
  draining: [1012, 'The server is about to stop.'],
  full: [1013, 'The server has as many connections as it can have.']
} as const

export type CloseReason = keyof typeof closeReasons

/** The WebSockets of the process. */
export interface Sockets {
  /** Counts a socket of a session until it closes; tells why when it cannot be. */
  admit: (socket: WebSocket, sessionId: string) => CloseReason | undefined
  close: (socket: WebSocket, reason: CloseReason) => void
  /** Sends a text, or closes the socket when too much waits to be sent already. */
  send: (socket: WebSocket, text: string) => void
  /** Whether the page that opens a socket may; programs say no origin. */
  isFromHere: (request: FastifyRequest) => boolean
}

declare module 'fastify' {
  interface FastifyInstance { sockets: Sockets }
}

const PING_MS = 25_000
// Who does not answer a close frame for so long is dropped.
const CLOSE_MS = 5000

// The servers whose handshakes are heard.
const heard = new WeakSet<object>()

// What the library closes with, and what it is here.
const ownCodes: Record<number, CloseReason> = { 1009: 'too_large', 1007: 'bad_frame' }

export default plugin<SocketOptions>(async (app, { frameBytes, socketBufferBytes, socketsPerSession, sockets: socketsMax, origins, publicUrl }) => {
  const answered = new WeakSet<WebSocket>()
  const counts = new Map<string, number>()
  const open = new Set<WebSocket>()

  // A host application may have WebSockets of its own.
  if (!app.hasDecorator('websocketServer')) {
    await app.register(websocket, {
      options: { maxPayload: frameBytes, perMessageDeflate: false, handleProtocols: selectProtocol, server: hearHandshakes(app.server) as Server },
      errorHandler: (error, socket, request) => {
        // What the client did wrong has closed the socket already, with a reason.
        if (socket.readyState === WebSocket.OPEN) request.log.error(error)
        close(socket, 'failed')
      },
      preClose: done => done()
    })
  }
  app.addHook('preClose', async () => { for (const socket of open) close(socket, 'draining') })

  function admit (socket: WebSocket, sessionId: string): CloseReason | undefined {
    const count = counts.get(sessionId) ?? 0
    if (open.size >= socketsMax) return 'full'
    if (count >= socketsPerSession) return 'too_many'
    counts.set(sessionId, count + 1)
    open.add(socket)
    answered.add(socket)
    useOwnCodes(socket)
    socket.on('pong', () => answered.add(socket))
    socket.once('close', () => {
      open.delete(socket)
      const rest = counts.get(sessionId)! - 1
      if (rest === 0) counts.delete(sessionId)
      else counts.set(sessionId, rest)
    })
    return undefined
  }

  // Who has not answered since the last time is gone, whatever the network says.
  const pinging = setInterval(() => {
    for (const socket of open) {
      if (answered.delete(socket)) socket.ping()
      else socket.terminate()
    }
  }, PING_MS).unref()
  app.addHook('onClose', async () => {
    clearInterval(pinging)
    for (const socket of open) socket.terminate()
  })

  function isFromHere (request: FastifyRequest): boolean {
    const { host, headers: { origin } } = request
    if (origin === undefined || origins.includes(origin)) return true
    // A proxy in front may speak https where this server hears http.
    const own = [`http://${host}`, `https://${host}`, publicUrl ?? ''].filter(address => URL.canParse(address)).map(address => new URL(address).origin)
    return own.includes(origin)
  }

  function send (socket: WebSocket, text: string): void {
    if (socket.readyState !== WebSocket.OPEN) return
    if (socket.bufferedAmount > socketBufferBytes) close(socket, 'too_slow')
    else socket.send(text)
  }

  app.decorate('sockets', { admit, close, send, isFromHere })
}, { name: 'sockets', dependencies: ['links'] })

function close (socket: WebSocket, reason: CloseReason): void {
  if (socket.readyState > WebSocket.OPEN) return
  const [code, text] = closeReasons[reason]
  socket.close(code, text)
  // So that its answer is heard.
  socket.resume()
  const timer = setTimeout(() => socket.terminate(), CLOSE_MS).unref()
  socket.once('close', () => clearTimeout(timer))
}

/** Lets the library close with this service's own codes. */
function useOwnCodes (socket: WebSocket): void {
  const { close } = socket
  socket.close = (code, text) => {
    const reason = ownCodes[code ?? 0]
    const [ownCode, ownText] = reason === undefined ? [code, text] : closeReasons[reason]
    close.call(socket, ownCode, ownText)
  }
}

/** What tells of the handshakes of a server: each is told once, though a host application may have this service twice. */
function hearHandshakes (server: Server): EventEmitter {
  const handshakes = new EventEmitter()
  if (heard.has(server)) return handshakes
  heard.add(server)
  server.on('upgrade', (request, socket, head) => {
    if (isWebSocket(request)) handshakes.emit('upgrade', request, socket, head)
    else withoutUpgrade(server, request, socket, head)
  })
  return handshakes
}

function isWebSocket ({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket'
}

/**
 * Answers a request that offers another protocol, such as h2c, as if it had not (RFC 9110, 7.8). Node gives it away as
 * soon as somebody hears of upgrades, so it is read again, without the offer.
 */
function withoutUpgrade (server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const lines = [`${request.method} ${request.url} HTTP/${request.httpVersion}`]
  for (let index = 0; index < request.rawHeaders.length; index += 2) {
    const [name, value] = request.rawHeaders.slice(index, index + 2)
    if (!/^(upgrade|connection|http2-settings)$/i.test(name!)) lines.push(`${name}: ${value}`)
  }
  socket.removeAllListeners('error')
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]))
  server.emit('connection', socket)
}

// A browser drops the connection unless one of the subprotocols that it names is selected.
function selectProtocol (protocols: Set<string>): string | false {
  return [...protocols].find(protocol => protocol === 'colloquy') ?? [...protocols].find(protocol => protocol.startsWith('bearer.')) ?? false
}
