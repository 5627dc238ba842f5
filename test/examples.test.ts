// Each example is started as its head says, as a process of its own (the module by the server), beside a server that listens.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import { Webhook } from 'standardwebhooks'
import t from 'tap'
import { parse } from 'yaml'
import { configure, type BotSettings } from '../config.js'
import { formOf, newPerson, newTalk, startApp, type Person, type Talk, type Test } from './support/app.js'
import { start, type Ended } from './support/command.js'
import { adminKey, botState, eventually, heard, redeliver } from './support/outbox.js'
import { startBotServer, type BotAnswer } from './support/stranger.js'

const examples = fileURLToPath(new URL('../examples/', import.meta.url))
const root = fileURLToPath(new URL('..', import.meta.url))

/** The bot that the head of an example configures. */
function botOf (file: string): any {
  const [line] = readFileSync(join(examples, file), 'utf8').match(/^\W*- \{ name: .*\}$/m)!
  return parse(line!.replace(/^\W*- /, ''))
}

/** A copy of an example in a folder, with the package where it is here. */
function copyOf (file: string, folder: string, name: string, place: string): string {
  const copy = join(folder, file)
  const text = readFileSync(join(examples, file), 'utf8')
  writeFileSync(copy, text.replace(`'${name}'`, JSON.stringify(new URL(place, import.meta.url).href)))
  return copy
}

/** A server that listens, with bots, and ana in a conversation with them. */
async function startTalk (t: Test, data: string, bots: BotSettings[]): Promise<{ app: FastifyInstance, address: string, ana: Person, talk: Talk }> {
  const app = await startApp(t, { data, bots }, { adminKey })
  const address = await app.listen({ port: 0 })
  const ana = await newPerson(app, 'ana')
  return { app, address, ana, talk: await newTalk([ana], { bots: bots.map(({ name }) => name) }) }
}

async function say (person: Person, { path }: Talk, text: string): Promise<any> {
  const { body } = await person.post(`${path}/messages/`, { type: 'T', text })
  return body
}

t.test('each example is in the table of their README', async t => {
  const table = [...readFileSync(join(examples, 'README.md'), 'utf8').matchAll(/^\| \[(\S+)\]\(\1\)/gm)].map(([, file]) => file)
  t.strictSame(table.sort(), readdirSync(examples).filter(file => file !== 'README.md').sort())
})

t.test('what the heads of the examples configure is valid', async t => {
  const bots = ['module-bot.js', 'webhook-bot.js', 'webhook_bot.py', 'lease_worker.py'].map(botOf)
  t.same(configure({ bots }).bots.map(({ name, kind }) => [name, kind]), [['Words', 'module'], ['Node', 'webhook'], ['Python', 'webhook'], ['Finder', 'lease']])
})

t.test('the module counts the words of a conversation', async t => {
  const folder = t.testdir()
  const path = copyOf('module-bot.js', folder, 'colloquy', '../bots/module.ts')
  const { ana, talk } = await startTalk(t, join(folder, 'data'), [{ ...botOf('module-bot.js'), path }])
  await heard(ana.get, talk.path, 'I am Words. I count.')
  for (const text of ['one two', 'three', 'four']) await say(ana, talk, text)
  const { quoted_message_id: quoted } = await heard(ana.get, talk.path, '1 now, 4 in all.')
  t.match((await ana.get(`${talk.path}/messages/${quoted}/`)).body, { text: 'four' })
})

for (const [program, file] of [[process.execPath, 'webhook-bot.js'], ['python3', 'webhook_bot.py']] as const) {
  t.test(`the webhook ${file} answers what the server has signed, and nothing else`, async t => {
    const bot = botOf(file)
    const [secret] = bot.secrets
    const [, url] = await start(t, [program, join(examples, file)], root, { SECRET: secret, PORT: '0' }).says(/Listening on (\S+)\n/)
    const { ana, talk } = await startTalk(t, t.testdir(), [{ ...bot, url }])
    const hello = await say(ana, talk, 'héllo')
    t.match(await heard(ana.get, talk.path, 'You said: héllo'), { quoted_message_id: hello.id })

    const post = async (headers: Record<string, string>, body = JSON.stringify({ message: hello })): Promise<number> => (await fetch(url!, { method: 'POST', headers, body })).status
    const signed = (date: Date, key = secret): Record<string, string> => ({
      'webhook-id': 'd1',
      'webhook-timestamp': String(Math.floor(date.getTime() / 1000)),
      'webhook-signature': `v1,AAAA ${new Webhook(key).sign('d1', date, JSON.stringify({ message: hello }))}`
    })
    const now = new Date()
    t.equal(await post(signed(now)), 200)
    t.equal(await post({}), 401, 'no signature')
    t.equal(await post(signed(now, 'whsec_YW5vdGhlciBzZWNyZXQgdGhhdCBpcyBsb25n')), 401, 'the signature of another secret')
    t.equal(await post(signed(now), '{}'), 401, 'the signature of another body')
    t.equal(await post({ ...signed(now), 'webhook-id': 'd2' }), 401, 'the signature of another delivery')
    t.equal(await post(signed(new Date(now.getTime() - 600_000))), 401, 'an old signature')
    t.equal(await post({ ...signed(now), 'webhook-timestamp': 'now' }), 401, 'no time')
  })
}

