// What the thread of a module and the thread of the server say to each other.
import type { Delivery } from './bot.js'

/** What a module is given with a message. What the rest of a delivery says, it asks for. */
export type Given = Pick<Delivery, 'id' | 'attempt' | 'conversation' | 'me' | 'message' | 'isWaiting' | 'state'>

/** What a thread is started with. */
export interface ThreadData { /** Absolute. */ path: string, options: Record<string, unknown> }

/** What a module reads of its conversation. */
export type Wish = { what: 'history', limit: number } | { what: 'bots' }

export type ToModule =
  | { type: 'answer', request: number, given: Given }
  /** The answer to a request is not wanted any more; why, as a DOMException says it. */
  | { type: 'abort', request: number, name: string, text: string }
  | { type: 'read', call: number, value: unknown }
  | { type: 'unread', call: number, text: string }
  | { type: 'ping', request: number }

export type FromModule =
  | { type: 'ready' }
  | { type: 'unusable', text: string, stack: string | undefined }
  | { type: 'said', request: number, json: string }
  | { type: 'no JSON', request: number, text: string }
  | { type: 'thrown', request: number, text: string }
  | { type: 'read', request: number, call: number, wish: Wish }
  | { type: 'pong', request: number }
