import { request as httpRequest } from 'node:http'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { draftMessage, toNewMessage } from '../actions/post-message.js'
import { storeMessage } from '../actions/store-message.js'
import { configure, type Settings } from '../config.js'
import type { Event } from '../contract/api.js'
import { backUp } from '../db/backup.js'
import { findMember } from '../db/participants.js'
import { FILE_NAME, openDatabase } from '../db/sqlite.js'
import { createWriter } from '../db/write.js'
import { policyOf } from '../policy.js'
import { newPerson, newTalk, startApp, withToken, type Person, type Talk } from './support/app.js'
import { build, start } from './support/command.js'
import { validatorOf } from './support/contract.js'
import { startProxy, type ProxyPlan } from './support/proxy.js'
import { reservePort } from './support/stranger.js'
import { addressOf, arrivals, listen, subscribe, wsUrl, type Arrivals } from './support/subscriber.js'
import { watch } from './support/watcher.js'

// A reader that waits in vain would wait for ever: the test ends before that and fails. Each test needs its own.
const soon = (): { timeout: number } => ({ timeout: 60_000 })

// No limit of these is what a test is about unless it says so.
const unlimited = { frames_per_second: 10_000, requests_per_minute: 0 }

// --- Clients, as they would be written elsewhere

/** Who reads or writes, where; a client connects again when the server is up. */
interface Client {
  t: Test
  host: () => string | Promise<string>
  token: string
  talk: Pick<Talk, 'id' | 'path'>
}

/** What a reader keeps of an event, whichever way it comes. */
interface Item { seq: number, message?: any, event?: any }

// Nobody is cut so often.
const TRIES_MAX = 2000

const isEvent = validatorOf('#/components/schemas/Event')
const isEnd = ({ message }: Item): boolean => message?.text === 'the end'

function itemOf (event: Event): Item {
  return event.type === 'message.created' ? { seq: event.seq, message: event.message } : { seq: event.seq, event }
}

/** A request on a connection of its own. Rejects when the connection is cut before the whole answer is here. */
async function ask ({ host, token }: Client, method: string, path: string, body?: object): Promise<{ status: number, body: any }> {
  const address = await host()
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, ...body && { 'content-type': 'application/json' } }
    const request = httpRequest(`http://${address}${path}`, { method, agent: false, headers }, response => {
      response.toArray().then(chunks => {
        const body = JSON.parse(Buffer.concat(chunks).toString())
        // The server has seen the end of the connection before that of the request.
        if (body.code === 'request_malformed') reject(Object.assign(new Error('The request was cut.'), { code: 'ECONNRESET' }))
        else resolve({ status: response.statusCode!, body })
      }).catch(reject)
    })
    request.on('error', reject)
    request.end(body && JSON.stringify(body))
  })
}

interface Reading { items: Item[], connections: number, codes: number[] }
type Read = (client: Client, reading: Reading) => Promise<void>

/** The ways to read a log. Each reads one connection long, from where the reader is, and gives up when it is cut. */
const ways: Record<string, Read> = {
  socket: async ({ t, host, token, talk }, { items, codes }) => {
    const { socket, frames, cut, closed } = await watch(t, `ws://${await host()}/ws/chat/${talk.id}/?after=${items.at(-1)?.seq ?? 0}`, { token, waitOpen: false })
    socket.on('message', () => {
      const { seq, message, event } = frames.at(-1)
      if (seq !== undefined) items.push({ seq, ...message ? { message } : { event } })
      if (message !== undefined && isEnd({ seq, message })) cut()
    })
    codes.push((await closed).code)
  },

  stream: async ({ host, token, talk }, { items }) => {
    const address = await host()
    const headers = { authorization: `Bearer ${token}`, 'last-event-id': `${items.at(-1)?.seq ?? 0}` }
    let text = ''
    await new Promise<void>(resolve => {
      const request = httpRequest(`http://${address}${talk.path}/events/stream/`, { agent: false, headers }, response => {
        response.setEncoding('utf8').on('data', piece => {
          const parts = (text + piece).split('\n\n')
          text = parts.pop()!
          for (const part of parts) takePart(part, items)
          if (items.some(isEnd)) request.destroy()
        })
        response.on('error', () => {}).on('close', resolve)
      })
      request.on('error', () => resolve()).end()
    })
  },

  'long-poll': async (client, { items }) => {
    const { status, body } = await ask(client, 'GET', `${client.talk.path}/events/?after=${items.at(-1)?.seq ?? 0}&limit=5&wait=60`)
    if (status !== 200) throw new Error(`The log gave ${status}`)
    items.push(...body.events.map(itemOf))
  }
}

