import { existsSync } from 'node:fs'
import { join } from 'node:path'
import cookie from '@fastify/cookie'
import cors from '@fastify/cors'
import jwt from '@fastify/jwt'
import multipart from '@fastify/multipart'
import rateLimit from '@fastify/rate-limit'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import { fastify, type FastifyInstance, type FastifyServerOptions } from 'fastify'
import t, { type Test } from 'tap'
import { parse } from 'yaml'
import { buildApp, colloquy, configure, type ColloquyOptions } from '../app.js'
import type { Settings } from '../config.js'
import { formOf } from './support/app.js'

interface Answer { status: number, body: any, headers: Record<string, any> }
interface Asked { token?: string, body?: unknown, headers?: Record<string, string> }

/** Like the client of the other tests, but for paths under a prefix and for answers of the host application. */
async function ask (app: FastifyInstance, method: 'GET' | 'POST' | 'PATCH', url: string, { token, body, headers }: Asked = {}): Promise<Answer> {
  const response = await app.inject({
    method,
    url,
    headers: { ...token !== undefined && { authorization: `Bearer ${token}` }, ...headers },
    ...body !== undefined && { payload: body as never }
  })
  const isJson = String(response.headers['content-type']).includes('json')
  return { status: response.statusCode, body: isJson ? response.json() : response.body, headers: response.headers }
}

function config (t: Test, settings: Settings = {}) {
  return configure({ data: t.testdir(), rooms: true, ...settings, limits: { requests_per_minute: 0, ...settings.limits } })
}

/** An application that has everything that Colloquy has, too, in its own way. */
async function newBusyHost (t: Test, options: FastifyServerOptions = {}): Promise<FastifyInstance> {
  const host = fastify(options)
  t.teardown(() => host.close())
  await host.register(cookie, { secret: 'the secret of the host for its cookies' })
  await host.register(jwt, { secret: 'the secret of the host for its tokens' })
  await host.register(cors, { origin: ['https://host.example'], credentials: true })
  await host.register(multipart, { limits: { fileSize: 10, fields: 1 } })
  await host.register(rateLimit, { max: 1000 })
  host.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(body as string))))
  addRoutes(host)
  return host
}

/** An application that has nothing of its own but routes. */
async function newPlainHost (t: Test, options: FastifyServerOptions = {}): Promise<FastifyInstance> {
  const host = fastify(options)
  t.teardown(() => host.close())
  addRoutes(host)
  return host
}

function addRoutes (host: FastifyInstance): void {
  host.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => reply.code(error.statusCode ?? 500).send({ host: error.message }))
  host.setNotFoundHandler((_request, reply) => reply.code(404).send({ host: 'nothing here' }))
  const schema = { body: { type: 'object', properties: { count: { type: 'integer' }, size: { type: 'string', default: 'M' } } } }
  host.post('/orders', { schema }, async request => request.body)
  host.post('/text', async request => ({ text: request.body }))
  host.get('/broken', async () => { throw new Error('broken') })
}

const hosts = { 'a host with plugins of its own': newBusyHost, 'a host without plugins': newPlainHost }

async function signIn (app: FastifyInstance, nickname: string, prefix = '/chat'): Promise<string> {
  return (await ask(app, 'POST', `${prefix}/api/chat/sessions/`, { body: { nickname } })).body.token
}

