import { resolve } from 'node:path'
import type { Message } from '../contract/api.js'
import { BadAnswer, nothing, type Answer, type Bot, type BotMessage, type Delivery } from './bot.js'
import { startThread, within, type Thread } from './module-thread.js'
import { requireAnswer } from './read-answer.js'

const ANSWER_LENGTH_MAX = 1024 * 1024
const STATE_LENGTH_MAX = 256 * 1024

/** What a bot that is a module is given with each message. */
export interface BotContext<State = unknown> extends Pick<Delivery, 'id' | 'attempt' | 'conversation' | 'me' | 'readHistory' | 'readBots'> {
  /** From the configuration. */
  options: Record<string, unknown>
  /** What the bot remembers of the conversation; undefined at first. Changed by `state` in the answer. */
  state: State | undefined
  /** Whether the message waits for a decision of this bot, which manages the conversation. */
  isWaiting: boolean
  /** Aborts when the answer takes too long. */
  signal: AbortSignal
}

/** What a bot says: nothing, a text, a message, several, or messages together with what it shall remember. */
export type BotReply = undefined | null | string | BotMessage | BotMessage[] | { messages?: BotMessage[], state?: unknown }

/** A bot that runs in the process of the server, in a thread of its own. */
export interface BotDefinition<State = unknown> {
  /** Answers a message. The same message may come again, with the same `id`, when its thread or the process died before its answer was stored. */
  onMessage: (message: Exclude<Message, { type: 'S' }>, context: BotContext<State>) => BotReply | Promise<BotReply>
  /** The bot has joined the conversation. */
  onJoin?: (context: BotContext<State>) => BotReply | Promise<BotReply>
}

/** Says that an object is a bot; gives it as it is. */
export function defineBot<State = unknown> (bot: BotDefinition<State>): BotDefinition<State> {
  return bot
}

/**
 * Loads a bot from a module, JavaScript or TypeScript, whose default export `defineBot` has given, in a thread of its own:
 * when the module crashes or never stops, only its thread ends, and the next message starts another one.
 * @throws Error with a sentence, when there is no such module or it is no bot
 */
export async function loadModule ({ path, options, timeout_s: timeout }: { path: string, options: Record<string, unknown>, timeout_s: number }): Promise<Bot> {
  const start = (): Thread => startThread({ path: resolve(path), options })
  let thread = start()
  await thread.ready
  return {
    timeoutMs: timeout * 1000,
    answer: async (delivery, signal) => {
      signal.throwIfAborted()
      const { message } = delivery
      // Of those of the system, a module hears of its own joining.
      if (message.type === 'S' && message.additional_metadata.participant_id !== delivery.me.id) return nothing
      // What is given to a thread that is held would end with it.
      await within(thread.reacts(), signal)
      if (thread.hasEnded()) thread = start()
      const { ready, ask } = thread
      await within(ready, signal)
      return toAnswer(await ask(delivery, signal))
    },
    close: () => thread.end()
  }
}

/** @throws BadAnswer */
function toAnswer (json: string): Answer {
  if (json.length > ANSWER_LENGTH_MAX) throw new BadAnswer('Its answer is too large.')
  const said = JSON.parse(json) as Exclude<BotReply, undefined>
  if (said === null || said === '') return nothing
  if (typeof said === 'string') return requireAnswer({ messages: [{ type: 'T', text: said }] })
  if (typeof said !== 'object') throw new BadAnswer(`Its answer is wrong: a ${typeof said}.`)
  if (Array.isArray(said)) return requireAnswer({ messages: said })
  if ('type' in said) return requireAnswer({ messages: [said] })
  const { messages = [], state } = said as { messages?: BotMessage[], state?: unknown }
  if (JSON.stringify(state ?? null).length > STATE_LENGTH_MAX) throw new BadAnswer(`Its state is longer than ${STATE_LENGTH_MAX} characters of JSON.`)
  return { ...requireAnswer({ messages }), ...state !== undefined && { state } }
}
