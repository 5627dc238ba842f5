import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { mock } from 'node:test'
import { fastify, type FastifyInstance } from 'fastify'
import plugin from 'fastify-plugin'
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import { colloquy, configure, type Settings } from '../app.js'
import { callAt } from '../routes/live/expiry.js'
import { formOf, newPerson, newTalk, startApp, type Person, type Talk } from './support/app.js'
import { startBlabBot } from './support/blab-bot.js'
import { call } from './support/call.js'
import { operationOf, requirePromised, validatorOf } from './support/contract.js'
import { addressOf, arrivals, listen, subscribe, wsUrl, type Subscriber, type SubscriberOptions } from './support/subscriber.js'
import { story, watch } from './support/watcher.js'

const adminKey = 'the key of somebody who may do everything'
const noSession = { code: 4401, reason: 'No session: send the token of one.' }
const notMember = { code: 4403, reason: 'Not a member of the conversation.' }
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

// What does not come would be waited for without end: the test ends before and fails. Each test needs its own.
const soon = (): { timeout: number } => ({ timeout: 30_000 })

/** A listening server, and a conversation of ana and bia. */
interface Place { app: FastifyInstance, ana: Person, bia: Person, talk: Talk, names: Record<string, string> }

async function newPlace (t: Test, settings: Settings = {}, body: object = { name: 'Tea' }): Promise<Place> {
  return furnish(await startApp(t, settings, { adminKey }), body)
}

async function furnish (app: FastifyInstance, body: object = { name: 'Tea' }): Promise<Place> {
  await listen(app)
  const ana = await newPerson(app, 'ana')
  const bia = await newPerson(app, 'bia')
  const talk = await newTalk([ana, bia], body)
  return { app, ana, bia, talk, names: await namesIn(ana, talk) }
}

async function namesIn (person: Person, talk: Talk): Promise<Record<string, string>> {
  const { body } = await person.get(`${talk.path}/participants/`)
  return Object.fromEntries(body.results.map(({ id, name }: { id: string, name: string }) => [id, name]))
}

function idOf ({ names }: Place, name: string): string {
  return Object.entries(names).find(([, other]) => other === name)![0]
}

/** Opens a socket of somebody in the conversation. */
function enter (t: Test, { app, talk }: Pick<Place, 'app' | 'talk'>, { token }: Pick<Person, 'token'>, query = '', options: SubscriberOptions = {}): Promise<Subscriber> {
  return watch(t, wsUrl(app, talk.id, query), { token, ...options })
}

/** Says something and waits until these sockets have heard it, and so everything before it. */
async function settle ({ talk }: Place, speaker: Person, ...listeners: Subscriber[]): Promise<void> {
  const { body: { id } } = await say(speaker, talk, 'the end')
  for (const { hears } of listeners) await hears({ id })
}

async function say (person: Person, { path }: Talk, text: string, more: object = {}): Promise<{ status: number, body: any }> {
  return person.post(`${path}/messages/`, { type: 'T', text, ...more })
}

/** Both are connected, and know of each other. */
async function bothIn (t: Test, place: Place): Promise<{ hers: Subscriber, his: Subscriber }> {
  const hers = await enter(t, place, place.ana)
  await hers.until(isState)
  const his = await enter(t, place, place.bia)
  await Promise.all([his.until(isState), hers.until(isState, hers.frames.findIndex(isState) + 1)])
  return { hers, his }
}

const isState = (frame: any): boolean => frame.state !== undefined

/** The lines about everything from a place on, without the message of `settle`. */
function told (subscriber: Subscriber, { names }: Place, from = 0): string[] {
  return story(subscriber.frames.slice(from), names).filter(line => !line.endsWith(': the end'))
}

// --- Who may connect

t.test('the session comes by cookie, by bearer or by subprotocol, and compression is never used', soon(), async t => {
  const place = await newPlace(t)
  const { app, ana: { token }, talk } = place
  const url = wsUrl(app, talk.id)
  const ways: Array<[way: string, options: SubscriberOptions, protocol: string]> = [
    ['a bearer', { token }, ''],
    ['a cookie', { cookie: token }, ''],
    ['a subprotocol', { protocols: [`bearer.${token}`] }, `bearer.${token}`],
    ['one of several subprotocols', { protocols: ['colloquy', `bearer.${token}`] }, 'colloquy']
  ]
  for (const [way, options, protocol] of ways) {
    const socket = await watch(t, url, options)
    t.match(await socket.until(isState), { state: { participants: [{ name: 'ana' }, { name: 'bia' }] } }, way)
    t.equal(socket.socket.protocol, protocol)
    t.equal(socket.socket.extensions, '', 'permessage-deflate was offered')
  }
})

t.test('who may not connect is told why by a close code and a reason', soon(), async t => {
  const place = await newPlace(t)
  const { app, ana: { token }, talk: { id } } = place
  const stranger = await newPerson(app, 'caio')
  const notFound = { code: 4404, reason: 'No such conversation.' }
  const badFrame = { code: 4400, reason: 'Frames that make no sense.' }
  const forged = `${token.split('.').slice(0, 2).join('.')}.AAAA`
  const cases: Array<[what: string, path: string, options: SubscriberOptions, end: object]> = [
    ['nobody', id, {}, noSession],
    ['a cookie of the service before this one', id, { cookie: '6awxqmnyv4jmoysvdrr9gjzcd0hn5pzq' }, noSession],
    ['a forged bearer', id, { token: forged }, noSession],
    ['a forged cookie', id, { cookie: forged }, noSession],
    ['a forged subprotocol', id, { protocols: [`bearer.${forged}`] }, noSession],
    ['a stranger', id, { token: stranger.token }, notMember],
    ['an unknown conversation', '01936a2c-0000-7000-8000-000000000001', { token }, notFound],
    ['a malformed id', 'tea', { token }, notFound],
    ['capitals', id.toUpperCase(), { token }, notFound],
    ['no dashes', id.replaceAll('-', ''), { token }, notFound],
    ['a page from elsewhere', id, { token, origin: 'https://elsewhere.example' }, { code: 4403, reason: 'Pages of this origin may not connect.' }],
    ['a cursor that is no number', `${id}/?after=x`, { token }, badFrame],
    ['an empty cursor', `${id}/?after=`, { token }, badFrame],
    ['two cursors', `${id}/?after=1&after=2`, { token }, badFrame]
  ]
  for (const [what, path, options, end] of cases) {
    const { closed, frames } = await watch(t, `ws://${addressOf(app)}/ws/chat/${path.includes('?') ? path : `${path}/`}`, options)
    t.strictSame(await closed, end, what)
    t.same(frames, [], `${what} hears nothing`)
  }
})