for (const [name, newHost] of Object.entries(hosts)) {
  t.test(`${name} serves conversations under a prefix`, async t => {
    const host = await newHost(t)
    await host.register(colloquy, { prefix: '/chat', config: config(t) })
    const ana = await signIn(host, 'ana')
    const bia = await signIn(host, 'bia')
    const created = await ask(host, 'POST', '/chat/api/chat/conversations/', { token: ana, body: { name: 'Tea', bots: ['ECHO'] } })
    t.equal(created.status, 201)
    const path = `/chat/api/chat/conversations/${created.body.id}`
    t.match(await ask(host, 'POST', `${path}/join`, { token: bia }), { status: 200, body: { participants: [{ name: 'ana' }, { name: 'ECHO' }, { name: 'bia' }] } })

    const text = await ask(host, 'POST', `${path}/messages/`, { token: ana, body: { type: 'T', text: 'hello' } })
    t.match(text, { status: 201, body: { type: 'T', text: 'hello' } })
    const sent = await ask(host, 'POST', `${path}/messages`, { token: ana, body: formOf([['type', 'A'], ['text', 'a'], ['local_id', 'f1'], ['file', ['more bytes than the host takes', 'tea.txt', 'text/plain']]]) })
    t.match(sent, { status: 201, body: { type: 'A', file_name: 'tea.txt', file_url: /^\/chat\/media\// } })
    t.match(await ask(host, 'GET', sent.body.file_url), { status: 200, body: 'more bytes than the host takes' })

    const page = await ask(host, 'GET', `${path}/messages/?after=0&limit=2`, { token: bia })
    const next = new URL(page.body.next)
    t.equal(next.pathname, `${path}/messages/`)
    const second = await ask(host, 'GET', next.pathname + next.search, { token: bia })
    t.same(second.body.results.map((message: { seq: number }) => message.seq > page.body.results[1].seq), second.body.results.map(() => true))
    const { body: { events } } = await ask(host, 'GET', `${path}/events/`, { token: bia })
    t.strictSame(events.at(-1).message, sent.body)
  })

  t.test(`${name} serves the contract and its page under a prefix`, async t => {
    const host = await newHost(t)
    await host.register(colloquy, { prefix: '/chat', config: config(t) })
    const entries = await ask(host, 'GET', '/chat/api/chat/', { headers: { host: 'host.example' } })
    t.equal(entries.body.conversations, 'http://host.example/chat/api/chat/conversations/')
    for (const address of Object.values<string>(entries.body)) {
      const { status } = await ask(host, 'GET', new URL(address).pathname)
      t.equal(status, address.endsWith('/sessions/') ? 405 : 200, address)
    }
    t.match(await ask(host, 'GET', '/chat/api/chat/bots/?details=true'), { status: 307, headers: { location: '/chat/api/chat/bots/details/' } })
    for (const name of ['openapi.json', 'openapi-3.0.json']) {
      t.match(await ask(host, 'GET', `/chat/${name}`), { status: 200, body: { servers: [{ url: '/chat' }] } })
    }
    t.same(parse((await ask(host, 'GET', '/chat/openapi.yaml')).body).servers.map((server: { url: string }) => server.url), ['/chat'])
    for (const page of ['/chat/api/chat/_docs/', '/chat/api/chat/_docs']) {
      const docs = await ask(host, 'GET', page)
      t.match(docs, { status: 200, headers: { 'content-type': /html/ } })
      for (const [, url] of docs.body.matchAll(/(?:src|href)="([^"]+)"/g)) {
        const { pathname } = new URL(url, `http://host.example${page}`)
        t.equal((await ask(host, 'GET', pathname)).status, 200, pathname)
      }
    }
  })

  t.test(`${name} gives problems under the prefix, and its own answers elsewhere`, async t => {
    const host = await newHost(t)
    await host.register(colloquy, { prefix: '/chat', config: config(t) })
    const problem = { 'content-type': /^application\/problem\+json/ }
    t.match(await ask(host, 'GET', '/chat/nope'), { status: 404, body: { code: 'route_not_found' }, headers: problem })
    t.match(await ask(host, 'PATCH', '/chat/api/chat/limits/'), { status: 405, body: { code: 'method_not_allowed' }, headers: { ...problem, allow: /GET/ } })
    t.match(await ask(host, 'GET', '/chat/api/chat/conversations/?mine=true'), { status: 401, body: { code: 'session_required' }, headers: problem })
    const json = { 'content-type': 'application/json' }
    t.match(await ask(host, 'POST', '/chat/api/chat/sessions/', { body: '{', headers: json }), { status: 400, body: { code: 'body_malformed' }, headers: problem })
    t.match(await ask(host, 'POST', '/chat/api/chat/sessions/', { body: { nickname: 5 } }), { status: 400, body: { code: 'body_invalid' }, headers: problem })
    t.match(await ask(host, 'POST', '/chat/api/chat/sessions/', { body: 'nickname=ana', headers: { 'content-type': 'application/x-www-form-urlencoded' } }), { status: 415, body: { code: 'media_type_unsupported' }, headers: problem })

    t.strictSame((await ask(host, 'GET', '/nope')).body, { host: 'nothing here' })
    t.strictSame((await ask(host, 'GET', '/api/chat/limits/')).body, { host: 'nothing here' })
    t.match(await ask(host, 'GET', '/broken'), { status: 500, body: { host: 'broken' } })
    t.match(await ask(host, 'POST', '/orders', { body: '{', headers: json }), { status: 400, body: { host: /JSON/ } })
    t.strictSame((await ask(host, 'POST', '/orders', { body: { count: '5' } })).body, { count: 5, size: 'M' }, 'the host still turns text into numbers and fills in defaults')
    t.match(await ask(host, 'POST', '/orders', { body: { count: 'x' } }), { status: 400, body: { host: 'body/count must be integer' } })
    t.strictSame((await ask(host, 'POST', '/text', { body: 'hello', headers: { 'content-type': 'text/plain' } })).body, { text: 'hello' })
    t.strictSame(host.hasDecorator('db'), false, 'nothing of the service is seen from the host')
  })
}

t.test('the rules of a host for origins, cookies and tokens stay its own', async t => {
  const host = await newBusyHost(t)
  host.get('/me', async (request, reply) => {
    await request.jwtVerify()
    return reply.setCookie('seen', 'yes', { signed: true }).send(request.user)
  })
  await host.register(colloquy, { prefix: '/chat', config: config(t, { origins: ['https://chat.example'] }) })
  await host.ready()
  const mine = host.jwt.sign({ name: 'ana' })
  const me = await ask(host, 'GET', '/me', { token: mine })
  t.match(me, { status: 200, body: { name: 'ana' }, headers: { 'set-cookie': /^seen=yes\./ } })
  t.match(await ask(host, 'GET', '/me', { token: await signIn(host, 'ana') }), { status: 401 }, "Colloquy's tokens are none of the host's")
  t.match(await ask(host, 'GET', '/chat/api/chat/conversations/', { token: mine }), { status: 401, body: { code: 'token_invalid' } }, "and the host's none of Colloquy's")
  const origin = 'https://host.example'
  for (const path of ['/me', '/chat/api/chat/limits/']) {
    t.match((await ask(host, 'GET', path, { headers: { origin } })).headers, { 'access-control-allow-origin': origin, 'access-control-allow-credentials': 'true' })
  }
})

t.test('a host that has a page about its API keeps it, and the one about Colloquy is beside it', async t => {
  const host = await newPlainHost(t)
  await host.register(swagger, { openapi: { info: { title: 'The shop', version: '1' } } })
  await host.register(swaggerUi, { routePrefix: '/docs' })
  await host.register(colloquy, { prefix: '/chat', config: config(t) })
  t.match(await ask(host, 'GET', '/docs/json'), { status: 200, body: { info: { title: 'The shop' } } })
  t.match(await ask(host, 'GET', '/chat/api/chat/_docs/json'), { status: 200, body: { info: { title: 'Colloquy' }, servers: [{ url: '/chat' }] } })
})

t.test("Colloquy's limit of requests counts in a host that has limits, too", async t => {
  const host = await newBusyHost(t)
  await host.register(colloquy, { prefix: '/chat', config: config(t, { limits: { requests_per_minute: 3 } }) })
  const ana = await signIn(host, 'ana')
  const mine = '/chat/api/chat/conversations/?mine=true'
  for (let count = 0; count < 3; count++) t.equal((await ask(host, 'GET', mine, { token: ana })).status, 200)
  const last = await ask(host, 'GET', mine, { token: ana })
  t.match(last, { status: 429, body: { code: 'rate_limited', limit: 3 }, headers: { 'retry-after': /^\d+$/ } })
  t.equal((await ask(host, 'GET', mine, { token: await signIn(host, 'bia') })).status, 200, 'others go on')
  t.equal((await ask(host, 'GET', '/nope')).status, 404, 'the host goes on')
})

t.test('a host that sees no difference between /a and /a/ can serve it, too', async t => {
  const host = await newPlainHost(t, { routerOptions: { ignoreTrailingSlash: true } })
  await host.register(colloquy, { prefix: '/chat', config: config(t) })
  t.equal((await ask(host, 'GET', '/chat/api/chat/limits')).status, 200)
  t.equal((await ask(host, 'GET', '/chat/api/chat/limits/')).status, 200)
  t.match(await ask(host, 'GET', '/chat/nope/'), { status: 404, body: { code: 'route_not_found' } })
})

for (const [name, newHost] of Object.entries(hosts)) {
  t.test(`${name} has two services under two prefixes, which do not mix`, async t => {
    const host = await newHost(t)
    const folder = t.testdir()
    for (const prefix of ['/red', '/blue']) {
      await host.register(colloquy, { prefix, config: configure({ data: join(folder, prefix), bots: [{ name: prefix, kind: 'echo' }], rooms: true }) })
    }
    const red = await signIn(host, 'ana', '/red')
    const blue = await signIn(host, 'ana', '/blue')
    const talk = await ask(host, 'POST', '/red/api/chat/conversations/', { token: red, body: { name: 'Tea', bots: ['/red'] } })
    t.equal(talk.status, 201)
    t.match(await ask(host, 'GET', `/blue/api/chat/conversations/${talk.body.id}/`, { token: blue }), { status: 404, body: { code: 'conversation_not_found' } })
    t.match(await ask(host, 'GET', '/blue/api/chat/conversations/', { token: blue }), { body: { count: 0 } })
    const caio = await ask(host, 'POST', '/red/api/chat/conversations/', { body: { nickname: 'caio' } })
    t.match(caio.headers['set-cookie'], /^sessionid=.*Path=\/red;/, 'a browser does not take the cookie of one to the other')
    t.match(await ask(host, 'GET', '/red/api/chat/conversations/', { token: red }), { body: { count: 2 } })
    t.match(await ask(host, 'GET', '/blue/api/chat/conversations/', { token: red }), { status: 401, body: { code: 'token_invalid' } })
    t.match(await ask(host, 'POST', '/blue/api/chat/conversations/', { token: blue, body: { bots: ['/red'] } }), { status: 422, body: { code: 'bot_not_found' } })
    for (const prefix of ['red', 'blue']) {
      t.ok(existsSync(join(folder, prefix, 'colloquy.sqlite3')))
      t.match((await ask(host, 'GET', `/${prefix}/openapi.json`)).body.servers, [{ url: `/${prefix}` }])
      t.equal((await ask(host, 'GET', `/${prefix}/api/chat/_docs/`)).status, 200)
    }
  })
}

/** A host whose login is the header `x-user`. */
async function newLoginHost (t: Test, newHost = newPlainHost, options: ColloquyOptions = {}): Promise<FastifyInstance> {
  const host = await newHost(t)
  await host.register(colloquy, {
    prefix: '/chat',
    config: config(t),
    resolveSession: ({ headers: { 'x-user': user } }) => typeof user === 'string' ? { subject: user, nickname: `${user} of the host` } : undefined,
    ...options
  })
  return host
}

for (const [name, newHost] of Object.entries(hosts)) {
  t.test(`the login of ${name} names the participant`, async t => {
    const host = await newLoginHost(t, newHost)
    const ana = { headers: { 'x-user': 'ana' } }
    const bia = { headers: { 'x-user': 'bia' } }
    const created = await ask(host, 'POST', '/chat/api/chat/conversations/', { ...ana, body: {} })
    t.match(created, { status: 201, body: { participants: [{ name: 'ana of the host' }] } })
    t.equal(created.headers['set-cookie'], undefined)
    const path = `/chat/api/chat/conversations/${created.body.id}`
    t.match(await ask(host, 'GET', `${path}/`, ana), { status: 200, body: { my_participant_id: created.body.my_participant_id } }, 'the same session on every request')
    t.match(await ask(host, 'GET', '/chat/api/chat/conversations/?mine=true', ana), { body: { count: 1 } })
    t.match(await ask(host, 'GET', '/chat/api/chat/conversations/?mine=true', bia), { body: { count: 0 } })
    const joined = await ask(host, 'POST', `${path}/join/`, bia)
    t.match(joined, { status: 200, body: { participants: [{ name: 'ana of the host' }, { name: 'bia of the host' }] } })
    t.equal(joined.headers['set-cookie'], undefined)
    t.match(await ask(host, 'POST', `${path}/messages/`, { ...bia, body: { type: 'T', text: 'hello' } }), { status: 201, body: { sender_id: joined.body.my_participant_id } })
  })
}

t.test('the nickname of the login counts the first time, then the last one used', async t => {
  const host = await newLoginHost(t)
  const ana = { headers: { 'x-user': 'ana' } }
  await ask(host, 'POST', '/chat/api/chat/conversations/', { ...ana, body: { nickname: 'Ana Maria' } })
  t.match(await ask(host, 'POST', '/chat/api/chat/conversations/', { ...ana, body: {} }), { body: { participants: [{ name: 'Ana Maria' }] } })
})

t.test("who is not logged in at the host is known by Colloquy's tokens and cookies", async t => {
  const host = await newLoginHost(t)
  t.equal((await ask(host, 'GET', '/chat/api/chat/conversations/?mine=true')).status, 401)
  const created = await ask(host, 'POST', '/chat/api/chat/conversations/', { body: { nickname: 'caio' } })
  t.match(created.headers['set-cookie'], /^sessionid=.*HttpOnly/)
  const cookie = created.headers['set-cookie'].split(';')[0]
  t.match(await ask(host, 'GET', '/chat/api/chat/conversations/?mine=true', { headers: { cookie } }), { body: { count: 1 } })
  const token = await signIn(host, 'caio')
  t.match(await ask(host, 'GET', '/chat/api/chat/conversations/?mine=true', { token }), { status: 200, body: { count: 0 } })
  t.match(await ask(host, 'GET', '/chat/api/chat/conversations/?mine=true', { headers: { cookie, 'x-user': 'ana' } }), { body: { count: 0 } }, 'the login of the host goes before')
})

t.test('a login that fails gives a problem without what happened inside', async t => {
  const host = await newLoginHost(t, newPlainHost, { resolveSession: async () => { throw new Error('the directory of users is on fire') } })
  const { status, body, headers } = await ask(host, 'GET', '/chat/api/chat/conversations/?mine=true')
  t.match({ status, body, headers }, { status: 500, body: { code: 'internal_error' }, headers: { 'content-type': /^application\/problem\+json/ } })
  t.notMatch(JSON.stringify(body), /fire|stack|\.ts/)
  t.equal((await ask(host, 'GET', '/nope')).status, 404, 'the host goes on')
})

t.test('many first requests of somebody at once make one session', async t => {
  const host = await newLoginHost(t)
  const ana = { headers: { 'x-user': 'ana' } }
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask(host, 'POST', '/chat/api/chat/conversations/', { ...ana, body: {} })))
  t.same(answers.map(answer => answer.status), answers.map(() => 201))
  t.match(await ask(host, 'GET', '/chat/api/chat/conversations/?mine=true', ana), { body: { count: 20 } })
})

