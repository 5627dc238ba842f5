import { connect } from 'node:net'
import { CLOSE, PING, PONG, TEXT, clientFrame, readFrames } from './frames.js'

/** A WebSocket of the load. */
export interface SocketClient {
  send: (text: string) => void
  /** Drops the connection, without a close frame. */
  cut: () => void
}

/** Where a socket connects. */
export interface Place {
  /** With http: as its protocol. */
  url: string
  token?: string | undefined
}

/** What becomes of a socket. */
export interface Ears {
  /** Takes a text that the server has sent, whose bytes may be used only until this returns. */
  hear: (text: Buffer) => void
  /** The connection has ended, though nobody here has cut it. */
  lost: (why: string) => void
}

const READ_BYTES = 64 * 1024
const HEAD_MAX = 16 * 1024
const END_OF_HEAD = Buffer.from('\r\n\r\n')

// All sockets read into the same bytes, one after the other: a reader is done with them when it returns.
const shared = Buffer.allocUnsafeSlow(READ_BYTES)
const NOTHING = Buffer.alloc(0)

/**
 * Opens a WebSocket on nothing but TCP, because the load has to cost less than the servers that it measures.
 * @throws Error when the server refuses
 */
export function openSocket (place: Place, ears: Ears): Promise<SocketClient> {
  const { hostname, port } = new URL(place.url)
  return new Promise((resolve, reject) => {
    let rest = NOTHING
    let read = readHead
    let isCut = false
    const socket = connect({ host: hostname, port: Number(port), noDelay: true, onread: { buffer: shared, callback: take } })
    socket.once('connect', () => socket.write(handshake(place)))
    socket.once('error', error => end(error.message))
    socket.once('close', () => end('The connection is closed.'))

    function take (length: number): boolean {
      const bytes = shared.subarray(0, length)
      try {
        const left = read(rest.length === 0 ? bytes : Buffer.concat([rest, bytes]))
        rest = left.length === 0 ? NOTHING : Buffer.from(left)
      } catch (error) {
        end((error as Error).message)
      }
      return true
    }

    function readHead (bytes: Buffer): Buffer {
      const end = bytes.indexOf(END_OF_HEAD)
      if (end > HEAD_MAX || (end < 0 && bytes.length > HEAD_MAX)) throw new Error('The head of an answer is too long.')
      if (end < 0) return bytes
      const status = bytes.toString('latin1', 0, bytes.indexOf('\r\n'))
      if (!status.startsWith('HTTP/1.1 101 ')) throw new Error(`A WebSocket is refused with "${status}".`)
      read = readBody
      resolve({ send: text => { socket.write(clientFrame(TEXT, Buffer.from(text))) }, cut })
      return readBody(bytes.subarray(end + END_OF_HEAD.length))
    }

    function readBody (bytes: Buffer): Buffer {
      return readFrames(bytes, (opcode, payload) => {
        if (opcode === TEXT) ears.hear(payload)
        else if (opcode === PING) socket.write(clientFrame(PONG, payload))
        else if (opcode === CLOSE) end(`The server has closed: ${closeReason(payload)}`)
      })
    }

    function cut (): void {
      isCut = true
      socket.destroy()
    }

    function end (why: string): void {
      if (isCut) return
      cut()
      reject(new Error(why))
      ears.lost(why)
    }
  })
}

function handshake ({ url, token }: Place): string {
  const { host, pathname, search } = new URL(url)
  return [
    `GET ${pathname}${search} HTTP/1.1`,
    `Host: ${host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    // The example of RFC 6455, 1.3.
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...token === undefined ? [] : [`Authorization: Bearer ${token}`],
    '\r\n'
  ].join('\r\n')
}

function closeReason (payload: Buffer): string {
  return payload.length < 2 ? 'without a code' : `${payload.readUInt16BE(0)} ${payload.toString('utf8', 2)}`
}
