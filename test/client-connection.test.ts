import { join } from 'node:path'
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import { createBackoff } from '../client/backoff.js'
import { createClient, type Live, type LiveEvents } from '../client/index.js'
import { pauseMs, usualPace } from '../client/pace.js'
import { newTalk } from './support/app.js'
import { start, type Ended } from './support/command.js'
import { allOf, follow, hears, isLive, newNetwork, newPlace, never, quick, requireWhole, text, through, untilTold, type FollowOptions } from './support/follower.js'
import { startFront } from './support/front.js'
import { eventually } from './support/outbox.js'

// What does not come would be waited for without end: the test ends before and fails. Each test needs its own.
const soon = (): { timeout: number } => ({ timeout: 60_000 })

t.test('what the server will not change its mind about ends it, with the code, and there is no other try', soon(), async t => {
  const { host, ana, bia, talk } = await newPlace(t)
  const front = await startFront(t, host)
  const stranger = { token: 'none' }
  const missing = { id: '01936a2c-0000-7000-8000-00000000000c' }
  const { id: closed } = await newTalk([bia])
  const cases: Array<[code: number, who: { token: string }, where: { id: string }, options?: FollowOptions]> = [
    [4401, stranger, talk], [4403, ana, { id: closed }], [4404, ana, missing], [4400, ana, talk, { after: -1 }]
  ]
  for (const [code, who, where, options] of cases) {
    const follower = follow(t, front.host, who, where, { pace: quick, ...options })
    const end = await untilTold(follower.told, 'end')
    t.equal(end.code, code)
    t.match(end.reason, /\w+\./)
    t.equal(follower.live.status, 'ended')
    t.same(allOf(follower, 'status'), ['ended'])
  }
  front.codes.push(4413)
  t.same(await untilTold(follow(t, front.host, ana, talk, { pace: quick }).told, 'end'), { code: 4413, reason: 'closed with 4413' })
  // Whoever had tried again would have come before this one.
  await isLive(follow(t, front.host, ana, talk))
  t.equal(front.sockets.items.length, cases.length + 2)
})

t.test('who leaves while it is followed is told the end', soon(), async t => {
  const { host, bia, talk } = await newPlace(t)
  const follower = follow(t, host, bia, talk)
  await isLive(follower)
  await bia.post(`${talk.path}/leave/`)
  t.match(await untilTold(follower.told, 'end'), { code: 4403 })
  t.same(allOf(follower, 'status'), ['live', 'ended'])
  const { localId } = follower.live.send(text('still there?'))
  t.match(await untilTold(follower.told, 'outbox', ([item]) => item?.state === 'failed'), [{ localId, problem: { code: 'not_a_participant' } }], 'what is sent nevertheless is not lost without a word')
})

t.test('an after beyond the log is told as reset, and ends it', soon(), async t => {
  const { host, ana, talk } = await newPlace(t)
  const front = await startFront(t, host)
  const follower = follow(t, front.host, ana, talk, { after: 1000, pace: quick })
  const { code } = await untilTold(follower.told, 'end')
  t.equal(code, 1000)
  const { body: { last_seq: last } } = await ana.get(`${talk.path}/snapshot/`)
  t.same(follower.told.items.map(({ name, what }) => [name, what.last_seq ?? what.code ?? what]), [['reset', last], ['status', 'ended'], ['end', 1000]])
  await isLive(follow(t, front.host, ana, talk))
  t.equal(front.sockets.items.length, 2)
})

t.test('other ends are tried again, after pauses that grow until it works and are longer when the server is full', soon(), async t => {
  const { host, ana, talk } = await newPlace(t)
  const front = await startFront(t, host)
  front.codes.push(4408, 4429, 1011, 1012, 1013, 1000, 4999)
  const pauses: Array<[failures: number, leastMs: number]> = []
  const follower = follow(t, front.host, ana, talk, { pace: { pauseMs: (...pause) => { pauses.push(pause); return 1 } } })
  await isLive(follower)
  t.same(pauses, [[0, 0], [1, 5000], [2, 0], [3, 0], [4, 5000], [5, 0], [6, 0]])
  t.same(allOf(follower, 'status'), ['waiting', 'live'])
  const from = follower.told.items.length
  front.drop()
  await isLive(follower, from)
  t.same(pauses.at(-1), [0, 0], 'from the beginning')
  t.same(allOf(follower, 'status'), ['waiting', 'live', 'waiting', 'live'])
})

t.test('who finds no server waits for one', soon(), async t => {
  const { live, told } = follow(t, '127.0.0.1:1', { token: 'x' }, { id: 'y' }, { pace: never })
  t.equal(live.status, 'connecting')
  t.equal(await untilTold(told, 'status'), 'waiting')
  t.equal(live.status, 'waiting')
})

