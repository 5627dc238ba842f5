import type { Answer } from '../actions/answer-delivery.js'
import type { BotMessage, ConversationHead, Message } from '../contract/api.js'

export type { Answer, BotMessage }

/** A message that a bot is given. */
export interface Delivery {
  /** The same at each attempt. */
  id: string
  /** 1 for the first. */
  attempt: number
  conversation: ConversationHead
  /** The bot's own participant. */
  me: { id: string, name: string }
  /** As the bot is to see it; the system message of its own joining when it wants to know of that. */
  message: Message
  /** Whether the message waits for a decision of this bot, which manages the conversation. */
  isWaiting: boolean
  /** What the bot remembers of the conversation; undefined as long as it has not said anything. */
  state: unknown
  /** The messages before this one that the bot may see, oldest first. */
  readHistory: (limit: number) => Promise<Message[]>
  /** The other bots of the conversation, in the order in which they joined. */
  readBots: () => Promise<Array<{ id: string, name: string }>>
  /** Whether a person has said something before this message. */
  hasBegun: () => Promise<boolean>
  /** The token with which the bot may act in this conversation. */
  readSession: () => Promise<string>
  /** Whether the bot has a socket open in this conversation. */
  isConnected: () => boolean
}

/** What runs a bot: a message in, an answer out. */
export interface Bot {
  /** How long an answer may take. */
  timeoutMs: number
  /**
   * Answers a message. When it rejects the same message comes again after a pause; it may have been answered before.
   * @param signal aborts when it has taken too long
   */
  answer: (delivery: Delivery, signal: AbortSignal) => Promise<Answer>
  /** Ends what runs it. Nothing is asked afterwards. */
  close?: () => Promise<void>
}

/** A failure that says when to try again. */
export class TryLater extends Error {
  constructor (message: string, readonly pauseMs: number | undefined) {
    super(message)
  }
}

/** The bot wants nothing more. */
export class Gone extends Error {}

/** An answer that makes no sense, and would make none another time. */
export class BadAnswer extends Error {}

export const nothing: Answer = { messages: [] }

/** A text that answers a message. */
export function reply (message: Message, text: string, more: Partial<BotMessage> = {}): BotMessage {
  return { type: 'T', text, quoted_message_id: message.id, ...more }
}