t.test('pages of the own and of configured origins may connect', soon(), async t => {
  const place = await newPlace(t, { origins: ['https://front.example'], public_url: 'https://chat.example' })
  for (const origin of [`http://${addressOf(place.app)}`, `https://${addressOf(place.app)}`, 'https://front.example', 'https://chat.example']) {
    const socket = await enter(t, place, place.ana, '', { origin })
    await socket.until(isState)
    t.pass(origin)
  }
  for (const origin of ['null', 'http://front.example', 'https://front.example.evil.example', 'https://localhost']) {
    const { closed } = await enter(t, place, place.ana, '', { origin })
    t.same((await closed).code, 4403, origin)
  }
})

t.test('where rooms are disabled, a conversation of others looks like none', soon(), async t => {
  const app = await startApp(t, { rooms: false }, { adminKey })
  await listen(app)
  const ana = await newPerson(app, 'ana')
  const bia = await newPerson(app, 'bia')
  const talk = await newTalk([ana])
  const ends = await Promise.all([talk.id, '01936a2c-0000-7000-8000-000000000001'].map(async id => (await watch(t, wsUrl(app, id), { token: bia.token })).closed))
  for (const end of ends) t.strictSame(end, { code: 4404, reason: 'No such conversation.' })
  const hers = await enter(t, { app, talk }, ana)
  await hers.until(isState)
})

t.test('the path works without its slash, and is none for what is no WebSocket; other paths have none', soon(), async t => {
  const { app, ana, talk } = await newPlace(t)
  const hers = await watch(t, wsUrl(app, talk.id).replace(/\/$/, ''), { token: ana.token })
  await hers.until(isState)
  t.match(await call(app, 'GET', `/ws/chat/${talk.id}/`, { token: ana.token }), { status: 404, body: { code: 'route_not_found' } })
  await t.rejects(subscribe(t, `ws://${addressOf(app)}/ws/nothing/`, { token: ana.token }), /refused with 404.*route_not_found/)
})

t.test('the role manager follows conversations of others, unseen, and cannot speak there', soon(), async t => {
  const place = await newPlace(t, { manager: { role: 'person' }, bots: [{ name: 'ECHO', kind: 'echo', delay_ms: 0 }] }, { name: 'Tea', bots: ['ECHO'] })
  const { app, ana, talk, names } = place
  const { body: { token } } = await call(app, 'POST', '/api/chat/sessions/', { token: adminKey, body: { nickname: 'zoe', role: 'manager' } })
  const hers = await enter(t, place, ana)
  await hers.until(isState)
  const zoes = await enter(t, place, { token }, '?after=0')
  await zoes.until(isState)
  const log = (await ana.get(`${talk.path}/events/`)).body
  t.same(zoes.frames.filter(frame => frame.seq).map(frame => frame.seq), log.events.map((event: { seq: number }) => event.seq), 'the past')

  const from = zoes.frames.length
  await say(ana, talk, 'hello')
  const { event: { message } } = await zoes.until(frame => frame.event?.type === 'message.pending', from)
  zoes.send({ type: 'T', text: 'I am here', local_id: 'z1' })
  await zoes.until(frame => frame.error?.local_id === 'z1')
  await call(app, 'POST', `${talk.path}/messages/${message.id}/approve/`, { token })
  await hers.hears({ id: message.id })
  await zoes.until(frame => frame.message?.id === message.id)
  t.same(story(zoes.frames.slice(from), names).sort(), ['ECHO: HELLO', 'ana: hello', 'error 403 not_a_participant z1', 'message.decided', 'message.pending HELLO'])
  t.same(told(hers, place), ['participant-joined ana', 'state: ana, ECHO, bia', 'ana: hello', 'ECHO: HELLO'], 'the others see what is approved, and nothing of her')
  await zoes.close()
  await settle(place, ana, hers)
  t.same(told(hers, place).length, 4)
})

// --- Who is there

t.test('the first socket of a person announces it to everybody, and history is not sent', soon(), async t => {
  const place = await newPlace(t)
  await say(place.ana, place.talk, 'before')
  const before = Date.now()
  const { hers, his } = await bothIn(t, place)
  await settle(place, place.ana, hers, his)
  const state = 'state: ana, bia'
  t.same(told(hers, place), ['participant-joined ana', state, 'participant-joined bia', state])
  t.same(told(his, place), ['participant-joined bia', state])
  t.same(Object.keys(hers.frames[0]), ['message', 'seq'])
  const { message } = hers.frames[0]
  t.same(Object.keys(message), ['type', 'time', 'id', 'sent_by_human', 'event', 'additional_metadata', 'options', 'seq'], 'the fields as recorded, and seq')
  t.ok(Date.parse(message.time) >= before && Date.parse(message.time) <= Date.now(), 'the time is that of the connecting')
  t.same(Object.keys(hers.frames[1].state.participants[0]), ['id', 'name', 'type'])
  const { body } = await place.ana.get(`${place.talk.path}/messages/?after=0`)
  t.same(body.results.filter((one: any) => one.event === 'participant-joined').length, 2, 'both are stored')
})

t.test('a second tab and one who comes back soon are welcomed alone, and nothing of it is stored', soon(), async t => {
  const graceEnds = await catchTimer('Timeout', 29_000, t)
  const place = await newPlace(t, { grace: { presence_s: 29 } })
  const { ana, bia, talk } = place
  const { hers, his } = await bothIn(t, place)
  const heard = [hers.frames.length, his.frames.length]
  const before = Date.now()
  const tab = await enter(t, place, ana)
  await tab.until(isState)
  await tab.close()
  hers.cut()
  await hers.closed
  const again = await enter(t, place, ana)
  await again.until(isState)
  graceEnds()
  await settle(place, bia, his, again)

  for (const one of [tab, again]) {
    t.same(told(one, place), ['participant-joined ana, passing', 'state: ana, bia'])
    const { message } = one.frames[0]
    t.same(Object.keys(message), ['type', 'time', 'id', 'sent_by_human', 'event', 'additional_metadata', 'options'])
    t.ok(Date.parse(message.time) >= before && Date.parse(message.time) <= Date.now(), 'the present time')
    t.match(message, { id: uuid, options: [], sent_by_human: false })
    t.match(await ana.get(`${talk.path}/messages/${message.id}/`), { status: 404 })
  }
  t.not(tab.frames[0].message.id, again.frames[0].message.id)
  t.same(told(hers, place, heard[0]), [], 'the first tab hears nothing of the second')
  t.same(told(his, place, heard[1]), [], 'and bia nothing of either')
})

