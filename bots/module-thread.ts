import { setTimeout as pause } from 'node:timers/promises'
import { BadAnswer, type Delivery } from './bot.js'
import { createWorker, describe, unusable } from './module-launch.js'
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
  /** Resolves when it is known whether a thread that was too slow still reacts; otherwise it has ended. */
  reacts: () => Promise<unknown>
  hasEnded: () => boolean
  /** Resolves when the thread is no more, or cannot be stopped. */
  end: () => Promise<void>
}

/** Who waits for something of a thread: an answer to a delivery, a pong, or that it is ready. */
interface Waiting { delivery?: Delivery, resolve: (json: string) => void, reject: (error: Error) => void }

const READY = 0

/** Starts a thread that loads a module. It keeps the process alive only while somebody waits for it. */
export function startThread (data: ThreadData): Thread {
  const worker = createWorker(data)
  const waiting = new Map<number, Waiting>()
  let requests = READY
  let reacts: Promise<unknown> = Promise.resolve()
  let ended: Error | undefined

  worker.on('message', hear)
  worker.on('error', crash)
  worker.on('exit', code => crash(`it ended itself with code ${code}`))
  const slow = setTimeout(() => end(unusable(data, `It was not ready within ${READY_MS / 1000} s: is there a top-level await that never ends?`)), READY_MS)
  const ready = wait(READY, {}).then(() => {}).finally(() => clearTimeout(slow))
  // It may fail when nobody waits for it any more.
  ready.catch(() => {})

  function wait (request: number, more: Pick<Waiting, 'delivery'>): Promise<string> {
    worker.ref()
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
      case 'pong': settle(message.request)?.resolve('')
    }
  }

  function post (message: ToModule): void {
    worker.postMessage(message)
  }

  function settle (request: number): Waiting | undefined {
    const found = waiting.get(request)
    waiting.delete(request)
    // While it ends, somebody waits for that.
    if (waiting.size === 0 && ended === undefined) worker.unref()
    return found
  }

  function crash (error: unknown): void {
    if (ended !== undefined) return
    const text = describe(error).split('\n')[0]!.replace(/\.$/, '')
    if (waiting.has(READY)) {
      end(unusable(data, `It has crashed: ${text}.`))
      return
    }
    // Nobody may be waiting for an answer to which the reason could be given, and only this says the place.
    process.emitWarning(`The bot ${data.path} has crashed.`, { type: 'BotWarning', detail: error instanceof Error ? error.stack : `${text}.` })
    end(new Error(`The module has crashed: ${text}.`))
  }

  async function end (reason: Error): Promise<void> {
    ended ??= reason
    for (const request of [...waiting.keys()]) settle(request)?.reject(ended)
    // Whoever waits for the end waits, though nothing else keeps the process alive.
    worker.ref()
    // What native code does cannot be interrupted.
    await Promise.race([worker.terminate(), pause(REACT_MS, undefined, { ref: false })])
    worker.unref()
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
    post({ type: 'abort', request, name, text: message })
    reacts = ping().catch(() => {})
  }

  function ping (): Promise<unknown> {
    const request = ++requests
    post({ type: 'ping', request })
    // The pong may have come while this thread was busy itself; messages are read before what is set immediate.
    setTimeout(() => setImmediate(() => {
      if (waiting.has(request)) end(new Error(`The module has been ended: it held its thread for more than ${REACT_MS / 1000} s.`))
    }), REACT_MS).unref()
    return wait(request, {})
  }

  return { ready, ask, reacts: () => reacts, hasEnded: () => ended !== undefined, end: () => end(new Error('The module has been ended.')) }
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

async function read (wish: Wish, delivery: Delivery | undefined): Promise<unknown> {
  if (delivery === undefined) throw new Error('The message has been answered, or its time is over.')
  return wish.what === 'history' ? delivery.readHistory(wish.limit) : delivery.readBots()
}
