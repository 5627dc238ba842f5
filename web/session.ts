import { createClient, type ColloquyClient, type components, type Problem } from '../client/index.js'

/** The most characters of the name of a person or a conversation. */
export const NAME_MAX = 50

/** The address under which the service is mounted; this script is in the folder `page` there. */
export const serverUrl = new URL('..', import.meta.url).href.replace(/\/$/, '')

// Of this tab alone: somebody may manage in one and talk in another.
const TOKEN_KEY = 'colloquy.token'

export let client = newClient()

function newClient (): ColloquyClient {
  return createClient({ url: serverUrl, token: sessionStorage.getItem(TOKEN_KEY) ?? undefined })
}

export function hasToken (): boolean {
  return sessionStorage.getItem(TOKEN_KEY) !== null
}

function useToken (token: string | null): void {
  if (token === null) sessionStorage.removeItem(TOKEN_KEY)
  else sessionStorage.setItem(TOKEN_KEY, token)
  client = newClient()
}

export type Me = components['schemas']['SessionState']

/** Who is here, and what may be done here. */
export async function whoAmI (): Promise<Me> {
  const { data, response } = await client.GET('/api/chat/sessions/current/')
  if (data !== undefined) return data
  // The token is over, or the cookie, which the server has taken back by its answer.
  if (response.status === 401 && hasToken()) useToken(null)
  return orThrow(client.GET('/api/chat/sessions/current/'))
}

/**
 * Becomes the session of a token. The admin key of the server gives a new session with the role manager.
 * @returns what is wrong with it
 */
export async function signIn (token: string): Promise<Problem | undefined> {
  const caller = createClient({ url: serverUrl, token })
  const { data, error } = await caller.GET('/api/chat/sessions/current/')
  if (data === undefined) return error
  if (data.session_id !== null) return useToken(token) as undefined
  const created = await caller.POST('/api/chat/sessions/', { body: { role: 'manager' } })
  return created.data === undefined ? created.error : useToken(created.data.token) as undefined
}

/** Goes back to the cookie of the browser. */
export function signOut (): void {
  useToken(null)
}

/** What a call gives, or an error with the sentence of its problem. */
export async function orThrow<Data> (call: Promise<{ data?: Data, error?: Problem, response: Response }>): Promise<Data> {
  const { data, error } = await call
  if (data !== undefined) return data
  throw new ProblemError(error!)
}

export class ProblemError extends Error {
  constructor (readonly problem: Problem) {
    super(problem.detail)
  }
}
