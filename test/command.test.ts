import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { otherVariables, variables } from '../environment.js'
import { formOf } from './support/app.js'
import { build, start, type Ended, type Running } from './support/command.js'
import { eventually } from './support/outbox.js'
import { startBotServer } from './support/stranger.js'

type Environment = Record<string, string>

// Some forty processes, on a machine that may be busy.
t.setTimeout(300_000)

const program = build(t.testdir())
const secret = 'a secret that nobody would ever guess'

function run (t: Test, words: string[], cwd: string, env: Environment = {}): Promise<Ended> {
  return start(t, [process.execPath, program, ...words], cwd, env).ended
}

interface Server extends Running { address: string }

async function serve (t: Test, cwd: string, env: Environment = {}): Promise<Server> {
  const running = start(t, [process.execPath, program], cwd, { PORT: '0', LOG_LEVEL: 'warn', ...env })
  const [, address] = await running.says(/^Colloquy listens at (http:\S+)$/m)
  return { ...running, address: address! }
}

async function stop (server: Server): Promise<Ended> {
  server.signal('SIGTERM')
  return server.ended
}

async function ask (url: string, token?: string, body?: object): Promise<{ status: number, body: any }> {
  const response = await fetch(url, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { ...token !== undefined && { authorization: `Bearer ${token}` }, ...body && { 'content-type': 'application/json' } },
    ...body && { body: JSON.stringify(body) }
  })
  return { status: response.status, body: await response.json() }
}

/** A session and a conversation of it. */
async function newTalk ({ address }: Server, bots: string[] = []): Promise<{ token: string, path: string }> {
  const { body: { token } } = await ask(`${address}/api/chat/sessions/`, undefined, { nickname: 'ana' })
  const { body: { id } } = await ask(`${address}/api/chat/conversations/`, token, { name: 'Tea', bots })
  return { token, path: `/api/chat/conversations/${id}` }
}

async function textsIn ({ address }: Server, path: string, token: string): Promise<string[]> {
  const { body } = await ask(`${address}${path}/messages/?after=0&limit=500`, token)
  return body.results.filter((message: { type: string }) => message.type === 'T').map((message: { text: string }) => message.text)
}

t.test('--help names every command and every variable', async t => {
  const folder = t.testdir()
  const link = join(folder, 'colloquy')
  symlinkSync(program, link)
  const { code, out, err } = await start(t, [link, '--help'], folder).ended
  t.equal(code, 0)
  t.equal(err, '')
  for (const name of ['serve', 'migrate', 'backup FILE', 'bots', 'redeliver BOT', 'import-blab --from URL_OR_FILE [--media FOLDER]', 'check-config']) t.match(out, `\n  ${name} `)
  for (const name of [...Object.keys(variables), ...Object.keys(otherVariables)]) t.match(out, `\n  ${name} `)
  const others = await Promise.all([['-h'], ['backup', '--help']].map(words => run(t, words, folder)))
  for (const other of others) t.strictSame(other, { code, out, err })
  t.same(readdirSync(folder), ['colloquy'], 'nothing is made')
})

t.test('a command line that cannot be understood ends with 2', async t => {
  const folder = t.testdir()
  const cases: Array<[words: string[], sentence: RegExp]> = [
    [['dance'], /^There is no command "dance"\.\n\nUsage: colloquy \[command\]\n/],
    [['constructor'], /^There is no command "constructor"\.\n/],
    [['serve', 'me'], /^Call it as: colloquy serve\n$/],
    [['backup'], /^Call it as: colloquy backup FILE\n$/],
    [['backup', 'copy', '--from', 'here'], /^Call it as: colloquy backup FILE\n$/],
    ...[
      [],
      ['blab.sqlite3'],
      ['--from'],
      ['--from='],
      ['--media', 'media'],
      ['--from', 'blab.sqlite3', '--media'],
      ['--from', 'blab.sqlite3', '--media', ''],
      ['--from', 'blab.sqlite3', 'media'],
      ['--from', 'blab.sqlite3', '--to', 'data']
    ].map((words): [string[], RegExp] => [['import-blab', ...words], /^Call it as: colloquy import-blab --from URL_OR_FILE \[--media FOLDER\]\n$/])
  ]
  const ends = await Promise.all(cases.map(([words]) => run(t, words, folder)))
  for (const [index, [words, sentence]] of cases.entries()) {
    t.match(ends[index], { code: 2, out: '', err: sentence }, words.join(' '))
  }
  t.same(readdirSync(folder), [], 'nothing is made')
})

