import { execFileSync } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer as createTlsServer } from 'node:https'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Webhook } from 'standardwebhooks'
import t, { type Test as TapTest } from 'tap'
import { loadModule } from '../bots/module.js'
import type { BotSettings } from '../config.js'
import { formOf, newPerson, newTalk, startApp, type Test } from './support/app.js'
import { startBlabBot } from './support/blab-bot.js'
import { call } from './support/call.js'
import { validatorOf } from './support/contract.js'
import { adminKey, alter, botState, deliveriesIn, eventually, heard, redeliver, said, settled } from './support/outbox.js'
import { reservePort, startBotServer, type BotAnswer } from './support/stranger.js'
import { arrivals, listen, subscribe, wsUrl, type Subscriber } from './support/subscriber.js'

// A test that waits for what never comes fails by what it waits with, and has its own limit beside that.
t.setTimeout(300_000)

const secretOf = (fill: string): string => `whsec_${Buffer.alloc(24, fill).toString('base64')}`
const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==', 'base64')
const project = new URL('..', import.meta.url)

/** The application with these bots, an admin and a data folder that can be looked into. */
async function startWith (t: Test, bots: BotSettings[], settings: object = {}) {
  const folder = t.testdir()
  const app = await startApp(t, { ...settings, bots, data: folder }, { adminKey })
  return { app, folder }
}

function hook (name: string, url: string, more: object = {}): BotSettings {
  return { name, kind: 'webhook', url, secrets: [secretOf('a')], ...more }
}

/** Those messages of a socket that somebody has said. */
function spoken (subscriber: Subscriber): any[] {
  return subscriber.messages().filter(({ type }) => type !== 'S')
}

// --- Kinds, as configured

t.test('bots are listed in the order of the configuration, whatever their kind, and without what is secret', async t => {
  const folder = t.testdir({ 'bot.mjs': 'export default { onMessage () {} }' })
  const app = await startApp(t, {
    data: join(folder, 'data'),
    bots: [
      { name: 'Zed', kind: 'lease', token: 'a token of thirty-two characters!'.replaceAll(' ', '-') },
      { name: 'Sock', kind: 'websocket', url: 'http://127.0.0.1:9/' },
      hook('Hook', 'http://127.0.0.1:9/hidden'),
      { name: 'Module', kind: 'module', path: join(folder, 'bot.mjs'), description: 'Lives here.' },
      { name: 'Able', kind: 'echo' }
    ]
  })
  t.same((await call(app, 'GET', '/api/chat/bots/')).body, { results: ['Zed', 'Sock', 'Hook', 'Module', 'Able'] })
  const { body, bytes } = await call(app, 'GET', '/api/chat/bots/details/')
  t.match(body.results[3], { name: 'Module', description: 'Lives here.' })
  for (const hidden of ['thirty-two', 'whsec_', 'hidden']) t.notMatch(String(bytes), hidden)
})

// --- ECHO and Calculator, as recorded

t.test('without a manager both bots answer, the faster one first, and every socket gets the same frames', async t => {
  const { app } = await startWith(t, [{ name: 'ECHO', kind: 'echo' }, { name: 'Calculator', kind: 'calculator' }])
  await listen(app)
  const [ana, bia] = [await newPerson(app, 'ana'), await newPerson(app, 'bia')]
  const { id, path, created } = await newTalk([ana, bia], { bots: ['ECHO', 'Calculator'] })
  const sockets = [await subscribe(t, wsUrl(app, id), { token: ana.token }), await subscribe(t, wsUrl(app, id), { token: bia.token })]
  const [, echo, calculator] = created.participants.map((participant: { id: string }) => participant.id)
  const answer = (sender: string, question: string, text: string): object => ({
    type: 'T', time: String, id: String, sent_by_human: false, quoted_message_id: question, sender_id: sender, local_id: /^[0-9a-f]{32}$/, text, options: [], seq: Number
  })

  const { status, body: sum } = await ana.post(`${path}/messages/`, { type: 'T', text: '2*3', local_id: 'l1' })
  t.equal(status, 201)
  for (const socket of sockets) await socket.hears({ sender_id: echo })
  const image = (await ana.post(`${path}/messages/`, formOf([['type', 'i'], ['text', 'a dot'], ['file', [png, 'dot.png', 'image/png']]]))).body
  for (const socket of sockets) await socket.hears({ sender_id: echo, quoted_message_id: image.id })

  for (const socket of sockets) {
    const frames = spoken(socket)
    t.match(frames, [
      { type: 'T', text: '2*3', local_id: 'l1', sender_id: created.my_participant_id, sent_by_human: true },
      answer(calculator, sum.id, '6'), answer(echo, sum.id, '2*3'),
      { type: 'i', text: 'a dot', file_name: 'dot.png', sent_by_human: true },
      answer(calculator, image.id, '?'), answer(echo, image.id, '?')
    ])
    t.equal(frames.length, 6, 'and nothing else')
    t.same(Object.keys(frames[1]), ['type', 'time', 'id', 'sent_by_human', 'quoted_message_id', 'sender_id', 'local_id', 'text', 'options', 'seq'], 'fields in the order that existing clients know')
    t.same(frames.map(({ seq }) => seq), frames.map(({ seq }) => seq).sort((one, other) => one - other))
  }
  t.same(spoken(sockets[0]!), spoken(sockets[1]!))
})

t.test('several messages at once are answered in their order', async t => {
  const { app, folder } = await startWith(t, [{ name: 'ECHO', kind: 'echo', delay_ms: 50 }, { name: 'Calculator', kind: 'calculator', delay_ms: 0 }])
  const ana = await newPerson(app, 'ana')
  const { path } = await newTalk([ana], { bots: ['ECHO', 'Calculator'] })
  for (const text of ['a', '1/3', '-5 % 3']) await ana.post(`${path}/messages/`, { type: 'T', text })
  await settled(folder, 6)
  const lines = await said(ana.get, path)
  t.same(lines.filter(line => line.startsWith('ECHO')), ['ECHO: A', 'ECHO: 1/3', 'ECHO: -5 % 3'])
  t.same(lines.filter(line => line.startsWith('Calc')), ['Calculator: ?', 'Calculator: 0.3333333333333333', 'Calculator: 1'])
})

