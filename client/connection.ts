import { createBackoff } from './backoff.js'
import type { Place, ServerFrame, SocketConstructor, SocketLike } from './types.js'
import { createVigil, type VigilOptions } from './vigil.js'

/** The codes with which a server closes a socket that is not worth another try, at least not as it is. */
const finalCodes = new Set([4400, 4401, 4403, 4404, 4413])

// The server asks to be left alone for a while.
const busyMs: Record<number, number> = { 4429: 5000, 1013: 5000 }

const GOODBYE_MS = 1000

export interface ConnectionOptions extends Pick<VigilOptions, 'isBehind'> {
  /** The address to connect to, asked for anew each time. */
  address: () => string
  onFrame: (frame: ServerFrame) => void
  /** It is connected, or not any more, or another try has failed. */
  onChange: (isConnected: boolean) => void
  /** The server wants no other try. Closes the connection. */
  onEnd: (code: number, reason: string) => void
}

/** A WebSocket that is opened again whenever it closes. */
export interface Connection {
  open: () => void
  /** Sends a frame if it is connected now. */
  send: (frame: object) => void
  /** Counts the present socket as closed. */
  lose: () => void
  /** Drops the present socket and opens another one at once. */
  renew: () => void
  close: () => void
}

export function createConnection ({ token, pace }: Place, WebSocket: SocketConstructor, { address, onFrame, onChange, onEnd, isBehind }: ConnectionOptions): Connection {
  const backoff = createBackoff(pace)
  // A server always has something to say to who has just come.
  const vigil = createVigil({ ...pace, isBehind: async signal => !isConnected || await isBehind(signal), onDead: lose })
  let socket: SocketLike | undefined
  let opening: ReturnType<typeof setTimeout> | undefined
  let isConnected = false
  let isClosed = false

  function open (): void {
    if (isClosed) return
    // The server selects the first, so that the token does not come back.
    const own = socket = new WebSocket(address(), token === undefined ? ['colloquy'] : ['colloquy', `bearer.${token}`])
    opening = setTimeout(lose, pace.openMs)
    own.onopen = () => {
      if (own !== socket) return
      clearTimeout(opening)
      vigil.begin()
    }
    own.onmessage = ({ data }) => { if (own === socket) hear(own, readFrame(data)) }
    own.onclose = ({ code, reason }) => { if (own === socket) lose(code, reason) }
    // What went wrong is told by the close that follows.
    own.onerror = () => {}
  }

  function hear (own: SocketLike, frame: ServerFrame | undefined): void {
    // Something between here and the server talks nonsense. What it has swallowed comes with the next try.
    if (frame === undefined) return lose()
    vigil.heard()
    backoff.reset()
    if (!isConnected && !('reset' in frame)) onChange(isConnected = true)
    // A listener may just have closed it.
    if (own === socket) onFrame(frame)
  }

  function lose (code = 1006, reason = ''): void {
    if (socket === undefined) return
    if (finalCodes.has(code)) return onEnd(code, reason)
    drop()
    if (!isClosed) backoff.schedule(open, busyMs[code])
  }

  function drop (): void {
    clearTimeout(opening)
    vigil.end()
    const own = socket
    socket = undefined
    if (own !== undefined) closeSocket(own)
    onChange(isConnected = false)
  }

  function renew (): void {
    drop()
    backoff.reset()
    open()
  }

  function send (frame: object): void {
    if (isConnected) socket?.send(JSON.stringify(frame))
  }

  function close (): void {
    isClosed = true
    backoff.reset()
    drop()
    vigil.stop()
  }

  return { open, send, lose: () => lose(), renew, close }
}

/** Some wait half a minute for a server that does not say goodbye, and keep a program from ending. */
function closeSocket (socket: SocketLike): void {
  socket.close()
  if (socket.terminate === undefined) return
  const timer: unknown = setTimeout(() => socket.terminate!(), GOODBYE_MS)
  ;(timer as { unref?: () => void }).unref?.()
}

function readFrame (data: unknown): ServerFrame | undefined {
  try {
    const frame: unknown = JSON.parse(String(data))
    return typeof frame === 'object' && frame !== null ? frame as ServerFrame : undefined
  } catch {
    return undefined
  }
}