t.test('check-config prints what the configuration gives, but not the secret', async t => {
  const folder = t.testdir({ 'colloquy.yaml': 'limits: { image_bytes: 7 }' })
  const { code, out, err } = await run(t, ['check-config'], folder, { COLLOQUY_CONFIG: 'colloquy.yaml', PORT: '9000', COLLOQUY_SECRET: secret })
  t.same({ code, err }, { code: 0, err: '' })
  const [json] = out.split('The configuration is valid.\n')
  t.match(JSON.parse(json!), { port: 9000, data: './data', limits: { image_bytes: 7 }, grace: { close_s: 10 } })
  t.notMatch(out, secret)
  t.same(readdirSync(folder), ['colloquy.yaml'], 'no database is made')
})

t.test('check-config ends quietly when nobody reads it any more', async t => {
  const folder = t.testdir()
  const script = 'set -o pipefail; "$0" "$1" check-config | true'
  t.strictSame(await start(t, ['bash', '-c', script, process.execPath, program], folder).ended, { code: 0, out: '', err: '' })
})

t.test('check-config and serve list all mistakes of the configuration and end with 1', async t => {
  const folder = t.testdir({ 'colloquy.yaml': 'rooms: perhaps\nbots: [{ name: Parrot, kind: bird }]' })
  const env = { COLLOQUY_CONFIG: 'colloquy.yaml', PORT: 'x', COLLOQUY_SECRET: 'hush' }
  const err = [
    'The configuration has mistakes:',
    '- colloquy.yaml: rooms must be true or false.',
    '- colloquy.yaml: bots[0].kind must be one of echo, calculator, websocket, webhook, lease, module, transparent, calc-or-echo, pre-select, rules.',
    '- PORT ("x") must be a whole number from 0 to 65535.',
    '- COLLOQUY_SECRET must have 32 characters or more; each, when several are given with commas between.',
    ''
  ].join('\n')
  const ends = await Promise.all([['check-config'], []].map(words => run(t, words, folder, env)))
  for (const end of ends) t.strictSame(end, { code: 1, out: '', err })
  t.same(readdirSync(folder), ['colloquy.yaml'], 'nothing is made')
})

t.test('.env of the current folder is read, and the environment goes before it', async t => {
  const folder = t.testdir({ '.env': '# my server\nPORT=9000\nHOST="::1"\nCOLLOQUY_SECRET=hush\n' })
  const { code, err } = await run(t, ['check-config'], folder)
  t.same(code, 1)
  t.match(err, '- COLLOQUY_SECRET must have')
  const { out } = await run(t, ['check-config'], folder, { PORT: '7000', COLLOQUY_SECRET: secret })
  t.match(out, '"port": 7000')
  t.match(out, '"host": "::1"')
})

t.test('serve is the default: it prints its address, and is ready', async t => {
  const folder = t.testdir()
  const server = await serve(t, folder)
  t.match(server.address, /^http:\/\/127\.0\.0\.1:\d+$/)
  t.strictSame(await ask(`${server.address}/readyz`), { status: 200, body: { status: 'ok' } })
  t.same(readdirSync(join(folder, 'data')).filter(name => !/-(wal|shm)$/.test(name)).sort(), ['colloquy.sqlite3', 'lock', 'secret'])
  const { code, err } = await stop(server)
  t.same({ code, err }, { code: 0, err: '' })
  t.same(readdirSync(join(folder, 'data')).sort(), ['colloquy.sqlite3', 'lock', 'secret'], 'the one file holds everything')
})

