import { setImmediate as nextTurn } from 'node:timers/promises'
import plugin from 'fastify-plugin'
import type { Growth } from '../db/write.js'
import { problem } from '../errors.js'

const WAITERS_MAX = 10_000
// One participant has as many tabs and devices; of more, the one that waits longest is answered.
const WAITS_PER_OWNER = 8
// Each who is woken reads the log, which takes no turn of the event loop.
const WAKE_AT_ONCE = 16

/** Tells who waits for a conversation that its log has grown. It says only that: what is new is read from the log. */
export interface Doorbell {
  ring: (growths: Growth[]) => Promise<void>
  /**
   * Resolves when the conversation grows, the time is over, the signal aborts or the process is about to stop.
   * @param owner who waits; each owner has a bounded number of waits in a conversation
   * @throws ProblemError server_busy when too many wait
   */
  wait: (conversationId: string, owner: string, timeoutMs: number, signal: AbortSignal) => Promise<void>
}

declare module 'fastify' {
  interface FastifyInstance {
    doorbell: Doorbell
    /** Whether the process is about to stop. */
    isDraining: () => boolean
  }
}

interface Waiter { owner: string, wake: () => void }

export default plugin(async app => {
  const waiters = new Map<string, Set<Waiter>>()
  let count = 0
  let draining = false

  async function ring (growths: Growth[]): Promise<void> {
    let woken = 0
    for (const { conversationId } of growths) {
      for (const { wake } of [...waiters.get(conversationId) ?? []]) {
        wake()
        if (++woken % WAKE_AT_ONCE === 0) await nextTurn()
      }
    }
  }

  function add (conversationId: string, waiter: Waiter): void {
    const others = waiters.get(conversationId) ?? new Set()
    const own = [...others].filter(({ owner }) => owner === waiter.owner)
    if (own.length >= WAITS_PER_OWNER) own[0]!.wake()
    waiters.set(conversationId, others.add(waiter))
    count++
  }

  function remove (conversationId: string, waiter: Waiter): void {
    const others = waiters.get(conversationId)
    if (!others?.delete(waiter)) return
    count--
    if (others.size === 0) waiters.delete(conversationId)
  }

  function wait (conversationId: string, owner: string, timeoutMs: number, signal: AbortSignal): Promise<void> {
    if (count >= WAITERS_MAX) throw problem('server_busy', {}, { 'Retry-After': '1' })
    if (signal.aborted || draining) return Promise.resolve()
    return new Promise(resolve => {
      const wake = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', wake)
        remove(conversationId, waiter)
        resolve()
      }
      const waiter = { owner, wake }
      const timer = setTimeout(wake, timeoutMs)
      signal.addEventListener('abort', wake)
      add(conversationId, waiter)
    })
  }

  app.decorate('doorbell', { ring, wait })
  app.decorate('isDraining', () => draining)
  app.addHook('onRequest', (request, _reply, done) => {
    const isRefused = draining && request.routeOptions.config.operationId !== 'getHealth'
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
    ring([...waiters.keys()].map(conversationId => ({ conversationId, seq: 0 })))
    done()
  })
}, { name: 'doorbell' })
