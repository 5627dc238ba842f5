import { setImmediate as nextTurn } from 'node:timers/promises'
import plugin from 'fastify-plugin'
import type { Growth } from '../db/write.js'
import { problem } from '../errors.js'

const WAITERS_MAX = 10_000
// One participant has as many tabs and devices; of more, the one that waits longest is answered.
const WAITS_PER_OWNER = 8
// Each who is woken reads the log, which takes no turn of the event loop.
const WAKE_AT_ONCE = 16

/** Tells that the log of a conversation, or what a bot has to do, has grown. Who waits is told only that, and reads what is new from the database. */
export interface Doorbell {
  ring: (growths: Growth[]) => Promise<void>
  /** Is told of every growth, as long as the process lives; of those of one commit at once. It must not wait. */
  listen: (listener: (growths: Growth[]) => void) => void
  /**
   * Resolves when the topic grows; with `over` when the time is over, the signal aborts or the process is about to stop.
   * @param topic as in Growth
   * @param owner who waits; each owner has a bounded number of waits for a topic
   * @throws ProblemError server_busy when too many wait
   */
  wait: (topic: string, owner: string, timeoutMs: number, signal: AbortSignal) => Promise<'grown' | 'over'>
}

declare module 'fastify' {
  interface FastifyInstance {
    doorbell: Doorbell
    /** Whether the process is about to stop. */
    isDraining: () => boolean
  }
}

interface Waiter { owner: string, wake: () => void, giveUp: () => void }

export default plugin(async app => {
  const waiters = new Map<string, Set<Waiter>>()
  const listeners: Array<(growths: Growth[]) => void> = []
  let count = 0
  let draining = false

  async function ring (growths: Growth[]): Promise<void> {
    let woken = 0
    for (const listener of listeners) listener(growths)
    for (const topic of new Set(growths.map(({ topic }) => topic))) {
      for (const { wake } of [...waiters.get(topic) ?? []]) {
        wake()
        if (++woken % WAKE_AT_ONCE === 0) await nextTurn()
      }
    }
  }

  function add (topic: string, waiter: Waiter): void {
    const others = waiters.get(topic) ?? new Set()
    const own = [...others].filter(({ owner }) => owner === waiter.owner)
    if (own.length >= WAITS_PER_OWNER) own[0]!.giveUp()
    waiters.set(topic, others.add(waiter))
    count++
  }

  function remove (topic: string, waiter: Waiter): void {
    const others = waiters.get(topic)
    if (!others?.delete(waiter)) return
    count--
    if (others.size === 0) waiters.delete(topic)
  }

  function wait (topic: string, owner: string, timeoutMs: number, signal: AbortSignal): Promise<'grown' | 'over'> {
    if (count >= WAITERS_MAX) throw problem('server_busy', {}, { 'Retry-After': '1' })
    if (signal.aborted || draining || timeoutMs <= 0) return Promise.resolve('over')
    return new Promise(resolve => {
      const end = (outcome: 'grown' | 'over'): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', giveUp)
        remove(topic, waiter)
        resolve(outcome)
      }
      const giveUp = (): void => end('over')
      const waiter = { owner, wake: () => end(draining ? 'over' : 'grown'), giveUp }
      const timer = setTimeout(giveUp, timeoutMs)
      signal.addEventListener('abort', giveUp)
      add(topic, waiter)
    })
  }

  app.decorate('doorbell', { ring, listen: listener => { listeners.push(listener) }, wait })
  app.decorate('isDraining', () => draining)
  app.addHook('onRequest', (request, _reply, done) => {
    const isRefused = draining && request.routeOptions.config.operationId !== 'getHealth' && !request.ws
    done(isRefused ? problem('server_draining', {}, { Connection: 'close', 'Retry-After': '1' }) : undefined)
  })
  // A connection that was busy when the server began to close would be kept alive for another request, and hold the process.
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (draining) reply.header('connection', 'close')
    done(null, payload)
  })
  app.addHook('onResponse', (request, _reply, done) => {
    if (draining) request.raw.socket.end()
    done()
  })
  app.addHook('preClose', done => {
    draining = true
    ring([...waiters.keys()].map(topic => ({ topic, seq: 0 })))
    done()
  })
}, { name: 'doorbell' })
