import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import plugin from 'fastify-plugin'
import type { Role } from '../db/schema.js'

export interface KeyOptions {
  /** Who sends it is an admin. */
  adminKey: string | undefined
  /** The tokens of bots, each with the bot's name. */
  botTokens: ReadonlyMap<string, string>
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The key or token that the caller has sent in a header; undefined for none. */
    readonly bearer: string | undefined
    /** What the caller may do beyond taking part. */
    role: Role | null
    /** The bot whose token the caller has sent. */
    bot: string | null
  }
}

// Browsers cannot send headers when they open a WebSocket, but can name subprotocols.
const subprotocolPattern = /(?:^|,)\s*bearer\.([^\s,]+)/

/** Knows callers by keys of the configuration: admins, and bots that come and ask. */
export default plugin<KeyOptions>(async (app, { adminKey, botTokens }) => {
  const holders = new Map<string, { role: 'admin' } | { bot: string }>([...botTokens].map(([token, bot]) => [hashOf(token), { bot }]))
  if (adminKey !== undefined) holders.set(hashOf(adminKey), { role: 'admin' })

  app.decorateRequest('bearer', { getter (this: FastifyRequest) { return bearerOf(this) } })
  app.decorateRequest('role', null)
  app.decorateRequest('bot', null)
  app.addHook('onRequest', (request, _reply, done) => {
    const { bearer } = request
    // The hash costs more than everything else here.
    if (bearer !== undefined && holders.size > 0) Object.assign(request, holders.get(hashOf(bearer)))
    done()
  })
}, { name: 'keys' })

function bearerOf ({ headers }: FastifyRequest): string | undefined {
  return headers.authorization?.match(/^Bearer +(.*)$/i)?.[1] ?? headers['sec-websocket-protocol']?.match(subprotocolPattern)?.[1]
}

// Looked up by its hash, so that the time it takes tells nothing of a key.
function hashOf (key: string): string {
  return createHash('sha256').update(key).digest('base64')
}
