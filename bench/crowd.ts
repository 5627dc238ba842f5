import { setTimeout as pause } from 'node:timers/promises'
import { inParallel } from './client.js'
import { openSocket, type Place, type SocketClient } from './socket-client.js'

/** Takes what the server says to a socket, and says what is wrong with it, if something is. The bytes may be used only until it returns. */
export type Hear = (index: number, text: Buffer) => string | undefined

/** Sockets that are open at the same time. */
export interface Crowd {
  sockets: SocketClient[]
  /** May be exchanged. */
  hear: Hear
  /** What has gone wrong since the last time. */
  takeMistakes: () => string[]
  note: (mistake: string) => void
  close: () => void
}

const MISTAKES_MAX = 20
// A listening socket of Node lets 511 wait; who comes when it is full is heard a second later.
const HANDSHAKES_MAX = 256

/**
 * Opens a socket at each place.
 * @throws Error when one is refused
 */
export async function gather (places: Place[], hear: Hear = () => undefined): Promise<Crowd> {
  const mistakes: string[] = []
  const crowd: Crowd = {
    sockets: [],
    hear,
    note: mistake => { if (mistakes.length < MISTAKES_MAX) mistakes.push(mistake) },
    takeMistakes: () => mistakes.splice(0),
    close: () => { for (const socket of crowd.sockets) socket.cut() }
  }
  crowd.sockets = await inParallel(places.length, index => openSocket(places[index]!, {
    hear: text => {
      const mistake = isError(text) ? `Socket ${index} was told: ${text}` : crowd.hear(index, text)
      if (mistake !== undefined) crowd.note(mistake)
    },
    lost: why => crowd.note(`Socket ${index} is lost. ${why}`)
  }), HANDSHAKES_MAX)
  return crowd
}

/** Waits until something is so, but not for ever. Gives whether it is. */
export async function waitUntil (isSo: () => boolean, patienceMs: number): Promise<boolean> {
  const end = performance.now() + patienceMs
  while (!isSo() && performance.now() < end) await pause(1)
  return isSo()
}

// `{"error":…`; events begin alike.
function isError (text: Buffer): boolean {
  return text[2] === 0x65 && text[3] === 0x72
}