t.test('who is gone for longer than the grace period is told to have left, once, and stays a member', soon(), async t => {
  const place = await newPlace(t, { grace: { presence_s: 0 } })
  const { ana, bia, talk } = place
  const { hers, his } = await bothIn(t, place)
  const tab = await enter(t, place, bia)
  await tab.until(isState)
  const heard = hers.frames.length
  const left = { event: 'participant-left', additional_metadata: { participant_id: idOf(place, 'bia') } }
  await tab.close()
  await settle(place, ana, hers, his)
  t.same(told(hers, place, heard), [], 'another tab is still open')
  his.cut()
  await hers.hears(left)
  await settle(place, bia, hers)
  const state = 'state: ana, bia'
  t.same(told(hers, place, heard), ['participant-left bia', state], 'a member without a socket goes on talking')
  const back = await enter(t, place, bia)
  await back.until(isState)
  await settle(place, bia, hers, back)
  t.same(told(hers, place, heard), ['participant-left bia', state, 'participant-joined bia', state])
  t.same(told(back, place), ['participant-joined bia', state])
  const { body } = await ana.get(`${talk.path}/messages/?after=0`)
  t.same(body.results.filter((one: any) => one.event === 'participant-left').length, 1, 'it is stored')
})

t.test('who was connected when the server stopped and does not come back is told to have left', soon(), async t => {
  const data = t.testdir()
  const first = await newPlace(t, { data, grace: { presence_s: 1 } })
  const { hers } = await bothIn(t, first)
  await first.app.close()
  t.strictSame(await hers.closed, { code: 1012, reason: 'The server is about to stop.' })

  const app = await startApp(t, { data, grace: { presence_s: 1 } })
  await listen(app)
  const again = await enter(t, { app, talk: first.talk }, first.ana)
  await again.until(isState)
  await again.hears({ event: 'participant-left' })
  await again.until(isState, again.frames.findIndex(frame => frame.message?.event === 'participant-left'))
  const state = 'state: ana, bia'
  t.same(told(again, first), ['participant-joined ana, passing', state, 'participant-left bia', state])
})

t.test('who comes back to the next process was never gone, and is told to have left when it is', soon(), async t => {
  const data = t.testdir()
  const first = await newPlace(t, { data, grace: { presence_s: 1 } })
  const { hers } = await bothIn(t, first)
  await first.app.close()
  await hers.closed
  const app = await startApp(t, { data, grace: { presence_s: 1 } })
  await listen(app)
  const place = { ...first, app }
  const again = await enter(t, place, first.ana)
  const his = await enter(t, place, first.bia)
  await Promise.all([again, his].map(({ until }) => until(isState)))
  his.cut()
  await again.hears({ event: 'participant-left' })
  const back = await enter(t, place, first.bia)
  await again.hears({ event: 'participant-joined', additional_metadata: { participant_id: idOf(first, 'bia') } })
  await back.until(isState)
  const state = 'state: ana, bia'
  await again.until(isState, again.frames.findLastIndex(frame => frame.message?.event === 'participant-joined'))
  t.same(told(again, first), ['participant-joined ana, passing', state, 'participant-left bia', state, 'participant-joined bia', state])
})

t.test('joining, renaming and leaving come as events and as the new state', soon(), async t => {
  const place = await newPlace(t)
  const { app, ana, bia, talk } = place
  const { hers, his } = await bothIn(t, place)
  const heard = hers.frames.length
  const caio = await newPerson(app, 'caio')
  const count = (): number => hers.frames.filter(isState).length
  const next = async (work: Promise<unknown>): Promise<void> => {
    const states = count()
    await work
    await hers.until(() => count() > states)
  }
  await next(caio.post(`${talk.path}/join/`, {}))
  await next(bia.patch(`${talk.path}/participants/${idOf(place, 'bia')}/`, { name: 'Bia' }))
  await ana.patch(`${talk.path}/`, { name: 'Coffee' })
  const tab = await enter(t, place, bia)
  await tab.until(isState)
  await next(bia.post(`${talk.path}/leave/`))
  await settle(place, ana, hers)
  t.same(told(hers, place, heard), [
    'participant.joined caio',
    'state: ana, bia, caio',
    'participant.renamed Bia',
    'state: ana, Bia, caio',
    'conversation.renamed Coffee',
    'participant-left bia',
    'participant.left Bia',
    'state: ana, caio'
  ])
  for (const socket of [his, tab]) {
    t.strictSame(await socket.closed, notMember, 'each socket of who has left is closed')
    t.same(story(socket.frames.slice(-2), place.names), ['participant-left bia', 'participant.left Bia'], 'and the last that it hears is that')
  }
  t.same((await (await enter(t, place, bia)).closed).code, 4403)
})

t.test('who leaves while connecting hears nothing of what comes later', soon(), async t => {
  const app = fastify()
  app.register(plugin(colloquy), { config: configure({ data: t.testdir(), rooms: true }) })
  t.teardown(() => app.close())
  const place = await furnish(app)
  const { bia, ana, talk } = place
  // She is let in, and gone before the log is followed.
  const { follow } = app.feed
  app.feed.follow = async (...values) => {
    await bia.post(`${talk.path}/leave/`)
    return follow(...values)
  }
  const his = await enter(t, place, bia)
  t.strictSame(await his.closed, notMember)
  await bia.post(`${talk.path}/join/`, {})
  const stream = await openStream(t, place, bia, `${talk.path}/events/stream/`)
  await stream.ended
  app.feed.follow = follow
  await say(ana, talk, 'later')
  t.same(his.frames, [])
  t.notMatch(stream.parts.join(''), 'later', 'her own going is the last that she hears')
})

// --- Bots with a socket

t.test('a bot connects without being announced, hears people and speaks', soon(), async t => {
  const { place, bot: server } = await newBotPlace(t, {})
  const [bot] = await server.until(1)
  const hers = await enter(t, place, place.ana)
  await hers.until(isState)
  const heard = hers.frames.length
  await say(place.ana, place.talk, 'hello')
  await hers.hears({ text: 'hello to you, too' })
  t.same(told(hers, place, heard), ['ana: hello', 'Parrot: hello to you, too'])
  t.same(story(bot!.frames, place.names).slice(0, 1), ['state: ana, Parrot'], 'a state first, and no message of its own coming')
  t.notOk(story(bot!.frames, place.names).includes('participant-joined Parrot'))
  t.same(server.requests.length, 1)
})