t.test('pauses double up to half a minute, and are by chance up to half of it shorter', async t => {
  t.same([0, 1, 2, 5, 6, 7, 2000].map(failures => pauseMs(failures, 0)), [500, 1000, 2000, 16_000, 30_000, 30_000, 30_000])
  t.same([0, 1, 6].map(failures => pauseMs(failures, 1)), [250, 500, 15_000])
  for (const failures of [0, 3, 9]) {
    const values = Array.from({ length: 100 }, () => usualPace.pauseMs(failures, 2000))
    t.ok(values.every(value => value > 2000 + pauseMs(failures, 1) && value <= 2000 + pauseMs(failures, 0)), 'after what the server has asked for')
    t.equal(new Set(values).size, 100, 'not all in the same moment')
  }
})

t.test('what is scheduled replaces what was, is hurried unless the server has asked to wait, and forgotten by a reset', async t => {
  const pauses: number[] = []
  const backoff = createBackoff({ pauseMs: failures => { pauses.push(failures); return 1_000_000 } })
  const done: string[] = []
  backoff.schedule(() => done.push('one'))
  backoff.schedule(() => done.push('two'))
  t.equal(backoff.isWaiting(), true)
  backoff.hurry()
  backoff.hurry()
  t.equal(backoff.isWaiting(), false)
  backoff.schedule(() => done.push('three'), 1)
  backoff.hurry()
  t.equal(backoff.isWaiting(), true)
  backoff.reset()
  backoff.hurry()
  backoff.schedule(() => done.push('four'))
  backoff.reset()
  t.equal(backoff.isWaiting(), false)
  t.same(done, ['two'])
  t.same(pauses, [0, 1, 2, 0])
})

t.test('a connection that is dead without a word is noticed and made anew', soon(), async t => {
  const { host, ana, bia, talk } = await newPlace(t)
  const front = await startFront(t, host)
  const follower = follow(t, front.host, bia, talk, { pace: { ...quick, silenceMs: 60 } })
  await isLive(follower)
  front.swallow()
  await ana.post(`${talk.path}/messages/`, text('hello'))
  await hears(follower, 'hello')
  await requireWhole(t, ana.get, talk, { follower })
  t.match(front.sockets.items.at(-1), /\?after=[1-9]/)
})

t.test('a connection that is only quiet is kept', soon(), async t => {
  const { host, bia, talk } = await newPlace(t)
  const front = await startFront(t, host)
  const follower = follow(t, front.host, bia, talk, { pace: { ...quick, silenceMs: 30 } })
  await isLive(follower)
  await front.asks.until(() => true, 5)
  t.equal(front.sockets.items.length, 1)
  t.same(allOf(follower, 'status'), ['live'])
})

t.test('a way to the server on which nothing is answered any more is left for another', soon(), async t => {
  const place = await newPlace(t)
  const { ana, bia, talk } = place
  const { host, proxy } = await through(t, place, { seed: 1 })
  const follower = follow(t, host, bia, talk, { pace: { ...quick, silenceMs: 60, openMs: 60, answerMs: 60 } })
  await isLive(follower)
  const before = proxy.connections()
  proxy.pause()
  await ana.post(`${talk.path}/messages/`, text('hello'))
  // The question whether there is something new, a socket in place of the one that is dead, and one in place of that.
  await eventually(() => proxy.connections() >= before + 3, 'it tries again and again')
  proxy.resume()
  await hears(follower, 'hello')
  await requireWhole(t, ana.get, talk, { follower })
})

t.test('a server that takes a connection and says nothing is tried anew', soon(), async t => {
  const place = await newPlace(t)
  const { host, proxy } = await through(t, place, { seed: 1 })
  proxy.pause()
  const follower = follow(t, host, place.bia, place.talk, { pace: { ...quick, openMs: 50 } })
  await eventually(() => proxy.connections() > 2, 'another try')
  t.same(allOf(follower, 'status'), ['waiting'])
  proxy.resume()
  await isLive(follower)
})

t.test('a browser that goes offline and comes back is live at once', soon(), async t => {
  const { host, ana, bia, talk } = await newPlace(t)
  const network = newNetwork(t)
  const front = await startFront(t, host)
  const follower = follow(t, front.host, bia, talk, { pace: never })
  await isLive(follower)
  network.say('offline')
  t.equal(follower.live.status, 'waiting')
  await ana.post(`${talk.path}/messages/`, text('hello'))
  const from = follower.told.items.length
  network.say('online')
  await isLive(follower, from)
  await hears(follower, 'hello')
  await requireWhole(t, ana.get, talk, { follower })
  t.equal(network.count(), 2)
  follower.live.close()
  t.equal(network.count(), 0)
  network.say('online')
  t.equal(front.sockets.items.length, 2)
})

