import cookie from '@fastify/cookie'
import jwt from '@fastify/jwt'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import plugin from 'fastify-plugin'
import { adoptSubject } from '../../actions/open-session.js'
import type { Role, SessionRow } from '../../db/schema.js'
import { ProblemError } from '../../errors.js'
import { isSecret, SECRET_LENGTH_MIN } from '../../secret.js'
import { createTokens, type Identity, type Tokens } from './tokens.js'

/** Who somebody is for the host application, such as a user id; with a nickname for the first time, and what it may do. */
export interface Subject { subject: string, nickname?: string, role?: Role | null }

/** A host application's own login: who the caller is, or nothing when Colloquy's own tokens shall decide. */
export type ResolveSession = (request: FastifyRequest) => Resolved | Promise<Resolved>

type Resolved = Subject | undefined | null | false

export interface SessionOptions {
  /** HS256 secrets: the first signs, all are accepted. */
  secrets: string[]
  /** Whether clients reach the server by HTTPS in any case. */
  secure: boolean
  resolveSession?: ResolveSession | undefined
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The id of the caller's session; null without one. */
    sessionId: string | null
    /** When the caller's session ends, in ms; infinite without one, as for who sends a key. */
    sessionExpiresAt: number
    /** Against whose limits the request counts: a session, a bot, or an address. */
    readonly caller: string
    /** Why the caller is not let in, such as a token that is not accepted; null when it is, or when there is none. */
    tokenProblem: ProblemError | null
  }
  interface FastifyInstance {
    /** A JWT for a session, which expires with it. */
    signToken: (session: SessionRow) => string
  }
  interface FastifyReply {
    setSessionCookie: (session: SessionRow) => FastifyReply
  }
}

const COOKIE = 'sessionid'
const NICKNAME_MAX = 50
const cookiePattern = /(?:^|;)\s*sessionid="?([^;"\s]*)/g
// Other cookies of this name, such as those of the service that this one replaces, count as none.
const jwtPattern = /^[\w-]+\.[\w-]+\.[\w-]*$/

const nobody: Identity = { sessionId: null, role: null, expiresAt: Infinity }

export default plugin<SessionOptions>(async (app, { secrets, secure, resolveSession }) => {
  if (!secrets.every(isSecret)) throw new Error(`Each secret must have ${SECRET_LENGTH_MIN} characters or more.`)
  if (!app.hasDecorator('serializeCookie')) await app.register(cookie, { hook: false })
  const names = secrets.map((_, index) => `colloquy${app.prefix}${index}`)
  for (const [index, secret] of secrets.entries()) {
    await app.register(jwt, { namespace: names[index]!, decoratorName: names[index]!, secret, sign: { algorithm: 'HS256' }, verify: { algorithms: ['HS256'] } })
  }
  const keys = names.map(name => (app.jwt as unknown as Record<string, FastifyInstance['jwt']>)[name]!)
  const tokens = createTokens(app, keys)

  app.decorateRequest('sessionId', null)
  app.decorateRequest('sessionExpiresAt', Infinity)
  app.decorateRequest('tokenProblem', null)
  app.decorateRequest('caller', { getter (this: FastifyRequest) { return this.sessionId ?? this.bot ?? this.ip } })
  app.decorate('signToken', session => keys[0]!.sign({ sub: session.id, exp: Math.floor(session.expires_at / 1000) }))
  app.decorateReply('setSessionCookie', function (session) {
    return this.setCookie(COOKIE, app.signToken(session), {
      path: app.base || '/',
      httpOnly: true,
      sameSite: 'lax',
      secure: secure || this.request.protocol === 'https',
      maxAge: Math.floor((session.expires_at - Date.now()) / 1000)
    })
  })

  // Waits only for what is not remembered.
  app.addHook('onRequest', (request, reply, done) => {
    const { bot, role, routeOptions: { config } } = request
    // Who sends a key is no session.
    if (bot !== null || role !== null || config.session === 'none') return done()
    const token = tokenOf(request)
    const known = resolveSession === undefined ? recallCaller(tokens, token) : undefined
    if (known === undefined) {
      // A host may reject with nothing, which would let the caller in.
      resolve(request, reply, token).then(() => done(), error => done(error ?? new Error('resolveSession was rejected.')))
      return
    }
    identify(request, known)
    done()
  })

  async function resolve (request: FastifyRequest, reply: FastifyReply, token: string | undefined): Promise<void> {
    const somebody = await resolveSession?.(request)
    if (!somebody) return resolveToken(request, reply, token, tokens)
    const { id, expires_at: expiresAt } = await adoptSubject(app.db, app.write, requireSubject(somebody), nicknameOf(somebody))
    identify(request, { sessionId: id, role: somebody.role ?? null, expiresAt })
  }
}, { name: 'sessions', dependencies: ['problems', 'database', 'keys'] })

function requireSubject ({ subject }: Subject): string {
  if (typeof subject !== 'string' || subject === '') throw new TypeError('resolveSession must give a subject that is text and not empty.')
  return subject
}

// What a host knows somebody by need not be what the contract allows for a nickname.
function nicknameOf ({ nickname }: Subject): string | null {
  return [...(nickname ?? '').replaceAll('\0', '').toWellFormed().trim()].slice(0, NICKNAME_MAX).join('') || null
}

function tokenOf (request: FastifyRequest): string | undefined {
  return request.bearer ?? cookiesOf(request).find(cookie => jwtPattern.test(cookie))
}

function recallCaller (tokens: Tokens, token: string | undefined): Identity | undefined {
  return token === undefined ? nobody : tokens.recall(token)
}

function identify (request: FastifyRequest, { sessionId, role, expiresAt }: Identity): void {
  request.sessionId = sessionId
  request.sessionExpiresAt = expiresAt
  request.role = role
}

async function resolveToken (request: FastifyRequest, reply: FastifyReply, token: string | undefined, tokens: Tokens): Promise<void> {
  if (token === undefined) return
  try {
    identify(request, await tokens.verify(token))
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    request.tokenProblem = error
    // A browser cannot drop the cookie itself, and would be shut out for ever.
    if (request.bearer === undefined) reply.clearCookie(COOKIE, { path: request.server.base || '/' })
  }
}

// A browser may hold several of this name, for other paths or domains.
function cookiesOf ({ headers: { cookie } }: FastifyRequest): string[] {
  return cookie === undefined ? [] : [...cookie.matchAll(cookiePattern)].map(([, value]) => value!)
}