t.test('a conversation ends when a bot that is required is gone for longer than the grace period', soon(), async t => {
  const { place, bot: server } = await newBotPlace(t, { required: true })
  const { ana, talk } = place
  await server.until(1)
  const hers = await enter(t, place, ana)
  await hers.until(isState)
  hers.send({ type: 'T', text: 'before', local_id: 'l1' })
  await hers.hears({ text: 'before to you, too' })
  const heard = hers.frames.length
  await server.die()
  await hers.until(isState, heard)
  t.same(told(hers, place, heard), ['participant-left Parrot', 'conversation-ended Parrot', 'conversation.ended Tea', 'state: ana, Parrot'])
  t.match(await say(ana, talk, 'after'), { status: 409, body: { code: 'conversation_ended' } })
  hers.send({ type: 'T', text: 'after', local_id: 'l2' })
  await hers.until(frame => frame.error, heard)
  hers.send({ type: 'T', text: 'before', local_id: 'l1' })
  await hers.until(frame => frame.message?.local_id === 'l1', heard)
  t.same(told(hers, place, heard).slice(4), ['error 409 conversation_ended l2', 'ana: before, again'], 'what was stored is still answered')
  t.match(await say(ana, talk, 'before', { local_id: 'l1' }), { status: 200 })
})

t.test('a conversation goes on without a bot that is not required', soon(), async t => {
  const { place, bot: server } = await newBotPlace(t, {})
  await server.until(1)
  const hers = await enter(t, place, place.ana)
  await hers.until(isState)
  const heard = hers.frames.length
  await server.die()
  await hers.until(isState, heard)
  t.same((await say(place.ana, place.talk, 'the end')).status, 201)
  await hers.hears({ text: 'the end' })
  t.same(told(hers, place, heard), ['participant-left Parrot', 'state: ana, Parrot'])
})

t.test('a required bot that comes back within the grace period was never gone', soon(), async t => {
  const { place, bot: server } = await newBotPlace(t, { required: true }, 30)
  const [bot] = await server.until(1)
  const hers = await enter(t, place, place.ana)
  await hers.until(isState)
  const heard = hers.frames.length
  bot!.cut()
  await bot!.closed
  const again = await watch(t, wsUrl(place.app, place.talk.id), { cookie: bot!.session })
  await again.until(isState)
  await settle(place, place.ana, hers, again)
  t.same(told(hers, place, heard), [])
  t.same(told(again, place), ['state: ana, Parrot'])
})

async function newBotPlace (t: Test, more: object, grace = 0): Promise<{ place: Place, bot: Awaited<ReturnType<typeof startBlabBot>> }> {
  let address = ''
  const bot = await startBlabBot(t, { server: () => address })
  const settings: Settings = { grace: { presence_s: grace }, bots: [{ name: 'Parrot', kind: 'websocket', url: bot.url, ...more }] }
  const app = await startApp(t, settings)
  address = await listen(app)
  const ana = await newPerson(app, 'ana')
  const talk = await newTalk([ana], { name: 'Tea', bots: ['Parrot'] })
  return { place: { app, ana, bia: ana, talk, names: await namesIn(ana, talk) }, bot }
}

// --- What is said

t.test('a message by socket reaches everybody once, the sender included, in the recorded form', soon(), async t => {
  const place = await newPlace(t)
  const { ana, talk } = place
  const { hers, his } = await bothIn(t, place)
  const tab = await enter(t, place, ana)
  await tab.until(isState)
  const places = [hers, his, tab].map(({ frames }) => frames.length)
  // Fields that it does not know are ignored, as ever.
  hers.send({ type: 'T', local_id: 'l1', text: ' hello ', options: ['yes', 'no'], quoted_message_id: null, sender_id: idOf(place, 'bia'), time: 0 })
  hers.send({ type: 'T', local_id: 'l2', text: null })
  await hers.hears({ local_id: 'l2' })
  await settle(place, ana, hers, his, tab)
  const { body } = await ana.get(`${talk.path}/messages/?after=0`)
  const stored = body.results.filter((message: any) => ['l1', 'l2'].includes(message.local_id))
  t.match(stored, [{ text: 'hello', options: ['yes', 'no'], sender_id: idOf(place, 'ana') }, { text: '' }])
  for (const [index, { frames }] of [hers, his, tab].entries()) {
    t.strictSame(frames.slice(places[index]!, -1), stored.map((message: any) => ({ message, seq: message.seq })))
    t.same(Object.keys(frames[places[index]!].message), ['type', 'time', 'id', 'sent_by_human', 'quoted_message_id', 'sender_id', 'local_id', 'text', 'options', 'seq'])
  }
})

t.test('messages by REST, and files, reach the sockets', soon(), async t => {
  const place = await newPlace(t)
  const { ana, talk } = place
  const { his } = await bothIn(t, place)
  const { body: first } = await say(ana, talk, 'by REST', { local_id: 'r1' })
  const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')
  const { status, body: second } = await ana.post(`${talk.path}/messages/`, formOf([['type', 'i'], ['local_id', 'f1'], ['text', 'look'], ['file', [png, 'dot é.png', 'image/png']]]))
  t.same(status, 201)
  const image = await his.hears({ local_id: 'f1' })
  t.strictSame(await his.hears({ local_id: 'r1' }), first)
  t.strictSame(image, second)
  t.same(Object.keys(image).slice(7), ['text', 'file_url', 'file_size', 'file_name', 'options', 'seq'])
  t.same((await call(place.app, 'GET', image.file_url)).bytes, png)
})

t.test('what two people say at once, by socket and by REST, reaches everybody in the order of the log', soon(), async t => {
  const place = await newPlace(t, { limits: { frames_per_second: 1000 } })
  const { ana, bia, talk } = place
  const { hers, his } = await bothIn(t, place)
  const listener = await enter(t, place, bia, '?after=0')
  const numbers = Array.from({ length: 60 }, (_, index) => index)
  for (const number of numbers) {
    hers.send({ type: 'T', text: `hers ${number}`, local_id: `a${number}` })
    his.send({ type: 'T', text: `his ${number}`, local_id: `b${number}` })
  }
  await Promise.all(numbers.map(number => say(number % 2 === 0 ? ana : bia, talk, `by REST ${number}`)))
  await Promise.all([hers.hears({ local_id: 'a59' }), his.hears({ local_id: 'b59' })])
  await settle(place, ana, hers, his, listener)
  const { body: { events } } = await ana.get(`${talk.path}/events/?limit=500`)
  const frames = events.map((event: any) => event.type === 'message.created' ? { message: event.message, seq: event.seq } : { event, seq: event.seq })
  t.strictSame(listener.frames.filter(frame => frame.seq), frames, 'the log')
  const from = (frame: any): any[] => frames.slice(frames.findIndex((one: any) => one.seq === frame.seq))
  for (const { frames: own } of [hers, his]) t.strictSame(own.filter(frame => frame.seq), from(own[0]))
  for (const who of ['hers', 'his']) t.same(frames.filter((frame: any) => frame.message?.text?.startsWith(`${who} `)).map((frame: any) => frame.message.text), numbers.map(number => `${who} ${number}`), 'each as its sender sent it')
})