// --- External bots over WebSocket

t.test('an external bot is asked once, connects with its session, greets and answers', async t => {
  const blab = await startBlabBot(t, { server: () => host, greeting: 'Hello, people!' })
  const { app } = await startWith(t, [{ name: 'Sock', kind: 'websocket', url: `${blab.url}start?key=a%20b&key=c` }])
  const host = await listen(app)
  const [ana, bia] = [await newPerson(app, 'ana'), await newPerson(app, 'bia')]
  const { id, path, created } = await newTalk([ana, bia], { bots: ['Sock'] })
  const bot = created.participants[1].id
  const [socket] = await Promise.all([subscribe(t, wsUrl(app, id, '?after=0'), { token: ana.token }), blab.until(1)])
  const other = await subscribe(t, wsUrl(app, id, '?after=0'), { token: bia.token })
  for (const each of [socket, other]) t.match(await each.hears({ text: 'Hello, people!' }), { type: 'T', sender_id: bot, sent_by_human: false, local_id: /^[0-9a-f]{32}$/ })

  const [request] = blab.requests
  t.match(request, { method: 'POST', url: '/start?key=a%20b&key=c', headers: { 'content-type': 'application/json' } }, 'the query is kept')
  t.same(Object.keys(request!.json), ['conversation_id', 'bot_participant_id', 'session'])
  t.match(request!.json, { conversation_id: id, bot_participant_id: bot, session: /^[\w.-]+$/ })

  const { id: question } = (await ana.post(`${path}/messages/`, { type: 'T', text: 'x' })).body
  for (const each of [socket, other]) await each.hears({ text: 'x to you, too', quoted_message_id: question })
  t.same(spoken(socket).map(({ text }) => text), ['Hello, people!', 'x', 'x to you, too'])

  const byRest = await call(app, 'POST', `${path}/messages/`, { cookie: request!.json.session, body: { type: 'T', text: 'by REST' } })
  t.equal(byRest.status, 201)
  await socket.hears({ text: 'by REST', sender_id: bot })
  t.equal((await botState(app, 'Sock')).open, 0)
  t.equal(blab.requests.length, 1, 'once')
})

t.test('people are told when an external bot is gone; without one that is required the conversation ends', async t => {
  const blab = await startBlabBot(t, { server: () => host })
  const { app } = await startWith(t, [
    { name: 'Sock', kind: 'websocket', url: blab.url },
    { name: 'Needed', kind: 'websocket', url: blab.url, required: true }
  ], { grace: { presence_s: 0 } })
  const host = await listen(app)
  const ana = await newPerson(app, 'ana')
  const talks = await Promise.all(['Sock', 'Needed'].map(bot => newTalk([ana], { bots: [bot] })))
  const sockets = await Promise.all(talks.map(({ id }) => subscribe(t, wsUrl(app, id), { token: ana.token })))
  await blab.until(2)
  const [free, bound] = talks.map(({ created }) => ({ event: 'participant-left', additional_metadata: { participant_id: created.participants[1].id } }))
  // The bots have been heard of before they go.
  for (const { path } of talks) await ana.post(`${path}/messages/`, { type: 'T', text: 'x' })
  for (const socket of sockets) await socket.hears({ text: 'x to you, too' })
  await blab.die()
  await sockets[0]!.hears(free!)
  await sockets[1]!.hears(bound!)
  await sockets[1]!.hears({ event: 'conversation-ended', additional_metadata: bound!.additional_metadata })
  const posts = await Promise.all(talks.map(({ path }) => ana.post(`${path}/messages/`, { type: 'T', text: 'still there?' })))
  t.match(posts, [{ status: 201 }, { status: 409, body: { code: 'conversation_ended' } }])
})

t.test('an external bot that is down when the conversation is created is asked again until it is up', async t => {
  const port = await reservePort()
  const { app } = await startWith(t, [{ name: 'Sock', kind: 'websocket', url: `http://127.0.0.1:${port}/` }])
  const host = await listen(app)
  const ana = await newPerson(app, 'ana')
  const { status, body: { id, participants } } = await ana.post('/api/chat/conversations/', { bots: ['Sock'] })
  t.equal(status, 201, 'creation does not fail because of a bot')
  const socket = await subscribe(t, wsUrl(app, id), { token: ana.token })
  const down = await eventually(async () => { const state = await botState(app, 'Sock'); return state.failures > 0 && state }, 'the bot has failed')
  t.match(down, { state: 'failing', open: 1, last_error: 'It cannot be reached: ECONNREFUSED.' })

  // What stands before a bot that is down answers 503.
  let isUp = false
  const gateway = await startBotServer(t, () => ({ status: 503 }), { port })
  await gateway.nextRequest()
  await eventually(async () => (await botState(app, 'Sock')).last_error === 'It answered 503.', 'the 503 is noted')
  await gateway.stop()
  const blab = await startBlabBot(t, { server: () => { isUp = true; return host }, greeting: 'At last!', port })
  await redeliver(app, 'Sock')
  await socket.hears({ text: 'At last!', sender_id: participants[1].id })
  t.ok(isUp)
  t.equal(blab.requests.length, 1)
  await eventually(async () => (await botState(app, 'Sock')).state === 'working', 'the bot is known to work')
})

