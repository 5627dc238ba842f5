import type { FastifyInstance } from 'fastify'
import { buildApp, configure, type ColloquyOptions } from '../../app.js'
import type { Settings } from '../../config.js'
import { call, type Answer, type CallOptions } from './call.js'

export interface Test {
  testdir: (content?: Record<string, string>) => string
  teardown: (work: () => unknown) => void
}

/** The whole application on a fresh database, closed with the test. Rooms are enabled and rates unlimited unless the test says otherwise. */
export async function startApp (t: Test, settings: Settings = {}, options: ColloquyOptions = {}): Promise<FastifyInstance> {
  const config = configure({ rooms: true, ...settings, data: settings.data ?? t.testdir(), limits: { requests_per_minute: 0, ...settings.limits } })
  const app = buildApp({ ...options, config })
  t.teardown(() => app.close())
  await app.ready()
  return app
}

/** Somebody with a session, who calls the API with its token. */
export interface Person {
  nickname: string
  token: string
  sessionId: string
  get: (url: string, options?: CallOptions) => Promise<Answer>
  post: (url: string, body?: unknown, options?: CallOptions) => Promise<Answer>
  patch: (url: string, body?: unknown, options?: CallOptions) => Promise<Answer>
}

export async function newPerson (app: FastifyInstance, nickname: string): Promise<Person> {
  const { body } = await call(app, 'POST', '/api/chat/sessions/', { body: { nickname } })
  const { token, session_id: sessionId } = body as { token: string, session_id: string }
  return withToken(app, nickname, token, sessionId)
}

/** Somebody who has a token, such as from an earlier application on the same database. */
export function withToken (app: FastifyInstance, nickname: string, token: string, sessionId: string): Person {
  return {
    nickname,
    token,
    sessionId,
    get: (url, options) => call(app, 'GET', url, { token, ...options }),
    post: (url, body, options) => call(app, 'POST', url, { token, body, ...options }),
    patch: (url, body, options) => call(app, 'PATCH', url, { token, body, ...options })
  }
}

/** A conversation: the path of its operations, and what its creation answered. */
export interface Talk { id: string, path: string, created: Answer['body'] }

/** A conversation that the first person creates and the others join (which needs rooms). */
export async function newTalk ([creator, ...others]: Person[], body: object = { name: 'Tea' }): Promise<Talk> {
  const { body: created } = await creator!.post('/api/chat/conversations/', body)
  const path = `/api/chat/conversations/${created.id}`
  for (const person of others) await person.post(`${path}/join/`)
  return { id: created.id, path, created }
}

/** A form with fields in the given order; a file is [bytes, name, type]. */
export function formOf (fields: Array<[name: string, value: string | [bytes: Uint8Array | string, name: string, type?: string]]>): FormData {
  const form = new FormData()
  for (const [name, value] of fields) {
    if (typeof value === 'string') form.append(name, value)
    else form.append(name, new Blob([value[0]], { type: value[2] ?? '' }), value[1])
  }
  return form
}