// --- Who is there, and who writes

class CountingSocket extends WebSocket {
  static sent: string[] = []
  override send (...values: any[]): void {
    CountingSocket.sent.push(String(values[0]))
    super.send(...values as [string])
  }
}

t.test('that somebody is writing is passed on, not at each key, and not when nobody can hear it', soon(), async t => {
  const { host, ana, bia, talk } = await newPlace(t)
  CountingSocket.sent = []
  const hers = follow(t, host, ana, talk, { WebSocket: CountingSocket })
  const follower = follow(t, host, bia, talk)
  hers.live.typing(true)
  await Promise.all([isLive(hers), isLive(follower)])
  const { body: { my_participant_id: id } } = await ana.get(`${talk.path}/`)
  for (let key = 0; key < 50; key++) hers.live.typing(true)
  t.same(await untilTold(follower.told, 'typing'), { participant_id: id, active: true })
  for (let key = 0; key < 50; key++) hers.live.typing(false)
  t.same(await untilTold(follower.told, 'typing', ({ active }) => !active), { participant_id: id, active: false })
  hers.live.typing(true)
  t.same(CountingSocket.sent.map(frame => JSON.parse(frame).typing.active), [true, false, true])
  t.equal(allOf(hers, 'typing').length, 0)
})

t.test('who is writing says so again after a while, and after each new connection', soon(), async t => {
  const { host, ana, talk } = await newPlace(t)
  const front = await startFront(t, host)
  CountingSocket.sent = []
  const follower = follow(t, front.host, ana, talk, { WebSocket: CountingSocket, pace: { ...quick, typingMs: 0 } })
  await isLive(follower)
  for (let key = 0; key < 3; key++) follower.live.typing(true)
  t.equal(CountingSocket.sent.length, 3)
  const usual = follow(t, front.host, ana, talk, { WebSocket: CountingSocket })
  await isLive(usual)
  usual.live.typing(true)
  const from = usual.told.items.length
  front.drop()
  await isLive(usual, from)
  usual.live.typing(true)
  t.equal(CountingSocket.sent.length, 5)
})

t.test('who is in the conversation is told after each change', soon(), async t => {
  const { host, ana, bia, talk } = await newPlace(t)
  const follower = follow(t, host, ana, talk)
  t.match(await untilTold(follower.told, 'state'), [{ name: 'ana', type: 'H' }, { name: 'bia' }])
  await bia.post(`${talk.path}/leave/`)
  t.match(await untilTold(follower.told, 'state', state => state.length === 1), [{ name: 'ana' }])
  t.match(await untilTold(follower.told, 'event', ({ event }) => event.type === 'participant.left'), { event: { participant: { name: 'bia' } } })
})

// --- The end of it

t.test('who closes it, be it while it is being told of something, is told nothing more, and it connects no more', soon(), async t => {
  const { host, ana, bia, talk } = await newPlace(t)
  const front = await startFront(t, host)
  const when: Record<string, (what: any) => boolean> = {
    message: ({ message }) => message.text === 'hello',
    status: status => status === 'waiting',
    state: () => true
  }
  for (const [name, test] of Object.entries(when)) {
    const follower = follow(t, front.host, bia, talk, { pace: quick })
    let told = 0
    follower.live.on(name as keyof LiveEvents, what => {
      if (!test(what)) return
      follower.live.close()
      told = follower.told.items.length
    })
    if (name === 'status') {
      await isLive(follower)
      front.drop()
    } else if (name === 'message') {
      await isLive(follower)
      await ana.post(`${talk.path}/messages/`, text('hello'))
    }
    await eventually(() => told > 0, name)
    const sockets = front.sockets.items.length
    await ana.post(`${talk.path}/messages/`, text('after that'))
    await hears(follow(t, front.host, ana, talk), 'after that')
    t.equal(front.sockets.items.length, sockets + 1, name)
    t.equal(follower.told.items.length, told, name)
    t.equal(follower.live.status, 'ended')
  }
})

t.test('what had happened already when it was closed is not told any more either', soon(), async t => {
  const { host, ana, talk } = await newPlace(t)
  const told: Array<keyof LiveEvents> = []
  const open = (token: string): Live => createClient({ url: `http://${host}`, token, WebSocket }).live(talk.id)
  const live = open(ana.token)
  await new Promise<void>(resolve => {
    live.on('message', () => {
      live.send(text('hello'))
      told.length = 0
      live.close()
      resolve()
    })
    for (const name of ['message', 'outbox'] as const) live.on(name, () => told.push(name))
  })
  const stranger = open('none')
  await new Promise<void>(resolve => {
    stranger.on('status', () => { stranger.close(); resolve() })
    stranger.on('end', () => told.push('end'))
  })
  t.same(told, [])
})