t.test('the login of the host is kept over a restart', async t => {
  const kept = config(t)
  const headers = { 'x-user': 'ana' }
  const resolveSession = () => ({ subject: 'ana' })
  const first = buildApp({ config: kept, resolveSession })
  await ask(first, 'POST', '/api/chat/conversations/', { headers, body: {} })
  await first.close()
  const second = buildApp({ config: kept, resolveSession })
  t.teardown(() => second.close())
  t.match(await ask(second, 'GET', '/api/chat/conversations/?mine=true', { headers }), { body: { count: 1 } })
})

t.test('an application of its own is built from its settings alone', async t => {
  const app = buildApp({ config: config(t, { bots: [] }), secrets: ['a secret that nobody would ever guess'] })
  t.teardown(() => app.close())
  t.match(await ask(app, 'GET', '/api/chat/bots/'), { status: 200, body: { results: [] } })
  t.notOk(existsSync(join(t.testdirName, 'secret')), 'a given secret is not kept')
})

t.test('a host that knows its users by request.user starts, and those who are logged out have no session', async t => {
  const host = await newPlainHost(t)
  host.decorateRequest('user', null as never)
  const nicknames: Record<string, string> = { ana: ` ana\0 ${'a'.repeat(80)} ` }
  await host.register(colloquy, {
    prefix: '/chat',
    config: config(t),
    resolveSession: ({ headers }) => headers['x-user'] === undefined ? null : { subject: String(headers['x-user']), nickname: nicknames[String(headers['x-user'])] ?? '' }
  })
  await host.ready()
  const created = await ask(host, 'POST', '/chat/api/chat/conversations/', { headers: { 'x-user': 'ana' } })
  t.equal(created.status, 201)
  t.equal(created.body.participants[0].name, `ana ${'a'.repeat(46)}`, 'a nickname that the contract allows')
  t.equal((await ask(host, 'GET', `/chat/api/chat/conversations/${created.body.id}/messages/`)).body.code, 'session_required')
  t.equal((await ask(host, 'GET', '/chat/api/chat/bots/')).status, 200)
})

