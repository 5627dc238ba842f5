import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fastify } from 'fastify'
import t from 'tap'
import { WebSocketServer, type WebSocket } from 'ws'
import { startBlabBot } from './support/blab-bot.js'
import { startProxy, type Cut, type ProxyPlan } from './support/proxy.js'
import { reservePort, startBotServer } from './support/stranger.js'
import { addressOf, listen, subscribe, wsUrl } from './support/subscriber.js'

type Test = Parameters<typeof subscribe>[0]

/** A server that does with each socket what the test says, before the answer to the handshake has left. */
async function startServer (t: Test, serve: (socket: WebSocket, request: IncomingMessage) => void): Promise<{ host: string, port: number, url: string }> {
  const sockets = new WebSocketServer({ noServer: true })
  const server = createServer()
  server.on('upgrade', (request, socket, head) => {
    if (request.url === '/refused') return socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 9\r\n\r\nWho asks?')
    socket.cork()
    sockets.handleUpgrade(request, socket, head, one => serve(one, request))
    socket.uncork()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const socket of sockets.clients) socket.terminate()
    return new Promise(resolve => server.close(resolve))
  })
  const { port } = server.address() as AddressInfo
  return { host: '127.0.0.1', port, url: `ws://127.0.0.1:${port}/` }
}

function countTo (last: number): number[] {
  return Array.from({ length: last }, (_, index) => index + 1)
}

t.test('frames that come with the answer to the handshake are not lost', async t => {
  const { url } = await startServer(t, socket => { for (const number of countTo(50)) socket.send(JSON.stringify({ number })) })
  const ana = await subscribe(t, url)
  await ana.until(frame => frame.number === 50)
  t.same(ana.frames.map(frame => frame.number), countTo(50))
  const bia = await subscribe(t, url, { waitOpen: false })
  t.equal(bia.socket.readyState, bia.socket.CONNECTING)
  t.same(await bia.until(() => true), { number: 1 })
})

