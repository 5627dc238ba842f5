import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { parse } from 'yaml'
import { closeReasons } from '../plugins/sockets/closing.js'
import { newPerson, newTalk, startApp } from './support/app.js'
import { document, resolve, validatorOf } from './support/contract.js'
import { pageOf, pages, root } from './support/pages.js'
import { addressOf, listen, subscribe, wsUrl, type Subscriber } from './support/subscriber.js'

const { schemas } = document.components
const asyncapiFile = new URL('docs/asyncapi.yaml', root)
const asyncapi = parse(readFileSync(asyncapiFile, 'utf8'))

/** What a reference within the document leads to. */
function follow (value: any): any {
  return value.$ref === undefined ? value : follow(value.$ref.split('/').slice(1).reduce((place: any, key: string) => place[key], asyncapi))
}

/** The messages of the document that travel in one direction, each with what judges its payload. */
function messagesOf (action: 'send' | 'receive'): Array<{ name: string, fits: (frame: unknown) => boolean }> {
  const operation: any = Object.values<any>(asyncapi.operations).find(operation => operation.action === action)
  return operation.messages.map((reference: { $ref: string }) => {
    const [file, pointer] = follow(reference).payload.schema.$ref.split('#')
    if (new URL(file, asyncapiFile).href !== new URL('openapi.yaml', root).href) throw new Error(`${file} is not the contract`)
    return { name: reference.$ref.split('/').at(-1)!, fits: validatorOf(`#${pointer}`) }
  })
}

/** The names of the messages of the document that each frame is. */
function namesOf (frames: unknown[], action: 'send' | 'receive'): string[] {
  return frames.map(frame => {
    const names = messagesOf(action).filter(({ fits }) => fits(frame)).map(({ name }) => name)
    if (names.length !== 1) throw new Error(`It is ${names.length} messages: ${JSON.stringify(frame)}`)
    return names[0]!
  })
}

t.test('the document of the live protocol is one that a linter accepts, and names each frame of the contract', async t => {
  t.equal(lint(fileURLToPath(asyncapiFile)), 'valid')
  const folder = t.testdir({ 'openapi.yaml': readFileSync(new URL('openapi.yaml', root)), docs: {} })
  const file = join(folder, 'docs/asyncapi.yaml')
  for (const [good, bad] of [['action: send', 'action: shout'], ['schemas/ServerFrameReset', 'schemas/ServerFrameNone']]) {
    writeFileSync(file, readFileSync(asyncapiFile, 'utf8').replace(good!, bad!))
    t.match(lint(file), bad!, 'the linter sees what is wrong')
  }
  const names = Object.keys(asyncapi.channels.conversation.messages)
  t.same(Object.keys(schemas).filter(name => /^(Server|Client)Frame/.test(name) && !names.includes(name)), [])
  t.equal(asyncapi.info.version, document.info.version)
})