t.test('what is sent again is answered with the stored message, to that socket only', soon(), async t => {
  const place = await newPlace(t)
  const { ana } = place
  const { hers, his } = await bothIn(t, place)
  const tab = await enter(t, place, ana)
  await tab.until(isState)
  hers.send({ type: 'T', text: 'hello', local_id: 'l1' })
  const stored = await hers.hears({ local_id: 'l1' })
  await settle(place, ana, hers, his, tab)
  const places = [hers, his, tab].map(({ frames }) => frames.length)
  tab.send({ type: 'T', text: 'hello', local_id: 'l1' })
  t.strictSame(await tab.until(frame => frame.message?.local_id === 'l1', places[2]), { message: stored })
  await settle(place, ana, hers, his, tab)
  for (const [index, socket] of [hers, his].entries()) t.same(told(socket, place, places[index]), [])
  tab.send({ type: 'T', text: 'something else', local_id: 'l1' })
  t.match(await tab.until(frame => frame.error), { error: { code: 'local_id_conflict', local_id: 'l1' } })
})

t.test('a frame that is refused is answered with the problem and its local_id, and the socket stays open', soon(), async t => {
  const place = await newPlace(t)
  const { talk } = place
  const { hers, his } = await bothIn(t, place)
  const other = await newTalk([place.ana])
  const { body: { id: elsewhere } } = await say(place.ana, other, 'elsewhere')
  const heard = his.frames.length
  const cases: Array<[frame: unknown, code: string, localId: string | null, pointer?: string]> = [
    ['{"type"', 'body_malformed', null],
    ['hello', 'body_malformed', null],
    [[], 'body_invalid', null],
    ['5', 'body_invalid', null],
    ['null', 'body_invalid', null],
    [{ text: 'x', local_id: 'l1' }, 'body_invalid', 'l1', '/type'],
    [{ type: 'S', local_id: 'l2' }, 'body_invalid', 'l2', '/type'],
    [{ type: 'T', text: 'x'.repeat(4001), local_id: 'l3' }, 'body_invalid', 'l3', '/text'],
    [{ type: 'T', text: 5, local_id: 'l4' }, 'body_invalid', 'l4', '/text'],
    [{ type: 'T', text: 'a\0b', local_id: 'l5' }, 'body_invalid', null],
    [{ type: 'T', text: 'x', local_id: 'x'.repeat(33) }, 'body_invalid', 'x'.repeat(33), '/local_id'],
    [{ type: 'T', text: 'x', local_id: 5 }, 'body_invalid', null, '/local_id'],
    [{ type: 'T', text: 'x', local_id: 'l6', quoted_message_id: elsewhere }, 'quoted_message_not_found', 'l6', '/quoted_message_id'],
    [{ type: 'i', text: 'x', local_id: 'l7' }, 'file_missing', 'l7', '/file'],
    [{ type: 'i', local_id: 'l8', external_file_url: 'ftp://x' }, 'body_invalid', 'l8', '/external_file_url'],
    [{ typing: true }, 'body_invalid', null, '/typing'],
    [{ typing: {} }, 'body_invalid', null, '/typing/active']
  ]
  for (const [frame, code, localId, pointer] of cases) {
    const from = hers.frames.length
    hers.send(frame)
    const { error } = await hers.until(frame => frame.error !== undefined, from)
    t.match(error, { code, local_id: localId }, JSON.stringify(frame).slice(0, 80))
    t.ok(error.detail.length > 0 && error.status >= 400)
    if (pointer !== undefined) t.same(error.errors[0].pointer, pointer)
  }
  hers.send({ type: 'T', text: 'still here' })
  await his.hears({ text: 'still here' })
  t.same(told(his, place, heard), ['ana: still here'], 'nobody else hears of it')
  t.match(await place.ana.get(`${talk.path}/messages/?after=0`), { status: 200 })
})

t.test('binary and empty frames are ignored', soon(), async t => {
  const place = await newPlace(t)
  const { hers } = await bothIn(t, place)
  const heard = hers.frames.length
  hers.send(Buffer.from(JSON.stringify({ type: 'T', text: 'binary' })))
  hers.send('')
  hers.send(Buffer.alloc(0))
  hers.send({ type: 'T', text: 'text' })
  await hers.hears({ text: 'text' })
  t.same(told(hers, place, heard), ['ana: text'])
})

// --- Bounds

t.test('a frame that is too large closes the socket, and one that is no UTF-8', soon(), async t => {
  const place = await newPlace(t, { limits: { frame_bytes: 1024 } })
  const [large, broken] = [await enter(t, place, place.ana), await enter(t, place, place.ana)]
  await Promise.all([large, broken].map(socket => socket.until(isState)))
  const exact = { type: 'T', text: '', local_id: 'exact' }
  large.send({ ...exact, text: 'x'.repeat(1024 - JSON.stringify(exact).length) })
  await large.hears({ local_id: 'exact' })
  large.send('x'.repeat(1025))
  t.strictSame(await large.closed, { code: 4413, reason: 'The frame is too large.' })
  broken.socket.send(Buffer.from([0xff, 0xfe]), { binary: false })
  t.strictSame(await broken.closed, { code: 4400, reason: 'Frames that make no sense.' })
})

t.test('frames that make no sense, again and again, close the socket', soon(), async t => {
  const place = await newPlace(t, { limits: { frames_per_second: 1000 } })
  const hers = await enter(t, place, place.ana)
  await hers.until(isState)
  for (let number = 0; number < 20; number++) hers.send('nonsense')
  hers.send({ type: 'T', text: 'sense', local_id: 'l1' })
  await hers.hears({ local_id: 'l1' })
  for (let number = 0; number < 21; number++) hers.send('nonsense')
  t.strictSame(await hers.closed, { code: 4400, reason: 'Frames that make no sense.' })
  t.same(hers.frames.filter(frame => frame.error).length, 41, 'each is answered')
})