function takePart (part: string, items: Item[]): void {
  const [, id, type, data] = part.match(/^id: (\d+)\nevent: (\S+)\ndata: (.*)$/) ?? []
  if (data === undefined) return
  const event: Event = JSON.parse(data)
  if (event.seq !== Number(id) || event.type !== type || !isEvent(event)) throw new Error(`No event of the contract: ${part}`)
  items.push(itemOf(event))
}

/** Reads until the end, however often it is cut. */
async function follow (client: Client, read: Read, reading: Reading = { items: [], connections: 0, codes: [] }): Promise<Reading> {
  while (!reading.items.some(isEnd)) {
    if (++reading.connections > TRIES_MAX) throw new Error(`It never ends, after ${reading.items.length} events.`)
    await read(client, reading).catch(error => { if (!isCut(error)) throw error })
  }
  return reading
}

function isCut (error: NodeJS.ErrnoException): boolean {
  return error instanceof SyntaxError || ['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'HPE_INVALID_EOF_STATE', 'ERR_STREAM_PREMATURE_CLOSE'].includes(error.code ?? '')
}

/** What was acknowledged: the local_id and the message. */
type Acks = Arrivals<any>

/** Posts one after the other, each until it is acknowledged. */
async function post (client: Client, localIds: string[], acks: Acks): Promise<void> {
  for (const localId of localIds) {
    for (let status = 0, tries = 0; status === 0;) {
      if (++tries > TRIES_MAX) throw new Error(`${localId} is never taken.`)
      const answer = await ask(client, 'POST', `${client.talk.path}/messages/`, { type: 'T', text: `${localId} says`, local_id: localId }).catch(error => { if (!isCut(error)) throw error })
      if (answer === undefined) continue
      if (![200, 201].includes(answer.status)) throw new Error(`${localId} gave ${JSON.stringify(answer)}`)
      status = answer.status
      acks.add(answer.body)
    }
  }
}

/** As the existing front-ends send: one message in flight, again after each reconnect, until its echo is here. */
async function chat ({ t, host, token, talk }: Client, localIds: string[], acks: Acks): Promise<void> {
  const waiting = [...localIds]
  for (let tries = 0; waiting.length > 0; tries++) {
    if (tries > TRIES_MAX) throw new Error(`${waiting[0]} is never taken.`)
    const { socket, frames, send, cut, closed } = await watch(t, `ws://${await host()}/ws/chat/${talk.id}/`, { token, waitOpen: false })
    const sendFirst = (): void => send({ type: 'T', text: `${waiting[0]} says`, local_id: waiting[0] })
    socket.once('open', sendFirst)
    socket.on('message', () => {
      const { message, error } = frames.at(-1)
      if (error !== undefined) t.fail(`Refused: ${JSON.stringify(error)}`)
      if (waiting.length === 0 || message?.local_id !== waiting[0]) return
      acks.add(message)
      waiting.shift()
      if (waiting.length > 0) sendFirst()
      else cut()
    })
    await closed
  }
}

function localIds (who: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${who}${index}`)
}

// --- What must be so in the end

/** The log, as GET gives it, up to the end. */
async function readTruth (client: Client): Promise<Item[]> {
  const items: Item[] = []
  for (let hasMore = true; hasMore;) {
    const { body } = await ask(client, 'GET', `${client.talk.path}/events/?after=${items.at(-1)?.seq ?? 0}&limit=500`)
    items.push(...body.events.map(itemOf))
    hasMore = body.has_more
  }
  return items.slice(0, items.findIndex(isEnd) + 1)
}

function requireWhole (t: Test, reading: Reading, truth: Item[], who: string): void {
  // The departure of other readers may have come before it was gone itself.
  const items = reading.items.slice(0, reading.items.findIndex(isEnd) + 1)
  const isSame = t.same(items.map(({ seq }) => seq), truth.map(({ seq }) => seq), `${who}: nothing is lost or doubled`)
  if (isSame) t.strictSame(items, truth, `${who}: each event is what the log says`)
}

/** Each sender's messages once, in its order; what was acknowledged is what is there. */
function requireSaid (t: Test, truth: Item[], senders: string[][], acks: Acks): void {
  const messages = truth.map(({ message }) => message).filter(message => message?.local_id)
  for (const wanted of senders) {
    const own = wanted[0]!.replace(/\d+$/, '')
    t.same(messages.map(({ local_id: id }) => id).filter(id => id.replace(/\d+$/, '') === own), wanted, `${own} is heard once and in order`)
  }
  const byId = new Map(messages.map(message => [message.id, message]))
  for (const message of acks.items) t.strictSame(byId.get(message.id), message, message.local_id)
}

interface Place { address: string, people: Person[], talk: Talk, end: () => Promise<void> }

async function newPlace (t: Test, settings: Settings = {}): Promise<Place> {
  const app = await startApp(t, { ...settings, limits: { ...unlimited, ...settings.limits } })
  const address = await listen(app)
  const people = await Promise.all(['ana', 'bia', 'caio'].map(name => newPerson(app, name)))
  const talk = await newTalk(people)
  const end = async (): Promise<void> => { await people[0]!.post(`${talk.path}/messages/`, { type: 'T', text: 'the end' }) }
  return { address, people, talk, end }
}

function clientOf (t: Test, { people, talk }: Place, who: number, host: string): Client {
  return { t, host: () => host, token: people[who]!.token, talk }
}

async function through (t: Test, address: string, plan: ProxyPlan): Promise<{ host: string, proxy: Awaited<ReturnType<typeof startProxy>> }> {
  const [host, port] = address.split(':')
  const proxy = await startProxy(t, { host: host!, port: Number(port) }, plan)
  return { host: `127.0.0.1:${proxy.port}`, proxy }
}

// --- Tests

for (const seed of [1, 2, 3]) {
  t.test(`readers and senders who are cut again and again lose and double nothing, seed ${seed}`, soon(), async t => {
    // Without a grace period there is more to read: who comes and who goes.
    const place = await newPlace(t, { grace: { presence_s: seed % 2 } })
    const reading = await through(t, place.address, { seed, cutAfterBytes: [150, 5000], delayMs: [0, 2], halfClose: 0.3, cutTimes: 250 })
    const sending = await through(t, place.address, { seed: seed + 100, cutAfterBytes: [250, 2500], delayMs: [0, 2], halfClose: 0.3, cutTimes: 60 })
    const readers = Object.entries(ways).flatMap(([name, read]) => [0, 1].map(who => ({ name: `${name} of ${who}`, done: follow(clientOf(t, place, who, reading.host), read) })))
    const acks = arrivals<any>()
    const senders = [0, 1, 2].flatMap(who => [
      { ids: localIds(`${who}r`, 15), send: post, who },
      { ids: localIds(`${who}w`, 15), send: chat, who }
    ])
    await Promise.all(senders.map(({ ids, send, who }) => send(clientOf(t, place, who, sending.host), ids, acks)))
    await place.end()
    const truth = await readTruth(clientOf(t, place, 0, place.address))
    requireSaid(t, truth, senders.map(({ ids }) => ids), acks)
    t.equal(acks.items.length, 90)
    for (const { name, done } of readers) {
      const one = await done
      requireWhole(t, one, truth, name)
      t.ok(one.connections > 2, `${name} was cut, ${one.connections} connections`)
    }
    for (const { proxy } of [reading, sending]) {
      const cuts = proxy.cuts()
      for (const kind of ['destroy', 'half-close'] as const) t.ok(cuts.some(cut => cut.kind === kind), kind)
      for (const direction of proxy === reading.proxy ? ['down'] : ['up', 'down']) t.ok(cuts.some(cut => cut.direction === direction), direction)
    }
  })
}

for (const [name, read] of Object.entries(ways)) {
  t.test(`a reader resumes after each event of a log, by ${name}`, soon(), async t => {
    const place = await newPlace(t)
    const { people: [ana, bia, caio], talk: { path }, address } = place
    const clients = [0, 1, 2].map(who => clientOf(t, place, who, address))
    const acks = arrivals<any>()
    await post(clients[0]!, localIds('a', 3), acks)
    await bia!.patch(`${path}/`, { name: 'Coffee' })
    await chat(clients[1]!, localIds('b', 3), acks)
    await caio!.post(`${path}/leave/`)
    await caio!.post(`${path}/join/`, {})
    await caio!.post(`${path}/messages/`, { type: 'A', external_file_url: 'https://example.org/a.pdf' })
    const { body: { events, last_seq: last } } = await ana!.get(`${path}/events/`)
    const past: Item[] = events.map(itemOf)
    t.same(past.map(({ seq }) => seq), Array.from({ length: last }, (_, index) => index + 1))
    const cuts = [0, ...past.map(({ seq }) => seq)]
    const following = cuts.map(cut => follow(clients[cut % 3]!, read, { items: past.slice(0, cut), connections: 0, codes: [] }))
    await place.end()
    const readings = await Promise.all(following)
    const truth = await readTruth(clients[0]!)
    for (const [index, reading] of readings.entries()) requireWhole(t, reading, truth, `after ${cuts[index]}`)
  })
}

t.test('a reader that connects anew for each event, while three people talk, misses none', soon(), async t => {
  const place = await newPlace(t)
  const nibble: Read = async ({ t, host, token, talk }, { items }) => {
    const { until, cut, closed } = await watch(t, `ws://${await host()}/ws/chat/${talk.id}/?after=${items.at(-1)?.seq ?? 0}`, { token })
    const { seq, message, event } = await until(frame => frame.seq)
    items.push({ seq, ...message ? { message } : { event } })
    cut()
    await closed
  }
  const direct = [0, 1, 2].map(who => clientOf(t, place, who, place.address))
  const reader = follow(direct[2]!, nibble)
  const acks = arrivals<any>()
  const senders = direct.map((client, who) => ({ client, ids: localIds(`${who}s`, 40) }))
  await Promise.all(senders.map(({ client, ids }, who) => (who === 0 ? post : chat)(client, ids, acks)))
  await place.end()
  const truth = await readTruth(direct[0]!)
  requireSaid(t, truth, senders.map(({ ids }) => ids), acks)
  const reading = await reader
  requireWhole(t, reading, truth, 'the reader')
  t.equal(reading.connections, truth.length)
})

