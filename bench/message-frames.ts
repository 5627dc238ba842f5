import type { MessageInput, ServerFrameMessage } from '../contract/api.js'

const TEXT = 'The kettle is on, and there is cake enough for everybody who comes before five.'
const LOCAL_ID = Buffer.from('"local_id":"')
const [ZERO, NINE, QUOTE] = [0x30, 0x39, 0x22]

/** What a client says to Colloquy to post a message. */
export function inputOf (localId: string, text = TEXT): MessageInput {
  return { type: 'T', text, local_id: localId }
}

/** The same as a frame. */
export function inputFrame (localId: string): string {
  return JSON.stringify(inputOf(localId))
}

/** A frame as Colloquy sends it, so that a yardstick moves the same bytes. */
export function messageFrame (localId: string): string {
  return JSON.stringify(frameOf(localId))
}

/** What such a frame says. */
export function frameOf (localId: string, text = TEXT): ServerFrameMessage {
  const seq = Number(localId)
  return {
    message: {
      type: 'T',
      time: '2026-01-01T00:00:00.000Z',
      id: '01936a2c-0000-7000-8000-00000000000d',
      sent_by_human: true,
      quoted_message_id: null,
      sender_id: '01936a2c-0000-7000-8000-00000000000a',
      local_id: localId,
      text,
      options: [],
      seq
    },
    seq
  }
}

/** The local_id of the message that a frame brings, as a number; undefined when it brings none of the load. */
export function readLocalId (frame: Buffer): number | undefined {
  const start = frame.indexOf(LOCAL_ID)
  if (start < 0) return undefined
  let number = 0
  for (let index = start + LOCAL_ID.length; frame[index] !== QUOTE; index++) {
    if (!isDigit(frame[index])) return undefined
    number = number * 10 + frame[index]! - ZERO
  }
  return number
}

/** The seq of a frame, which is its last member; 0 when it has none. */
export function readSeq (frame: Buffer): number {
  let [seq, unit] = [0, 1]
  for (let index = frame.length - 2; isDigit(frame[index]); index--) {
    seq += unit * (frame[index]! - ZERO)
    unit *= 10
  }
  return seq
}

function isDigit (byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE
}
