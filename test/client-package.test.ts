// The client as others get it: in the package that npm makes, without the sources and the tools of this project.
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import t from 'tap'
import { startApp } from './support/app.js'
import { compile, start } from './support/command.js'

const run = promisify(execFile)
const root = fileURLToPath(new URL('..', import.meta.url))
const typescript = fileURLToPath(import.meta.resolve('typescript/bin/tsc'))

const settings = { target: 'es2022', lib: ['es2022', 'dom', 'dom.iterable'], types: [], strict: true, noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true, noEmit: true }
const forBrowsers = { ...settings, module: 'esnext', moduleResolution: 'bundler' }
const forNode = { ...settings, module: 'nodenext', moduleResolution: 'nodenext', lib: ['es2023'], types: ['node'], skipLibCheck: true }

const right = `
import { createClient, type ColloquyClient, type ClientOptions, type Live, type Message, type Outgoing, type Problem } from 'colloquy/client'

const options: ClientOptions = { url: location.origin, token: undefined, WebSocket, fetch: window.fetch }
export const client: ColloquyClient = createClient(options)

export async function open (id: string): Promise<Live> {
  const { data, error } = await client.GET('/api/chat/conversations/{conversation_id}/snapshot/', { params: { path: { conversation_id: id } } })
  if (error !== undefined) throw new Error((error satisfies Problem).detail)
  const live = client.live(id, { after: data.last_seq })
  const messages: Message[] = data.messages
  const stop: () => void = live.on('message', ({ message, seq }) => {
    messages[seq] = message
    if (message.type === 'S') document.title = message.event
    else if (message.type === 'T') document.title = message.text
    else document.title = message.file_name ?? message.file_url
  })
  live.on('event', ({ event }) => { if (event.type === 'participant.renamed') document.title = event.participant.name })
  live.on('state', participants => { document.title = participants.map(({ name }) => name).join() })
  live.on('typing', ({ participant_id: id, active }) => { if (active) document.title = id })
  live.on('error', ({ code, local_id: localId }) => { if (code === 'rate_limited' && localId !== null) live.retry(localId) })
  live.on('end', ({ code, reason }) => { document.title = code.toFixed() + reason })
  live.on('reset', ({ last_seq: seq }) => { document.title = seq.toFixed() })
  live.on('outbox', outbox => { for (const { state, localId, problem } of outbox) if (state === 'failed' && problem?.code === 'server_busy') live.retry(localId) })
  const { localId }: Outgoing = live.send({ type: 'A', text: 'a file', options: ['yes'] }, { file: new File(['x'], 'x.txt'), fileName: 'y.txt' })
  await client.POST('/api/chat/conversations/{conversation_id}/messages/', { params: { path: { conversation_id: id } }, body: { type: 'A', file: new Blob(['x']) } })
  live.discard(localId)
  live.typing(true)
  stop()
  return live
}
`

// Each line from the third on has one mistake.
const wrong = `import { createClient, type Message } from 'colloquy/client'
const client = createClient({ url: '/' }); const live = client.live('x'); declare const message: Message
createClient({ token: 'x' })
createClient({ url: '/', WebSocket: class {} })
client.GET('/api/chat/nope/')
client.POST('/api/chat/conversations/', { body: { name: 5 } })
client.live('x', { after: '5' })
live.on('nothing', () => {})
live.on('message', ({ event }) => event)
live.on('status', status => status === 'open')
live.send({ type: 'X' })
live.send({ type: 'T', txt: 'hello' })
live.send({ type: 'A' }, { file: 'x.txt' })
live.outbox.push(live.send({ type: 'T', text: 'x' }))
live.seq = 5
live.on('message', ({ message }) => message.text)
if (message.type === 'T') message.file_url
client.POST('/api/chat/conversations/{conversation_id}/messages/', { params: { path: { conversation_id: 'x' } }, body: { type: 'A', file: 'x.txt' } })
`

const inNode = `
import { readFileSync } from 'node:fs'
import { createClient } from 'colloquy/client'
import { WebSocket } from 'ws'

export const live = createClient({ url: 'http://localhost:8000', token: 'x', fetch, WebSocket }).live('x')
live.send({ type: 'A' }, { file: new Blob(['x']) })
live.send({ type: 'A' }, { file: readFileSync('x.txt'), fileName: 'x.txt' })
`

// Runs a program for browsers where there is nothing but what browsers have.
const world = `
import { readFile } from 'node:fs/promises'
import { createContext, SourceTextModule } from 'node:vm'
import { WebSocket } from 'ws'

const names = ['fetch', 'Request', 'Response', 'Headers', 'FormData', 'Blob', 'File', 'URL', 'URLSearchParams', 'AbortController', 'crypto', 'performance', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'queueMicrotask', 'console']
const context = createContext({ WebSocket, url: process.argv[3], ...Object.fromEntries(names.map(name => [name, globalThis[name]])) })
const client = new SourceTextModule(await readFile(process.argv[2], 'utf8'), { context })
const program = new SourceTextModule(await readFile('browser.js', 'utf8'), { context })
await client.link(name => { throw new Error('The client imports ' + name) })
await program.link(() => client)
await program.evaluate()
`