// About as heavy as a message may be.
const heavy = { type: 'T', text: 'heavy', options: Array.from({ length: 50 }, () => 'x'.repeat(4000)) }

t.test('who is too slow is dropped while the others go on, and resumes completely', soon(), async t => {
  const place = await newPlace(t)
  const { people, talk: { path }, address } = place
  const { host, proxy } = await through(t, address, { seed: 1 })
  const [slow, quick] = [clientOf(t, place, 1, host), clientOf(t, place, 2, address)]
  const quickly = { items: [], connections: 0, codes: [] } satisfies Reading as Reading
  const quickReader = follow(quick, ways.socket!, quickly)
  const heard = await watch(t, `ws://${address}/ws/chat/${place.talk.id}/`, { token: quick.token })
  await heard.until(frame => frame.state)
  const readings = ['socket', 'stream'].map(name => ({ name, reading: { items: [], connections: 0, codes: [] } as Reading }))
  const slowReaders = readings.map(({ name, reading }) => follow(slow, ways[name]!, reading))
  // Both are there.
  await people[0]!.post(`${path}/messages/`, { type: 'T', text: 'begin' })
  for (const { reading } of readings) while (!reading.items.some(({ message }) => message?.text === 'begin')) await new Promise(resolve => setImmediate(resolve))
  proxy.pause()
  // More than the buffers of the system, of the proxy and of the server hold together.
  for (let count = 0; count < 80; count++) {
    const { body: { id } } = await people[0]!.post(`${path}/messages/`, heavy)
    await heard.hears({ id })
  }
  await place.end()
  await quickReader
  proxy.resume()
  await Promise.all(slowReaders)
  const truth = await readTruth(clientOf(t, place, 0, address))
  requireWhole(t, quickly, truth, 'the quick one')
  t.equal(quickly.connections, 1, 'the quick one is never cut')
  for (const { name, reading } of readings) {
    requireWhole(t, reading, truth, `the slow ${name}`)
    t.ok(reading.connections > 1, `the slow ${name} was cut`)
  }
  const { codes } = readings[0]!.reading
  t.ok([4408, 1006].includes(codes[0]!), `closed with ${codes[0]}`)
})

