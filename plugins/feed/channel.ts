import type { Jump } from '../../db/schema.js'
import type { Item, Written } from '../../views/item.js'
import type { Viewer } from '../../views/viewer.js'
import type { Tail } from './tail.js'

/** Somebody who follows the log of a conversation. */
export interface Reader {
  viewer: Viewer
  /** Takes the next event that the viewer may see. Must not wait and must not throw. */
  give: (item: Item) => void
  /** Whether so much waits to be taken that no more of the past may be given. */
  isFull: () => boolean
  /** Resolves when it is not full any more, or gone. */
  drained: () => Promise<void>
  /** Takes a text that is no event and goes to everybody who is connected; who is in the conversation, say. */
  tell?: (text: Written<string>) => void
  /** What is given between the two leaves together. */
  cork?: () => void
  uncork?: () => void
}

/** A reader and the seq of the last event that it was given. Who is live has all that was there a moment ago. */
export interface Follower { reader: Reader, cursor: number, isLive: boolean }

/** A conversation that somebody follows. */
export interface Channel {
  id: string
  /** Its end is infinite until it is known where the log ends. */
  tail: Tail
  /** The seq of the last event that was committed, as far as it is known; the tail may not have come so far. */
  lastSeq: number
  /** As that of the conversation. */
  jump: Jump
  /** What is up to here, everybody who is live was given. */
  givenSeq: number
  followers: Map<Reader, Follower>
  opened: Promise<void>
  isPumping: boolean
  /** The seq of the last event after which everybody is to be told who is in the conversation; 0 when they were told. */
  rosterSeq: number
  rosterTimer?: NodeJS.Timeout
  reading?: Reading
  /** When somebody last left, or came for the past, in ms: others may do the same. */
  wantedAt: number
}

/** A page of the log that is being read. */
export interface Reading {
  /** It begins after this seq. */
  after: number
  items: Promise<Item[]>
}