t.test('what is loaded only when somebody needs it is part of the program', async t => {
  const folder = t.testdir({
    'bot.ts': 'export default { onMessage: ({ text }: { text?: string }) => text?.toUpperCase() }',
    'colloquy.yaml': 'bots: [{ name: Mod, kind: module, path: bot.ts }]'
  })
  const server = await serve(t, folder, { COLLOQUY_CONFIG: 'colloquy.yaml' })
  const get = async (path: string): Promise<{ type: string | null, text: string }> => {
    const response = await fetch(server.address + path)
    return { type: response.headers.get('content-type'), text: await response.text() }
  }
  t.strictSame(await get('/openapi.yaml'), { type: 'application/yaml', text: readFileSync(new URL('../openapi.yaml', import.meta.url), 'utf8') })
  t.match(await get('/asyncapi.yaml'), { type: 'application/yaml', text: /^asyncapi: 3/ })
  t.match(await get('/openapi-3.0.json'), { text: /"openapi":"3\.0\.3"/ })
  t.match(await get('/api/chat/_docs/static/swagger-ui.css'), { type: /^text\/css/, text: 'swagger-ui' })

  const { token, path } = await newTalk(server, ['Mod'])
  const body = formOf([['type', 'A'], ['text', 'a picture'], ['file', ['GIF89a', 'tea.bin']]])
  const sent = await fetch(`${server.address}${path}/messages/`, { method: 'POST', headers: { authorization: `Bearer ${token}` }, body })
  t.equal((await get((await sent.json() as { file_url: string }).file_url)).type, 'image/gif', 'by its first bytes')
  await eventually(async () => (await textsIn(server, path, token)).includes('A PICTURE'), 'the bot has answered')
})

t.test('serve prints the address it listens at and the one that clients know', async t => {
  const running = start(t, [process.execPath, program, 'serve'], t.testdir(), { PORT: '0', COLLOQUY_PUBLIC_URL: 'https://chat.example.org' })
  const [, address] = await running.says(/^Colloquy listens at (http:\/\/127\.0\.0\.1:\d+), for clients at https:\/\/chat\.example\.org$/m)
  const { body } = await ask(`${address}/api/chat/`)
  t.equal(body.conversations, 'https://chat.example.org/api/chat/conversations/')
})

t.test('an address that cannot be listened at gives a sentence', async t => {
  const folder = t.testdir()
  const { address } = await serve(t, folder)
  const PORT = new URL(address).port
  const [second, elsewhere] = await Promise.all([
    run(t, ['serve'], folder, { PORT, COLLOQUY_DATA: 'second', LOG_LEVEL: 'silent' }),
    run(t, ['serve'], folder, { HOST: '192.0.2.1', COLLOQUY_DATA: 'third', LOG_LEVEL: 'silent' })
  ])
  t.strictSame(second, { code: 1, out: '', err: `The address 127.0.0.1:${PORT} is in use. Stop what listens there, or set PORT to another one.\n` })
  t.strictSame(elsewhere, { code: 1, out: '', err: 'The address 192.0.2.1:8000 is no address of this machine. Set HOST to one that is, such as 127.0.0.1.\n' })
  t.strictSame(await ask(`${address}/readyz`), { status: 200, body: { status: 'ok' } }, 'the first goes on')
})

t.test('whoever waits for events is answered when the server is told to stop', async t => {
  const server = await serve(t, t.testdir(), { LOG_LEVEL: 'debug' })
  const { token, path } = await newTalk(server)
  const { body: { last_seq: last } } = await ask(`${server.address}${path}/events/`, token)
  const waiting = ask(`${server.address}${path}/events/?after=${last}&wait=60`, token)
  await server.says(/"url":"[^"]*wait=60"/)
  const { code } = await stop(server)
  t.equal(code, 0, 'it is not killed by its own grace period')
  t.strictSame(await waiting, { status: 200, body: { events: [], last_seq: last, has_more: false } })
})

