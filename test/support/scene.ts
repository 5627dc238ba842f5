// A conversation as the people and the bots in it see it, over real sockets.
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { fastify, type FastifyInstance } from 'fastify'
import plugin from 'fastify-plugin'
import { colloquy, configure } from '../../app.js'
import type { BotSettings, Settings } from '../../config.js'
import { newPerson, withToken, type Person, type Test } from './app.js'
import { call, type Answer, type CallOptions } from './call.js'
import { validatorOf } from './contract.js'
import { startBotServer } from './stranger.js'
import { listen, subscribe, wsUrl, type Subscriber } from './subscriber.js'

/** The application on a fresh database, with rooms unless the test says otherwise; what is decorated inside of it can be seen. */
export async function startOpen (t: Test, settings: Settings = {}): Promise<FastifyInstance> {
  const app = fastify({ return503OnClosing: false, routerOptions: { maxParamLength: 16_384 } })
  const config = configure({ rooms: true, ...settings, data: settings.data ?? t.testdir(), limits: { requests_per_minute: 0, ...settings.limits } })
  await app.register(plugin(colloquy), { config, adminKey })
  t.teardown(() => app.close())
  await app.ready()
  return app
}

/** A person in a conversation, with a socket that has heard everything since its beginning. */
export interface Seat extends Person, Pick<Subscriber, 'frames' | 'messages' | 'until' | 'hears' | 'send' | 'closed' | 'socket'> {
  participantId: string
}

export interface Scene {
  app: FastifyInstance
  id: string
  path: string
  seats: Seat[]
  /** The participant ids of the bots, by name; of several of one name the first. */
  bots: Record<string, string>
  /** What a person has heard being said, one line for each message, between two places of its frames. */
  lines: (seat: Seat, from?: number, to?: number) => Line[]
  /** Resolves when everybody has heard everything that has happened so far; gives how many frames each has then. */
  settle: () => Promise<number[]>
}

/** A message, short; `quotes` is the text of the quoted one, or its id when the person has not heard it. */
export interface Line { from: string, text: string, quotes: string | null, options: string[] }

/** The people create a conversation with these bots, join it and open a socket each. */
export async function setScene (t: Pick<Test, 'teardown'>, app: FastifyInstance, bots: string[], people: Person[]): Promise<Scene> {
  await listen(app)
  const [creator, ...others] = people
  const { status, body: created } = await creator!.post('/api/chat/conversations/', { name: 'Tea', bots })
  if (status !== 201) throw new Error(JSON.stringify(created))
  const path = `/api/chat/conversations/${created.id}`
  const ids = [created.my_participant_id as string]
  for (const person of others) ids.push((await person.post(`${path}/join/`)).body.my_participant_id)
  return openScene(t, app, created.id, people.map((person, index) => ({ person, participantId: ids[index]! })))
}

/** People who are in a conversation open a socket each. */
export async function openScene (t: Pick<Test, 'teardown'>, app: FastifyInstance, id: string, people: Array<{ person: Person, participantId: string }>): Promise<Scene> {
  await listen(app)
  const path = `/api/chat/conversations/${id}`
  const seats: Seat[] = []
  for (const { person, participantId } of people) seats.push({ ...await subscribe(t, wsUrl(app, id, '?after=0'), { token: person.token }), ...person, participantId })
  const { body: { participants } } = await people[0]!.person.get(`${path}/`)
  const nameOf = new Map(participants.map((participant: { id: string, name: string }) => [participant.id, participant.name]))
  const botsOfScene = participants.filter(({ type }: { type: string }) => type === 'B').reverse()

  function lines (seat: Seat, from = 0, to = Infinity): Line[] {
    const textOf = new Map(seat.messages().map(message => [message.id, message.text]))
    return seat.frames.slice(from, to).filter(frame => frame.message !== undefined && frame.message.type !== 'S').map(({ message }) => ({
      from: String(nameOf.get(message.sender_id) ?? message.sender_id),
      text: message.text,
      quotes: message.quoted_message_id === null ? null : textOf.get(message.quoted_message_id) ?? message.quoted_message_id,
      options: message.options
    }))
  }

  async function settle (): Promise<number[]> {
    await deliveriesDone(app, id)
    const name = `mark ${randomUUID()}`
    await seats[0]!.patch(`${path}/`, { name })
    return Promise.all(seats.map(async seat => {
      const isMark = (frame: any): boolean => frame.event?.type === 'conversation.renamed' && frame.event.conversation.name === name
      await seat.until(isMark)
      seat.frames.forEach(requireFrame)
      return seat.frames.findLastIndex(isMark) + 1
    }))
  }

  return { app, id, path, seats, bots: Object.fromEntries(botsOfScene.map((bot: { id: string, name: string }) => [bot.name, bot.id])), lines, settle }
}

/** Resolves when the bots of a conversation have nothing to do; what they have said is stored then. */
export async function deliveriesDone (app: FastifyInstance, conversationId: string): Promise<void> {
  const patience = AbortSignal.timeout(10_000)
  for (;;) {
    const growth = app.doorbell.wait(conversationId, 'deliveriesDone', 50, patience)
    const open = await app.db.selectFrom('deliveries').selectAll().where('conversation_id', '=', conversationId).where('state', '=', 'open').execute()
    if (open.length === 0) return
    if (patience.aborted) throw new Error(`Open after 10 s: ${JSON.stringify(open)}`)
    await growth
  }
}

