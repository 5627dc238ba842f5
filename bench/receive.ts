import { connect } from 'node:net'

const READ_BYTES = 1024 * 1024
const SHOWN_MAX = 1000
const END_OF_HEAD = Buffer.from('\r\n\r\n')

// A reader counts the bytes and is done with them, so all read into the same.
const shared = Buffer.allocUnsafeSlow(READ_BYTES)

/**
 * Reads what is at an address and counts its bytes, on nothing but TCP: the client of Node costs the load several times what
 * sending costs the server.
 * @throws Error when the answer is not 200, or ends before the length that it declares
 */
export function receive (url: string): Promise<number> {
  const { hostname, port, host, pathname } = new URL(url)
  return new Promise((resolve, reject) => {
    let declared: number | undefined
    let received = 0
    const socket = connect({ host: hostname, port: Number(port), onread: { buffer: shared, callback: take } })
    socket.write(`GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
    socket.once('error', reject)
    socket.once('close', () => reject(new Error(`${url} ended after ${received} of ${declared} bytes.`)))

    function take (length: number): boolean {
      if (declared === undefined) takeHead(shared.subarray(0, length))
      else received += length
      if (received === declared) {
        resolve(received)
        socket.destroy()
      }
      return true
    }

    // A server sends the head in one piece, with or without the beginning of the body.
    function takeHead (bytes: Buffer): void {
      const end = bytes.indexOf(END_OF_HEAD)
      const head = bytes.toString('latin1', 0, Math.max(0, end))
      const [, length] = head.match(/\r\ncontent-length: (\d+)/i) ?? []
      if (!head.startsWith('HTTP/1.1 200 ') || length === undefined) {
        reject(new Error(`${url} was answered with: ${bytes.toString('latin1', 0, SHOWN_MAX)}`))
        socket.destroy()
        return
      }
      declared = Number(length)
      received = bytes.length - end - END_OF_HEAD.length
    }
  })
}