t.test('a past that is heavier than what may wait for a reader is given as fast as the reader takes it', soon(), async t => {
  const place = await newPlace(t, { limits: { socket_buffer_bytes: 64 * 1024 } })
  const { people, talk: { path }, address } = place
  for (let count = 0; count < 40; count++) await people[0]!.post(`${path}/messages/`, heavy)
  await place.end()
  const { host } = await through(t, address, { seed: 1, delayMs: [1, 2] })
  const truth = await readTruth(clientOf(t, place, 0, address))
  for (const name of ['socket', 'stream']) {
    const reading = await follow(clientOf(t, place, 1, host), ways[name]!)
    requireWhole(t, reading, truth, name)
    t.equal(reading.connections, 1, `${name} at once`)
  }
})

t.test('what was stored, and never told because the process died, is there for those who resume', soon(), async t => {
  const data = t.testdir()
  const settings = { data, rooms: true }
  const app = await startApp(t, settings)
  const ana = await newPerson(app, 'ana')
  const talk = await newTalk([ana])
  await listen(app)
  const hers = await watch(t, wsUrl(app, talk.id), { token: ana.token })
  await hers.until(frame => frame.state)
  const { seq } = hers.frames[0]
  await app.close()

  const connections = openDatabase(data)
  const write = createWriter(connections.writer, () => {})
  const policy = policyOf(configure(settings))
  const me = (await findMember(connections.reader, talk.id, ana.sessionId))!
  const draft = draftMessage(policy.fileLimits, me, toNewMessage({ type: 'T', text: 'the end', local_id: 'l1' }))
  const { message } = await write(db => storeMessage(db, policy, draft))
  connections.close()

  const next = await startApp(t, settings)
  const host = await listen(next)
  const client = { t, host: () => host, token: ana.token, talk }
  for (const [name, read] of Object.entries(ways)) {
    const reading = await follow(client, read, { items: [{ seq }], connections: 0, codes: [] })
    t.match(reading.items.slice(1), [{ seq: seq + 1, message: { id: message.id } }], name)
    t.equal(reading.items.length, 2)
  }
  const again = await watch(t, `ws://${addressOf(next)}/ws/chat/${talk.id}/`, { token: ana.token })
  again.send({ type: 'T', text: 'the end', local_id: 'l1' })
  t.match(await again.hears({ local_id: 'l1' }), { id: message.id }, 'its sender, who sends it again, hears of it')
})