/** The messages that the bots of a conversation could not take, by what went wrong. */
export async function failedDeliveries (app: FastifyInstance, conversationId: string): Promise<Array<string | null>> {
  const rows = await app.db.selectFrom('deliveries').select('last_error').where('conversation_id', '=', conversationId).where('state', '<>', 'done').execute()
  return rows.map(row => row.last_error)
}

/** What a token reads of a conversation wherever it can be read, as one text. The last event must be one that it may read. */
export async function readEverywhere (app: FastifyInstance, { path }: Pick<Scene, 'path'>, { get, token }: Pick<Person, 'get' | 'token'>, messageIds: string[]): Promise<string> {
  const addresses = [`${path}/messages/`, `${path}/messages/?after=0`, `${path}/messages/?around=5`, `${path}/events/?limit=500`, `${path}/snapshot/?messages=500`, `${path}/participants/`]
  const answers = await Promise.all([...addresses, ...messageIds.map(id => `${path}/messages/${id}/`)].map(url => get(url)))
  const texts = answers.filter(({ status }) => status === 200).map(({ bytes }) => String(bytes))
  if (texts.length < addresses.length) throw new Error('Something could not be read')
  const lastSeq = (await get(`${path}/snapshot/`)).body.last_seq as number
  return [...texts, await readStream(app, `${path}/events/stream/?after=0`, token, text => lastIdOf(text) >= lastSeq)].join('\n')
}

/** Reads a stream of events until the text of it is enough. */
export async function readStream (app: FastifyInstance, path: string, token: string, isEnough: (text: string) => boolean): Promise<string> {
  const signal = AbortSignal.timeout(10_000)
  const request = get(`http://${await listen(app)}${path}`, { agent: false, headers: { authorization: `Bearer ${token}` }, signal })
  const [response] = await once(request, 'response') as [IncomingMessage]
  let text = ''
  for await (const piece of response.setEncoding('utf8')) {
    text += piece
    if (isEnough(text)) break
  }
  request.destroy()
  if (response.statusCode !== 200 || !isEnough(text)) throw new Error(`${response.statusCode}: ${text}`)
  return text
}

function lastIdOf (text: string): number {
  return Number(text.match(/^id: (\d+)$/gm)?.at(-1)?.slice(4) ?? 0)
}

const frameSchemas: Record<string, string[]> = {
  message: ['ServerFrameMessage', 'ServerFramePassing'],
  event: ['ServerFrameEvent'],
  state: ['ServerFrameState'],
  typing: ['ServerFrameTyping'],
  error: ['ServerFrameError']
}

/** Throws when a frame is not what the contract promises. */
export function requireFrame (frame: any): void {
  const validators = (frameSchemas[Object.keys(frame)[0]!] ?? []).map(name => validatorOf(`#/components/schemas/${name}`))
  if (!validators.some(validate => validate(frame))) throw new Error(`This frame breaks the contract: ${JSON.stringify(frame)} ${JSON.stringify(validators.at(0)?.errors)}`)
}

export const adminKey = 'the-admin-key-of-the-tests-0123456789'

/** A person with a role, who need not be in a conversation. */
export async function newManager (app: FastifyInstance, nickname: string, role: 'manager' | 'admin' = 'manager'): Promise<Person> {
  const { status, body } = await call(app, 'POST', '/api/chat/sessions/', { body: { nickname, role }, token: adminKey })
  if (status !== 201) throw new Error(JSON.stringify(body))
  return withToken(app, nickname, body.token, body.session_id)
}

export async function newPeople (app: FastifyInstance, ...names: string[]): Promise<Person[]> {
  return Promise.all(names.map(name => newPerson(app, name)))
}

/** A bot of the kind `websocket` that acts by REST, with its session. */
export interface Outsider {
  participantId: string
  token: string
  post: (url: string, body?: unknown, options?: CallOptions) => Promise<Answer>
  get: (url: string, options?: CallOptions) => Promise<Answer>
}

export interface Outsiders {
  /** For the configuration. */
  settings: BotSettings[]
  /** The bot of this name in a conversation. */
  enter: (app: FastifyInstance, scene: Pick<Scene, 'bots'>, name: string) => Promise<Outsider>
}

/** Bots of the kind `websocket`, which learn their sessions and open no socket. */
export async function startOutsiders (t: Pick<Test, 'teardown'>, ...names: string[]): Promise<Outsiders> {
  const server = await startBotServer(t, () => ({}))
  const sessions = new Map<string, string>()
  return {
    settings: names.map(name => ({ name, kind: 'websocket', url: `${server.url}${name}` })),
    enter: async (app, { bots }, name) => {
      const participantId = bots[name]!
      while (!sessions.has(participantId)) {
        const { json } = await server.nextRequest()
        sessions.set(json.bot_participant_id, json.session)
      }
      const session = sessions.get(participantId)!
      const { post, get } = withToken(app, name, session, '')
      return { participantId, token: session, post, get }
    }
  }
}
