import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import t from 'tap'
import { parse } from 'yaml'
import { configure } from '../app.js'
import { startApp } from './support/app.js'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const blocks = [...readme.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language, text]) => ({ language: language!, text: text! }))

t.test('the README opens with the two commands', async t => {
  t.same(blocks.slice(0, 2).map(({ text }) => text.trim()), ['npm ci && npm start', 'npm ci && npm test'])
})

t.test('the dialogue of the README works as it is printed', async t => {
  const app = await startApp(t, { rooms: false })
  await app.listen({ port: 0 })
  const { port } = app.server.address() as AddressInfo
  const script = blocks.slice(2).filter(({ language }) => language === 'bash').map(({ text }) => text).join('\necho\n').replaceAll('localhost:8000', `localhost:${port}`)
  const { stdout } = await promisify(execFile)('bash', ['-euc', script.replace(/messages\/$|messages\/(?=\n)/gm, '$&; echo')], { cwd: t.testdir() })
  const [hello, recipe, log, session] = stdout.trim().split('\n').map(line => JSON.parse(line))
  t.match(hello, { type: 'T', text: 'hello', local_id: 'l1', seq: 6 })
  t.match(recipe, { type: 'A', text: 'the recipe', file_name: 'tea.json', seq: 7 })
  t.same(log.events.map((event: { type: string, message: unknown }) => [event.type, event.message]), [['message.created', recipe]])
  t.match(session, { token: /^eyJ/, expires_at: /Z$/ })
})

t.test('the application of the README has the service under its prefix', async t => {
  const folder = t.testdir()
  const text = blocks.find(({ language }) => language === 'js')!.text
    .replace("'colloquy'", JSON.stringify(new URL('../app.ts', import.meta.url).href))
    .replace('./chat-data', `${folder}/chat-data`)
    .replace(/await app\.listen.*/, "console.log((await app.inject('/chat/api/chat/bots/')).body); await app.close()")
  const { stdout } = await promisify(execFile)(process.execPath, ['--import=tsx', '--input-type=module', '-e', text])
  t.same(JSON.parse(stdout), { results: ['ECHO', 'Calculator'] })
})

t.test('the configuration file of the README is valid', async t => {
  const config = configure(parse(blocks.find(({ language }) => language === 'yaml')!.text))
  t.match(config, { rooms: true, trustProxy: true, closeGraceMs: 10_000, limits: { requestsPerMinute: 600, fileBytes: { i: 5242880, V: 0 } } })
})
