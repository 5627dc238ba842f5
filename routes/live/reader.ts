import type { FastifyInstance } from 'fastify'
import { WebSocket } from 'ws'
import type { Reader } from '../../plugins/feed/feed.js'
import type { Line } from '../../plugins/sockets/sockets.js'
import type { Item, Written } from '../../views/item.js'
import { endsViewing, type Viewer } from '../../views/viewer.js'
import type { Ear } from './ear.js'
import { frameOf, textFrame } from './frames.js'

// From here on, the past is given only as fast as it is taken.
const ROOM_BYTES = 64 * 1024
const ROOM_POLL_MS = 10
const STALL_MS = 30_000

/** Somebody who reads a log by a socket. There may be very many: a class, so that they share what they do. */
export class SocketReader implements Reader {
  constructor (private readonly app: FastifyInstance, private readonly line: Line, readonly viewer: Viewer, private readonly ear: Ear | undefined) {}

  give (item: Item): void {
    const { app, line, viewer, ear } = this
    if (ear?.hears(item) !== false) app.sockets.send(line, frameOf(item, viewer))
    ear?.note(item.seq)
    if (endsViewing(item.event, viewer)) app.sockets.close(line.socket, 'forbidden')
  }

  tell (text: Written<string>): void {
    this.app.sockets.send(this.line, text.as(textFrame))
  }

  isFull (): boolean {
    const { socket, stream } = this.line
    return socket.readyState === WebSocket.OPEN && stream.writableLength > ROOM_BYTES
  }

  /** One that takes nothing at all for long is dropped. */
  async drained (): Promise<void> {
    const { socket, stream } = this.line
    let last = stream.writableLength
    let movedAt = Date.now()
    while (this.isFull()) {
      await new Promise(resolve => setTimeout(resolve, ROOM_POLL_MS))
      if (stream.writableLength < last) movedAt = Date.now()
      last = stream.writableLength
      if (Date.now() - movedAt > STALL_MS) this.app.sockets.close(socket, 'too_slow')
    }
  }

  cork (): void {
    this.line.stream.cork()
  }

  uncork (): void {
    this.line.stream.uncork()
  }
}
