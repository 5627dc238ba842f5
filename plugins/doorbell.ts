import plugin from 'fastify-plugin'
import type { Growth } from '../db/write.js'
import { problem } from '../errors.js'

const LISTENERS_MAX = 10_000

/** Tells who waits for a conversation that its log has grown. It says only that: what is new is read from the log. */
export interface Doorbell {
  ring: (growths: Growth[]) => void
  /**
   * Resolves when the conversation grows, the time is over, the signal aborts or the process is about to stop.
   * @throws ProblemError server_busy when too many wait
   */
  wait: (conversationId: string, timeoutMs: number, signal: AbortSignal) => Promise<void>
}

declare module 'fastify' {
  interface FastifyInstance {
    doorbell: Doorbell
    /** Whether the process is about to stop. */
    isDraining: () => boolean
  }
}

export default plugin(async app => {
  const listeners = new Map<string, Set<() => void>>()
  let count = 0
  let draining = false

  function ring (growths: Growth[]): void {
    for (const { conversationId } of growths) for (const wake of listeners.get(conversationId) ?? []) wake()
  }

  function listen (conversationId: string, wake: () => void): () => void {
    const others = listeners.get(conversationId) ?? new Set()
    listeners.set(conversationId, others.add(wake))
    count++
    return () => {
      if (!others.delete(wake)) return
      count--
      if (others.size === 0) listeners.delete(conversationId)
    }
  }

  function wait (conversationId: string, timeoutMs: number, signal: AbortSignal): Promise<void> {
    if (count >= LISTENERS_MAX) throw problem('server_busy', {}, { 'Retry-After': '1' })
    if (signal.aborted || draining) return Promise.resolve()
    return new Promise(resolve => {
      const wake = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', wake)
        stop()
        resolve()
      }
      const timer = setTimeout(wake, timeoutMs)
      signal.addEventListener('abort', wake)
      const stop = listen(conversationId, wake)
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
    for (const conversationId of listeners.keys()) ring([{ conversationId, seq: 0 }])
    done()
  })
}, { name: 'doorbell' })
