/** The frames of WebSockets (RFC 6455, 5.2), as far as a load needs them. */

export const TEXT = 1
export const CLOSE = 8
export const PING = 9
export const PONG = 10

const CONTROL_MAX = 125
const SHORT_MAX = 65_535
// A server of this bench sends none that are longer.
const LENGTH_MAX = 1024 * 1024

/**
 * Gives each whole frame of what a server has sent to `take`, which may use the bytes only until it returns.
 * @returns what is left: the beginning of a frame whose rest has not come
 * @throws Error when a frame is in pieces, masked, or longer than 1 MiB
 */
export function readFrames (bytes: Buffer, take: (opcode: number, payload: Buffer) => void): Buffer {
  let rest = bytes
  while (rest.length >= 2) {
    const { start, length } = readLength(rest)
    if ((rest[0]! & 0x80) === 0 || length > LENGTH_MAX) throw new Error('A frame is in pieces or too long.')
    const end = start + length
    if (rest.length < end) break
    take(rest[0]! & 0x0f, rest.subarray(start, end))
    rest = rest.subarray(end)
  }
  return rest
}

// As long as the length itself has not come, the frame is longer than what has.
function readLength (bytes: Buffer): { start: number, length: number } {
  const short = bytes[1]!
  if (short <= CONTROL_MAX) return { start: 2, length: short }
  if (short === 126) return { start: 4, length: bytes.length < 4 ? 0 : bytes.readUInt16BE(2) }
  if (short === 127) return { start: 10, length: bytes.length < 10 ? 0 : Number(bytes.readBigUInt64BE(2)) }
  throw new Error('A frame is masked.')
}

/**
 * A frame as a client sends it. Its mask is zero, which costs the load nothing and the server what any other costs it:
 * a mask is there to protect proxies from pages (RFC 6455, 10.3), and here is neither.
 */
export function clientFrame (opcode: number, payload: Buffer): Buffer {
  const { length } = payload
  if (length > SHORT_MAX) throw new Error(`A frame of the load has at most ${SHORT_MAX} bytes.`)
  const start = length <= CONTROL_MAX ? 6 : 8
  const frame = Buffer.alloc(start + length)
  frame[0] = 0x80 | opcode
  frame[1] = 0x80 | (start === 6 ? length : 126)
  if (start === 8) frame.writeUInt16BE(length, 2)
  payload.copy(frame, start)
  return frame
}