t.test('until() and hears() find what came and what comes, and say what came when the socket closes', async t => {
  const { url } = await startServer(t, socket => {
    socket.on('message', (data, isBinary) => String(data) === 'bye' ? socket.close(4001, 'bye') : socket.send(data, { binary: isBinary }))
  })
  const ana = await subscribe(t, url)
  const hearing = ana.hears({ text: 'tea', sender: { name: 'ana' } })
  ana.send({ message: { text: 'tea', sender: { name: 'bia' } } })
  ana.send({ message: { text: 'tea', sender: { name: 'ana', age: 9 }, options: ['yes'] } })
  t.same(await hearing, { text: 'tea', sender: { name: 'ana', age: 9 }, options: ['yes'] })
  t.same(await ana.hears({ options: ['yes'] }), await hearing, 'what came before is found')
  ana.send('not JSON')
  ana.send(Buffer.from([1, 2]))
  ana.send('null')
  await ana.until(frame => frame === null)
  t.same(ana.frames.slice(2), ['not JSON', Buffer.from([1, 2]), null])
  t.equal(ana.messages().length, 2)

  const again = ana.until(frame => frame?.message !== undefined, 2)
  const fewer = ana.hears({ options: [] })
  const broken = ana.until(frame => frame.none.such)
  ana.send('bye')
  await t.rejects(again, { message: /^The socket closed 4001 bye\n5 came:\n\{"message":.*"bia"/ })
  await t.rejects(fewer, { message: /Sought: \{"options":\[\]\}/ })
  await t.rejects(broken, TypeError, 'a test that fails is told so')
  await t.rejects(ana.until(() => false), /The socket closed 4001/)
  t.same(await ana.closed, { code: 4001, reason: 'bye' })
})

t.test('a handshake shows who asks, and a refusal its status and body', async t => {
  let asked: IncomingMessage | undefined
  const closings: Array<Promise<number[]>> = []
  const { url } = await startServer(t, (socket, request) => { asked = request; closings.push(once(socket, 'close')) })
  const ana = await subscribe(t, url, { token: 'tk', cookie: 'id', origin: 'http://a.example', protocols: ['tea'], headers: { 'X-Who': 'ana' } })
  t.match(asked!.headers, { authorization: 'Bearer tk', cookie: 'sessionid=id', origin: 'http://a.example', 'sec-websocket-protocol': 'tea', 'x-who': 'ana' })
  await ana.close(1000)
  t.equal((await ana.closed).code, 1000)
  const bia = await subscribe(t, url)
  bia.cut()
  t.equal((await bia.closed).code, 1006)
  t.same((await Promise.all(closings)).map(([code]) => code), [1000, 1006], 'the server saw the one close and the other vanish')

  await t.rejects(subscribe(t, `${url}refused`), /refused with 401: Who asks\?/)
  const caio = await subscribe(t, `${url}refused`, { waitOpen: false })
  t.match(await caio.closed, { code: 1006, reason: /401/ })
  await t.rejects(subscribe(t, `ws://127.0.0.1:${await reservePort()}/`), /ECONNREFUSED/)
})

t.test('an application listens once', async t => {
  const app = fastify()
  t.teardown(() => app.close())
  const address = await listen(app)
  t.equal(await listen(app), address)
  t.equal(addressOf(app), address)
  t.equal(wsUrl(app, 'c1', '?after=3'), `ws://${address}/ws/chat/c1/?after=3`)
})

t.test('a proxy keeps the order, however it delays and splits', async t => {
  const server = await startServer(t, socket => {
    socket.on('message', data => socket.send(String(data)))
    for (const number of countTo(300)) socket.send(JSON.stringify({ down: number, rest: 'x'.repeat(number * 37 % 5000) }))
  })
  const proxy = await startProxy(t, server, { seed: 1, delayMs: [0, 30] })
  const ana = await subscribe(t, `ws://127.0.0.1:${proxy.port}/`)
  for (const number of countTo(300)) ana.send({ up: number })
  await Promise.all([ana.until(frame => frame.down === 300), ana.until(frame => frame.up === 300)])
  for (const way of ['down', 'up']) t.same(ana.frames.map(frame => frame[way]).filter(number => number !== undefined), countTo(300), way)
  await ana.close()
  t.same([proxy.connections(), proxy.cuts()], [1, []])
})

/** What five connections through a proxy hear, one after the other. */
async function hearFive (t: Test, plan: ProxyPlan): Promise<{ heard: number[], cuts: Cut[] }> {
  const server = await startServer(t, socket => {
    for (const number of countTo(200)) socket.send(JSON.stringify({ number, rest: 'x'.repeat(30) }))
    socket.close()
  })
  const proxy = await startProxy(t, server, plan)
  const heard: number[] = []
  while (heard.length < 5) {
    const ana = await subscribe(t, `ws://127.0.0.1:${proxy.port}/`)
    await ana.closed
    heard.push(ana.frames.length)
  }
  return { heard, cuts: proxy.cuts() }
}

t.test('the same seed cuts at the same bytes, another one at others', async t => {
  const plan = { seed: 7, cutAfterBytes: [1000, 5000] as [number, number], cutTimes: 4 }
  const first = await hearFive(t, plan)
  t.same(first, await hearFive(t, { ...plan, delayMs: [0, 5] }), 'delays do not matter')
  t.same(first.cuts.map(cut => [cut.connection, cut.direction, cut.kind]), countTo(4).map(number => [number, 'down', 'destroy']))
  t.ok(first.cuts.every(cut => cut.bytes >= 1000 && cut.bytes <= 5000))
  t.ok(first.heard.slice(0, 4).every(count => count > 0 && count < 200))
  t.equal(first.heard[4], 200, 'the fifth one is whole')
  t.strictNotSame(first, await hearFive(t, { ...plan, seed: 8 }))

  const halves = await hearFive(t, { ...plan, halfClose: 1 })
  t.same(halves, { heard: first.heard, cuts: first.cuts.map(cut => ({ ...cut, kind: 'half-close' })) })
})

t.test('connections are cut at once, and a closed proxy takes no more', async t => {
  const gone: Array<Promise<unknown>> = []
  const server = await startServer(t, socket => { gone.push(once(socket, 'close')) })
  const proxy = await startProxy(t, server, { seed: 1 })
  const url = `ws://127.0.0.1:${proxy.port}/`
  const people = await Promise.all(countTo(3).map(() => subscribe(t, url)))
  proxy.cutAll()
  t.same(await Promise.all(people.map(person => person.closed)), people.map(() => ({ code: 1006, reason: '' })))
  await Promise.all(gone)
  const ana = await subscribe(t, url)
  t.equal(proxy.connections(), 4)
  await proxy.close()
  await ana.closed
  await t.rejects(subscribe(t, url), /ECONNREFUSED/)
})

t.test('a paused proxy makes the writes of the server wait', async t => {
  let asked = 0
  let speaker: WebSocket | undefined
  const server = await startServer(t, socket => { speaker = socket; socket.on('message', () => socket.emit('asked', ++asked)) })
  const proxy = await startProxy(t, server, { seed: 1 })
  const ana = await subscribe(t, `ws://127.0.0.1:${proxy.port}/`)
  proxy.pause()
  const frame = JSON.stringify({ rest: 'x'.repeat(2 ** 16) })
  // More than the buffers of the system take.
  for (let count = 0; count < 512; count++) speaker!.send(frame)
  for (const number of countTo(20)) {
    ana.send('Are you there?')
    t.same(await once(speaker!, 'asked'), [number], 'the other direction goes on')
  }
  t.ok(speaker!.bufferedAmount > 2 ** 20, 'the server has to keep what nobody reads')
  t.same(ana.frames, [])
  proxy.resume()
  await ana.until(() => true, 511)
  t.equal(speaker!.bufferedAmount, 0)
})

t.test('a stranger answers as told, and comes up at the port that it had or that was reserved', async t => {
  const port = await reservePort()
  const bot = await startBotServer(t, async ({ count, json }) => [{ body: { you: json.text } }, { status: 503, headers: { 'retry-after': '1' }, body: 'later' }, { destroy: true }, { hang: true }][count - 1] ?? {})
  const ask = (signal?: AbortSignal): Promise<Response> => fetch(`${bot.url}hook`, { method: 'POST', body: '{"text":"tea"}', ...signal !== undefined && { signal } })
  const asked = bot.nextRequest()
  t.same(await (await ask()).json(), { you: 'tea' })
  t.match(await asked, { method: 'POST', url: '/hook', body: '{"text":"tea"}', json: { text: 'tea' }, count: 1 })
  const later = await ask()
  t.same([later.status, later.headers.get('retry-after'), await later.text()], [503, '1', 'later'])
  t.equal((await bot.nextRequest()).count, 2, 'what came before the question is not lost')
  await t.rejects(ask())
  const leaving = new AbortController()
  const hanging = ask(leaving.signal)
  await bot.until(4)
  leaving.abort()
  await t.rejects(hanging)
  await bot.stop()
  await t.rejects(ask())
  await bot.startAt(port)
  t.equal(bot.url, `http://127.0.0.1:${port}/`)
  t.equal(await (await ask()).text(), '')
  t.equal((await bot.until(5)).length, 5)
})

t.test('the bot of BLAB enters, greets, answers humans, dies and comes back', async t => {
  const people: WebSocket[] = []
  const told: any[] = []
  const requests: IncomingMessage[] = []
  const server = await startServer(t, (socket, request) => {
    people.push(socket)
    requests.push(request)
    socket.on('message', data => { told.push(JSON.parse(String(data))); people[0]!.emit('told') })
    socket.send('{"state":{}}')
  })
  const address = `127.0.0.1:${server.port}`
  const bot = await startBlabBot(t, { server: () => address, greeting: 'Hi' })
  const invite = (): Promise<Response> => fetch(bot.url, { method: 'POST', body: JSON.stringify({ conversation_id: 'c1', bot_participant_id: 'p1', session: 's1' }) })
  const response = await invite()
  t.same([response.status, await response.text()], [200, ''])
  const [guest] = await bot.until(1)
  t.match(guest, { conversationId: 'c1', participantId: 'p1', session: 's1' })
  t.equal(requests[0]!.url, '/ws/chat/c1/')
  t.match(requests[0]!.headers, { host: address, origin: `http://${address}`, cookie: 'sessionid=s1' })
  if (told.length === 0) await once(people[0]!, 'told')
  for (const message of [{ type: 'S', sent_by_human: false }, { type: 'T', sent_by_human: false, id: 'm1', text: 'beep' }, { type: 'T', sent_by_human: true, id: 'm2', text: 'Tea' }]) people[0]!.send(JSON.stringify({ message }))
  await once(people[0]!, 'told')
  t.match(told, [{ type: 'T', text: 'Hi' }, { type: 'T', text: 'Tea to you, too', quoted_message_id: 'm2' }])
  t.ok(told.every(frame => /^[0-9a-f]{32}$/.test(frame.local_id)))
  t.equal(guest!.messages().length, 3)

  await bot.die()
  t.equal((await guest!.closed).code, 1006)
  await t.rejects(invite())
  await bot.startAt()
  await invite()
  t.equal((await bot.until(2)).length, 2)
  t.equal(bot.bots.length, 2)
})