t.test('the worker answers what it leases, gives back what it cannot answer, and stops', async t => {
  const folder = t.testdir()
  const bot = botOf('lease_worker.py')
  const { app, address, ana, talk } = await startTalk(t, join(folder, 'data'), [bot])
  const worker = start(t, ['python3', join(examples, 'lease_worker.py'), 'notes.txt'], folder, { TOKEN: bot.token, COLLOQUY_URL: address })
  await say(ana, talk, 'tea')
  const state = await eventually(async () => {
    const state = await botState(app, 'Finder')
    return state.failures > 0 && state
  }, 'the worker has given back a message')
  t.match(state, { open: 1, last_error: /notes\.txt/ })

  writeFileSync(join(folder, 'notes.txt'), 'Green tea.\nCoffee.\nTea with milk.\n')
  await redeliver(app, 'Finder')
  await heard(ana.get, talk.path, 'Green tea.\nTea with milk.')
  const beer = await say(ana, talk, 'beer')
  const { quoted_message_id: quoted } = await heard(ana.get, talk.path, 'There is nothing.')
  t.equal(quoted, beer.id)
  const { body: file } = await ana.post(`${talk.path}/messages/`, formOf([['type', 'A'], ['file', ['two cups', 'recipe.txt']]]))
  await eventually(async () => (await ana.get(`${talk.path}/messages/?after=0`)).body.results.find((message: any) => message.quoted_message_id === file.id)?.text === 'There is nothing.', 'a file without a text matches no line')
  worker.signal('SIGTERM')
  t.same(await worker.ended, { code: 0, out: '', err: '' })
})

t.test('a worker asks again when the server is away or its answer is none, until it is interrupted', async t => {
  const answers: BotAnswer[] = [{ status: 503 }, { body: '<h1>Soon</h1>' }, { headers: { 'content-length': '100' }, body: '{' }]
  const server = await startBotServer(t, ({ count }) => answers[count - 1] ?? { hang: true })
  const worker = start(t, ['python3', join(examples, 'lease_worker.py'), 'notes.txt'], root, { TOKEN: 'a token', COLLOQUY_URL: server.url.slice(0, -1) })
  for (let count = 1; count <= 4; count++) await server.until(count)
  t.match(server.requests, Array(4).fill({ url: '/api/chat/bot/deliveries/lease/', headers: { authorization: 'Bearer a token' }, json: { wait_s: 30 } }))
  worker.signal('SIGINT')
  t.match(await worker.ended, { code: 0, err: /503[^]*\n.*\n.*\bIncompleteRead\b/ })
})

t.test('a conversation is exported, with its files', async t => {
  const folder = t.testdir()
  const { app, address, ana, talk } = await startTalk(t, join(folder, 'data'), [])
  for (let number = 1; number <= 120; number++) await say(ana, talk, `message ${number}`)
  const bytes = Buffer.from([0, 255, 10, 13])
  const { body: sent } = await ana.post(`${talk.path}/messages/`, formOf([['type', 'A'], ['file', [bytes, '../recipe.bin']]]))
  const { body: linked } = await ana.post(`${talk.path}/messages/`, { type: 'A', external_file_url: 'http://127.0.0.1:1/film.mp4' })
  const program = copyOf('export.js', folder, 'colloquy/client', '../client/index.ts')
  const call = (words: string[], token: string): Promise<Ended> => start(t, [process.execPath, `--import=${import.meta.resolve('tsx')}`, program, ...words], folder, { TOKEN: token, COLLOQUY_URL: address }).ended
  const exported = (token: string): Promise<Ended> => call([talk.id, 'out'], token)

  t.same(await exported(ana.token), { code: 0, out: '', err: '' })
  const lines = readFileSync(join(folder, 'out', 'messages.jsonl'), 'utf8').trim().split('\n').map(line => JSON.parse(line))
  const { body: all } = await ana.get(`${talk.path}/messages/?after=0&limit=500`)
  t.strictSame(lines, all.results)
  t.same(lines.slice(-2), [sent, linked])
  t.same(readdirSync(join(folder, 'out', 'files')), [sent.id])
  t.same(readFileSync(join(folder, 'out', 'files', sent.id)), bytes)

  const bia = await newPerson(app, 'bia')
  t.match(await exported(bia.token), { code: 1, err: /Join the conversation first/ })
  t.strictSame(readFileSync(join(folder, 'out', 'messages.jsonl'), 'utf8').trim().split('\n').length, lines.length, 'what was exported before is still there')
  for (const words of [[], [talk.id]]) t.match(await call(words, ana.token), { code: 1, err: /Call it as: .* CONVERSATION_ID FOLDER/ })
  t.notOk(existsSync(join(folder, 'undefined')))
})

t.test('the walk goes its way, and ends where the server refuses', async t => {
  const folder = t.testdir()
  const walk = (to: string): Promise<Ended> => start(t, ['bash', join(examples, 'walk.sh'), to], root).ended
  const { address } = await startTalk(t, join(folder, 'data'), [{ name: 'ECHO', kind: 'echo', delay_ms: 100 }])
  const { code, out, err } = await walk(address)
  t.equal(code, 0, err)
  t.match(out, /--- She starts a conversation with a bot\n\{"id":/)
  t.match(out, /--- She waits for what happens after her file: the bot answers\n\{"events":\[\{"type":"message.created".*"sent_by_human":false/)
  t.match(out, /--- She reads the file again\n\nBoil water\.\n$/)

  const { address: other } = await startTalk(t, join(folder, 'other'), [{ name: 'Other', kind: 'echo' }])
  const refused = await walk(other)
  t.not(refused.code, 0)
  t.match(refused.err, /bot_not_found/)
  t.notMatch(refused.out, /She says something/)
})
