import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import { parse } from 'yaml'
import { configure, type Settings } from '../app.js'
import { readConfig } from '../config.js'
import { newPerson, newTalk, startApp, type Person, type Talk } from './support/app.js'
import { start, type Running } from './support/command.js'
import { blockOf, pageOf, root, runShell, type Page } from './support/pages.js'
import { startProxy } from './support/proxy.js'
import { reservePort } from './support/stranger.js'
import { addressOf, arrivals, listen } from './support/subscriber.js'

const adminKey = 'an admin key of this test, long enough'
const packed = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'))

/** What people have said and bots have answered in a conversation, in order, when there are so many. */
async function textsOf ({ get }: Person, { path }: Talk, count: number): Promise<string[]> {
  for (let after = 0, texts: string[] = []; ;) {
    const { body } = await get(`${path}/events/?after=${after}&limit=1&wait=20`)
    const [event] = body.events
    if (event === undefined) throw new Error(`Only ${texts.length} came: ${texts.join(' / ')}`)
    after = event.seq
    if (event.type === 'message.created' && event.message.type !== 'S') texts = [...texts, event.message.text]
    if (texts.length === count) return texts
  }
}

function portOf (app: FastifyInstance): number {
  return Number(addressOf(app).split(':')[1])
}

/** The settings of all blocks of a page, its bots together. */
function settingsOf (page: Page): Settings {
  const all = page.blocks.filter(({ language }) => language === 'yaml').map(({ text }) => parse(text) as Settings)
  return { bots: all.flatMap(({ bots = [] }) => bots) }
}

t.test('the page about HTTP works as it is printed, in one session', { timeout: 120_000 }, async t => {
  const app = await startApp(t, { bots: [{ name: 'ECHO', kind: 'echo', delay_ms: 60_000 }] })
  await listen(app)
  const cwd = t.testdir()
  const [session, tea, read, page, following, stream, file, generated] = await runShell('http', { port: portOf(app), cwd })
  t.match(JSON.parse(session!), { nickname: 'ana', role: null, expires_at: /Z$/ })
  const [message, list] = tea!.replace('}{"count"', '}\n{"count"').split('\n').map(line => JSON.parse(line))
  t.match(message, { type: 'T', text: 'hello', local_id: 'l1', seq: 6 })
  t.match(list.results, [{ name: 'Tea', last_seq: 6, last_message: { text: 'hello' } }])
  t.match(JSON.parse(read!), { read_seq: 6, unread_count: 0 })
  t.same(JSON.parse(page!).results.map(({ seq }: { seq: number }) => seq), [5, 6])
  const [snapshot, events] = following!.replace('}{"events"', '}\n{"events"').split('\n').map(line => JSON.parse(line))
  t.match([snapshot.last_seq, events.events, events.last_seq], [6, [], 6])
  t.match(JSON.parse(stream!.slice('data: '.length)), { type: 'message.created', seq: 6 })
  t.equal(file, 'two')
  t.type(generated, 'string')
  for (const name of ['schema.ts', 'hey-api/index.ts', 'orval.ts']) t.ok(existsSync(join(cwd, name)), name)
})

t.test('the client of the page about HTTP talks', async t => {
  const cwd = t.testdir()
  const app = await startApp(t, { data: join(cwd, 'data') })
  await listen(app)
  const text = blockOf('http', 'js', 'client.mjs').replace("'colloquy/client'", JSON.stringify(new URL('client/index.ts', root).href))
  writeFileSync(join(cwd, 'client.mjs'), text.replace('localhost:8000', addressOf(app)))
  const { token } = await newPerson(app, 'ana')
  // Node 20 has a WebSocket only when it is asked for.
  const { says } = start(t, [process.execPath, '--experimental-websocket', `--import=${import.meta.resolve('tsx')}`, 'client.mjs'], cwd, { TOKEN: token })
  t.ok(await says(/^\d+ conversation-created$[^]*^\d+ hello$/m))
})