/** 'valid', or what redocly says about a file. */
function lint (file: string): string {
  const redocly = join(dirname(createRequire(import.meta.url).resolve('@redocly/cli/package.json')), 'bin/cli.js')
  const env = { PATH: process.env.PATH, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' }
  try {
    execFileSync(process.execPath, [redocly, 'lint', file, '--extends', 'recommended-strict'], { env, cwd: dirname(file), stdio: 'pipe' })
    return 'valid'
  } catch (error) {
    const { stdout, stderr } = error as { stdout: Buffer, stderr: Buffer }
    return `${stdout}${stderr}`
  }
}

/** What two people's sockets have said and heard while everything happened that there are frames for. */
async function record (t: Test): Promise<{ heard: any[], said: unknown[] }> {
  const app = await startApp(t)
  await listen(app)
  const [ana, bia] = [await newPerson(app, 'ana'), await newPerson(app, 'bia')]
  const { id, path } = await newTalk([ana, bia])
  const said: unknown[] = []
  const say = ({ send }: Subscriber, frame: unknown): void => { said.push(frame); send(frame) }
  const [one, other] = [await subscribe(t, wsUrl(app, id, '?after=0'), { token: ana.token }), await subscribe(t, wsUrl(app, id), { token: bia.token })]
  await other.until(frame => frame.state !== undefined)
  say(other, { typing: { active: true } })
  await one.until(frame => frame.typing?.active === true)
  for (let count = 0; count < 2; count++) say(one, { type: 'T', text: 'tea', local_id: 'l1', options: ['yes', 'no'] })
  await one.until(frame => frame.message?.local_id === 'l1' && frame.seq === undefined)
  await one.until(frame => frame.message?.local_id === 'l1' && frame.seq !== undefined)
  one.send({ type: 'X', local_id: 'l2' })
  await one.until(frame => frame.error?.local_id === 'l2')
  await ana.patch(`${path}/`, { name: 'Coffee' })
  await one.until(frame => frame.event?.type === 'conversation.renamed')
  const again = await subscribe(t, wsUrl(app, id), { token: ana.token })
  await again.until(frame => frame.state !== undefined)
  const ahead = await subscribe(t, wsUrl(app, id, '?after=999'), { token: ana.token })
  t.equal((await ahead.closed).code, 1000)
  return { heard: [one, other, again, ahead].flatMap(({ frames }) => frames), said }
}

t.test('each frame of real sockets is exactly one message of the document, and each of its messages is among them', async t => {
  const { heard, said } = await record(t)
  const names = namesOf(heard, 'send')
  t.same([...new Set(names)].sort(), messagesOf('send').map(({ name }) => name).sort())
  t.same([...new Set(namesOf(said, 'receive'))].sort(), messagesOf('receive').map(({ name }) => name).sort())
  // A frame that is not as the document has it is seen.
  for (const name of new Set(names)) {
    const frame = structuredClone(heard[names.indexOf(name)])
    const [key] = Object.keys(frame)
    t.throws(() => namesOf([{ [`${key}s`]: frame[key!] }], 'send'), /It is 0 messages/, `${name} under another name`)
    t.throws(() => namesOf([{ ...frame, [key!]: { ...frame[key!], more: true } }], 'send'), /It is 0 messages/, `${name} with more`)
    delete frame[key!][Object.keys(frame[key!])[0]!]
    t.throws(() => namesOf([frame], 'send'), /It is 0 messages/, `${name} with less`)
  }
  t.throws(() => namesOf([{ typing: { active: 'yes' } }], 'receive'), /It is 0 messages/)
})

t.test('the addresses, the query and the ways to be known are those of the server', async t => {
  const { address, parameters, bindings } = asyncapi.channels.conversation
  t.equal(address, '/ws/chat/{conversationId}/')
  t.same(Object.keys(parameters), ['conversationId'])
  t.same(Object.keys(bindings.ws.query.properties), ['after'])
  const app = await startApp(t)
  await listen(app)
  const ana = await newPerson(app, 'ana')
  const { id } = await newTalk([ana])
  const ways = { cookie: { cookie: ana.token }, bearer: { token: ana.token }, subprotocol: { protocols: ['colloquy', `bearer.${ana.token}`] } }
  t.same(asyncapi.servers.local.security.map(({ $ref }: { $ref: string }) => $ref.split('/').at(-1)), Object.keys(ways))
  for (const [name, way] of Object.entries(ways)) {
    const { until, socket } = await subscribe(t, `ws://${addressOf(app)}${address.replace('{conversationId}', id)}?after=0`, way)
    t.ok(await until(frame => frame.state !== undefined), name)
    t.equal(socket.protocol, name === 'subprotocol' ? 'colloquy' : '')
  }
  const { cookie } = asyncapi.components.securitySchemes
  t.match(resolve({ $ref: '#/components/securitySchemes/cookie' }), { in: cookie.in, name: cookie.name })
})

t.test('the table of close codes is that of the program', async t => {
  const reasons = Object.values(closeReasons).map(([code, text]) => `${code} ${text}`)
  const rows = [...pageOf('live').prose.matchAll(/^\| (\d{4}) \| (.+?) \| .+ \|$/gm)].map(([, code, text]) => `${code} ${text}`)
  t.ok(reasons.length > 10)
  t.same(rows.sort(), reasons.sort())
  const codes = new Set(reasons.map(reason => reason.slice(0, 4)))
  for (const { name, text } of pages) {
    for (const [code] of text.matchAll(/\b44\d\d\b/g)) t.ok(codes.has(code), `${name} names ${code}`)
  }
})