t.test('what was acknowledged survives SIGKILL, and everybody goes on where they were', { timeout: 120_000 }, async t => {
  const folder = t.testdir({ dist: {}, 'colloquy.yaml': 'rooms: true\nlimits: { frames_per_second: 10000, requests_per_minute: 0 }\ngrace: { presence_s: 0 }\n' })
  const port = await reservePort()
  const program = build(join(folder, 'dist'))
  const env = { PORT: `${port}`, COLLOQUY_CONFIG: 'colloquy.yaml', LOG_LEVEL: 'warn' }
  const serve = async (): Promise<ReturnType<typeof start>> => {
    const running = start(t, [process.execPath, program], folder, env)
    await running.says(/^Colloquy listens at/m)
    return running
  }
  let up = serve()
  const host = async (): Promise<string> => { await up; return `127.0.0.1:${port}` }
  const nobody: Client = { t, host, token: '', talk: { id: '', path: '' } }
  const sessions = await Promise.all(['ana', 'bia', 'caio'].map(async nickname => {
    const response = await fetch(`http://${await host()}/api/chat/sessions/`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ nickname }) })
    return (await response.json() as { token: string }).token
  }))
  const { body: { id } } = await ask({ ...nobody, token: sessions[0]! }, 'POST', '/api/chat/conversations/', { name: 'Tea' })
  const talk = { id, path: `/api/chat/conversations/${id}` }
  const clients = sessions.map(token => ({ t, host, token, talk }))
  for (const client of clients) await ask(client, 'POST', `${talk.path}/join/`, {})

  const acks = arrivals<any>()
  const senders = clients.flatMap((client, who) => [{ client, send: post, ids: localIds(`${who}r`, 30) }, { client, send: chat, ids: localIds(`${who}w`, 30) }])
  const readers = Object.entries(ways).map(([name, read]) => ({ name, done: follow(clients[1]!, read) }))
  const sending = Promise.all(senders.map(({ client, send, ids }) => send(client, ids, acks)))
  for (const count of [20, 70, 120]) {
    await acks.until(() => true, count)
    const running = await up
    // Nobody connects before the next one listens.
    up = running.ended.then(serve)
    running.signal('SIGKILL')
    await up
  }
  await sending
  await ask(clients[0]!, 'POST', `${talk.path}/messages/`, { type: 'T', text: 'the end' })
  const truth = await readTruth(clients[0]!)
  requireSaid(t, truth, senders.map(({ ids }) => ids), acks)
  for (const { name, done } of readers) {
    const reading = await done
    requireWhole(t, reading, truth, name)
    t.ok(reading.connections > 3, `${name} went on after each`)
  }
})