t.test('more frames than may come in a second are refused, and a flood closes the socket', soon(), async t => {
  const place = await newPlace(t, { limits: { frames_per_second: 5 } })
  const { hers, his } = await bothIn(t, place)
  const heard = his.frames.length
  for (let number = 0; number < 11; number++) hers.send({ type: 'T', text: `${number}` })
  t.match(await hers.until(frame => frame.error), { error: { status: 429, code: 'rate_limited', limit: 5, local_id: null } })
  await his.hears({ text: '9' })
  for (let number = 0; number < 200; number++) his.send(number % 2 === 0 ? '' : Buffer.alloc(10))
  t.strictSame(await his.closed, { code: 4429, reason: 'Too many: frames, or connections.' })
  t.same(told(his, place, heard).filter(line => line.startsWith('error')), Array(100).fill('error 429 rate_limited null'), 'each is answered, up to a hundred')
  t.same(hers.socket.readyState, WebSocket.OPEN, 'a few too many do not close it')
})

t.test('a session has a bounded number of sockets, and so has the server', soon(), async t => {
  const place = await newPlace(t, { limits: { sockets_per_session: 2, sockets: 3 } })
  const { ana, bia } = place
  const open = async (person: Person): Promise<Subscriber> => {
    const socket = await enter(t, place, person)
    await socket.until(isState)
    return socket
  }
  const tabs = [await open(ana), await open(ana)]
  t.strictSame(await (await enter(t, place, ana)).closed, { code: 4429, reason: 'Too many: frames, or connections.' })
  await open(bia)
  t.strictSame(await (await enter(t, place, bia)).closed, { code: 1013, reason: 'The server has as many connections as it can have.' })
  await tabs[0]!.close()
  await open(ana)
  t.same((await (await enter(t, place, ana)).closed).code, 1013)
})

t.test('sockets that close as soon as they open leave no trace', soon(), async t => {
  const place = await newPlace(t, { limits: { sockets_per_session: 2 } })
  for (let round = 0; round < 10; round++) {
    const hasty = await Promise.all([1, 2].map(() => watch(t, wsUrl(place.app, place.talk.id), { token: place.ana.token, waitOpen: false })))
    for (const { socket, cut, closed } of hasty) {
      socket.once('upgrade', cut)
      await closed
    }
  }
  const hers = await enter(t, place, place.ana)
  await hers.until(isState)
})

t.test('who does not answer a ping is dropped before the next one, 25 seconds later', soon(), async t => {
  const beat = await catchTimer('Interval', 25_000, t)
  const place = await newPlace(t, { grace: { presence_s: 0 } })
  const { hers, his } = await bothIn(t, place)
  const heard = hers.frames.length
  // As one whose network is gone: it takes nothing any more.
  Object.assign(his.socket, { _autoPong: false })
  const pinged = Promise.all([hers, his].map(({ socket }) => once(socket, 'ping')))
  beat()
  await pinged
  hers.send({ type: 'T', text: 'answered' })
  await hers.hears({ text: 'answered' })
  t.same([hers, his].map(({ socket }) => socket.readyState), [WebSocket.OPEN, WebSocket.OPEN])
  beat()
  t.same((await his.closed).code, 1006)
  await hers.hears({ event: 'participant-left' })
  await settle(place, place.ana, hers)
  t.same(told(hers, place, heard), ['ana: answered', 'participant-left bia', 'state: ana, bia'])
})

/** Lets a test ring the timers that are set for so long from now on, and not cleared; those do not ring by themselves. */
async function catchTimer (kind: 'Interval' | 'Timeout', delay: number, t: Test): Promise<() => void> {
  const set = globalThis[`set${kind}`] as Function
  const clear = globalThis[`clear${kind}`] as Function
  const due = new Map<unknown, () => void>()
  Object.assign(globalThis, {
    [`set${kind}`]: (work: () => void, ms?: number, ...rest: unknown[]) => {
      const timer = set(ms === delay ? () => {} : work, ms, ...rest)
      if (ms === delay) due.set(timer, work)
      return timer
    },
    [`clear${kind}`]: (timer: unknown) => {
      due.delete(timer)
      clear(timer)
    }
  })
  t.teardown(() => Object.assign(globalThis, { [`set${kind}`]: set, [`clear${kind}`]: clear }))
  return () => { for (const work of due.values()) work() }
}

// --- Typing

t.test('the others learn that somebody is typing, and nothing of it is stored', soon(), async t => {
  const place = await newPlace(t)
  const { ana, bia, talk } = place
  const { hers, his } = await bothIn(t, place)
  const tab = await enter(t, place, ana)
  await tab.until(isState)
  const { body: { last_seq: before } } = await bia.get(`${talk.path}/events/`)
  const [heard, heardTab] = [his.frames.length, tab.frames.length]
  // Whoever says it more often than twice a second is not passed on.
  for (let time = 0; time < 5; time++) hers.send({ typing: { active: true } })
  hers.send({ typing: { active: false } })
  hers.send({ typing: { active: false } })
  await his.until(frame => frame.typing?.active === false, heard)
  await settle(place, ana, hers, his, tab)
  t.same(told(his, place, heard), ['ana types', 'ana types no more'])
  t.same(told(tab, place, heardTab), [], 'her other tab is herself')
  t.same((await bia.get(`${talk.path}/events/`)).body.last_seq, before + 1, 'only what was said is in the log')

  const from = his.frames.length
  tab.send({ typing: { active: true } })
  await his.until(frame => frame.typing?.active === true, from)
  tab.cut()
  await his.until(frame => frame.typing?.active === false, from)
  t.pass('who is gone types no more')
})

t.test('typing that is not confirmed ends by itself after six seconds', soon(), async t => {
  const place = await newPlace(t)
  const { hers, his } = await bothIn(t, place)
  const heard = his.frames.length
  hers.send({ typing: { active: true } })
  await his.until(frame => frame.typing, heard)
  const stopped = his.until(frame => frame.typing?.active === false, heard)
  // Far enough from the first that it is passed on, and the end counts from here.
  const confirm = setTimeout(() => hers.send({ typing: { active: true } }), 1000)
  t.teardown(() => clearTimeout(confirm))
  await stopped
  t.same(told(his, place, heard), ['ana types', 'ana types', 'ana types no more'])
})

// --- Resuming and stopping