t.test('a request that takes longer than the grace period does not hold the process', async t => {
  const server = await serve(t, t.testdir({ 'colloquy.yaml': 'grace: { close_s: 1 }' }), { COLLOQUY_CONFIG: 'colloquy.yaml', LOG_LEVEL: 'debug' })
  const socket = connect(Number(new URL(server.address).port), '127.0.0.1')
  t.teardown(() => socket.destroy())
  socket.on('error', () => {})
  socket.write('POST /api/chat/sessions/?slow HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{"nick')
  await server.says(/"url":"[^"]*slow"/)
  t.match(await stop(server), { code: 1, out: 'killed by timeout (1000ms)' })
})

t.test('the secret is made once, readable by its owner alone, and tokens survive a restart', async t => {
  const folder = t.testdir()
  const file = join(folder, 'data', 'secret')
  const first = await serve(t, folder)
  const { token, path } = await newTalk(first)
  const text = readFileSync(file, 'utf8')
  t.match(text, /^[\w-]{64}\n$/)
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.equal(statSync(join(folder, 'data')).mode & 0o777, 0o700)
  await stop(first)
  const second = await serve(t, folder)
  t.equal(readFileSync(file, 'utf8'), text)
  t.equal((await ask(`${second.address}${path}/`, token)).status, 200)
})

t.test('a secret file with too short a secret is refused', async t => {
  const folder = t.testdir({ data: { secret: 'hush\n' } })
  const file = join(folder, 'data', 'secret')
  t.strictSame(await run(t, [], folder, { PORT: '0', LOG_LEVEL: 'silent' }), { code: 1, out: '', err: `${file} must hold secrets of 32 characters or more, one a line.\n` })
})

t.test('a token of the old secret is accepted as long as the old secret is given, too', async t => {
  const folder = t.testdir()
  const before = await serve(t, folder, { COLLOQUY_SECRET: `${secret} old` })
  const { token, path } = await newTalk(before)
  t.notOk(existsSync(join(folder, 'data', 'secret')), 'none is kept in the data folder')
  await stop(before)

  const during = await serve(t, folder, { COLLOQUY_SECRET: `${secret} new,${secret} old` })
  t.equal((await ask(`${during.address}${path}/`, token)).status, 200)
  const newer = await newTalk(during)
  await stop(during)

  const after = await serve(t, folder, { COLLOQUY_SECRET: `${secret} new` })
  t.match(await ask(`${after.address}${path}/`, token), { status: 401, body: { code: 'token_invalid' } })
  t.equal((await ask(`${after.address}${newer.path}/`, newer.token)).status, 200, 'the first secret is the one that signs')
})

t.test('migrate makes a new database, and has nothing to do with a current one', async t => {
  const folder = t.testdir()
  const first = await run(t, ['migrate'], folder)
  t.match(first, { code: 0, out: /^Applied: 001-\S+/, err: '' })
  const second = await run(t, ['migrate'], folder)
  t.strictSame(second, { code: 0, out: 'Nothing to do.\n', err: '' })
  t.same(readdirSync(join(folder, 'data')), ['colloquy.sqlite3'], 'no copy, no secret')
})

