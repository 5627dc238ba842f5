import type { Pace } from './pace.js'
import type { components } from './schema.js'

type Schemas = components['schemas']

export type Bot = Schemas['Bot']
export type Conversation = Schemas['Conversation']
export type ConversationEntry = Schemas['ConversationEntry']
export type Event = Schemas['Event']
export type FileMessage = Schemas['FileMessage']
export type FrameProblem = Schemas['FrameProblem']
export type Limits = Schemas['Limits']
export type Message = Schemas['Message']
export type MessageInput = Schemas['MessageInput']
export type Participant = Schemas['Participant']
export type Problem = Schemas['Problem']
export type Snapshot = Schemas['Snapshot']
export type TextMessage = Schemas['TextMessage']
export type Typing = Schemas['Typing']

/** What a server sends over the WebSocket. */
export type ServerFrame =
  | { message: Message, seq?: number }
  | { event: Event, seq: number }
  | Schemas['ServerFrameState']
  | Schemas['ServerFrameTyping']
  | Schemas['ServerFrameError']
  | Schemas['ServerFrameReset']

/** The part of a WebSocket that is used here, so that browsers' and those of Node's libraries fit. */
export interface SocketLike {
  send: (data: string) => void
  close: (code?: number, reason?: string) => void
  /** Closes it without a word; browsers have no such thing. */
  terminate?: () => void
  onopen: ((event: any) => void) | null
  onmessage: ((event: any) => void) | null
  onclose: ((event: any) => void) | null
  onerror: ((event: any) => void) | null
}

export type SocketConstructor = new (url: string, protocols?: string[]) => SocketLike

/** Where a server is, and as whom and how it is called. */
export interface Place {
  /** Without a slash at its end. */
  url: string
  token: string | undefined
  fetch: typeof fetch
  /** Whether requests must go by `fetch`, because it is not the global one. */
  hasOwnFetch: boolean
  WebSocket: SocketConstructor | undefined
  pace: Pace
}
