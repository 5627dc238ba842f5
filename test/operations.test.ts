import { createHmac } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import SQLite from 'better-sqlite3'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import type { LeasedDelivery } from '../contract/api.js'
import { FILE_NAME } from '../db/sqlite.js'
import { formOf, newPerson, newTalk, startApp, type Person, type Test } from './support/app.js'
import { call, type Answer } from './support/call.js'
import { document, operations, type Operation } from './support/contract.js'
import { adminKey, newManager } from './support/scene.js'

const SECRET = 'a secret of this test, which is long enough'
const MISSING = '01936a2c-0000-7000-8000-000000000000'

const PARROT = 'the token of Parrot, of thirty-two characters'.replaceAll(' ', '-')
const ANCHOR = 'the token of Anchor, of thirty-two characters'.replaceAll(' ', '-')
const BOSS = 'the token of Boss, which has enough characters'.replaceAll(' ', '-')

/**
 * Two applications, with rooms and without. In each is a conversation of ana that bia is not in, whose bots speak only
 * when people have approved, and another one that has ended; a third application lets a bot manage its conversations.
 */
interface World { rooms: Place, closed: Place, managed: Managed }
interface Place {
  app: FastifyInstance
  data: string
  ana: Person
  bia: Person
  manager: Person
  admin: Person
  /** Of the conversation: ana's participant, her message, a delivery that Parrot has leased. */
  ids: Record<string, string>
  leaseId: string
  path: string
  media: string
  /** What Parrot has said and the manager has rejected. */
  rejected: string
  ended: Ended
}
/** A conversation of ana and Anchor, and the delivery that Anchor has leased. */
interface Ended { ids: Record<string, string>, leaseId: string }
/** A conversation that Boss manages, and the delivery of ana's message that it has leased. */
interface Managed { app: FastifyInstance, data: string, ids: Record<string, string>, leaseId: string }

async function newPlace (test: Test, rooms: boolean, data: string): Promise<Place> {
  const app = await startApp(test, {
    data,
    rooms,
    bots: [
      { name: 'ECHO', kind: 'echo', delay_ms: 60_000 },
      { name: 'Parrot', kind: 'lease', token: PARROT },
      { name: 'Anchor', kind: 'lease', token: ANCHOR }
    ],
    manager: { role: 'person' },
    limits: { attachment_bytes: 100, participants: 3 }
  }, { secrets: [SECRET], adminKey })
  const [ana, bia, manager, admin] = [await newPerson(app, 'ana'), await newPerson(app, 'bia'), await newManager(app, 'davi'), await newManager(app, 'eva', 'admin')]
  const { path, created } = await newTalk([ana], { name: 'Tea', bots: ['ECHO', 'Parrot'] })
  const { body: message } = await ana.post(`${path}/messages/`, formOf([['type', 'A'], ['local_id', 'f1'], ['file', ['hello', 'a.txt']]]))
  const first = await lease(app, PARROT)
  await call(app, 'POST', `/api/chat/bot/deliveries/${first.id}/ack/`, { token: PARROT, body: { lease_id: first.lease_id, messages: [{ type: 'T', text: 'HELLO' }, { type: 'T', text: 'HM' }] } })
  const { body: { results: [, { message: { id: rejected } }] } } = await manager.get('/api/chat/approvals/')
  await manager.post(`${path}/messages/${rejected}/reject/`)
  await ana.post(`${path}/messages/`, { type: 'T', text: 'hello?' })
  const delivery = await lease(app, PARROT)
  const ids = { conversation_id: created.id, participant_id: created.my_participant_id, message_id: message.id, delivery_id: delivery.id, bot: 'ECHO' }
  return { app, data, ana, bia, manager, admin, ids, leaseId: delivery.lease_id, path, media: message.file_url, rejected, ended: await newEnded(app, data, ana) }
}

/** It ended while Anchor was at work. */
async function newEnded (app: FastifyInstance, data: string, ana: Person): Promise<Ended> {
  const { path, created } = await newTalk([ana], { name: 'Coffee', bots: ['Anchor'] })
  const { body: message } = await ana.post(`${path}/messages/`, { type: 'T', text: 'hello' })
  const delivery = await lease(app, ANCHOR)
  change(data, `update conversations set ended_at = ${Date.now()} where id = '${created.id}'`)
  return { ids: { conversation_id: created.id, message_id: message.id, delivery_id: delivery.id }, leaseId: delivery.lease_id }
}