const browser = `
import { createClient } from 'colloquy/client'
if (typeof process !== 'undefined' || typeof Buffer !== 'undefined' || typeof require !== 'undefined') throw new Error('This is no browser.')
const { data: { token } } = await createClient({ url }).POST('/api/chat/sessions/', { body: { nickname: 'ana' } })
const client = createClient({ url, token })
const { data: { id } } = await client.POST('/api/chat/conversations/', { body: { bots: ['ECHO'] } })
const live = client.live(id)
live.send({ type: 'A', text: 'a file' }, { file: new File(['x'], 'x.txt') })
live.send({ type: 'T', text: 'hello' })
live.on('message', ({ message }) => {
  if (message.type !== 'S') console.log(message.file_name ?? message.text)
  if (message.text === 'HELLO') live.close()
})
`

/** Makes the package and installs it for programs in a folder. Gives the folder, and the file of the package. */
async function install (folder: string): Promise<{ app: string, tarball: string }> {
  const [made, app] = [join(folder, 'made'), join(folder, 'app')]
  for (const name of ['package.json', 'openapi.yaml', 'README.md', 'LICENSE', '.env.example']) cpSync(join(root, name), join(made, name))
  // Whether the sources are right is not what this is about.
  const types = async (...words: string[]): Promise<unknown> => run(process.execPath, [typescript, '--noCheck', '-p', ...words], { cwd: root })
  const bundle = async (name: string, target: string): Promise<unknown> => run('npm', ['run', '--silent', name, '--', `--outdir=${target}`], { cwd: root })
  await Promise.all([
    types('tsconfig.build.json', '--outDir', join(made, 'dist')),
    types('client', '--emitDeclarationOnly', '--outDir', join(made, 'dist', 'client')),
    bundle('bundle', join(made, 'dist')).then(() => bundle('bundle:client', join(made, 'dist', 'client')))
  ])
  await run('npm', ['pack', '--ignore-scripts', '--offline', '--pack-destination', folder], { cwd: made })
  const tarball = join(folder, readdirSync(folder).find(name => name.endsWith('.tgz'))!)
  const installed = join(app, 'node_modules', 'colloquy')
  mkdirSync(installed, { recursive: true })
  await run('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1'])
  writeFileSync(join(app, 'package.json'), JSON.stringify({ name: 'app', type: 'module' }))
  return { app, tarball }
}

/** The program in the documentation of the client. */
function example (client: string): string[] {
  const [, program] = readFileSync(join(client, 'index.d.ts'), 'utf8').match(/```js\n([\s\S]*?)```/)!
  return program!.split('\n').map(line => line.replace(/^ \* ?/, ''))
}

t.test('the client is a part of the package for browsers and Node, with its types', { timeout: 240_000 }, async t => {
  const folder = t.testdir({ made: {}, app: {}, data: {} })
  const { app, tarball } = await install(folder)
  const server = await startApp(t, { data: join(folder, 'data'), bots: [{ name: 'ECHO', kind: 'echo', delay_ms: 0 }] })
  const url = await server.listen({ port: 0 })
  const files = join(app, 'node_modules', 'colloquy')
  const client = join(files, 'dist', 'client')

  t.test('in which publint finds nothing wrong', async t => {
    const bytes = readFileSync(tarball)
    const { messages, pkg } = await publint({ strict: true, pack: { tarball: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer } })
    t.same(messages.map(message => formatMessage(message, pkg ?? {})), [])
    t.ok(pkg?.exports['./client'])
  })

  t.test('which imports nothing and knows nothing of Node', async t => {
    const text = readFileSync(join(client, 'index.js'), 'utf8')
    for (const pattern of [/^\s*import\b/m, /\bimport\s*\(/, /\bfrom\s*["']/, /\brequire\b/, /\bnode:/, /\bBuffer\b/]) t.notMatch(text, pattern)
    t.same(readdirSync(client).filter(name => !name.endsWith('.d.ts')), ['index.js'])
  })

  t.test('which runs where there is nothing but what browsers have', { timeout: 60_000 }, async t => {
    writeFileSync(join(app, 'world.js'), world)
    writeFileSync(join(app, 'browser.js'), browser)
    const { code, out, err } = await start(t, [process.execPath, '--experimental-vm-modules', '--no-warnings', 'world.js', join(client, 'index.js'), url], app).ended
    t.same({ code, lines: out.trim().split('\n').sort(), err }, { code: 0, lines: ['?', 'HELLO', 'hello', 'x.txt'], err: '' })
  })

  t.test('which runs in Node as its documentation says', { timeout: 60_000 }, async t => {
    const lines = example(client).map(line => line.replace('http://localhost:8000', url))
    t.ok(lines.filter(line => line.trim() !== '').length <= 10)
    writeFileSync(join(app, 'usage.js'), lines.join('\n'))
    await start(t, [process.execPath, 'usage.js'], app).says(/^participant-joined\n(.*\n)*hello\nHELLO$/m)
  })

  t.test('whose types fit what browsers and Node have, and refuse what is wrong', { timeout: 120_000 }, async t => {
    writeFileSync(join(app, 'right.ts'), right)
    writeFileSync(join(app, 'wrong.ts'), wrong)
    writeFileSync(join(app, 'node.ts'), inNode)
    writeFileSync(join(app, 'usage.ts'), example(client).join('\n'))
    const refused = (compilerOptions: object, files: string[]): string[] => {
      writeFileSync(join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }))
      const places = compile(['-p', app, '--pretty', 'false']).split('\n').filter(line => /^\S/.test(line))
      return [...new Set(places.map(line => line.match(/([^/]+\.ts\(\d+),\d+\): error TS/)?.[1] ?? line))]
    }
    t.same(refused(forBrowsers, ['right.ts', 'wrong.ts']), Array.from({ length: 16 }, (_, index) => `wrong.ts(${index + 3}`))
    t.same(refused(forNode, ['node.ts', 'usage.ts']), [])
  })
})
