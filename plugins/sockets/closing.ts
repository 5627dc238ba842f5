import { WebSocket } from 'ws'

/** Why a WebSocket is closed by the server; the codes from 4000 on are ours (RFC 6455, 7.4.2). */
export const closeReasons = {
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

// Who does not answer a close frame for so long is dropped.
const CLOSE_MS = 5000

// What the library closes with, and what it is here.
const ownCodes: Record<number, CloseReason> = { 1009: 'too_large', 1007: 'bad_frame' }

export function close (socket: WebSocket, reason: CloseReason): void {
  if (socket.readyState > WebSocket.OPEN) return
  const [code, text] = closeReasons[reason]
  socket.close(code, text)
  // So that its answer is heard.
  socket.resume()
  const timer = setTimeout(() => socket.terminate(), CLOSE_MS).unref()
  socket.once('close', () => clearTimeout(timer))
}

/** Takes the place of the method of a socket, so that the library, too, closes with this service's own codes. */
export function closeByOwnCode (this: WebSocket, code?: number, text?: string | Buffer): void {
  const reason = ownCodes[code ?? 0]
  const [ownCode, ownText] = reason === undefined ? [code, text] : closeReasons[reason]
  const { close } = Object.getPrototypeOf(this) as WebSocket
  close.call(this, ownCode, ownText)
}