t.test('the client of the page about HTTP says why it ends', async t => {
  const app = await startApp(t)
  await listen(app)
  const text = blockOf('http', 'js', 'client.mjs').replace("'colloquy/client'", JSON.stringify(new URL('client/index.ts', root).href)).replace('localhost:8000', addressOf(app))
  const cwd = t.testdir({ 'client.mjs': text })
  const { token } = await newPerson(app, 'ana')
  const { says, ended } = start(t, [process.execPath, '--experimental-websocket', `--import=${import.meta.resolve('tsx')}`, 'client.mjs'], cwd, { TOKEN: token })
  await says(/ hello$/m)
  const { id } = (await app.inject({ url: '/api/chat/conversations/?mine=true', headers: { authorization: `Bearer ${token}` } })).json().results[0]
  await app.inject({ method: 'POST', url: `/api/chat/conversations/${id}/leave/`, headers: { authorization: `Bearer ${token}` } })
  t.match(await ended, { code: 1, err: /It ended with 4403/ })
})

t.test('the program of the page about the client follows, says why something is refused, and starts again from a snapshot', { timeout: 120_000 }, async t => {
  const cwd = t.testdir({})
  const port = await reservePort()
  const serve = async (folder: string): Promise<FastifyInstance> => {
    const app = await startApp(t, { data: join(cwd, folder), bots: [] })
    await app.listen({ port })
    return app
  }
  const first = await serve('data')
  const ana = await newPerson(first, 'ana')
  const { id, path } = await newTalk([ana])
  const headers = { authorization: `Bearer ${ana.token}` }
  const say = async (app: FastifyInstance, text: string): Promise<unknown> => app.inject({ method: 'POST', url: `${path}/messages/`, headers, payload: { type: 'T', text } })
  await say(first, 'before')
  await first.close()
  cpSync(join(cwd, 'data'), join(cwd, 'older'), { recursive: true })

  const text = blockOf('client', 'js', 'talk.mjs').replace("'colloquy/client'", JSON.stringify(new URL('client/index.ts', root).href)).replace("'ws'", JSON.stringify(import.meta.resolve('ws'))).replace('localhost:8000', `127.0.0.1:${port}`)
  writeFileSync(join(cwd, 'talk.mjs'), text)
  const begin = (words: string): Running => start(t, [process.execPath, `--import=${import.meta.resolve('tsx')}`, 'talk.mjs', id, words], cwd, { TOKEN: ana.token })
  const second = await serve('data')
  const running = begin('hello')
  await running.says(/^before\n(.*\n)*hello$/m)
  for (const words of ['one', 'two', 'three']) await say(second, words)
  await running.says(/^three$/m)
  await second.close()
  const third = await serve('older')
  await running.says(/^three\n(.*\n)*before$/m)
  await say(third, 'after')
  await running.says(/^after$/m)
  const refused = begin('x'.repeat(5000))
  await refused.says(/^after$/m)
  await third.inject({ method: 'POST', url: `${path}/leave/`, headers })
  const { code, err } = await refused.ended
  t.equal(code, 1)
  for (const pattern of [/^Refused: .+$/m, /^It ended with 4403/m]) t.match(err, pattern)
  t.match(await running.ended, { code: 1, err: /^It ended with 4403/ })
})

t.test('the bots of the page about bots answer', { timeout: 60_000 }, async t => {
  const page = pageOf('bots')
  const poetPort = await reservePort()
  const cwd = t.testdir({
    'clerk.js': blockOf('bots', 'js', 'clerk.js').replace("'colloquy'", JSON.stringify(new URL('bots/module.ts', root).href)),
    'poet.js': blockOf('bots', 'js', 'poet.js').replace('listen(8001)', `listen(${poetPort})`)
  })
  start(t, [process.execPath, join(cwd, 'poet.js')], cwd)
  const bots = settingsOf(page).bots!.map(bot => {
    if (bot.kind === 'module') return { ...bot, path: join(cwd, bot.path) }
    return bot.kind === 'webhook' ? { ...bot, url: bot.url.replace('8001', String(poetPort)) } : bot
  })
  const app = await startApp(t, { data: join(cwd, 'data'), bots }, { adminKey })
  await listen(app)
  const ana = await newPerson(app, 'ana')
  const clerks = await newTalk([ana], { bots: ['Clerk'] })
  await textsOf(ana, clerks, 1)
  const poets = await newTalk([ana], { bots: ['Poet'] })
  const nights = await newTalk([ana], { bots: ['Night'] })
  for (const { path } of [clerks, poets, nights]) await ana.post(`${path}/messages/`, { type: 'T', text: 'tea' })
  t.same(await textsOf(ana, clerks, 3), ['I am Clerk, at desk 3.', 'tea', 'No. 1, after 1.'])
  t.same(await textsOf(ana, poets, 2), ['tea', 'tea, and rain.'])
  const [lease, admin] = await runShell('bots', { port: portOf(app), cwd, env: { COLLOQUY_ADMIN_KEY: adminKey } })
  t.match(lease, /"state":"open".*"state":"done"/)
  t.match(admin, /"name":"Night","kind":"lease","state":"working".*"reopened":0/)
  t.same(await textsOf(ana, nights, 2), ['tea', 'good night'])
})