t.test('an external bot that is slow is asked again after the timeout, but not when it has connected meanwhile', async t => {
  const mute = await startBotServer(t, ({ url }) => url === '/mute' ? { hang: true } : { status: 500 })
  const blab = await startBlabBot(t, { server: () => host })
  const slow = await startBotServer(t, async ({ json }) => {
    await fetch(blab.url, { method: 'POST', body: JSON.stringify(json) })
    return { hang: true }
  })
  const { app, folder } = await startWith(t, [
    { name: 'Mute', kind: 'websocket', url: `${mute.url}mute`, timeout_s: 1 },
    { name: 'Slow', kind: 'websocket', url: slow.url, timeout_s: 1 },
    { name: 'Odd', kind: 'websocket', url: `${mute.url}odd` }
  ])
  const host = await listen(app)
  await newTalk([await newPerson(app, 'ana')], { bots: ['Mute', 'Slow', 'Odd'] })
  await blab.until(1)
  await eventually(() => mute.requests.filter(({ url }) => url === '/mute').length === 2, 'a second request')
  t.match(await botState(app, 'Mute'), { state: 'failing', open: 1, last_error: 'It did not answer within 1 s.' })
  await settled(folder, 1, 'Slow')
  t.equal(slow.requests.length, 1, 'it is there, and is not asked again')
  t.match(deliveriesIn(folder, 'Slow'), [{ state: 'done', attempts: 1 }], 'though its answer was too late')
  t.match(await botState(app, 'Odd'), { state: 'failing', open: 1, last_error: /^It answered \d+\.$/ }, 'what it answers is no yes')
})

t.test('external bots and webhooks may be behind https', async t => {
  const folder = t.testdir()
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  try {
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key, '-out', cert, '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'], { stdio: 'ignore' })
  } catch {
    return t.comment('without openssl there is no certificate to try')
  }
  // Read at each connection; the certificate is nobody's.
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
  t.teardown(() => { delete process.env.NODE_TLS_REJECT_UNAUTHORIZED })
  const came = arrivals<string | undefined>()
  const server = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => {
    came.add(request.url)
    response.end('{"messages":[{"type":"T","text":"safely"}]}')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.closeAllConnections(); return new Promise(resolve => server.close(resolve)) })
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  const app = await startApp(t, { data: join(folder, 'data'), bots: [{ name: 'Sock', kind: 'websocket', url: `${url}/sock?a=b` }, hook('Hook', `${url}/hook?c=d`)] })
  const ana = await newPerson(app, 'ana')
  const { path } = await newTalk([ana], { bots: ['Sock', 'Hook'] })
  await came.until(url => url === '/sock?a=b')
  await ana.post(`${path}/messages/`, { type: 'T', text: 'psst' })
  await heard(ana.get, path, 'safely')
  await came.until(url => url === '/hook?c=d')
})

// --- Webhooks

t.test('a person is answered at once though a bot hangs, is down or fails', async t => {
  const server = await startBotServer(t, ({ url }) => url === '/hang' ? { hang: true } : url === '/drop' ? { destroy: true } : { status: 500 })
  const down = await reservePort()
  const { app } = await startWith(t, [...['hang', 'drop', 'fail'].map(name => hook(name, `${server.url}${name}`)), hook('down', `http://127.0.0.1:${down}/`)])
  const ana = await newPerson(app, 'ana')
  const { path } = await newTalk([ana], { bots: ['hang', 'drop', 'fail', 'down'] })
  const first = await ana.post(`${path}/messages/`, { type: 'T', text: 'one' })
  await server.until(3)
  const second = await ana.post(`${path}/messages/`, { type: 'T', text: 'two' })
  t.same([first.status, second.status], [201, 201])
  t.match(await said(ana.get, path), ['ana: one', 'ana: two'])
  const states = await eventually(async () => {
    const states = await Promise.all(['hang', 'drop', 'fail', 'down'].map(name => botState(app, name)))
    return states.slice(1).every(({ failures }) => failures > 0) && states
  }, 'three have failed')
  t.match(states, [
    { state: 'working', open: 2, failures: 0 },
    { state: 'failing', open: 2, last_error: /^It cannot be reached: / },
    { state: 'failing', open: 2, last_error: 'It answered 500.' },
    { state: 'failing', open: 2, last_error: 'It cannot be reached: ECONNREFUSED.' }
  ])
  t.ok(server.requests.every(({ json }) => json.message.text === 'one'), 'the second message waits for the first')
})

