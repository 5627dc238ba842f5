import type { MessageInput, Outgoing } from '../../client/index.js'
import { forget, keep, keysOf, recall } from '../storage.js'

const PREFIX = 'colloquy.outbox.'
const KEPT_MS = 7 * 24 * 3_600_000

/** The texts of somebody that are on their way. They outlive the page, with their local_id; files do not. */
export interface KeptOutbox {
  read: () => MessageInput[]
  update: (outbox: readonly Outgoing[]) => void
}

interface Kept { at: number, input: MessageInput }

let lastAt = 0

/** @param session whose they are: nobody sends what somebody else has written in the same browser */
export function createKeptOutbox (session: string, talkId: string): KeptOutbox {
  const prefix = `${PREFIX}${session}.${talkId}.`
  // Each has a key of its own, so that tabs do not take them from each other.
  const own = new Set<string>()

  function update (outbox: readonly Outgoing[]): void {
    const texts = textsOf(outbox)
    for (const { localId, input } of texts) {
      if (own.has(localId)) continue
      own.add(localId)
      keep('local', prefix + localId, JSON.stringify({ at: nextTime(), input }))
    }
    for (const localId of own) {
      if (texts.some(text => text.localId === localId)) continue
      own.delete(localId)
      forget('local', prefix + localId)
    }
  }

  return { read: () => readKept(prefix), update }
}

/** Those that another page could send, too. What is behind a file has to wait for it in this one. */
function textsOf (outbox: readonly Outgoing[]): readonly Outgoing[] {
  const blocking = outbox.findIndex(({ file, state }) => file !== undefined && (state === 'waiting' || state === 'sending'))
  return (blocking < 0 ? outbox : outbox.slice(0, blocking)).filter(({ file, state }) => file === undefined && state !== 'sent')
}

/** The conversations in which something of somebody is on its way. */
export function keptTalks (session: string): string[] {
  return [...new Set(keysOf('local', `${PREFIX}${session}.`).map(key => placeOf(key).talkId))]
}

/** Tells when another tab keeps a text no more, because it is stored or thrown away. */
export function onTextGone (listener: (talkId: string, localId: string) => void): void {
  addEventListener('storage', ({ key, newValue }) => {
    if (newValue !== null || !key?.startsWith(PREFIX)) return
    const { talkId, localId } = placeOf(key)
    listener(talkId, localId)
  })
}

// Ids have no dots; a local_id may.
function placeOf (key: string): { talkId: string, localId: string } {
  const [, talkId, ...localId] = key.slice(PREFIX.length).split('.')
  return { talkId: talkId!, localId: localId.join('.') }
}

function readKept (prefix: string): MessageInput[] {
  const kept = keysOf('local', prefix).map(parse).filter(one => one !== undefined)
  return kept.sort((one, other) => one.at - other.at).map(({ input }) => input)
}

/** What is too old to be sent without being asked is thrown away. */
function parse (key: string): Kept | undefined {
  try {
    const kept = JSON.parse(recall('local', key)!)
    if (typeof kept.input.local_id === 'string' && kept.at > Date.now() - KEPT_MS) return kept
  } catch {
    // Somebody else's.
  }
  forget('local', key)
}

/** Tells the order, also within a millisecond. */
function nextTime (): number {
  lastAt = Math.max(lastAt + 1, Date.now())
  return lastAt
}
