// What runs in the thread of a module: it loads the module and passes on what is asked and answered.
import { inspect } from 'node:util'
import { pathToFileURL } from 'node:url'
import { parentPort, workerData } from 'node:worker_threads'
import type { BotContext, BotDefinition, BotReply } from './module.js'
import type { FromModule, ThreadData, ToModule, Wish } from './module-messages.js'

const { path, options } = workerData as ThreadData
const controllers = new Map<number, AbortController>()
const reads = new Map<number, { resolve: (value: any) => void, reject: (error: Error) => void }>()
let calls = 0
let bot: BotDefinition

// Listening keeps the thread alive, also while the module loads.
parentPort!.on('message', (message: ToModule) => {
  switch (message.type) {
    case 'answer': answer(message); break
    case 'abort': return controllers.get(message.request)?.abort(new DOMException(message.text, message.name))
    case 'read': return settle(message.call)?.resolve(message.value)
    case 'unread': return settle(message.call)?.reject(new Error(message.text))
    case 'ping': post({ type: 'pong', request: message.request })
  }
})
load().then(() => post({ type: 'ready' }), error => post({ type: 'unusable', text: describe(error), stack: error?.stack }))

function post (message: FromModule): void {
  parentPort!.postMessage(message)
}

async function load (): Promise<void> {
  const isTypeScript = /\.[cm]?ts$/.test(path)
  const url = pathToFileURL(path).href
  const module = await (isTypeScript ? importTypeScript(url) : import(url))
    .catch(error => { throw Object.assign(new Error(`The bot ${path} cannot be loaded. ${describe(error)}`), { stack: error?.stack }) })
  // A CommonJS module has its exports as the default one.
  bot = module.default?.default ?? module.default
  if (typeof bot?.onMessage !== 'function') throw new Error(`${path} is no bot: its default export must have a function onMessage. Write: export default defineBot({ onMessage (message) { … } })`)
}

// Loaded only where a module needs it.
async function importTypeScript (url: string): Promise<{ default?: any }> {
  const { tsImport } = await import('tsx/esm/api')
  return tsImport(url, import.meta.url)
}

async function answer ({ request, given: { message, ...given } }: ToModule & { type: 'answer' }): Promise<void> {
  const controller = new AbortController()
  controllers.set(request, controller)
  const context: BotContext = {
    ...given,
    options,
    signal: controller.signal,
    readHistory: limit => read(request, { what: 'history', limit }),
    readBots: () => read(request, { what: 'bots' })
  }
  try {
    const said = await (message.type === 'S' ? bot.onJoin?.(context) : bot.onMessage(message, context))
    post({ request, ...toJson(said) })
  } catch (error) {
    post({ type: 'thrown', request, text: describe(error) })
  } finally {
    controllers.delete(request)
  }
}

function toJson (said: BotReply): { type: 'said', json: string } | { type: 'no JSON', text: string } {
  try {
    return { type: 'said', json: JSON.stringify(said) ?? 'null' }
  } catch (error) {
    return { type: 'no JSON', text: describe(error) }
  }
}

function read (request: number, wish: Wish): Promise<any> {
  return new Promise((resolve, reject) => {
    const call = ++calls
    post({ type: 'read', request, call, wish })
    reads.set(call, { resolve, reject })
  })
}

function settle (call: number): { resolve: (value: any) => void, reject: (error: Error) => void } | undefined {
  const read = reads.get(call)
  reads.delete(call)
  return read
}

function describe (error: unknown): string {
  if (error instanceof Error) return error.message
  return typeof error === 'string' ? error : inspect(error)
}
