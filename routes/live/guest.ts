import type { ParticipantRow } from '../../db/schema.js'
import type { Reader } from '../../plugins/feed/feed.js'
import type { Line } from '../../plugins/sockets/sockets.js'

/** Somebody with a socket: all that is kept of it as long as nothing happens. */
export interface Guest extends Line {
  /** When its session ends, in ms: from then on nothing of it is taken. */
  expiresAt: number
  /** Calls off that it is closed then. */
  callOff?: () => void
  /** Where it listens, and as whom it reads. */
  seat?: { conversationId: string, reader: Reader }
  /** As whom it is connected; absent for who may only listen. */
  me?: ParticipantRow
  /** Whether it is known who sends what comes from it. */
  hasEntered?: true
  /** What it sends; made for its first frame. */
  inbox?: Inbox
}

/** What a client sends over its socket. */
export interface Inbox {
  take: (bytes: Buffer, isBinary: boolean) => void
  /** Lets what has come before it was known who sends be worked off. */
  open: () => void
  /** The socket is closed. */
  close: () => void
}