t.test('a backup of a running server that is written to serves the same conversation', async t => {
  const folder = t.testdir()
  const server = await serve(t, folder, { COLLOQUY_SECRET: secret })
  const { token, path } = await newTalk(server)
  let count = 0
  const post = async (): Promise<void> => {
    const { status } = await ask(`${server.address}${path}/messages/`, token, { type: 'T', text: `message ${count++}` })
    t.equal(status, 201)
  }
  for (let index = 0; index < 20; index++) await post()
  const copy = { isOver: false }
  const copying = run(t, ['backup', 'copy.sqlite3'], folder).finally(() => { copy.isOver = true })
  while (!copy.isOver) await post()
  t.strictSame(await copying, { code: 0, out: `The database was copied to ${join(folder, 'copy.sqlite3')}.\n`, err: '' })
  const texts = await textsIn(server, path, token)
  await stop(server)

  t.same(readdirSync(folder).sort(), ['copy.sqlite3', 'data'], 'one file, nothing unfinished')
  mkdirSync(join(folder, 'restored'))
  copyFileSync(join(folder, 'copy.sqlite3'), join(folder, 'restored', 'colloquy.sqlite3'))
  const restored = await serve(t, folder, { COLLOQUY_DATA: 'restored', COLLOQUY_SECRET: secret })
  const copied = await textsIn(restored, path, token)
  t.ok(copied.length >= 20 && copied.length <= texts.length, `${copied.length} of ${texts.length} messages`)
  t.same(copied, texts.slice(0, copied.length))
  const { body: { events, last_seq: last } } = await ask(`${restored.address}${path}/events/?limit=500`, token)
  t.same(events.map((event: { seq: number }) => event.seq), Array.from({ length: last - 1_000_000 }, (_, index) => index + 1), 'its log is whole, and goes on far beyond')
})

t.test('a backup never replaces a file, and says what is missing', async t => {
  const folder = t.testdir({ 'taken.sqlite3': 'mine' })
  await run(t, ['migrate'], folder)
  const [taken, nowhere, absent] = await Promise.all([
    run(t, ['backup', 'taken.sqlite3'], folder),
    run(t, ['backup', 'no/such/folder/copy'], folder),
    run(t, ['backup', 'copy'], folder, { COLLOQUY_DATA: 'absent' })
  ])
  t.strictSame(taken, { code: 1, out: '', err: `${join(folder, 'taken.sqlite3')} exists already. Name a new file.\n` })
  t.equal(readFileSync(join(folder, 'taken.sqlite3'), 'utf8'), 'mine')
  t.strictSame(nowhere, { code: 1, out: '', err: `There is no folder ${join(folder, 'no/such/folder')}. Make it first.\n` })
  t.strictSame(absent, { code: 1, out: '', err: `There is no database at ${join(folder, 'absent', 'colloquy.sqlite3')}.\n` })
  t.same(readdirSync(folder).sort(), ['data', 'taken.sqlite3'])
})

t.test('bots shows what waits for a bot and why, and redeliver gives it again to a running server', async t => {
  const folder = t.testdir()
  let isAwake = false
  const bot = await startBotServer(t, () => isAwake ? { body: { messages: [{ type: 'T', text: 'HELLO' }] } } : { status: 410 })
  writeFileSync(join(folder, 'colloquy.json'), JSON.stringify({ bots: [{ name: 'Poet', kind: 'webhook', url: bot.url, secrets: ['whsec_c3VycHJpc2Ugc3VycHJpc2Ugc3VycHJpc2U='] }] }))
  const env = { COLLOQUY_CONFIG: 'colloquy.json' }
  t.match(await run(t, ['bots'], folder, env), { code: 1, err: /^There is no database .*data\/colloquy\.sqlite3\. Start the server once/ })
  const server = await serve(t, folder, env)
  const { token, path } = await newTalk(server, ['Poet'])
  await ask(`${server.address}${path}/messages/`, token, { type: 'T', text: 'hello' })
  await bot.until(1)

  const table = await eventually(async () => {
    const table = await run(t, ['bots'], folder, env)
    return table.out.includes('disabled') && table
  }, 'the bot is disabled')
  t.match(table, { code: 0, err: '', out: /^BOT +KIND +STATE +WAITING +SINCE +DROPPED +FAILED +LAST ERROR\nPoet +webhook +disabled +1 +20\S+Z +0 +0 +It answered 410: it wants nothing more\.\n$/ })
  t.match(await run(t, ['redeliver', 'Nobody'], folder, env), { code: 1, err: 'There is no bot "Nobody". There are: Poet.\n' })

  isAwake = true
  t.match(await run(t, ['redeliver', 'Poet'], folder, env), { code: 0, out: /^Given again: 0 messages that were dropped or had failed, and [01] that waited for another attempt\.\n$/ })
  await eventually(async () => (await textsIn(server, path, token)).includes('HELLO'), 'the bot has answered')
  t.same(await textsIn(server, path, token), ['hello', 'HELLO'])
  t.match(await run(t, ['bots'], folder, env), { out: /\nPoet +webhook +working +0 +- +0 +0 +-\n$/ })
})

