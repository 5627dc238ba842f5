import fastify, { type FastifyInstance, type RouteOptions } from 'fastify'
import t, { type Test } from 'tap'
import type { BotSettings, Settings } from '../config.js'
import contract from '../plugins/contract.js'
import { operations as generated } from '../contract/api.js'
import { problems } from '../errors.js'
import { newPerson, newTalk, startApp } from './support/app.js'
import { call } from './support/call.js'
import { document, operations, type Operation } from './support/contract.js'
import { adminKey, newManager } from './support/scene.js'

t.test('every problem of the program is in the contract, and the other way round', async t => {
  const listed = document['x-problems'] as Record<string, { status: number, title: string, when?: string }>
  t.same(Object.keys(listed).sort(), Object.keys(problems).sort(), 'as x-problems')
  t.same([...document.components.schemas.ProblemCode.enum].sort(), Object.keys(problems).sort(), 'as the enum of codes')
  for (const [code, [status, title]] of Object.entries(problems)) {
    t.same([listed[code]!.status, listed[code]!.title], [status, title], code)
    const users = operations.filter(operation => operation.problems.has(code))
    t.ok(users.length > 0, `${code} belongs to some operation`)
  }
  for (const { id, problems: codes } of operations) t.ok([...codes].every(code => code in problems), id)
})

t.test('every problem has a sentence that says what to do', async t => {
  for (const [code, [, , detail]] of Object.entries(problems)) t.match(detail, /^[A-Z].*\.$/, code)
})

t.test('the application refuses to start when an operation has no route', async t => {
  const app = fastify()
  t.teardown(() => app.close())
  app.register(contract)
  await t.rejects(async () => { await app.ready() }, /Operations of openapi.yaml without a route: getEntryPoints, listBots/)
})

t.test('the application refuses to start when a route is no operation', async t => {
  const app = fastify()
  t.teardown(() => app.close())
  app.register(async app => {
    await app.register(contract)
    app.get('/secret/', async () => 'secret')
  })
  await t.rejects(async () => { await app.ready() }, /GET \/secret\/ is no operation of openapi.yaml/)
})

t.test('the application refuses to start when no gate checks an access', async t => {
  const { access: _, ...withoutAccess } = generated.getParticipant.config
  const ungated: Array<[id: string, access: string | undefined, route: RouteOptions]> = [
    ['getParticipant', undefined, { ...generated.getParticipant, config: withoutAccess, handler: async () => 'secret' }],
    ['listBots', 'participant', { ...generated.listBots, config: { ...generated.listBots.config, access: 'participant' }, handler: async () => 'secret' }]
  ]
  for (const [id, access, route] of ungated) {
    const app = fastify()
    t.teardown(() => app.close())
    app.register(async app => {
      await app.register(contract)
      app.route(route)
    })
    await t.rejects(async () => { await app.ready() }, new RegExp(`${id} has the access ${access}, which no gate checks`))
  }
})

t.test('every operation answers in both spellings of its path', async t => {
  const app = await startApp(t)
  for (const { method, url } of Object.values(generated)) {
    for (const spelling of [url.replace(/\/$/, ''), `${url.replace(/\/$/, '')}/`]) t.ok(app.hasRoute({ method, url: spelling }), `${method} ${spelling}`)
  }
})

const PARROT = 'the-token-of-Parrot-has-enough-characters'

/** What the examples of operations with an access are about: who is in the conversation, and whether it is managed. */
const settings: Record<string, Settings & { bots: BotSettings[] }> = {
  // Everything that ana says waits for its answer, and the examples are earlier.
  public: { bots: [echo(60_000), calculator(60_000)] },
  manager: { bots: [echo(0), calculator(60_000)], manager: { role: 'person' } },
  admin: { bots: [echo(0)] },
  bot: { bots: [{ name: 'Parrot', kind: 'lease', token: PARROT }] }
}

function echo (delay: number): BotSettings {
  return { name: 'ECHO', kind: 'echo', description: 'Answers in capitals.', delay_ms: delay }
}

function calculator (delay: number): BotSettings {
  return { name: 'Calculator', kind: 'calculator', description: 'Answers with the value of an expression.', delay_ms: delay }
}

/** Where an example is tried: who calls, and what its path and its body name there. */
interface Stage { app: FastifyInstance, token: string | undefined, ids: Record<string, string> }

