// Small files of which a browser shows something.
import { deflateSync } from 'node:zlib'
import type { Page } from 'playwright-core'

// What is given to the browser runs there.
declare const document: any, MediaRecorder: any, requestAnimationFrame: any

/** A picture of 40 times 30 points, as PNG. */
export function picture (width = 40, height = 30): Buffer {
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  // Eight bits for each of red, green and blue.
  head.set([8, 2], 8)
  const lines = Array.from({ length: height }, (_, y) => Buffer.from([0, ...Array.from({ length: width }, (_, x) => [x * 255 / width, y * 255 / height, 120]).flat()]))
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', head), chunk('IDAT', deflateSync(Buffer.concat(lines))), chunk('IEND', Buffer.alloc(0))])
}

function chunk (type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type), data])
  const bytes = Buffer.alloc(named.length + 8)
  bytes.writeUInt32BE(data.length, 0)
  named.copy(bytes, 4)
  bytes.writeUInt32BE(crc32(named), named.length + 4)
  return bytes
}

/** As the PNG specification has it, appendix D. */
function crc32 (bytes: Buffer): number {
  let crc = 0xFFFFFFFF
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xEDB88320 : 0)
  }
  return (crc ^ 0xFFFFFFFF) >>> 0
}

/** A second of the tone a', as WAV. */
export function tone (): Buffer {
  const rate = 8000
  const head = Buffer.alloc(44)
  head.write('RIFF', 0)
  head.writeUInt32LE(36 + rate, 4)
  head.write('WAVEfmt ', 8)
  head.writeUInt32LE(16, 16)
  // Pulse code, one channel, one byte for each sample.
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(1, 22)
  head.writeUInt32LE(rate, 24)
  head.writeUInt32LE(rate, 28)
  head.writeUInt16LE(1, 32)
  head.writeUInt16LE(8, 34)
  head.write('data', 36)
  head.writeUInt32LE(rate, 40)
  return Buffer.concat([head, Buffer.from(Array.from({ length: rate }, (_, at) => 128 + 60 * Math.sin(2 * Math.PI * 440 * at / rate)))])
}

/** A film of a few frames, as WebM, which the browser makes itself. */
export async function film (page: Page): Promise<Buffer> {
  const base64 = await page.evaluate(async () => {
    const canvas = document.createElement('canvas')
    const pen = canvas.getContext('2d')!
    const recorder = new MediaRecorder(canvas.captureStream(30), { mimeType: 'video/webm' })
    const recorded = new Promise<Blob>(resolve => { recorder.ondataavailable = ({ data }: any) => resolve(data) })
    recorder.start()
    for (let frame = 0; frame < 12; frame++) {
      pen.fillStyle = `hsl(${frame * 30} 80% 50%)`
      pen.fillRect(0, 0, canvas.width, canvas.height)
      await new Promise(requestAnimationFrame)
    }
    recorder.stop()
    return btoa(String.fromCharCode(...new Uint8Array(await (await recorded).arrayBuffer())))
  })
  return Buffer.from(base64, 'base64')
}