t.test('after resumes the log; beyond its end the client is told to start again', soon(), async t => {
  const place = await newPlace(t)
  const { ana, bia, talk } = place
  for (const text of ['one', 'two', 'three']) await say(ana, talk, text)
  const { body: { events, last_seq: last } } = await ana.get(`${talk.path}/events/`)
  const hers = await enter(t, place, ana, `?after=${last - 2}`)
  await hers.until(isState)
  t.same(story(hers.frames.slice(0, 2), place.names), ['ana: two', 'ana: three'], 'the past first')
  await settle(place, bia, hers)
  t.same(told(hers, place).slice(2).sort(), ['participant-joined ana', 'state: ana, bia'])
  const all = await enter(t, place, bia, '?after=0')
  await all.hears({ text: 'the end' })
  // Then her coming is stored, too.
  await all.until(isState)
  t.same(all.frames.slice(0, last).map(frame => frame.seq), events.map((event: any) => event.seq))

  const { body: { last_seq: now } } = await ana.get(`${talk.path}/events/`)
  const ahead = await enter(t, place, ana, `?after=${now + 1}`)
  t.strictSame(await ahead.closed, { code: 1000, reason: 'Start again from a snapshot.' })
  t.strictSame(ahead.frames, [{ reset: { last_seq: now } }])
  const level = await enter(t, place, ana, `?after=${now}`)
  await settle(place, ana, level)
  t.same(level.frames.filter(frame => frame.seq).map(frame => frame.seq), [now + 1])
})

t.test('a server that stops closes its sockets and streams, and says so', soon(), async t => {
  const place = await newPlace(t)
  const { app, ana, talk } = place
  const { hers, his } = await bothIn(t, place)
  const stream = await openStream(t, place, ana, `${talk.path}/events/stream/`)
  await stream.until(text => text.startsWith('retry'))
  await app.close()
  for (const { closed } of [hers, his]) t.strictSame(await closed, { code: 1012, reason: 'The server is about to stop.' })
  await stream.ended
})

// --- The end of a session

const DAY_MS = 24 * 3600 * 1000

/** From now on time passes only as the test says. */
function stopClock (t: Test): void {
  // A test that ran out of time may have left it stopped.
  startClock()
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: Date.now() })
  t.teardown(startClock)
}

function startClock (): void {
  mock.restoreAll()
  mock.timers.reset()
}

async function endOf (person: Person): Promise<number> {
  return Date.parse((await person.get('/api/chat/sessions/current/')).body.expires_at)
}

t.test('a socket and a stream end with their session', soon(), async t => {
  const place = await newPlace(t)
  const { ana, talk } = place
  const path = `${talk.path}/events/stream/`
  const end = await endOf(ana)
  stopClock(t)
  const hers = await enter(t, place, ana)
  await hers.until(isState)
  const stream = await openStream(t, place, ana, path)
  await stream.until(part => part.startsWith('retry: '))
  mock.timers.tick(end - 1 - Date.now())
  hers.send({ type: 'T', text: 'just in time' })
  const { seq } = await hers.hears({ text: 'just in time' })
  await stream.until(part => part.startsWith(`id: ${seq}\n`))
  mock.timers.tick(1)
  t.strictSame(await hers.closed, noSession)
  await stream.ended
  const again = await openStream(t, place, ana, path)
  t.match(JSON.parse(again.parts[0]!), { status: 401, code: 'token_expired' })
  startClock()
})

t.test('nothing is said by a session that has ended, though its socket is still open', soon(), async t => {
  const place = await newPlace(t)
  const { ana, bia, talk } = place
  const end = await endOf(ana)
  stopClock(t)
  const hers = await enter(t, place, ana)
  await hers.until(isState)
  // The timers stay behind.
  mock.timers.setTime(end)
  hers.send({ type: 'T', text: 'after the end' })
  t.strictSame(await hers.closed, noSession)
  startClock()
  t.notMatch(JSON.stringify((await bia.get(`${talk.path}/messages/`)).body), 'after the end')
})

t.test('a login of a host application ends no socket', soon(), async t => {
  const app = await startApp(t, {}, { resolveSession: () => ({ subject: 'ana', nickname: 'ana' }) })
  await listen(app)
  const ana = await newPerson(app, 'ana')
  const talk = await newTalk([ana])
  stopClock(t)
  const hers = await enter(t, { app, talk }, ana)
  await hers.until(isState)
  mock.timers.tick(60 * DAY_MS)
  hers.send({ type: 'T', text: 'still here' })
  t.match(await hers.hears({ text: 'still here' }), { sent_by_human: true })
  startClock()
})

t.test('a time is waited for though it is further than one timer reaches, until that is called off', async t => {
  stopClock(t)
  const { mock: timers } = mock.method(globalThis, 'setTimeout')
  const [callback, calledOff] = [mock.fn(), mock.fn()]
  callAt(Date.now() + 60 * DAY_MS, callback)
  const callOff = callAt(Date.now() + 60 * DAY_MS, calledOff)
  mock.timers.tick(60 * DAY_MS - 1)
  callOff()
  t.equal(callback.mock.callCount(), 0)
  mock.timers.tick(1)
  t.same([callback, calledOff].map(({ mock }) => mock.callCount()), [1, 0])
  t.ok(timers.callCount() > 1)
  t.ok(timers.calls.every(({ arguments: [, delay] }) => delay! < 2 ** 31))
  startClock()
})

// --- Server-Sent Events

interface Stream {
  status: number
  headers: IncomingMessage['headers']
  /** What came so far, cut at empty lines. */
  parts: string[]
  until: (test: (part: string) => boolean, from?: number) => Promise<string>
  ended: Promise<void>
  /** Takes nothing any more. */
  pause: () => void
  drop: () => void
}