/** A conversation in which, unless the operation is about the first thing that happens, ana has said hello. */
async function setStage (t: Test, operation: Operation): Promise<Stage> {
  const { bots, ...others } = settings[operation.access] ?? settings.public!
  const app = await startApp(t, { ...others, data: `${t.testdirName}/${operation.id}`, bots, limits: { requests_per_minute: 12_000 } }, { adminKey })
  const ana = await newPerson(app, 'ana')
  const { path, created } = await newTalk([ana], { name: 'Tea', bots: bots.map(bot => bot.name) })
  const ids = { conversation_id: created.id, participant_id: created.my_participant_id, bot: bots[0]!.name }
  if (['createMessage', 'leaseDeliveries'].includes(operation.id)) return { app, token: operation.access === 'bot' ? PARROT : ana.token, ids }
  const { body: hello } = await ana.post(`${path}/messages/`, { type: 'T', text: 'hello', local_id: 'l1' })
  const said = { ...ids, message_id: hello.id }
  switch (operation.access) {
    case 'bot': return { app, token: PARROT, ids: { ...said, ...await leaseOne(app) } }
    case 'admin':
      // ECHO has answered.
      await ana.get(`${path}/events/?after=${hello.seq}&wait=60`)
      return { app, token: (await newManager(app, 'eva', 'admin')).token, ids: said }
    case 'manager': return { app, ...await findWaiting(app, operation, path, hello) }
    default: return { app, token: operation.session === 'none' ? undefined : ana.token, ids: said }
  }

  async function findWaiting (app: FastifyInstance, { id }: Operation, path: string, { seq }: { seq: number }): Promise<Omit<Stage, 'app'>> {
    const davi = await newManager(app, 'davi')
    const { body: { events: [pending] } } = await davi.get(`${path}/events/?after=${seq}&wait=60`)
    const waiting = pending.message.id
    if (id === 'listDecisions') await davi.post(`${path}/messages/${waiting}/approve/`, { text: 'HELLO!' })
    return { token: davi.token, ids: id === 'redirectMessage' ? said : { ...said, message_id: waiting } }
  }
}

async function leaseOne (app: FastifyInstance): Promise<{ delivery_id: string, lease_id: string }> {
  const { body: { deliveries: [delivery] } } = await call(app, 'POST', '/api/chat/bot/deliveries/lease/', { token: PARROT })
  return { delivery_id: delivery.id, lease_id: delivery.lease_id }
}

t.test('every example of the contract is true', async t => {
  t.testdir()
  const tried: string[] = []
  for (const operation of operations) {
    const [status, example] = exampleOf(operation.source.responses)
    const body = operation.source.requestBody?.content['application/json'].example
    if (example === undefined && body === undefined) continue
    tried.push(operation.id)
    const { app, token, ids } = await setStage(t, operation)
    const answer = await call(app, operation.method, `${operation.path.replace(/\{(\w+)\}/g, (_, name) => ids[name]!)}${queryOf(operation.parameters)}`, {
      token,
      body: body?.lease_id === undefined ? body : { ...body, lease_id: ids.lease_id }
    })
    t.equal(answer.status, Number(status || 200), operation.id)
    if (example !== undefined) t.same(blur(answer.body), blur(example), operation.id)
    await app.close()
  }
  for (const id of ['approveMessage', 'rejectMessage', 'redirectMessage', 'listDecisions', 'listApprovals', 'leaseDeliveries', 'ackDelivery', 'nackDelivery', 'extendDelivery', 'listBotStates', 'redeliverToBot']) t.ok(tried.includes(id), `${id} has an example`)
})

function exampleOf (responses: Record<string, any>): [status: string, example: unknown] {
  const entries = Object.entries(responses).map(([status, { content }]) => [status, content?.['application/json']?.example] as [string, unknown])
  return entries.find(([, example]) => example !== undefined) ?? ['', undefined]
}

function queryOf (parameters: Array<Record<string, any>>): string {
  const query = parameters.filter(({ in: place, example }) => place === 'query' && example !== undefined).map(({ name, example }) => [name, String(example)] as [string, string])
  return query.length === 0 ? '' : `?${new URLSearchParams(query)}`
}

/** The same, but for what is another each time: ids, times, tokens, hosts. */
function blur (value: any): any {
  if (Array.isArray(value)) return value.map(blur)
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, blur(inner)]))
  if (typeof value !== 'string') return value
  return value
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<id>')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, '<time>')
    .replace(/^[0-9a-f]{32}$/, '<local id>')
    .replace(/^eyJ[\w-]+\.[\w-]+\.[\w-]+$/, '<token>')
    .replace(/^http:\/\/[^/]+/, '<host>')
}