t.test('a person manages as the page about managers says', async t => {
  const app = await startApp(t, { bots: [{ name: 'ECHO', kind: 'echo', delay_ms: 0 }], manager: { role: 'person' } }, { adminKey })
  await listen(app)
  const ana = await newPerson(app, 'ana')
  const talk = await newTalk([ana], { bots: ['ECHO'] })
  await ana.post(`${talk.path}/messages/`, { type: 'T', text: 'hello' })
  const [, decided] = await runShell('managers', { port: portOf(app), cwd: t.testdir(), env: { COLLOQUY_ADMIN_KEY: adminKey } })
  t.match(decided, /"action":"approve".*"original_text":"HELLO"/)
  t.same(await textsOf(ana, talk, 2), ['hello', 'HELLO!'])
})

t.test('the manager of the page about managers lets through what is polite', async t => {
  const folder = t.testdir({ 'gate.js': blockOf('managers', 'js', 'gate.js').replace("'colloquy'", JSON.stringify(new URL('bots/module.ts', root).href)) })
  const bots: Settings['bots'] = [{ name: 'ECHO', kind: 'echo', delay_ms: 0 }, { name: 'Gate', kind: 'module', path: join(folder, 'gate.js') }]
  const app = await startApp(t, { data: join(folder, 'data'), bots, manager: 'Gate' })
  const ana = await newPerson(app, 'ana')
  const talk = await newTalk([ana], { bots: ['ECHO'] })
  for (const text of ['tea', 'tea, please']) await ana.post(`${talk.path}/messages/`, { type: 'T', text })
  t.same(await textsOf(ana, talk, 3), ['tea', 'tea, please', 'TEA, PLEASE'])
})

t.test('a backup is made and restored as the page about operations says', async t => {
  const cwd = t.testdir()
  const data = join(cwd, 'data')
  const app = await startApp(t, { data })
  const ana = await newPerson(app, 'ana')
  const { path } = await newTalk([ana])
  await ana.post(`${path}/messages/`, { type: 'T', text: 'tea' })
  const said = await runShell('operations', { port: 0, cwd, env: { COLLOQUY_DATA: data } })
  t.match(said, [/copied to .*monday\.sqlite3/, 'Nothing to do.\n'])
  const restored = await startApp(t, { data: join(cwd, 'restored') })
  const { statusCode, body } = await restored.inject({ url: `${path}/messages/?limit=1`, headers: { authorization: `Bearer ${ana.token}` } })
  t.match([statusCode, JSON.parse(body).results], [200, [{ text: 'tea' }]], 'ana goes on with her token')
})

t.test('the service of the page about operations fits the program', async t => {
  const cwd = t.testdir({ 'config.yaml': blockOf('operations', 'yaml') })
  const env = Object.fromEntries(blockOf('operations', 'env').trim().split('\n').map(line => line.split(/=(.*)/, 2)))
  const { config } = readConfig({ ...env, COLLOQUY_CONFIG: join(cwd, 'config.yaml') })
  t.match(config, { trustProxy: true, publicUrl: 'https://chat.example.org', dataFolder: '/var/lib/colloquy' })
  const unit = Object.fromEntries(blockOf('operations', 'ini').split('\n').map(line => line.split(/=(.*)/, 2)))
  t.equal(unit.ExecStart, `/usr/bin/node ${packed.bin.colloquy}`)
  t.equal(env.COLLOQUY_DATA, `/var/lib/${unit.StateDirectory}`)
  t.ok(Number(unit.TimeoutStopSec) * 1000 > config.closeGraceMs)
  t.ok(Number(unit.LimitNOFILE) > config.limits.sockets)
  const nginx = blockOf('operations', 'nginx')
  const MIB = 1024 * 1024
  t.ok(Number(nginx.match(/client_max_body_size (\d+)m;/)![1]) * MIB > Math.max(...Object.values(config.limits.fileBytes)) + MIB)
  t.ok(Number(nginx.match(/proxy_read_timeout (\d+)s;/)![1]) > 60)
  t.match(nginx, `proxy_pass http://${configure().host}:${configure().port};`)
})

