import { EventEmitter } from 'node:events'
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'

// The servers whose handshakes are heard.
const heard = new WeakSet<object>()

/** What tells of the handshakes of a server: each is told once, though a host application may have this service twice. */
export function hearHandshakes (server: Server): EventEmitter {
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

/** A browser drops the connection unless one of the subprotocols that it names is selected. */
export function selectProtocol (protocols: Set<string>): string | false {
  return [...protocols].find(protocol => protocol === 'colloquy') ?? [...protocols].find(protocol => protocol.startsWith('bearer.')) ?? false
}
