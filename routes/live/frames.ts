import type { Event } from '../../contract/api.js'
import type { Item } from '../../views/item.js'
import type { Viewer } from '../../views/viewer.js'

/** The frame in which a socket gets an event; the same bytes for all people, and for all bots. */
export function frameOf (item: Item, { isBot }: Viewer): Buffer {
  return item.as(isBot ? botFrame : personFrame)
}

/** A text as it goes over the line from the server, which masks nothing (RFC 6455, 5.2). */
export function textFrame (text: string): Buffer {
  const length = Buffer.byteLength(text)
  const start = length < 126 ? 2 : length < 65_536 ? 4 : 10
  const frame = Buffer.allocUnsafe(start + length)
  // The last frame of a text.
  frame[0] = 0x81
  if (start === 2) frame[1] = length
  if (start === 4) frame.writeUInt16BE(length, frame.writeUInt8(126, 1))
  if (start === 10) frame.writeBigUInt64BE(BigInt(length), frame.writeUInt8(127, 1))
  frame.write(text, start)
  return frame
}

function personFrame (event: Event): Buffer {
  const isMessage = event.type === 'message.created' || event.type === 'message.redirected'
  return textFrame(JSON.stringify(isMessage ? { message: event.message, seq: event.seq } : { event, seq: event.seq }))
}

// For a bot that manages, what waits is a message like others, as existing ones know it.
function botFrame (event: Event): Buffer {
  return event.type === 'message.pending' ? textFrame(JSON.stringify({ message: event.message, seq: event.seq })) : personFrame(event)
}
