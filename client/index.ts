import createFetchClient, { defaultBodySerializer, type Client } from 'openapi-fetch'
import { blobOf, formOf } from './form.js'
import { createLive, type Live, type LiveOptions } from './live.js'
import { placeOf, type ClientOptions } from './place.js'
import type { paths } from './schema.js'

export type { Live, LiveEnd, LiveEvents, LiveOptions, LiveStatus } from './live.js'
export type { Outgoing, SendOptions } from './outgoing.js'
export type { ClientOptions } from './place.js'
export type { components, operations, paths } from './schema.js'
export type {
  Bot, Conversation, ConversationEntry, Event, FileMessage, FrameProblem, Limits, Message, MessageInput, Participant, Problem, Snapshot, SocketConstructor, SocketLike, TextMessage, Typing
} from './types.js'

/** Calls each operation of the contract by its path, and follows conversations live. */
export interface ColloquyClient extends Client<paths> {
  /** The address that it was made with, without a slash at its end. */
  url: string
  /** Follows a conversation that the caller is in. */
  live: (conversationId: string, options?: LiveOptions) => Live
}

/**
 * A client of a Colloquy server, for browsers and Node.
 * Its methods resolve with `{ data, error, response }`; `error` is a Problem. They reject when the server cannot be reached.
 *
 * In a browser `WebSocket` need not be given:
 *
 * ```js
 * import { createClient } from 'colloquy/client'
 * import { WebSocket } from 'ws'
 *
 * const { data: session, error } = await createClient({ url: 'http://localhost:8000' }).POST('/api/chat/sessions/', { body: { nickname: 'ana' } })
 * if (error) throw new Error(error.detail)
 * const ana = createClient({ url: 'http://localhost:8000', token: session.token, WebSocket })
 * const { data: tea, error: problem } = await ana.POST('/api/chat/conversations/', { body: { name: 'Tea', bots: ['ECHO'] } })
 * if (problem) throw new Error(problem.detail)
 * const live = ana.live(tea.id)
 * live.on('message', ({ message }) => console.log(message.type === 'S' ? message.event : message.text))
 * live.send({ type: 'T', text: 'hello' })
 * ```
 */
export function createClient (options: ClientOptions): ColloquyClient {
  const place = placeOf(options)
  const { url, token } = place
  const client = createFetchClient<paths>({
    baseUrl: url,
    fetch: place.fetch,
    bodySerializer,
    credentials: token === undefined ? 'include' : 'omit',
    ...token !== undefined && { headers: { authorization: `Bearer ${token}` } }
  })
  return Object.assign(client, { url, live: (conversationId: string, options?: LiveOptions) => createLive(place, client, conversationId, options) })
}

/** What has a file goes as a form, as JSON has none. */
function bodySerializer (body: unknown): FormData | string {
  const { file, ...fields } = Object(body)
  const blob = blobOf(file)
  return blob === undefined ? defaultBodySerializer(body) : formOf(fields, blob)
}