async function newManaged (test: Test, data: string): Promise<Managed> {
  const app = await startApp(test, { data, bots: [{ name: 'Boss', kind: 'lease', token: BOSS }], manager: 'Boss', limits: { image_bytes: 0 } })
  const ana = await newPerson(app, 'ana')
  const { path, created } = await newTalk([ana])
  const { body: message } = await ana.post(`${path}/messages/`, { type: 'T', text: 'hello' })
  const delivery = await lease(app, BOSS)
  return { app, data, ids: { conversation_id: created.id, message_id: message.id, delivery_id: delivery.id }, leaseId: delivery.lease_id }
}

async function lease (app: FastifyInstance, token: string): Promise<LeasedDelivery> {
  const { body } = await call(app, 'POST', '/api/chat/bot/deliveries/lease/', { token, body: { lease_s: 3600 } })
  return body.deliveries[0]
}

async function newWorld (test: Test): Promise<World> {
  const data = test.testdir()
  return { rooms: await newPlace(test, true, `${data}/rooms`), closed: await newPlace(test, false, `${data}/closed`), managed: await newManaged(test, `${data}/managed`) }
}

function pathOf ({ path }: Operation, { ids, media }: Pick<Place, 'ids'> & Partial<Place>, changed: Record<string, string> = {}): string {
  return path.startsWith('/media') ? media! : path.replace(/\{(\w+)\}/g, (_, name) => changed[name] ?? ids[name]!)
}

function send (operation: Operation, place: Pick<Place, 'app' | 'ids'> & Partial<Place>, options: Parameters<typeof call>[3] & { ids?: Record<string, string>, query?: string } = {}): Promise<Answer> {
  const { ids, query = '', ...rest } = options
  return call(place.app, operation.method, pathOf(operation, place, ids) + query, { ...goodBody(operation), ...rest })
}

function goodBody ({ source }: Operation): { body?: unknown } {
  const example = source.requestBody?.content['application/json']?.example
  return example === undefined ? {} : { body: example }
}

/** The token of somebody whom the access of an operation is for. */
function tokenFor ({ access }: Operation, { ana, manager, admin }: Place): string {
  return { bot: PARROT, manager: manager.token, admin: admin.token }[access] ?? ana.token
}

/** The same body with another lease. */
function answerOf (leaseId: string, message: object): object {
  return { lease_id: leaseId, messages: [message] }
}