t.test('a host keeps what it has at the paths of the chat page, and starts', async t => {
  const page = /<title>Colloquy<\/title>/
  for (const taken of ['/', '/page/*']) {
    const host = fastify()
    t.teardown(() => host.close())
    host.get(taken, async () => ({ host: taken }))
    await host.register(colloquy, { config: config(t, { data: join(t.testdir(), taken) }), ownsRoot: true })
    t.strictSame((await ask(host, 'GET', taken.replace('*', 'x'))).body, { host: taken })
    t.equal((await ask(host, 'GET', '/api/chat/bots/')).status, 200)
  }
  const shop = await newPlainHost(t)
  shop.get('/chat', async () => ({ host: 'the shop' }))
  await shop.register(colloquy, { prefix: '/chat', config: config(t, { data: join(t.testdirName, 'shop') }) })
  t.strictSame((await ask(shop, 'GET', '/chat')).body, { host: 'the shop' })
  t.match((await ask(shop, 'GET', '/chat/')).body, page)

  const late = fastify()
  t.teardown(() => late.close())
  await late.register(colloquy, { config: config(t, { data: join(t.testdirName, 'late') }) })
  late.get('/', async () => ({ host: 'home' }))
  t.strictSame((await ask(late, 'GET', '/')).body, { host: 'home' }, 'without a prefix the page is not served unless the host gives / away')
})

