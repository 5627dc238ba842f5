import { createClient, type ColloquyClient, type components, type Problem } from '../client/index.js'
import { forget, keep, recall } from './storage.js'

/** The most characters of the name of a person or a conversation. */
export const NAME_MAX = 50

/** The address under which the service is mounted; this script is in the folder `page` there. */
export const serverUrl = new URL('..', import.meta.url).href.replace(/\/$/, '')

// Of this tab alone: somebody may manage in one and talk in another.
const TOKEN_KEY = 'colloquy.token'

export let client = newClient()

function newClient (): ColloquyClient {
  return createClient({ url: serverUrl, token: keptToken() })
}

/** Whether a header can carry it. With another one no request would ever leave the browser. */
function isToken (text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text)
}

function keptToken (): string | undefined {
  const kept = recall('session', TOKEN_KEY) ?? undefined
  if (kept === undefined || isToken(kept)) return kept
  forget('session', TOKEN_KEY)
}

export function hasToken (): boolean {
  return keptToken() !== undefined
}

function adopt (token: string): void {
  keep('session', TOKEN_KEY, token)
  client = newClient()
}

export type Me = components['schemas']['SessionState']

/** The id of the session that was here when it was asked last; null for nobody. */
export let sessionId: string | null = null

// The last session of the browser's cookie, by which is seen that there is none any more.
const LAST_KEY = 'colloquy.last-session'

/** Whether nobody is here, where somebody was. */
export function isSessionOver (): boolean {
  return sessionId === null && recall('local', LAST_KEY) !== null
}

/** Who is here, and what may be done here. */
export async function whoAmI (): Promise<Me> {
  const me = await askWhoIsHere()
  sessionId = me.session_id
  if (sessionId !== null && !hasToken()) keep('local', LAST_KEY, sessionId)
  return me
}

async function askWhoIsHere (): Promise<Me> {
  const { data, response } = await client.GET('/api/chat/sessions/current/')
  if (data !== undefined) return data
  // The token is over, or the cookie, which the server has taken back by its answer.
  if (response.status === 401 && hasToken()) signOut()
  return orThrow(client.GET('/api/chat/sessions/current/'))
}

/**
 * Becomes the session of a token. The admin key of the server gives a new session with the role manager.
 * @throws RangeError when it cannot be a token, ProblemError when the server refuses it
 */
export async function signIn (token: string): Promise<void> {
  if (!isToken(token)) throw new RangeError('A token has only printable characters of ASCII.')
  const caller = createClient({ url: serverUrl, token })
  const { session_id: id } = await orThrow(caller.GET('/api/chat/sessions/current/'))
  if (id !== null) return adopt(token)
  const created = await orThrow(caller.POST('/api/chat/sessions/', { body: { role: 'manager' } }))
  adopt(created.token)
}

/** Goes back to the cookie of the browser. */
export function signOut (): void {
  forget('session', TOKEN_KEY)
  client = newClient()
}

/**
 * What a call gives.
 * @throws ProblemError, or another error when the answer is not the server's own, such as one of a proxy before it
 */
export async function orThrow<Data> (call: Promise<{ data?: Data, error?: Problem, response: Response }>): Promise<Data> {
  const { data, error, response } = await call
  if (data !== undefined) return data
  if (typeof error?.code === 'string') throw new ProblemError(error)
  throw new Error(`The answer has the status ${response.status} and no problem.`)
}

export class ProblemError extends Error {
  constructor (readonly problem: Problem) {
    super(problem.detail)
  }
}
