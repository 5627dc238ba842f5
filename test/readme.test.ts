import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { parse } from 'yaml'
import { configure } from '../app.js'
import { newPerson, newTalk, startApp } from './support/app.js'
import { compile } from './support/command.js'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const blocks = [...readme.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language, text]) => ({ language: language!, text: text! }))

/** The program of the README that has a text in it, with the package where it is here. */
function programOf (part: string, file = '../app.ts'): string {
  return blocks.find(({ language, text }) => language === 'js' && text.includes(part))!.text.replace("'colloquy'", JSON.stringify(new URL(file, import.meta.url).href))
}

t.test('the README opens with the two commands', async t => {
  t.same(blocks.slice(0, 2).map(({ text }) => text.trim()), ['npm ci && npm start', 'npm ci && npm test'])
})

t.test('the dialogue of the README works as it is printed', async t => {
  const adminKey = 'an admin key of this test, long enough'
  // An answer of the bot would come in between.
  const app = await startApp(t, { rooms: false, bots: [{ name: 'ECHO', kind: 'echo', delay_ms: 60_000 }] }, { adminKey })
  await app.listen({ port: 0 })
  const { port } = app.server.address() as AddressInfo
  const script = blocks.slice(2).filter(({ language }) => language === 'bash').map(({ text }) => text).join('\necho\n').replaceAll('localhost:8000', `localhost:${port}`)
  const { stdout } = await promisify(execFile)('bash', ['-euc', script.replace(/messages\/$|messages\/(?=\n)/gm, '$&; echo')], { cwd: t.testdir(), env: { ...process.env, COLLOQUY_ADMIN_KEY: adminKey } })
  const [hello, recipe, log, session, manager] = stdout.trim().split('\n').map(line => JSON.parse(line))
  t.match(hello, { type: 'T', text: 'hello', local_id: 'l1', seq: 6 })
  t.match(recipe, { type: 'A', text: 'the recipe', file_name: 'tea.json', seq: 7 })
  t.same(log.events.map((event: { type: string, message: unknown }) => [event.type, event.message]), [['message.created', recipe]])
  t.match(session, { token: /^eyJ/, expires_at: /Z$/, role: null })
  t.match(manager, { token: /^eyJ/, role: 'manager' })
})

t.test('the application of the README has the service under its prefix', async t => {
  const folder = t.testdir()
  const text = programOf('fastify()')
    .replace('./chat-data', `${folder}/chat-data`)
    .replace(/await app\.listen.*/, "console.log((await app.inject('/chat/api/chat/bots/')).body); await app.close()")
  const { stdout } = await promisify(execFile)(process.execPath, ['--import=tsx', '--input-type=module', '-e', text])
  t.same(JSON.parse(stdout), { results: ['ECHO', 'Calculator'] })
})

t.test('the program of the README talks with a bot', async t => {
  const app = await startApp(t, { rooms: false, bots: [{ name: 'ECHO', kind: 'echo', delay_ms: 0 }] })
  const address = await app.listen({ port: 0 })
  const text = programOf('colloquy/client').replace("'colloquy/client'", JSON.stringify(new URL('../client/index.ts', import.meta.url).href)).replace('http://localhost:8000', address)
  const { stdout } = await promisify(execFile)(process.execPath, ['--import=tsx', '--input-type=module', '-e', text])
  t.equal(stdout, 'hello\nHELLO\n')
})

t.test('the program of the README is right for the strictest TypeScript', { timeout: 120_000 }, async t => {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const compilerOptions = {
    target: 'es2022', module: 'nodenext', moduleResolution: 'nodenext', lib: ['es2023'], types: ['node'], strict: true, noUncheckedIndexedAccess: true, noEmit: true, skipLibCheck: true
  }
  const folder = t.testdir({ 'package.json': '{ "type": "module" }', 'tsconfig.json': JSON.stringify({ compilerOptions, files: ['program.ts'] }) })
  const text = programOf('colloquy/client').replace("'colloquy/client'", "'../../../client/index.js'")
  writeFileSync(join(folder, 'program.ts'), text)
  t.equal(relative(root, folder).split('/').length, 3)
  t.equal(compile(['-p', folder, '--pretty', 'false']), '')
})

t.test('the bot of the README counts', async t => {
  const folder = t.testdir({ 'counter.mjs': programOf('defineBot(', '../bots/module.ts') })
  const app = await startApp(t, { data: join(folder, 'data'), bots: [{ name: 'Counter', kind: 'module', path: join(folder, 'counter.mjs') }] })
  const ana = await newPerson(app, 'ana')
  const { path } = await newTalk([ana], { bots: ['Counter'] })
  const texts = []
  let after = 0
  while (texts.length < 3) {
    const { body } = await ana.get(`${path}/events/?after=${after}&limit=1&wait=20`)
    after = body.events[0].seq
    const { message } = body.events[0]
    if (message?.sent_by_human !== false || message.type === 'S') continue
    texts.push(message.text)
    if (texts.length < 3) await ana.post(`${path}/messages/`, { type: 'T', text: 'hello' })
  }
  t.same(texts, ['I am Counter.', 'Your message no. 1.', 'Your message no. 2.'])
})

t.test('the configuration file of the README is valid', async t => {
  const config = configure(parse(blocks.find(({ language }) => language === 'yaml')!.text))
  t.match(config, { rooms: true, trustProxy: true, closeGraceMs: 10_000, limits: { requestsPerMinute: 600, fileBytes: { i: 5242880, V: 0 } } })
})
