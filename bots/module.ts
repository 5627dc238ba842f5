import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Message } from '../contract/api.js'
import { BadAnswer, nothing, type Answer, type Bot, type BotMessage, type Delivery } from './bot.js'
import { requireAnswer } from './read-answer.js'

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

/** A bot that runs in the process of the server. */
export interface BotDefinition<State = unknown> {
  /** Answers a message. The same message may come again, with the same `id`, when the process died before its answer was stored. */
  onMessage: (message: Exclude<Message, { type: 'S' }>, context: BotContext<State>) => BotReply | Promise<BotReply>
  /** The bot has joined the conversation. */
  onJoin?: (context: BotContext<State>) => BotReply | Promise<BotReply>
}

/** Says that an object is a bot; gives it as it is. */
export function defineBot<State = unknown> (bot: BotDefinition<State>): BotDefinition<State> {
  return bot
}

/**
 * Loads a bot from a module, JavaScript or TypeScript, whose default export `defineBot` has given.
 * @throws Error with a sentence, when there is no such module or it is no bot
 */
export async function loadModule ({ path, options, timeout_s: timeout }: { path: string, options: Record<string, unknown>, timeout_s: number }): Promise<Bot> {
  const bot = await load(resolve(path))
  return {
    timeoutMs: timeout * 1000,
    answer: async (delivery, signal) => {
      const { message } = delivery
      const context = { ...delivery, options, signal }
      const isOwnJoining = message.type === 'S' && message.additional_metadata.participant_id === delivery.me.id
      const said = message.type !== 'S' ? bot.onMessage(message, context) : isOwnJoining ? bot.onJoin?.(context) : undefined
      return toAnswer(await within(Promise.resolve(said), signal))
    }
  }
}

async function load (path: string): Promise<BotDefinition> {
  const isTypeScript = /\.[cm]?ts$/.test(path)
  const url = pathToFileURL(path).href
  const module = await (isTypeScript ? importTypeScript(url) : import(url)).catch((error: Error) => { throw new Error(`The bot ${path} cannot be loaded. ${error.message}`, { cause: error }) })
  // A CommonJS module has its exports as the default one.
  const bot = module.default?.default ?? module.default
  if (typeof bot?.onMessage !== 'function') throw new Error(`${path} is no bot: its default export must have a function onMessage. Write: export default defineBot({ onMessage (message) { … } })`)
  return bot
}

// Loaded only where a module needs it.
async function importTypeScript (url: string): Promise<{ default?: any }> {
  const { tsImport } = await import('tsx/esm/api')
  return tsImport(url, import.meta.url)
}

function within<T> (work: Promise<T>, signal: AbortSignal): Promise<T> {
  return Promise.race([work, new Promise<never>((_resolve, reject) => {
    // Of what has happened already no signal tells.
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })])
}

/** @throws BadAnswer */
function toAnswer (reply: BotReply): Answer {
  const said = toJson(reply) as Exclude<BotReply, undefined>
  if (said === null || said === '') return nothing
  if (typeof said === 'string') return requireAnswer({ messages: [{ type: 'T', text: said }] })
  if (typeof said !== 'object') throw new BadAnswer(`Its answer is wrong: a ${typeof said}.`)
  if (Array.isArray(said)) return requireAnswer({ messages: said })
  if ('type' in said) return requireAnswer({ messages: [said] })
  const { messages = [], state } = said as { messages?: BotMessage[], state?: unknown }
  if (JSON.stringify(state ?? null).length > STATE_LENGTH_MAX) throw new BadAnswer(`Its state is longer than ${STATE_LENGTH_MAX} characters of JSON.`)
  return { ...requireAnswer({ messages }), ...state !== undefined && { state } }
}

/** The same as a bot of another process would have said it; a copy, because reading it trims. */
function toJson (reply: BotReply): unknown {
  try {
    return JSON.parse(JSON.stringify(reply) ?? 'null')
  } catch (error) {
    throw new BadAnswer(`Its answer is no JSON: ${(error as Error).message.split('\n')[0]}.`)
  }
}