t.test('a delivery is signed with each secret, as Standard Webhooks has it', async t => {
  const server = await startBotServer(t, () => ({ status: 204 }))
  const [old, young] = [secretOf('o'), secretOf('y')]
  const { app, folder } = await startWith(t, [hook('Hook', server.url, { secrets: [young, old] })])
  const ana = await newPerson(app, 'ana')
  const { path } = await newTalk([ana], { bots: ['Hook'] })
  await ana.post(`${path}/messages/`, { type: 'T', text: 'Olá 🙂' })
  const { headers, body, json } = await server.nextRequest()
  const signed = Object.fromEntries(['webhook-id', 'webhook-timestamp', 'webhook-signature'].map(name => [name, String(headers[name])]))

  // The vector of the library's own tests: what verifies here is the standard's signature.
  const vector = new Webhook('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw').sign('msg_p5jXN8AQM9LWM0D4loKWxJek', new Date(1614265330 * 1000), '{"test": 2432232314}')
  t.equal(vector, 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=')
  for (const secret of [old, young]) t.same(new Webhook(secret).verify(body, signed), json)
  const byHand = [young, old].map(secret => `v1,${createHmac('sha256', Buffer.from(secret.slice(6), 'base64')).update(`${signed['webhook-id']}.${signed['webhook-timestamp']}.${body}`).digest('base64')}`)
  t.same(signed['webhook-signature']!.split(' '), byHand)
  t.throws(() => new Webhook(secretOf('x')).verify(body, signed), { name: /./, message: 'No matching signature found' }, 'another secret')
  t.throws(() => new Webhook(old).verify(body.replace('Olá', 'Ola'), signed), { message: 'No matching signature found' }, 'another body')
  t.throws(() => new Webhook(old).verify(body, { ...signed, 'webhook-id': 'other' }), { message: 'No matching signature found' }, 'another id')
  t.equal(headers['content-type'], 'application/json')
  const [row] = await settled(folder, 1)
  t.equal(signed['webhook-id'], row!.id)
})

t.test('a delivery holds the message, the conversation and the last messages, and its answers are stored in their order', async t => {
  const server = await startBotServer(t, ({ json }) => json.message.text !== 'answer me'
    ? { status: 200 }
    : { body: { messages: [{ type: 'T', text: ' first ', quoted_message_id: json.message.id, options: ['yes', 'no'] }, { type: 'i', text: 'second', external_file_url: 'https://example.org/a.png' }] } })
  const { app, folder } = await startWith(t, [hook('Hook', server.url, { history: 3 }), hook('Forgetful', `${server.url}forgetful`, { history: 0 })])
  const [ana, bia] = [await newPerson(app, 'ana'), await newPerson(app, 'bia')]
  const { path, created } = await newTalk([ana], { name: 'Tea', bots: ['Hook', 'Forgetful'] })
  const texts = ['one', 'two', 'three', 'four']
  for (const text of texts) await ana.post(`${path}/messages/`, { type: 'T', text })
  await settled(folder, 8)
  // What the system says between them takes no place in the history.
  for (let index = 0; index < 3; index++) {
    await bia.post(`${path}/join/`)
    await bia.post(`${path}/leave/`)
  }
  const { body: question } = await ana.post(`${path}/messages/`, { type: 'T', text: 'answer me' })
  await settled(folder, 10)

  const given = server.requests.filter(({ url }) => url === '/')
  t.same(given.map(({ json }) => json.history.map(({ text }: { text: string }) => text)), [[], ['one'], ['one', 'two'], ['one', 'two', 'three'], ['two', 'three', 'four']], 'the last three, oldest first')
  const { json } = given.at(-1)!
  const isDelivery = validatorOf('#/components/schemas/BotDelivery')
  t.ok(isDelivery(json), JSON.stringify(isDelivery.errors))
  t.same(json.message, question)
  t.same(json.conversation, { id: created.id, name: 'Tea', created_at: created.created_at })
  t.match(json, { attempt: 1, participant_id: created.participants[1].id, session: String })
  t.ok(server.requests.filter(({ url }) => url === '/forgetful').every(({ json }) => json.history.length === 0))

  const { body: { results } } = await ana.get(`${path}/messages/?limit=2`)
  const answers = (await ana.get(`${path}/messages/`)).body.results.filter((message: any) => message.sender_id === created.participants[1].id)
  t.match(answers, [
    { type: 'T', text: 'first', quoted_message_id: question.id, options: ['yes', 'no'], sent_by_human: false, local_id: /^[0-9a-f]{32}$/ },
    { type: 'i', text: 'second', file_url: 'https://example.org/a.png', file_name: 'a.png', quoted_message_id: null }
  ])
  t.equal(answers.length, 2)
  t.equal(results.length, 2)
})

t.test('a bot that answers 202 answers later by the API, with the session that it was given', async t => {
  const server = await startBotServer(t, () => ({ status: 202, body: { messages: [{ type: 'T', text: 'not this way' }] } }))
  const { app, folder } = await startWith(t, [hook('Hook', server.url)])
  const ana = await newPerson(app, 'ana')
  const { path, created } = await newTalk([ana], { bots: ['Hook'] })
  const other = await newTalk([ana])
  await ana.post(`${path}/messages/`, { type: 'T', text: 'hello' })
  const { json: { session, message, conversation, participant_id: participantId } } = await server.nextRequest()
  t.match(await settled(folder, 1), [{ state: 'done', attempts: 0 }])
  const { status, body } = await call(app, 'POST', `/api/chat/conversations/${conversation.id}/messages/`, { token: session, body: { type: 'T', text: 'later', quoted_message_id: message.id } })
  t.equal(status, 201)
  t.match(body, { sender_id: created.participants[1].id, sent_by_human: false, quoted_message_id: message.id })
  t.equal(participantId, body.sender_id)
  t.same(await said(ana.get, path), ['ana: hello', 'Hook: later'])
  t.equal((await call(app, 'GET', `${other.path}/messages/`, { token: session })).status, 403, 'the session is good for its conversation only')
})

t.test('a bot that answers 410 is given nothing more until an admin redelivers', async t => {
  let phase = 'gone'
  const phases: string[] = []
  const server = await startBotServer(t, ({ json }) => {
    phases.push(`${phase} ${json.message.text} ${json.attempt}`)
    return phase === 'gone' ? { status: 410 } : { body: { messages: [{ type: 'T', text: `re ${json.message.text}` }] } }
  })
  const { app, folder } = await startWith(t, [hook('Hook', server.url), { name: 'ECHO', kind: 'echo', delay_ms: 0 }])
  const ana = await newPerson(app, 'ana')
  const [one, two] = [await newTalk([ana], { bots: ['Hook'] }), await newTalk([ana], { bots: ['Hook', 'ECHO'] })]
  await ana.post(`${one.path}/messages/`, { type: 'T', text: 'one' })
  await eventually(async () => (await botState(app, 'Hook')).state === 'disabled', 'the bot is disabled')
  phase = 'disabled'
  // Even when it is due and the bell rings for the bot.
  alter(folder, "update deliveries set next_at = 1 where bot = 'Hook'")
  await ana.post(`${two.path}/messages/`, { type: 'T', text: 'two' })
  await heard(ana.get, two.path, 'TWO')
  t.match(await botState(app, 'Hook'), { state: 'disabled', open: 2, failures: 1, last_error: 'It answered 410: it wants nothing more.' })
  phase = 'back'
  t.match(await redeliver(app, 'Hook'), { reopened: 0 })
  await heard(ana.get, one.path, 're one')
  await heard(ana.get, two.path, 're two')
  t.match(await botState(app, 'Hook'), { state: 'working', open: 0, failures: 0 })
  t.same(phases.sort(), ['back one 2', 'back two 1', 'gone one 1'])
})

t.test('Retry-After is honoured in seconds and as a date, within reason', async t => {
  const asked = new Map<string, number>()
  const headers: Record<string, () => string> = {
    seconds: () => '100',
    date: () => new Date(asked.get('date')! + 200_000).toUTCString(),
    ages: () => '999999999',
    past: () => 'Wed, 21 Oct 2015 07:28:00 GMT',
    zero: () => '0',
    nonsense: () => 'soon'
  }
  const names = Object.keys(headers)
  const server = await startBotServer(t, ({ url }) => {
    const name = url.slice(1)
    asked.set(name, Date.now())
    return { status: name === 'date' ? 429 : 503, headers: { 'retry-after': headers[name]!() } }
  })
  // Nothing has time to come twice: each row is looked at when its first failure is noted.
  const { app, folder } = await startWith(t, names.map(name => hook(name, `${server.url}${name}`)))
  const ana = await newPerson(app, 'ana')
  const { path } = await newTalk([ana], { bots: names })
  await ana.post(`${path}/messages/`, { type: 'T', text: 'hello' })
  const pauses = new Map<string, [least: number, most: number]>()
  await eventually(() => {
    for (const { bot, attempts, next_at: next } of deliveriesIn(folder)) {
      if (attempts === 1 && !pauses.has(bot)) pauses.set(bot, [next! - asked.get(bot)!, next! - Date.now()])
    }
    return pauses.size === names.length
  }, 'all have failed once')
  // Not before so long after the answer, and not later than so long from now.
  const within = (name: string, least: number, most: number): void => { t.ok(pauses.get(name)![0] >= least && pauses.get(name)![1] <= most, `${name}: ${pauses.get(name)}`) }
  within('seconds', 100_000, 100_000)
  // A date has no milliseconds.
  within('date', 199_000, 200_000)
  within('ages', 3_600_000, 3_600_000)
  within('past', 500, 1000)
  within('zero', 500, 1000)
  within('nonsense', 500, 1000)
})

t.test('a bot that fails gets the same delivery again after growing pauses, and then the next one', async t => {
  const answers: BotAnswer[] = [{ status: 500 }, { destroy: true }, { hang: true }, { status: 302, headers: { location: '/elsewhere' } }]
  const failedAt: number[] = []
  const server = await startBotServer(t, ({ count }) => {
    failedAt.push(Date.now())
    return answers[count - 1] ?? {}
  })
  const { app, folder } = await startWith(t, [hook('Hook', server.url, { timeout_s: 1 })])
  const ana = await newPerson(app, 'ana')
  const { path } = await newTalk([ana], { bots: ['Hook'] })
  for (const text of ['one', 'two']) await ana.post(`${path}/messages/`, { type: 'T', text })
  const errors: Array<string | null> = []
  for (const [index] of answers.entries()) {
    const row = await eventually(() => deliveriesIn(folder).find(({ attempts }) => attempts === index + 1), `attempt ${index + 1} has failed`)
    errors.push(row.last_error)
    const [least, most] = [500 * 2 ** index, 1000 * 2 ** index]
    t.ok(row.next_at! - Date.now() <= most, `the pause after attempt ${index + 1} is at most ${most} ms`)
    t.ok(row.next_at! >= failedAt[index]! + least, `and at least ${least} ms`)
    await redeliver(app, 'Hook')
  }
  await settled(folder, 2)
  t.match(errors, ['It answered 500.', /^It cannot be reached: /, 'It did not answer within 1 s.', 'It answered 302.'])
  t.same(server.requests.map(({ json }) => `${json.message.text} ${json.attempt}`), ['one 1', 'one 2', 'one 3', 'one 4', 'one 5', 'two 1'])
  t.equal(new Set(server.requests.slice(0, 5).map(({ headers }) => headers['webhook-id'])).size, 1, 'under the same id')
  t.ok(server.requests.every(({ url }) => url === '/'), 'no redirect is followed')
})

t.test('what is no JSON object acknowledges, and an answer that makes no sense fails its delivery alone', async t => {
  const good = { type: 'T', text: 'good' }
  const latin1 = Buffer.from('{"messages":[{"type":"T","text":"Ol\xe1"}]}', 'latin1')
  const garbage: Record<string, [answer: BotAnswer, error: RegExp | null]> = {
    'no JSON': [{ body: 'OK' }, null],
    'no UTF-8': [{ body: Buffer.from('reçu', 'latin1') }, null],
    nothing: [{ status: 204 }, null],
    'no object': [{ body: [good] }, /^Its answer is no JSON object\.$/],
    'cut off': [{ body: '{"messages":[{"type":"T","text":"lo', headers: { 'content-type': 'application/json; charset=utf-8' } }, /^Its answer is no JSON object\.$/],
    null: [{ body: 'null' }, null],
    'another object': [{ body: { status: 'received' } }, null],
    'no messages': [{ body: { messages: [] } }, null],
    'no list': [{ body: { messages: 'good' } }, /^Its answer is wrong: \/messages must be array\.$/],
    'no type': [{ body: { messages: [good, { text: 'x' }] } }, /^Its answer is wrong: \/messages\/1\/type is required\.$/],
    'a system message': [{ body: { messages: [{ type: 'S' }] } }, /\/messages\/0\/type must be one of T/],
    'an unknown field': [{ body: { messages: [{ ...good, sender_id: 'me' }] } }, /\/messages\/0\/sender_id is not known here/],
    'too many': [{ body: { messages: Array(21).fill(good) } }, /must NOT have more than 20 items/],
    'too long': [{ body: { messages: [{ ...good, text: 'x'.repeat(4001) }] } }, /\/messages\/0\/text/],
    NUL: [{ body: { messages: [{ ...good, text: 'a\0' }] } }, /\/messages\/0\/text must not have NUL/],
    'no file': [{ body: { messages: [good, { type: 'i' }] } }, /^A message of type i needs a file/],
    'an unknown quote': [{ body: { messages: [good, { ...good, quoted_message_id: '01936a2c-0000-7000-8000-0000000000b1' }] } }, /^There is no such message/],
    deep: [{ body: '{"messages":'.repeat(200) + '1' + '}'.repeat(200) }, /nested deeper than/],
    'not UTF-8 in JSON': [{ body: latin1 }, /^Its answer is not UTF-8\.$/],
    large: [{ body: { messages: [good], more: 'x'.repeat(5 * 1024 * 1024) } }, /^Its answer is too large\.$/]
  }
  const names = Object.keys(garbage)
  const server = await startBotServer(t, ({ url, json }) => json.message.text === 'one' ? garbage[names[Number(url.slice(1))]!]![0] : { body: { messages: [{ type: 'T', text: 'as it should' }] } })
  const { app, folder } = await startWith(t, names.map((name, index) => hook(name, `${server.url}${index}`)))
  const ana = await newPerson(app, 'ana')
  const { path } = await newTalk([ana], { bots: names })
  for (const text of ['one', 'two']) await ana.post(`${path}/messages/`, { type: 'T', text })
  await settled(folder, names.length * 2)
  for (const name of names) {
    const [, error] = garbage[name]!
    const [first, second] = deliveriesIn(folder, name)
    t.match(first, error === null ? { state: 'done', last_error: null } : { state: 'failed', last_error: error }, name)
    t.match(second, { state: 'done', attempts: 0 }, `${name}: the next one goes on`)
  }
  const lines = await said(ana.get, path)
  t.same(lines.sort(), ['ana: one', 'ana: two', ...names.map(name => `${name}: as it should`)].sort(), 'nothing of an answer that makes no sense is stored')
  t.equal(server.requests.length, names.length * 2, 'and none is asked for again')
  t.match(await botState(app, 'deep'), { state: 'working', open: 0, failed: 1, dropped: 0 })
})

// --- Modules

// What the package exports, without the rest of the application.
const defineBotFrom = `import { defineBot } from ${JSON.stringify(new URL('bots/module.ts', project).href)}\n`

/** A conversation with a bot that is a module, and what was said in it once everything is settled. */
async function askModule (t: TapTest, file: string, source: string, { texts = ['one', 'two'], ...more }: { texts?: string[], options?: object, timeout_s?: number } = {}) {
  const folder = t.testdir({ [file]: source })
  const app = await startApp(t, { data: folder, bots: [{ name: 'Mod', kind: 'module', path: join(folder, file), ...more } as BotSettings, { name: 'ECHO', kind: 'echo', delay_ms: 0 }] }, { adminKey })
  const ana = await newPerson(app, 'ana')
  const { path } = await newTalk([ana], { name: 'Tea', bots: ['Mod', 'ECHO'] })
  await settled(folder, 1)
  for (const text of texts) {
    await ana.post(`${path}/messages/`, { type: 'T', text })
    await settled(folder, 1)
  }
  const lines = await said(ana.get, path)
  return { app, folder, path, ana, lines, mod: lines.filter(line => line.startsWith('Mod: ')).map(line => line.slice(5)), rows: deliveriesIn(folder, 'Mod') }
}

t.test('a module in TypeScript greets, knows its options, its conversation and what was said, and remembers', async t => {
  const { mod, rows } = await askModule(t, 'bot.ts', `${defineBotFrom}
    interface State { count: number }
    export default defineBot<State>({
      onJoin: ({ me, conversation, options }) => \`I am \${me.name} in \${conversation.name}, \${options.mood}.\`,
      async onMessage (message, { state, readHistory, readBots, attempt, id, signal }) {
        const count: number = (state?.count ?? 0) + 1
        const before = (await readHistory(2)).map(message => (message as { text: string }).text)
        const others = (await readBots()).map(bot => bot.name)
        return {
          messages: [{ type: 'T', text: \`\${message.text} \${count} \${attempt} \${before} \${others} \${typeof id} \${signal.aborted}\`, quoted_message_id: message.id }],
          state: { count }
        }
      }
    })`, { options: { mood: 'glad' } })
  t.match(mod, ['I am Mod in Tea, glad.', 'one 1 1 I am Mod in Tea, glad. ECHO string false', /^two 2 1 (ONE,one 1 1 .*|one 1 1 .*,ONE) ECHO string false$/])
  t.match(rows, [{ state: 'done' }, { state: 'done' }, { state: 'done' }])
})

t.test('a module in JavaScript answers with nothing, a text, a message or several', async t => {
  const { mod, folder, path, ana, app } = await askModule(t, 'bot.mjs', `
    const shared = Object.freeze({ type: 'T', text: ' frozen ' })
    const replies = {
      undefined: undefined, null: null, empty: '', text: 'a text', message: { type: 'T', text: 'a message' }, frozen: shared,
      several: [{ type: 'T', text: 'one' }, { type: 'T', text: 'two', options: undefined }], none: {}, state: { state: { kept: true } }
    }
    export default { onMessage: async (message, { state }) => message.text === 'kept?' ? String(state?.kept) : replies[message.text] }`,
  { texts: ['undefined', 'null', 'empty', 'text', 'message', 'frozen', 'several', 'none', 'state', 'kept?'] })
  t.same(mod, ['a text', 'a message', 'frozen', 'one', 'two', 'true'])
  t.ok(deliveriesIn(folder, 'Mod').every(({ state, attempts }) => state === 'done' && attempts === 0))

  const other = await newTalk([ana], { bots: ['Mod'] })
  await ana.post(`${other.path}/messages/`, { type: 'T', text: 'kept?' })
  await heard(ana.get, other.path, 'undefined')
  t.pass('each conversation has its own state')
  await app.close()
  const again = await startApp(t, { data: folder, bots: [{ name: 'Mod', kind: 'module', path: join(folder, 'bot.mjs') }] })
  const token = { token: ana.token }
  await call(again, 'POST', `${path}/messages/`, { ...token, body: { type: 'T', text: 'kept?' } })
  await settled(folder, 13, 'Mod')
  const { body } = await call(again, 'GET', `${path}/messages/?limit=1`, token)
  t.equal(body.results[0].text, 'true', 'and it survives a restart')
})

t.test('a module that throws or hangs is called again with the same message; the others are not held up', async t => {
  const { mod, lines, rows } = await askModule(t, 'bot.mjs', `${defineBotFrom}
    let wasTold = false
    export default defineBot({
      onMessage (message, { attempt, signal }) {
        signal.addEventListener('abort', () => { wasTold = signal.reason instanceof DOMException })
        if (attempt === 1 && message.text === 'throw') throw new Error('It hurts.')
        if (attempt === 1 && message.text === 'reject') return Promise.reject('It hurts, too.')
        if (attempt === 1 && message.text === 'hang') return new Promise(() => {})
        return \`\${message.text} \${attempt} \${signal.aborted} \${wasTold}\`
      }
    })`, { texts: ['throw', 'reject', 'hang'], timeout_s: 1 })
  t.same(mod, ['throw 2 false false', 'reject 2 false false', 'hang 2 false true'])
  t.match(rows.slice(1), [
    { state: 'done', attempts: 1, last_error: 'It hurts.' },
    { state: 'done', attempts: 1, last_error: 'It hurts, too.' },
    { state: 'done', attempts: 1, last_error: 'It did not answer within 1 s.' }
  ])
  t.ok(lines.includes('ECHO: HANG'))
})

t.test('what a module answers is judged like what others answer', async t => {
  const { mod, rows: [, ...rows] } = await askModule(t, 'bot.mjs', `
    const circle = {}
    circle.circle = circle
    const replies = {
      number: 42, true: true, big: 1n, circle, symbol: Symbol('x'), 'wrong type': { type: 'X' }, 'wrong list': [{ type: 'T', txt: 'x' }],
      'wrong messages': { messages: 'x' }, 'wrong state': { state: circle }, 'large state': { state: 'x'.repeat(300_000) }, long: 'x'.repeat(4001),
      half: '\\ud800'
    }
    export default { onMessage: ({ text }) => text in replies ? replies[text] : 'goes on' }`,
  { texts: ['number', 'true', 'big', 'circle', 'symbol', 'wrong type', 'wrong list', 'wrong messages', 'wrong state', 'large state', 'long', 'half', 'fine'] })
  t.same(mod, ['goes on'])
  t.match(rows.map(({ state, last_error: error }) => `${state}: ${error}`), [
    'failed: Its answer is wrong: a number.',
    'failed: Its answer is wrong: a boolean.',
    /^failed: Its answer is no JSON: Do not know how to serialize a BigInt\.$/,
    /^failed: Its answer is no JSON: Converting circular structure to JSON\.$/,
    /^done: null$/,
    /^failed: Its answer is wrong: \/messages\/0\/type must be one of/,
    /^failed: Its answer is wrong: \/messages\/0\/txt is not known here/,
    /^failed: Its answer is wrong: \/messages must be array/,
    /^failed: Its answer is no JSON/,
    /^failed: Its state is longer than/,
    /^failed: Its answer is wrong: \/messages\/0\/text/,
    /^failed: \/messages\/0\/text must not have NUL or half a surrogate pair/,
    'done: null'
  ])
})

t.test('the application refuses to start with a module that is not there or is no bot', async t => {
  const folder = t.testdir({
    'empty.mjs': '',
    'other.ts': 'export default { onmessage () {} }',
    'null.mjs': 'export default null',
    'broken.ts': 'export default {',
    'throws.mjs': 'throw new Error("No model here.")',
    'crashes.mjs': 'setImmediate(() => { throw new Error("No model there.") })\nawait new Promise(() => {})',
    'exits.mjs': 'process.exit(3)',
    'fine.cjs': 'module.exports = { onMessage () {} }'
  })
  const start = async (file: string): Promise<unknown> => startApp(t, { data: join(folder, 'data', file), bots: [{ name: 'Mod', kind: 'module', path: join(folder, file) }] })
  const isNoBot = (file: string): { message: string } => ({ message: `${join(folder, file)} is no bot: its default export must have a function onMessage. Write: export default defineBot({ onMessage (message) { … } })` })
  await t.rejects(start('missing.mjs'), { message: new RegExp(`^The bot ${join(folder, 'missing.mjs')} cannot be loaded\\. Cannot find module`) })
  for (const file of ['empty.mjs', 'other.ts', 'null.mjs']) await t.rejects(start(file), isNoBot(file), file)
  await t.rejects(start('broken.ts'), { message: /^The bot \S+broken\.ts cannot be loaded\. / })
  await t.rejects(start('throws.mjs'), { message: `The bot ${join(folder, 'throws.mjs')} cannot be loaded. No model here.` })
  await t.rejects(start('crashes.mjs'), { message: `The bot ${join(folder, 'crashes.mjs')} cannot be loaded. It has crashed: No model there.` })
  await t.rejects(start('exits.mjs'), { message: `The bot ${join(folder, 'exits.mjs')} cannot be loaded. It has crashed: it ended itself with code 3.` })
  await start('fine.cjs')
  const path = join(folder, 'fine.cjs')
  await t.rejects(loadModule({ path, options: { pool: () => {} }, timeout_s: 1 }), { message: /^The bot \S+fine\.cjs cannot be loaded\. .* could not be cloned/ }, 'nor with options that are no data')
})

t.test('a module that is never ready, or never lets go, is named when its time to start is over', async t => {
  const folder = t.testdir({ 'waits.mjs': 'await new Promise(() => {})', 'loops.ts': 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)' })
  await Promise.all(['waits.mjs', 'loops.ts'].map(file => {
    const path = join(folder, file)
    return t.rejects(loadModule({ path, options: {}, timeout_s: 1 }), { message: `The bot ${path} cannot be loaded. It was not ready within 8 s: is there a top-level await that never ends?` })
  }))
})

t.test('a module that crashes in whatever way ends nobody else, and is given the same message again', async t => {
  const { mod, lines, rows } = await askModule(t, 'bot.mjs', `
    const ways = {
      timer: () => setTimeout(() => { throw new Error('It burns.') }),
      rejection: () => { Promise.reject(new Error('It burns, too.')) },
      text: () => { Promise.reject('a text') },
      nothing: () => setImmediate(() => { throw undefined }),
      exit: () => process.exit(7)
    }
    // A new thread knows nothing of this.
    let count = 0
    export default {
      onMessage ({ text }, { attempt }) {
        count++
        if (attempt > 1) return \`\${text} \${attempt} \${count}\`
        ways[text]()
        return new Promise(() => {})
      }
    }`, { texts: ['timer', 'rejection', 'text', 'nothing', 'exit'] })
  t.same(mod, ['timer 2 1', 'rejection 2 1', 'text 2 1', 'nothing 2 1', 'exit 2 1'])
  t.match(rows.slice(1), [
    { state: 'done', attempts: 1, last_error: 'The module has crashed: It burns.' },
    { state: 'done', attempts: 1, last_error: 'The module has crashed: It burns, too.' },
    { state: 'done', attempts: 1, last_error: /^The module has crashed: .*a text/ },
    { state: 'done', attempts: 1, last_error: /^The module has crashed: / },
    { state: 'done', attempts: 1, last_error: 'The module has crashed: it ended itself with code 7.' }
  ])
  t.ok(lines.includes('ECHO: EXIT'))
})

t.test('a module that crashes while nobody asks it starts again with the next message, and not before', async t => {
  const source = `
    import { appendFileSync, readFileSync } from 'node:fs'
    const starts = new URL('starts', import.meta.url)
    appendFileSync(starts, '|')
    export default {
      onMessage ({ text }) {
        if (text === 'bomb') setTimeout(() => { throw new Error('Late.') }, 100)
        return \`\${text} \${readFileSync(starts, 'utf8')}\`
      }
    }`
  const crash = once(process, 'warning')
  const { app, mod, folder, ana, path } = await askModule(t, 'bot.mjs', source, { texts: ['fine', 'bomb'] })
  // Keeps the process alive, which the thread does not.
  await listen(app)
  t.same(mod, ['fine |', 'bomb |'])
  t.match(await crash, [{ name: 'BotWarning', message: `The bot ${join(folder, 'bot.mjs')} has crashed.`, detail: /^Error: Late\.\n.*bot\.mjs:7/ }], 'whoever looks after it is told the place')
  t.equal(readFileSync(join(folder, 'starts'), 'utf8'), '|')
  await ana.post(`${path}/messages/`, { type: 'T', text: 'after' })
  await heard(ana.get, path, 'after ||')
  t.ok(deliveriesIn(folder, 'Mod').every(({ state, attempts }) => state === 'done' && attempts === 0))
})

t.test('a module that never lets go of its thread is ended when its time is over, and holds nobody', async t => {
  const { mod, rows, lines } = await askModule(t, 'bot.mjs', `
    let count = 0
    export default {
      onMessage ({ text }, { attempt }) {
        count++
        while (text === 'loop' && attempt === 1);
        return \`\${text} \${attempt} \${count}\`
      }
    }`, { texts: ['fine', 'loop', 'after'], timeout_s: 5 })
  t.same(mod, ['fine 1 1', 'loop 2 1', 'after 1 2'], 'another thread knows nothing of the one before')
  t.match(rows.slice(2), [{ state: 'done', attempts: 1, last_error: 'It did not answer within 5 s.' }, { state: 'done', attempts: 0 }])
  t.ok(lines.indexOf('ECHO: LOOP') < lines.indexOf('Mod: loop 2 1'), 'the server goes on meanwhile')
})

t.test('the thread of a module ends with the application, also when it never lets go', async t => {
  const server = createServer().listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await once(server, 'listening')
  const folder = t.testdir({
    'bot.mjs': `
      import { once } from 'node:events'
      import { connect } from 'node:net'
      const socket = connect(${(server.address() as AddressInfo).port}, '127.0.0.1')
      await once(socket, 'connect')
      export default { onMessage () { socket.write('asked'); setImmediate(() => { for (;;); }) } }`
  })
  const connected = once(server, 'connection')
  const app = await startApp(t, { data: join(folder, 'data'), bots: [{ name: 'Mod', kind: 'module', path: join(folder, 'bot.mjs') }] })
  const [socket] = await connected
  // Of a thread that is ended, the system resets the connections or ends them.
  const closed = new Promise(resolve => socket.on('error', () => {}).once('close', resolve))
  const ana = await newPerson(app, 'ana')
  const { path } = await newTalk([ana], { bots: ['Mod'] })
  await ana.post(`${path}/messages/`, { type: 'T', text: 'hello' })
  await once(socket, 'data')
  await app.close()
  await closed
  t.pass('its connection is closed')
})

t.test('an application closes though a module never answers', async t => {
  const folder = t.testdir({ 'bot.mjs': 'export default { onMessage: () => new Promise(() => {}) }' })
  const app = await startApp(t, { data: folder, bots: [{ name: 'Mod', kind: 'module', path: join(folder, 'bot.mjs') }] })
  const ana = await newPerson(app, 'ana')
  const talks = await Promise.all('abcdefgh'.split('').map(() => newTalk([ana], { bots: ['Mod'] })))
  // Some are at work and some about to be.
  await Promise.all(talks.map(({ path }) => ana.post(`${path}/messages/`, { type: 'T', text: 'hello' })))
  await app.close()
  t.ok(deliveriesIn(folder).some(({ state }) => state === 'open'))
  const bot = await loadModule({ path: join(folder, 'bot.mjs'), options: {}, timeout_s: 1 })
  await t.rejects(bot.answer({ message: { type: 'T' } } as never, AbortSignal.abort()), { name: 'AbortError' }, 'nor one that is asked when it is too late already')
})
