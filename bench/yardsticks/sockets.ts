/**
 * `ws` alone: no session, no database. The path names a room; what a socket sends goes to all sockets of its room, as it
 * is. Who connects with `?past=20` is sent so many frames at once.
 */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer, type WebSocket } from 'ws'
import { messageFrame } from '../message-frames.js'

const PAST_MAX = 100
const past = Array.from({ length: PAST_MAX }, (_, index) => messageFrame(String(index + 1)))
const rooms = new Map<string, Set<WebSocket>>()

const server = createServer((_request, response) => { response.end() })
new WebSocketServer({ server, perMessageDeflate: false }).on('connection', enter)
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`The yardstick listens at http://127.0.0.1:${(server.address() as AddressInfo).port}\n`)
})
process.once('SIGTERM', () => process.exit())

function enter (socket: WebSocket, { url }: IncomingMessage): void {
  const { pathname, searchParams } = new URL(url!, 'http://yardstick')
  const room = rooms.get(pathname) ?? new Set()
  rooms.set(pathname, room.add(socket))
  socket.on('close', () => room.delete(socket))
  socket.on('message', data => {
    const text = String(data)
    for (const other of room) other.send(text)
  })
  for (const frame of past.slice(0, Number(searchParams.get('past')))) socket.send(frame)
}