t.test('the progress of a backup is shown in a terminal only', async t => {
  const folder = t.testdir()
  await run(t, ['migrate'], folder)
  const piped = await run(t, ['backup', 'one'], folder)
  t.notMatch(piped.out + piped.err, '%')
  const tool = '/usr/bin/script'
  if (!existsSync(tool)) return t.comment(`without ${tool} there is no terminal to try`)
  const { code, out } = await start(t, [tool, '-qec', `'${process.execPath}' '${program}' backup two`, '/dev/null'], folder, { SHELL: '/bin/sh' }).ended
  t.equal(code, 0)
  t.match(out, /100 %\r?\n/)
  t.ok(existsSync(join(folder, 'two')))
})

t.test('a data folder that cannot be used gives a sentence', async t => {
  const folder = t.testdir({ file: 'no folder', noise: { 'colloquy.sqlite3': 'this is no database, but it is long enough to be read as one '.repeat(100) } })
  mkdirSync(join(folder, 'closed'), { mode: 0o500 })
  const advice = 'Set COLLOQUY_DATA to a folder in which this user may write.'
  const cases: Array<[words: string[], data: string, err: string]> = [
    [['serve'], 'file', `${join(folder, 'file')} cannot be used: file already exists. ${advice}\n`],
    // Root may write everywhere.
    ...process.getuid!() === 0 ? [] : [[['serve'], 'closed/below', `${join(folder, 'closed/below')} cannot be used: permission denied. ${advice}\n`] satisfies [string[], string, string]],
    [['serve'], 'file/below', `${join(folder, 'file/below')} cannot be used: not a directory. ${advice}\n`],
    [['serve'], 'noise', `The database in ${join(folder, 'noise')} cannot be used: file is not a database.\n`],
    [['migrate'], 'noise', `The database in ${join(folder, 'noise')} cannot be used: file is not a database.\n`],
    [['backup', 'copy'], 'noise', `The database in ${join(folder, 'noise')} cannot be used: file is not a database.\n`]
  ]
  const ends = await Promise.all(cases.map(([words, data]) => run(t, words, folder, { COLLOQUY_DATA: data, PORT: '0', LOG_LEVEL: 'silent' })))
  for (const [index, [words, data, err]] of cases.entries()) {
    t.strictSame(ends[index], { code: 1, out: '', err }, `${words.join(' ')} with ${data}`)
  }
  t.notOk(existsSync(join(folder, 'copy')))
})

t.test('a log that nobody reads as JSON is readable in a terminal', async t => {
  const tool = '/usr/bin/script'
  if (!existsSync(tool)) return t.comment(`without ${tool} there is no terminal to try`)
  const running = start(t, [tool, '-qec', `'${process.execPath}' '${program}'`, '/dev/null'], t.testdir(), { SHELL: '/bin/sh', PORT: '0', LOG_LEVEL: 'info' })
  const [line] = await running.says(/.*Server listening at.*/)
  t.match(line, 'INFO')
  t.notMatch(line, '{')
  running.signal('SIGTERM')
  await running.ended
})
