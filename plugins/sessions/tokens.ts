import type { FastifyInstance } from 'fastify'
import { findSession } from '../../db/sessions.js'
import type { Role } from '../../db/schema.js'
import { problem } from '../../errors.js'

const TOKENS_MAX = 10_000

/** Who somebody is, and until when, in ms. */
export interface Identity { sessionId: string | null, role: Role | null, expiresAt: number }

/** Says whose a token is. What was found good once is remembered until it expires. */
export interface Tokens {
  /** Gives what is remembered. */
  recall: (token: string) => Identity | undefined
  /** @throws ProblemError token_invalid, token_expired, session_not_found */
  verify: (token: string) => Promise<Identity>
}

/** @param keys by which a token may be signed */
export function createTokens (app: FastifyInstance, keys: Array<FastifyInstance['jwt']>): Tokens {
  const remembered = new Map<string, Identity>()

  function recall (token: string): Identity | undefined {
    const known = remembered.get(token)
    return known !== undefined && known.expiresAt > Date.now() ? known : undefined
  }

  async function verify (token: string): Promise<Identity> {
    const sessionId = readToken(keys, token)
    const session = await findSession(app.db, sessionId)
    if (session === undefined) throw problem('session_not_found')
    if (session.expires_at <= Date.now()) throw problem('token_expired')
    if (remembered.size >= TOKENS_MAX) remembered.delete(remembered.keys().next().value!)
    const verified = { sessionId, role: session.role, expiresAt: session.expires_at }
    remembered.set(token, verified)
    return verified
  }

  return { recall, verify }
}

function readToken (keys: Array<FastifyInstance['jwt']>, token: string): string {
  let isExpired = false
  for (const key of keys) {
    try {
      const { sub } = key.verify<{ sub?: unknown }>(token)
      if (typeof sub === 'string') return sub
    } catch (error) {
      isExpired ||= (error as { code?: string }).code === 'FAST_JWT_EXPIRED'
    }
  }
  throw problem(isExpired ? 'token_expired' : 'token_invalid')
}