/** Puts a backup of what is in a folder into another one. */
async function putCopy (from: string, to: string): Promise<void> {
  await backUp(join(from, FILE_NAME), join(to, FILE_NAME), () => {})
  copyFileSync(join(from, 'secret'), join(to, 'secret'))
}

t.test('who has seen more than a backup is told so when it is put to use, though its log has grown beyond that; the others go on', soon(), async t => {
  const folder = t.testdir({ lost: {}, restored: {} })
  const [lost, restored] = ['lost', 'restored'].map(name => join(folder, name)) as [string, string]
  const before = await startApp(t, { data: lost })
  const ana = await newPerson(before, 'ana')
  const talk = await newTalk([ana])
  const say = async (person: Person, text: string): Promise<number> => (await person.post(`${talk.path}/messages/`, { type: 'T', text })).body.seq
  const kept = await say(ana, 'kept')
  await putCopy(lost, restored)
  const seen = [await say(ana, 'lost 1'), await say(ana, 'lost 2')]
  await before.close()

  const after = await startApp(t, { data: restored })
  await listen(after)
  const again = withToken(after, 'ana', ana.token, ana.sessionId)
  const read = async (seq: number): Promise<any> => (await again.get(`${talk.path}/events/?after=${seq}`)).body
  const atFirst = (await again.get(`${talk.path}/snapshot/`)).body.last_seq
  t.same(await read(atFirst), { events: [], last_seq: atFirst, has_more: false })
  for (const text of ['new 1', 'new 2', 'new 3', 'new 4']) await say(again, text)
  const now = atFirst + 4
  for (const seq of seen) {
    t.same(await read(seq), { events: [], last_seq: kept, has_more: false }, `${seq} is beyond the log that it is of`)
    const socket = await subscribe(t, wsUrl(after, talk.id, `?after=${seq}`), { token: ana.token })
    t.match(await socket.closed, { code: 1000 })
    t.same(socket.frames, [{ reset: { last_seq: now } }])
    const { payload } = await after.inject({ url: `${talk.path}/events/stream/?after=${seq}`, headers: { authorization: `Bearer ${ana.token}` } })
    t.match(payload, `event: reset\ndata: {"last_seq":${now}}\n`)
  }
  for (const [seq, texts] of [[0, ['kept']], [kept, []], [atFirst, []]] as const) {
    const wanted = [...texts, 'new 1', 'new 2', 'new 3', 'new 4']
    const { events } = await read(seq)
    t.same(events.filter(({ message }: any) => message?.type === 'T').map(({ message }: any) => message.text), wanted)
    const socket = await subscribe(t, wsUrl(after, talk.id, `?after=${seq}`), { token: ana.token })
    await socket.hears({ text: 'new 4' })
    t.same(socket.messages().filter(({ type }) => type === 'T').map(({ text }) => text), wanted)
  }
  const last = (await again.get(`${talk.path}/snapshot/`)).body.last_seq
  await after.close()
  const restarted = await startApp(t, { data: restored })
  t.equal((await withToken(restarted, 'ana', ana.token, ana.sessionId).get(`${talk.path}/snapshot/`)).body.last_seq, last, 'it is a backup no more')
})