function sign (claims: object, { secret = SECRET, header = { alg: 'HS256', typ: 'JWT' } }: { secret?: string, header?: object } = {}): string {
  const text = [header, claims].map(part => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
}

const past = Math.floor(Date.now() / 1000) - 60
const future = past + 3600

type Attempt = (world: World, operation: Operation) => Promise<Answer>

/** How each problem is provoked, at any operation that lists it. */
const occasional: Record<string, Attempt> = {
  token_invalid: ({ rooms }, operation) => send(operation, rooms, { token: sign({ sub: rooms.ana.sessionId, exp: future }, { secret: 'another secret' }) }),
  token_expired: ({ rooms }, operation) => send(operation, rooms, { token: sign({ sub: rooms.ana.sessionId, exp: past }) }),
  session_not_found: ({ rooms }, operation) => send(operation, rooms, { token: sign({ sub: MISSING, exp: future }) }),
  session_required: ({ rooms }, operation) => send(operation, rooms, operation.id === 'listConversations' ? { query: '?mine=true' } : {}),
  bot_token_required: ({ rooms }, operation) => send(operation, rooms, { token: rooms.admin.token }),
  admin_required: ({ rooms }, operation) => operation.id === 'createSession' ? send(operation, rooms, { body: { role: 'manager' } }) : send(operation, rooms, { token: rooms.manager.token }),
  manager_required: ({ rooms }, operation) => send(operation, rooms, { token: rooms.ana.token }),
  body_missing: ({ rooms }, operation) => send(operation, rooms, { token: tokenFor(operation, rooms), body: undefined }),
  body_malformed: ({ rooms }, operation) => send(operation, rooms, { token: tokenFor(operation, rooms), body: '{"', headers: { 'content-type': 'application/json' } }),
  body_invalid: ({ rooms }, operation) => send(operation, rooms, { token: tokenFor(operation, rooms), body: [] }),
  body_too_large: ({ rooms }, operation) => send(operation, rooms, { token: tokenFor(operation, rooms), body: { name: 'a'.repeat(1024 * 1024) } }),
  media_type_unsupported: ({ rooms }, operation) => send(operation, rooms, { token: tokenFor(operation, rooms), body: 'name=Tea', headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
  query_invalid: ({ rooms }, operation) => {
    const { name } = operation.parameters.find(({ in: place, schema }) => place === 'query' && ['integer', 'boolean'].includes(schema.type))!
    return send(operation, rooms, { token: tokenFor(operation, rooms), query: `?${name}=many` })
  },
  conversation_not_found: ({ rooms }, operation) => send(operation, rooms, { token: tokenFor(operation, rooms), ids: { conversation_id: MISSING } }),
  not_a_participant: ({ rooms }, operation) => send(operation, rooms, { token: rooms.bia.token }),
  participant_not_found: ({ rooms }, operation) => send(operation, rooms, { token: rooms.ana.token, ids: { participant_id: MISSING } }),
  message_not_found: ({ rooms }, operation) => send(operation, rooms, { token: tokenFor(operation, rooms), ids: { message_id: MISSING } }),
  rooms_disabled: ({ closed }, operation) => send(operation, closed, { token: closed.bia.token }),
  page_not_found: ({ rooms }, operation) => send(operation, rooms, { token: rooms.ana.token, query: '?page=7' }),
  media_not_found: ({ rooms }, operation) => call(rooms.app, operation.method, `${rooms.media.slice(0, -1)}x`),
  range_not_satisfiable: ({ rooms }, operation) => send(operation, rooms, { headers: { range: 'bytes=100-' } }),
  bot_not_found: ({ rooms }, operation) => send(operation, rooms, { token: tokenFor(operation, rooms), ids: { bot: 'Nobody' }, ...operation.id !== 'redeliverToBot' && { body: { bots: ['Nobody'] } } }),
  conversation_full: ({ rooms }, operation) => send(operation, rooms, { token: rooms.bia.token, body: { bots: ['ECHO', 'ECHO', 'ECHO'] } }),
  participant_not_yours: async ({ rooms }, operation) => {
    const { body } = await rooms.ana.get(`${rooms.path}/participants/`)
    return send(operation, rooms, { token: rooms.ana.token, ids: { participant_id: body.results[1].id } })
  },
  local_id_conflict: ({ rooms }, operation) => send(operation, rooms, { token: rooms.ana.token, body: { type: 'T', text: 'other', local_id: 'f1' } }),
  quoted_message_not_found: ({ rooms }, operation) => sendMessage(operation, rooms, { type: 'T', text: 'so', quoted_message_id: MISSING }),
  file_missing: ({ rooms }, operation) => sendMessage(operation, rooms, { type: 'i' }),
  file_unexpected: ({ rooms }, operation) => send(operation, rooms, { token: rooms.ana.token, body: formOf([['type', 'T'], ['file', ['hello', 'a.txt']]]) }),
  file_too_large: ({ rooms, managed }, operation) => operation.access === 'bot'
    ? send(operation, managed, { token: BOSS, body: answerOf(managed.leaseId, { type: 'i', external_file_url: 'https://example.org/a.png' }) })
    : send(operation, rooms, { token: rooms.ana.token, body: formOf([['type', 'A'], ['file', ['a'.repeat(101), 'a.txt']]]) }),
  people_only: ({ rooms }, operation) => send(operation, rooms, { token: PARROT }),
  delivery_not_found: ({ rooms }, operation) => send(operation, rooms, { token: PARROT, ids: { delivery_id: MISSING } }),
  lease_lost: ({ rooms }, operation) => send(operation, rooms, { token: PARROT }),
  command_invalid: ({ managed }, operation) => sendCommand(operation, managed, '{"action":'),
  already_decided: ({ rooms, managed }, operation) => operation.access === 'manager'
    // The same decision again would be answered like the first time.
    ? send(operation, rooms, { token: rooms.manager.token, ...operation.id !== 'rejectMessage' && { ids: { message_id: rooms.rejected } } })
    : sendCommand(operation, managed, '{"action":"approve"}'),
  conversation_ended: ({ rooms }, operation) => {
    const { ids, leaseId } = rooms.ended
    const token = operation.access === 'bot' ? ANCHOR : tokenFor(operation, rooms)
    return send(operation, rooms, { token, ids, ...operation.id === 'ackDelivery' && { body: answerOf(leaseId, { type: 'T', text: 'HELLO' }) } })
  }
}

/** Sends a message: ana hers, Parrot its answer. */
function sendMessage (operation: Operation, place: Place, message: object): Promise<Answer> {
  return send(operation, place, { token: tokenFor(operation, place), body: operation.access === 'bot' ? answerOf(place.leaseId, message) : message })
}

/** Sends a command of the bot that manages, about ana's message. */
function sendCommand (operation: Operation, { app, ids, leaseId }: Managed, command: string): Promise<Answer> {
  const message = { type: 'T', command, quoted_message_id: ids.message_id }
  return send(operation, { app, ids }, { token: BOSS, body: operation.access === 'bot' ? answerOf(leaseId, message) : message })
}

/** Every row of every table. */
function dump (data: string): Record<string, unknown[]> {
  const database = new SQLite(join(data, FILE_NAME), { readonly: true })
  const names = database.prepare<[], { name: string }>("select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'").all()
  const rows = names.map(({ name }) => [name, database.prepare(`select * from ${name}`).all()] as const)
  database.close()
  return Object.fromEntries(rows)
}

t.test('every operation gives each problem that the contract lists for it', async t => {
  const world = await newWorld(t)
  const before = [world.rooms, world.closed, world.managed].map(({ data }) => dump(data))
  const everywhere = new Set(Object.entries<{ when?: string }>(document['x-problems']).filter(([, { when }]) => when === 'everywhere').map(([code]) => code))
  for (const operation of operations) {
    for (const code of operation.problems) {
      if (everywhere.has(code)) continue
      const { body } = await occasional[code]!(world, operation)
      t.equal(body.code, code, `${operation.id}: ${code}`)
    }
  }
  const after = [world.rooms, world.closed, world.managed].map(({ data }) => dump(data))
  t.same(after, before, 'and none of these attempts has changed anything')
})

t.test('a stranger learns nothing: a conversation of others and none look the same', async t => {
  const { closed, rooms } = await newWorld(t)
  const guarded = operations.filter(({ path }) => path.includes('{conversation_id}'))
  t.ok(guarded.length > 10)
  for (const operation of guarded) {
    for (const token of [closed.bia.token, ANCHOR, undefined]) {
      const other = await send(operation, closed, { token })
      const missing = await send(operation, closed, { token, ids: { conversation_id: MISSING, participant_id: MISSING, message_id: MISSING } })
      const malformed = await send(operation, closed, { token, ids: { conversation_id: 'x', participant_id: 'y', message_id: 'z' } })
      const long = await send(operation, closed, { token, ids: { conversation_id: 'x'.repeat(3000), participant_id: 'y', message_id: 'z' } })
      t.ok([401, 403, 404].includes(other.status), `${operation.id}: ${other.status}`)
      for (const like of [missing, malformed, long]) t.same([other.status, other.body, visible(other)], [like.status, like.body, visible(like)], operation.id)
    }
    if (operation.access !== 'participant') continue
    const member = await send(operation, rooms, { token: rooms.bia.token, ids: { participant_id: MISSING, message_id: MISSING } })
    t.equal(member.body.code, 'not_a_participant', `${operation.id}, where rooms are enabled`)
  }
})

t.test('a bot learns nothing of the messages that others are given', async t => {
  const { rooms } = await newWorld(t)
  const guarded = operations.filter(({ path }) => path.includes('{delivery_id}'))
  t.equal(guarded.length, 3)
  for (const operation of guarded) {
    for (const token of [ANCHOR, rooms.bia.token, rooms.admin.token, adminKey, undefined]) {
      const other = await send(operation, rooms, { token })
      t.same([other.status, other.body.code], token === ANCHOR ? [404, 'delivery_not_found'] : [401, 'bot_token_required'], operation.id)
      for (const id of [MISSING, 'x', 'x'.repeat(3000)]) {
        const like = await send(operation, rooms, { token, ids: { delivery_id: id } })
        t.same([other.status, other.body, visible(other)], [like.status, like.body, visible(like)], operation.id)
      }
    }
  }
})

t.test('who is no admin does not learn which bots there are by asking how they fare', async t => {
  const { rooms } = await newWorld(t)
  const guarded = operations.filter(({ access }) => access === 'admin')
  t.equal(guarded.length, 2)
  for (const operation of guarded) {
    for (const token of [rooms.ana.token, rooms.manager.token, PARROT, undefined]) {
      const [known, unknown] = [await send(operation, rooms, { token }), await send(operation, rooms, { token, ids: { bot: 'Nobody' } })]
      t.equal(known.body.code, token === undefined ? 'session_required' : 'admin_required', operation.id)
      t.same([known.status, known.body, visible(known)], [unknown.status, unknown.body, visible(unknown)], operation.id)
    }
  }
})

t.test('each access is for those whom the contract names, and for nobody else', async t => {
  const { rooms } = await newWorld(t)
  const callers: Record<string, string | undefined> = {
    nobody: undefined, 'a stranger': rooms.bia.token, 'a member': rooms.ana.token, 'a bot': PARROT, 'a manager': rooms.manager.token, 'an admin': rooms.admin.token, 'the admin key': adminKey
  }
  const heads = ['a manager', 'an admin', 'the admin key']
  const admitted: Record<string, string[]> = { bot: ['a bot'], manager: heads, admin: heads.slice(1), participant: ['a member', 'a bot'], observers: ['a member', 'a bot', ...heads] }
  const refusals = ['session_required', 'bot_token_required', 'manager_required', 'admin_required', 'not_a_participant']
  for (const operation of operations.filter(({ access }) => access !== 'public')) {
    const allowed = admitted[operation.source['x-observers'] === true ? 'observers' : operation.access]!
    // What is good for its caller would change the world: the body is one that is refused after the gate.
    const body = operation.source.requestBody === undefined ? {} : { body: [] }
    for (const [name, token] of Object.entries(callers)) {
      const { body: { code } } = await send(operation, rooms, { token, ...body })
      if (allowed.includes(name)) t.notOk(refusals.includes(code), `${operation.id} is for ${name}: ${code}`)
      else t.ok(refusals.includes(code), `${operation.id} is not for ${name}: ${code}`)
    }
  }
})

function visible ({ headers: { date, 'content-length': length, ...headers } }: Answer): object {
  return { ...headers, length }
}

t.test('parts of other conversations are not found by way of one\'s own', async t => {
  const app = await startApp(t, { rooms: false })
  const ana = await newPerson(app, 'ana')
  const bia = await newPerson(app, 'bia')
  const tea = await newTalk([ana])
  const coffee = await newTalk([bia])
  const { body: secret } = await ana.post(`${tea.path}/messages/`, { type: 'T', text: 'secret' })
  t.equal((await bia.get(`${coffee.path}/messages/${secret.id}/`)).body.code, 'message_not_found')
  t.equal((await bia.get(`${coffee.path}/participants/${tea.created.my_participant_id}/`)).body.code, 'participant_not_found')
  t.equal((await bia.patch(`${coffee.path}/participants/${tea.created.my_participant_id}/`, { name: 'me' })).body.code, 'participant_not_found')
  t.equal((await bia.post(`${coffee.path}/messages/`, { type: 'T', quoted_message_id: secret.id })).body.code, 'quoted_message_not_found')
})

t.test('a token that is forged in any way is refused, as a bearer and as a cookie', async t => {
  const { rooms } = await newWorld(t)
  const claims = { sub: rooms.ana.sessionId, exp: future }
  const [head, payload, signature] = rooms.ana.token.split('.')
  const forged: Record<string, string> = {
    'another key': sign(claims, { secret: 'another secret, which is long enough, too' }),
    'alg none': `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${payload}.`,
    'alg none with the signature': `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${payload}.${signature}`,
    'another algorithm': sign(claims, { header: { alg: 'HS512', typ: 'JWT' } }),
    'another payload': `${head}.${Buffer.from(JSON.stringify({ ...claims, sub: rooms.bia.sessionId })).toString('base64url')}.${signature}`,
    'no signature': `${head}.${payload}.`,
    'a subject that is no text': sign({ sub: 7, exp: future }),
    'no subject': sign({ exp: future })
  }
  for (const [name, token] of Object.entries(forged)) {
    const url = `${rooms.path}/messages/`
    t.match(await call(rooms.app, 'GET', url, { token }), { status: 401, body: { code: 'token_invalid' } }, `${name}, as a bearer`)
    const answer = await call(rooms.app, 'GET', url, { cookie: token })
    t.match(answer, { status: 401, body: { code: 'token_invalid' } }, `${name}, as a cookie`)
    t.match(answer.headers['set-cookie'], /^sessionid=; .*Expires=Thu, 01 Jan 1970/, 'which the browser is told to forget')
  }
  t.equal((await call(rooms.app, 'GET', `${rooms.path}/messages/`, { token: 'no token' })).body.code, 'token_invalid')
  t.equal((await rooms.ana.get(`${rooms.path}/messages/`)).status, 200)
})

t.test('a cookie of another service counts as none, and is replaced', async t => {
  const app = await startApp(t)
  const cookie = 'abcdefghijklmnopqrstuvwxyz012345'
  t.equal((await call(app, 'GET', '/api/chat/conversations/', { cookie })).status, 200)
  const created = await call(app, 'POST', '/api/chat/conversations/', { cookie })
  t.equal(created.status, 201)
  const [, replaced] = created.headers['set-cookie'].match(/^sessionid=([^;]+)/)
  t.equal((await call(app, 'GET', `/api/chat/conversations/${created.body.id}/`, { cookie: replaced })).body.my_participant_id, created.body.my_participant_id)
})

t.test('the bearer goes before the cookie', async t => {
  const app = await startApp(t)
  const [ana, bia] = [await newPerson(app, 'ana'), await newPerson(app, 'bia')]
  const { path, created } = await newTalk([ana])
  t.equal((await call(app, 'GET', path, { token: ana.token, cookie: bia.token })).body.my_participant_id, created.my_participant_id)
  t.equal((await call(app, 'GET', path, { token: bia.token, cookie: ana.token })).body.my_participant_id, null)
})

t.test('an old secret is accepted as long as it is listed, and signs no more', async t => {
  const data = t.testdir()
  const before = await startApp(t, { data }, { secrets: [SECRET] })
  const ana = await newPerson(before, 'ana')
  const { path } = await newTalk([ana])
  await before.close()

  const both = await startApp(t, { data }, { secrets: [`new ${SECRET}`, SECRET] })
  t.equal((await call(both, 'GET', path, { token: ana.token })).status, 200)
  const bia = await newPerson(both, 'bia')
  await both.close()

  const after = await startApp(t, { data }, { secrets: [`new ${SECRET}`] })
  t.equal((await call(after, 'GET', path, { token: ana.token })).body.code, 'token_invalid')
  t.equal((await call(after, 'GET', '/api/chat/conversations/?mine=true', { token: bia.token })).status, 200)
})

t.test('too many requests of one session are refused, and of no other', async t => {
  const app = await startApp(t, { limits: { requests_per_minute: 5 } })
  const ana = await newPerson(app, 'ana')
  const missing = `/api/chat/conversations/${MISSING}/messages/`
  for (let count = 0; count < 5; count++) t.equal((await ana.post(missing, { type: 'T' })).status, 404)
  const refused = await ana.post(missing, { type: 'T' })
  t.match(refused, { status: 429, body: { code: 'rate_limited', limit: 5 } })
  t.ok(Number(refused.headers['retry-after']) > 0)
  const bia = await newPerson(app, 'bia')
  t.equal((await bia.post(missing, { type: 'T' })).status, 404)
})

t.test('forged tokens count against the address', async t => {
  const app = await startApp(t, { limits: { requests_per_minute: 3 } })
  const codes = []
  for (let count = 0; count < 5; count++) codes.push((await call(app, 'GET', '/api/chat/conversations/', { token: `forged${count}` })).body.code)
  t.same(codes, ['token_invalid', 'token_invalid', 'token_invalid', 'rate_limited', 'rate_limited'])
})

t.test('a mistake of the server is a 500 without a word about its inside', async t => {
  const data = t.testdir()
  const app = await startApp(t, { data })
  const ana = await newPerson(app, 'ana')
  const { path } = await newTalk([ana])
  change(data, 'drop table events')
  const { status, body } = await ana.get(`${path}/events/`)
  t.equal(status, 500)
  t.same(body, {
    type: 'urn:colloquy:problem:internal_error',
    title: 'Internal error',
    status: 500,
    code: 'internal_error',
    detail: 'Something went wrong on the server. Nothing was stored; try again later.'
  })
})

t.test('a Host that is none is refused, where addresses are made from it', async t => {
  const app = await startApp(t)
  for (const host of ['[', 'a b', 'foo:99999', 'x/y?z', 'a@b', 'a#b']) {
    t.match(await call(app, 'GET', '/api/chat/', { headers: { host } }), { status: 400, body: { code: 'request_malformed' } }, host)
  }
  for (const host of ['chat.example.org', 'localhost:8000', '[::1]:8000', 'EXAMPLE.org']) t.equal((await call(app, 'GET', '/api/chat/', { headers: { host } })).status, 200, host)
})

t.test('health is told whatever the address has asked before', async t => {
  const app = await startApp(t, { limits: { requests_per_minute: 1 } })
  for (let count = 0; count < 3; count++) t.equal((await call(app, 'GET', '/healthz')).status, 200)
  t.same([(await call(app, 'GET', '/api/chat/bots/')).status, (await call(app, 'GET', '/api/chat/bots/')).status], [200, 429])
  t.equal((await call(app, 'GET', '/readyz')).status, 200)
})

t.test('a data folder serves one server at a time', async t => {
  const data = t.testdir()
  const first = await startApp(t, { data })
  await t.rejects(startApp(t, { data }), /Another server uses .*Stop it first/)
  await first.close()
  t.equal((await call(await startApp(t, { data }), 'GET', '/readyz')).status, 200)
})

t.test('readiness: not without a migrated database', async t => {
  const data = t.testdir()
  const app = await startApp(t, { data })
  t.equal((await call(app, 'GET', '/readyz')).status, 200)
  change(data, 'delete from kysely_migration')
  t.match(await call(app, 'GET', '/readyz'), { status: 503, body: { code: 'server_busy' } })
  change(data, 'drop table kysely_migration')
  t.match(await call(app, 'GET', '/readyz'), { status: 503, body: { code: 'server_busy' } })
  t.equal((await call(app, 'GET', '/healthz')).status, 200)
})

t.test('a body that is far too large is refused with an answer that its sender can read', async t => {
  const app = await startApp(t)
  await app.listen({ port: 0 })
  const { port } = app.server.address() as AddressInfo
  for (let count = 0; count < 5; count++) {
    const response = await fetch(`http://localhost:${port}/api/chat/sessions/`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: `"${'a'.repeat(20_000_000)}"` })
    t.match(await response.json(), { status: 413, code: 'body_too_large' })
  }
})

t.test('a body of very many values is refused without looking at each', async t => {
  const app = await startApp(t)
  const { body } = await call(app, 'POST', '/api/chat/sessions/', { body: { list: Array(400_000).fill(0) } })
  t.match(body, { code: 'body_malformed', errors: [{ pointer: '/list', code: 'max_values' }] })
})

/** Breaks the database from outside of the application. */
function change (data: string, statement: string): void {
  const database = new SQLite(join(data, FILE_NAME))
  database.exec(statement)
  database.close()
}
