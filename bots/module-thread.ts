import { setTimeout as pause } from 'node:timers/promises'
import { Worker, type WorkerOptions } from 'node:worker_threads'
import { BadAnswer, type Delivery } from './bot.js'
import type { FromModule, ThreadData, ToModule, Wish } from './module-messages.js'

// Less than the 10 s that Fastify gives a plugin, so that it is said which bot is not ready.
const READY_MS = 8000
// How long a thread may take to react when an answer has taken too long, and to end.
const REACT_MS = 1000

/** A thread with a module. */
export interface Thread {
  /** Resolves when it can be asked; rejects with a sentence. */
  ready: Promise<void>
  /**
   * What the module says to a message, as JSON.
   * @throws BadAnswer when that is no JSON, Error when the module has thrown or crashed, the reason of the signal
   */
  ask: (delivery: Delivery, signal: AbortSignal) => Promise<string>
  hasEnded: () => boolean
  /** Resolves when the thread is no more, or cannot be stopped. */
  end: () => Promise<void>
}

/** Who waits for something of a thread; a delivery, with what may be read meanwhile, or that it is ready. */
interface Waiting { delivery?: Delivery, resolve: (json: string) => void, reject: (error: Error) => void }

const READY = 0

/** Starts a thread that loads a module. It keeps no process alive. */
export function startThread (data: ThreadData): Thread {
  const worker = createWorker(data)
  const waiting = new Map<number, Waiting>()
  let requests = READY
  let [pings, pongs] = [0, 0]
  let ended: Error | undefined

  worker.unref()
  worker.on('message', hear)
  worker.on('error', crash)
  worker.on('exit', code => crash(`it ended itself with code ${code}`))
  const slow = setTimeout(() => end(unusable(data, `It was not ready within ${READY_MS / 1000} s: is there a top-level await that never ends?`)), READY_MS)
  const ready = wait(READY, {}).then(() => {}).finally(() => clearTimeout(slow))
  // It may fail when nobody waits for it any more.
  ready.catch(() => {})

  function wait (request: number, more: Pick<Waiting, 'delivery'>): Promise<string> {
    return new Promise((resolve, reject) => waiting.set(request, { ...more, resolve, reject }))
  }

  function hear (message: FromModule): void {
    switch (message.type) {
      case 'ready': return settle(READY)?.resolve('')
      case 'unusable': end(Object.assign(new Error(message.text), { stack: message.stack })); break
      case 'said': return settle(message.request)?.resolve(message.json)
      case 'no JSON': return settle(message.request)?.reject(new BadAnswer(`Its answer is no JSON: ${message.text.split('\n')[0]}.`))
      case 'thrown': return settle(message.request)?.reject(new Error(message.text))
      case 'read': read(message.wish, waiting.get(message.request)?.delivery).then(
        value => post({ type: 'read', call: message.call, value }),
        error => post({ type: 'unread', call: message.call, text: describe(error) })); break
      case 'pong': pongs = message.ping
    }
  }

  function post (message: ToModule): void {
    worker.postMessage(message)
  }

  function settle (request: number): Waiting | undefined {
    const found = waiting.get(request)
    waiting.delete(request)
    return found
  }

  function crash (error: unknown): void {
    if (ended !== undefined) return
    const text = describe(error).split('\n')[0]!.replace(/\.$/, '')
    if (waiting.has(READY)) return void end(unusable(data, `It has crashed: ${text}.`))
    // Nobody may be waiting for an answer to which the reason could be given, and only this says the place.
    process.emitWarning(`The bot ${data.path} has crashed.`, { type: 'BotWarning', detail: error instanceof Error ? error.stack : `${text}.` })
    end(new Error(`The module has crashed: ${text}.`))
  }

  async function end (reason: Error): Promise<void> {
    ended ??= reason
    for (const request of [...waiting.keys()]) settle(request)?.reject(ended)
    // What native code does cannot be interrupted.
    await Promise.race([worker.terminate(), pause(REACT_MS, undefined, { ref: false })])
  }

  async function ask (delivery: Delivery, signal: AbortSignal): Promise<string> {
    if (ended !== undefined) throw ended
    const request = ++requests
    const { id, attempt, conversation, me, message, isWaiting, state } = delivery
    const said = wait(request, { delivery })
    post({ type: 'answer', request, given: { id, attempt, conversation, me, message, isWaiting, state } })
    return within(said, signal, () => giveUp(request, signal.reason))
  }

  function giveUp (request: number, { name, message }: Error): void {
    if (settle(request) === undefined || ended !== undefined) return
    const ping = ++pings
    post({ type: 'abort', request, name, text: message })
    post({ type: 'ping', ping })
    // Its pong may have come while this thread was busy itself; messages are read before what is set immediate.
    setTimeout(() => setImmediate(() => {
      if (pongs < ping) end(new Error(`The module has been ended: it held its thread for more than ${REACT_MS / 1000} s.`))
    }), REACT_MS).unref()
  }

  return { ready, ask, hasEnded: () => ended !== undefined, end: () => end(new Error('The module has been ended.')) }
}

/** The same as the work, or the reason of the signal when that comes first; then `giveUp` is called. */
export function within<T> (work: Promise<T>, signal: AbortSignal, giveUp = () => {}): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => { giveUp(); reject(signal.reason) }
    // Of what has happened already no signal tells.
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}

function createWorker (data: ThreadData): Worker {
  // An option of `node --eval` that is refused for files.
  const isEval = process.execArgv.some(word => word.startsWith('--input-type'))
  const options: WorkerOptions = { workerData: data, ...isEval && { execArgv: [] } }
  try {
    return new Worker(import.meta.url.endsWith('.ts') ? sourceEntry() : new URL('./module-worker.js', import.meta.url), options)
  } catch (error) {
    // Options that are no data, such as functions, cannot be given to a thread.
    throw unusable(data, `${describe(error)}`)
  }
}

/** A thread knows no TypeScript though the process does. */
function sourceEntry (): URL {
  const [tsx, entry] = [import.meta.resolve('tsx/esm/api'), new URL('./module-worker.ts', import.meta.url).href]
  return new URL(`data:text/javascript,${encodeURIComponent(`import { register } from ${JSON.stringify(tsx)}\nregister()\nawait import(${JSON.stringify(entry)})`)}`)
}

async function read (wish: Wish, delivery: Delivery | undefined): Promise<unknown> {
  if (delivery === undefined) throw new Error('The message has been answered, or its time is over.')
  return wish.what === 'history' ? delivery.readHistory(wish.limit) : delivery.readBots()
}

function unusable ({ path }: ThreadData, text: string): Error {
  return new Error(`The bot ${path} cannot be loaded. ${text}`)
}

function describe (error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