/** Opens a stream, dropped with the test; each event in it is held against the contract. */
async function openStream (t: Test, { app }: Pick<Place, 'app'>, { token }: Person, path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Stream> {
  const request = httpRequest(`http://${addressOf(app)}${path}`, { method, agent: false, headers: { authorization: `Bearer ${token}`, ...headers } })
  request.on('error', () => {})
  t.teardown(() => { request.destroy() })
  request.end()
  const [response] = await once(request, 'response') as [IncomingMessage]
  const came = arrivals<string>()
  const isEvent = validatorOf('#/components/schemas/Event')
  let text = ''
  response.setEncoding('utf8').on('data', piece => {
    text += piece
    const parts = text.split('\n\n')
    text = parts.pop()!
    for (const part of parts) came.add(part)
    for (const part of parts.filter(part => /^id: /.test(part) && !part.includes('event: reset'))) {
      if (!isEvent(dataOf(part))) t.fail(`No event of the contract: ${part}`)
    }
  })
  response.on('error', () => {})
  const ended = new Promise(resolve => response.once('close', resolve)).then(() => {
    came.end('The stream ended.')
    if (response.statusCode === 200 || method === 'HEAD') return
    requirePromised(operationOf('GET', path)!, response.statusCode!, response.headers['content-type'], text)
    came.items.push(text)
  })
  if (response.statusCode !== 200) await ended
  return { status: response.statusCode!, headers: response.headers, parts: came.items, until: came.until, ended, pause: () => response.pause(), drop: () => request.destroy() }
}

function dataOf (part: string): any {
  return JSON.parse(part.match(/^data: (.*)$/m)![1]!)
}

t.test('the log comes as Server-Sent Events, too', soon(), async t => {
  const place = await newPlace(t)
  const { ana, bia, talk } = place
  await say(ana, talk, 'one\nline\r two')
  const { body: { events, last_seq: last } } = await ana.get(`${talk.path}/events/`)
  const path = `${talk.path}/events/stream/`
  const stream = await openStream(t, place, ana, `${path}?after=0`)
  t.match(stream, { status: 200, headers: { 'content-type': /^text\/event-stream/, 'cache-control': 'no-store' } })
  await stream.until(part => part.startsWith(`id: ${last}\n`))
  t.strictSame(stream.parts.slice(1).map(dataOf), events)
  t.same(stream.parts.slice(1).map(part => part.split('\n').slice(0, 2)), events.map((event: any) => [`id: ${event.seq}`, `event: ${event.type}`]))

  const resumed = await openStream(t, place, ana, `${path}?after=0`, { 'Last-Event-ID': `${last - 1}` })
  await resumed.until(part => part.startsWith('id: '))
  t.same(dataOf(resumed.parts[1]!).seq, last, 'Last-Event-ID goes before after')
  const live = await openStream(t, place, bia, path)
  await live.until(part => part.startsWith('retry: '))
  const { body: { seq } } = await say(ana, talk, 'live')
  for (const { until } of [stream, resumed, live]) t.match(dataOf(await until(part => part.startsWith(`id: ${seq}\n`))), { type: 'message.created', message: { text: 'live' } })
  t.same(live.parts.length, 2, 'without a cursor, what is to come')

  const ahead = await openStream(t, place, ana, `${path}?after=${seq + 1}`)
  await ahead.ended
  t.same(ahead.parts.slice(1), [`id: ${seq}\nevent: reset\ndata: {"last_seq":${seq}}`])
  const wrong = await openStream(t, place, ana, path, { 'Last-Event-ID': 'x' })
  t.match(JSON.parse(wrong.parts[0]!), { status: 400, code: 'query_invalid' })
})

t.test('a stream beats while nothing happens, and ends when its reader leaves', soon(), async t => {
  const beat = await catchTimer('Interval', 15_000, t)
  const place = await newPlace(t)
  const { bia, talk } = place
  const stream = await openStream(t, place, bia, `${talk.path}/events/stream/`)
  await stream.until(part => part.startsWith('retry: '))
  beat()
  await stream.until(part => part === ':')
  await bia.post(`${talk.path}/leave/`)
  await stream.ended
  t.match(dataOf(stream.parts.at(-1)!), { type: 'participant.left', participant: { name: 'bia' } })
  const again = await openStream(t, place, bia, `${talk.path}/events/stream/`)
  t.same(again.status, 403)
})

t.test('a stream whose reader takes nothing any more is dropped after two beats', soon(), async t => {
  const beat = await catchTimer('Interval', 15_000, t)
  const place = await newPlace(t)
  const { ana, bia, talk } = place
  const path = `${talk.path}/events/stream/`
  const stuck = await openStream(t, place, bia, path)
  await stuck.until(part => part.startsWith('retry: '))
  stuck.pause()
  // More than the buffers of the system and of the server hold.
  const options = Array.from({ length: 50 }, () => 'x'.repeat(4000))
  for (let count = 0; count < 80; count++) await say(ana, talk, 'heavy', { options })
  for (let count = 0; count < 7; count++) t.same((await openStream(t, place, bia, path)).status, 200)
  t.same((await openStream(t, place, bia, path)).status, 429)
  beat()
  t.same((await openStream(t, place, bia, path)).status, 429, 'it may be slow')
  beat()
  for (let status = 429; status !== 200;) ({ status } = await openStream(t, place, bia, path))
  t.same((await openStream(t, place, bia, path)).status, 429, 'the others are kept')
})

t.test('a session has a bounded number of streams of a conversation', soon(), async t => {
  const place = await newPlace(t)
  const { ana, talk } = place
  const path = `${talk.path}/events/stream/`
  const heads = await Promise.all(Array.from({ length: 10 }, () => openStream(t, place, ana, path, {}, 'HEAD')))
  t.same([...new Set(heads.map(({ status }) => status))], [200], 'a question about the stream opens none')
  const streams = await Promise.all(Array.from({ length: 8 }, () => openStream(t, place, ana, path)))
  t.same([...new Set(streams.map(({ status }) => status))], [200])
  const ninth = await openStream(t, place, ana, path)
  t.match(JSON.parse(ninth.parts[0]!), { status: 429, code: 'rate_limited' })
  streams[0]!.drop()
  await streams[0]!.ended
  for (let status = 429; status !== 200;) ({ status } = await openStream(t, place, ana, path))
})

t.test('one message wakes who waits by socket, by stream and by long-poll', soon(), async t => {
  const place = await newPlace(t)
  const { ana, bia, talk } = place
  const { body: { last_seq: last } } = await ana.get(`${talk.path}/events/`)
  const hers = await enter(t, place, ana, `?after=${last}`)
  await hers.until(isState)
  const { body: { last_seq: now } } = await ana.get(`${talk.path}/events/`)
  const stream = await openStream(t, place, ana, `${talk.path}/events/stream/?after=${now}`)
  await stream.until(part => part.startsWith('retry: '))
  const waiting = fetch(`http://${addressOf(place.app)}${talk.path}/events/?after=${now}&wait=60`, { headers: { authorization: `Bearer ${ana.token}` } })
  const { body: message } = await say(bia, talk, 'hello')
  t.strictSame(await hers.hears({ id: message.id }), message)
  t.strictSame(dataOf(await stream.until(part => part.startsWith('id: '))).message, message)
  const { events } = await (await waiting).json() as any
  t.strictSame(events.map((event: any) => event.message), [message])
})
