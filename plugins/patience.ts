import plugin from 'fastify-plugin'

/** What a request waits for. */
export interface Wait {
  /** As in Growth. */
  topic: string
  waitMs: number
  /** Whose waits are counted together; the caller when absent. */
  owner?: string
  /** When there may be something though nothing grows; undefined for never. */
  findNext?: () => Promise<number | undefined>
}

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * Reads something until there is enough of it, the time is over or the client has gone away.
     * @returns what was read last
     */
    readUntil: <T>(reply: FastifyReply, wait: Wait, read: () => Promise<T>, isEnough: (value: T) => boolean) => Promise<T>
  }
}

/** Lets requests wait for what they ask for (long-polling). */
export default plugin(async app => {
  app.decorate('readUntil', async (reply, { topic, waitMs, owner = reply.request.caller, findNext }, read, isEnough) => {
    if (waitMs === 0) return read()
    const until = Date.now() + waitMs
    const gone = new AbortController()
    reply.raw.once('close', () => gone.abort())
    try {
      for (;;) {
        const end = Math.min(until, await findNext?.() ?? until)
        // Listens before it reads, so that nothing happens unnoticed in between.
        const growth = app.doorbell.wait(topic, owner, end - Date.now(), gone.signal)
        const value = await read()
        const isLast = isEnough(value) || Date.now() >= until
        // Given up before its time: the process is about to stop, or the owner waits too often.
        if (isLast || (await growth === 'over' && Date.now() < end)) return value
      }
    } finally {
      gone.abort()
    }
  })
}, { name: 'patience', dependencies: ['doorbell', 'sessions'] })