t.test('a log that was restored again and again is read from everywhere, whether something was said in between or not', soon(), async t => {
  const folder = t.testdir({ first: {}, second: {}, third: {} })
  const place = (name: string): string => join(folder, name)
  const first = await startApp(t, { data: place('first') })
  const ana = await newPerson(first, 'ana')
  const talks = [await newTalk([ana], { name: 'Lively' }), await newTalk([ana], { name: 'Idle' })] as const
  const say = (person: Person, { path }: Talk, text: string) => person.post(`${path}/messages/`, { type: 'T', text })
  for (const talk of talks) await say(ana, talk, 'first')
  const ends = await Promise.all(talks.map(async ({ path }) => (await ana.get(`${path}/snapshot/`)).body.last_seq))
  await putCopy(place('first'), place('second'))
  await first.close()

  const second = await startApp(t, { data: place('second') })
  await say(withToken(second, 'ana', ana.token, ana.sessionId), talks[0], 'second')
  await putCopy(place('second'), place('third'))
  await second.close()

  const third = await startApp(t, { data: place('third') })
  await listen(third)
  const again = withToken(third, 'ana', ana.token, ana.sessionId)
  for (const [index, talk] of talks.entries()) {
    const between = index === 0 ? ['second'] : []
    const readers = await Promise.all([0, ends[index]].map(after => subscribe(t, wsUrl(third, talk.id, `?after=${after}`), { token: ana.token })))
    await say(again, talk, 'third')
    for (const reader of readers) await reader.hears({ text: 'third' })
    const texts = readers.map(reader => reader.messages().filter(({ type }) => type === 'T').map(({ text }) => text))
    t.same(texts, [['first', ...between, 'third'], [...between, 'third']])
  }
})