t.test('the chat page is below the prefix, with and without a slash', async t => {
  for (const options of [{}, { routerOptions: { ignoreTrailingSlash: true } }]) {
    const host = await newPlainHost(t, options)
    await host.register(colloquy, { prefix: '/chat', config: config(t) })
    const { status, body, headers } = await ask(host, 'GET', '/chat/')
    t.match({ status, body, headers }, { status: 200, body: /<title>Colloquy/, headers: { 'content-security-policy': /default-src 'none'/ } })
    t.match(await ask(host, 'GET', '/chat'), { status: 302, headers: { location: '/chat/' } })
    for (const [, name] of body.matchAll(/(?:src|href)="(page\/[^"]+)"/g)) t.equal((await ask(host, 'GET', `/chat/${name}`)).status, 200, name)
    for (const none of ['/chat/page/', '/chat/page/index.html', '/chat/page/..%2findex.html']) t.match(await ask(host, 'GET', none), { status: 404, body: { code: 'route_not_found' } }, none)
    await host.close()
  }
})

t.test('a prefix with a slash at its end is refused', async t => {
  const host = await newPlainHost(t)
  host.register(colloquy, { prefix: '/chat/', config: config(t) })
  await t.rejects(async () => { await host.ready() }, /without a slash at its end, not under \/chat\//)
})