// How the client of the page about the live protocol is called.
interface LiveClient { send: (message: object) => void, close: () => void }
interface LivePage {
  openConversation: (origin: string, id: string, token: string, listeners: {
    onStart: (snapshot: any) => void, onFrame: (frame: any) => void, onRefused: (message: any, error: any) => void, onEnd: (code: number) => void
  }) => LiveClient
}

/** The client of the page about the live protocol. Node 20 has no WebSocket of its own. */
async function loadClient (t: Test): Promise<LivePage> {
  const folder = t.testdir({ 'client.mjs': blockOf('live', 'js') })
  Object.assign(globalThis, { WebSocket })
  return import(pathToFileURL(join(folder, 'client.mjs')).href)
}

t.test('the client of the page about the live protocol loses and doubles nothing', { timeout: 60_000 }, async t => {
  const { openConversation } = await loadClient(t)
  const app = await startApp(t, { data: join(t.testdirName, 'data') })
  await listen(app)
  const [ana, bia] = [await newPerson(app, 'ana'), await newPerson(app, 'bia')]
  const { id, path } = await newTalk([ana, bia])
  const proxy = await startProxy(t, { host: '127.0.0.1', port: portOf(app) }, { seed: 5, cutAfterBytes: [600, 2500], cutTimes: 12 })
  const shown = arrivals<any>()
  const client = openConversation(`http://127.0.0.1:${proxy.port}`, id, ana.token, {
    onStart: ({ messages }) => messages.forEach(shown.add),
    onFrame: ({ message, seq }) => { if (message !== undefined && seq !== undefined) shown.add(message) },
    onRefused: (message, error) => { throw new Error(`${message.text}: ${error?.detail}`) },
    onEnd: code => { throw new Error(`It ended with ${code}`) }
  })
  t.teardown(() => client.close())
  const texts = Array.from({ length: 20 }, (_, index) => `ana ${index}`)
  for (const text of texts) client.send({ type: 'T', text })
  for (let index = 0; index < 20; index++) {
    await bia.post(`${path}/messages/`, { type: 'T', text: `bia ${index}` })
    await shown.until(({ text }) => text === `bia ${index}`)
  }
  await shown.until(({ text }) => text === texts.at(-1))
  const { body: { results } } = await bia.get(`${path}/messages/?after=0&limit=500`)
  t.ok(proxy.cuts().length > 2, `it was cut ${proxy.cuts().length} times`)
  t.same(shown.items.map(({ seq }) => seq), results.map(({ seq }: { seq: number }) => seq))
  t.same(results.filter(({ text }: { text: string }) => text?.startsWith('ana')).map(({ text }: { text: string }) => text), texts, 'each once, in order')
})

t.test('the client of the page about the live protocol knows what is final', async t => {
  const { openConversation } = await loadClient(t)
  const app = await startApp(t, { data: join(t.testdirName, 'data') })
  await listen(app)
  const [ana, bia] = [await newPerson(app, 'ana'), await newPerson(app, 'bia')]
  const { id, path } = await newTalk([ana])
  const ends = arrivals<number>()
  const refusals = arrivals<any>()
  const open = (token: string, conversationId = id): LiveClient => openConversation(`http://${addressOf(app)}`, conversationId, token, {
    onStart: () => {}, onFrame: () => {}, onRefused: (message, error) => refusals.add({ message, error }), onEnd: ends.add
  })
  open(bia.token)
  t.equal(await ends.until(() => true), 4403)
  open('no token')
  t.equal(await ends.until(() => true, 1), 4401)
  const client = open(ana.token)
  client.send({ type: 'T', text: 'tea', quoted_message_id: 'no message' })
  t.match(await refusals.until(() => true), { message: { text: 'tea' }, error: { code: 'quoted_message_not_found' } })
  client.send({ type: 'T', text: 'coffee' })
  t.same(await textsOf(ana, { id, path, created: {} }, 1), ['coffee'])
  await ana.post(`${path}/leave/`)
  t.equal(await ends.until(() => true, 2), 4403)
})