t.test('a server that does not say goodbye is not waited for', soon(), async t => {
  let isTerminated = false
  class OwnSocket extends WebSocket {
    override terminate (): void {
      isTerminated = true
      super.terminate()
    }
  }
  const place = await newPlace(t)
  const { host, proxy } = await through(t, place, { seed: 1 })
  const follower = follow(t, host, place.ana, place.talk, { WebSocket: OwnSocket })
  await isLive(follower)
  proxy.pause()
  follower.live.close()
  await eventually(() => isTerminated, 'the socket is closed without a word')
})

t.test('each listener is told of things in the same order, whatever the others do meanwhile, until it listens no more', soon(), async t => {
  const { host, ana, talk } = await newPlace(t)
  const live = createClient({ url: `http://${host}`, token: ana.token, WebSocket }).live(talk.id)
  t.teardown(live.close)
  const texts: string[][] = []
  const removed: string[] = []
  live.on('outbox', outbox => {
    if (outbox.length === 1 && outbox[0]!.state === 'waiting') live.send(text('two'))
    stop()
  })
  live.on('outbox', outbox => texts.push(outbox.map(({ input }) => input.text!)))
  const stop = live.on('outbox', () => removed.push('told'))
  live.send(text('one'))
  t.same(texts.slice(0, 2), [['one'], ['one', 'two']])
  t.same(removed, [])
})

t.test('without a WebSocket, or with an address that is none, it says so and leaves nothing behind', async t => {
  const network = newNetwork(t)
  t.throws(() => createClient({ url: 'http://localhost:1', token: 'x' }).live('y'), /no WebSocket here/)
  t.throws(() => createClient({ url: 'nowhere', token: 'x', WebSocket }).live('y'), SyntaxError)
  t.throws(() => createClient({ url: 'http://localhost:1', token: 'no token at all', WebSocket }).live('y'), SyntaxError)
  t.equal(network.count(), 0)
})

const program = (work: string): string => `
import { WebSocket } from 'ws'
import { createClient } from ${JSON.stringify(new URL('../client/index.ts', import.meta.url).href)}
const [url, token, id] = process.argv.slice(2)
const live = createClient({ url, token, WebSocket }).live(id)
const until = (name, test = () => true) => new Promise(resolve => live.on(name, what => { if (test(what)) resolve(what) }))
${work}
console.log('closed')
`

const endings = {
  'while it is live': "await until('status', status => status === 'live')\nlive.typing(true)\nlive.close()",
  'before it is connected': "live.send({ type: 'T', text: 'hello' })\nlive.close()",
  'while it waits for a server that is not there': `
const far = createClient({ url: 'http://127.0.0.1:1', token, WebSocket }).live(id)
far.send({ type: 'T', text: 'hello' })
await new Promise(resolve => far.on('outbox', ([item]) => { if (item.state === 'waiting' && item.progress === 0) setImmediate(resolve) }))
far.close()
live.close()`,
  'after it has ended': `
const ended = createClient({ url, token: 'none', WebSocket }).live(id)
await new Promise(resolve => ended.on('end', resolve))
live.close()`
}

/** Runs a program that follows the conversation of ana. */
async function run (t: Test, work: string): Promise<Ended> {
  const { host, ana, talk } = await newPlace(t)
  const folder = t.testdir({ data: {}, 'program.mjs': program(work) })
  return start(t, [process.execPath, '--import', import.meta.resolve('tsx'), join(folder, 'program.mjs'), `http://${host}`, ana.token, talk.id], folder).ended
}

t.test('a program ends by itself', { timeout: 60_000, jobs: 4 }, async t => {
  for (const [when, work] of Object.entries(endings)) {
    t.test(`when it closes it ${when}`, async t => t.same(await run(t, work), { code: 0, out: 'closed\n', err: '' }))
  }
})

t.test('an end that nobody listens to is told by the console, unless the log begins anew', { timeout: 60_000 }, async t => {
  const work = `
for (const [whose, after] of [[token, 1000], ['none', 0]]) {
  const lost = createClient({ url, token: whose, WebSocket }).live(id, { after })
  await new Promise(resolve => lost.on('status', status => { if (status === 'ended') setImmediate(resolve) }))
}
live.close()`
  t.match(await run(t, work), { code: 0, out: 'closed\n', err: /^The conversation [-0-9a-f]{36} is followed no more: .+ \(code 4401\)\n$/ })
})

t.test('a listener that throws keeps nothing from the others', { timeout: 20_000 }, async t => {
  const work = `
process.on('uncaughtException', error => console.log(error.message))
live.on('state', () => { throw new Error('a mistake of its own') })
await until('state')
live.close()`
  const { code, out } = await run(t, work)
  t.same({ code, out }, { code: 0, out: 'a mistake of its own\nclosed\n' })
})
