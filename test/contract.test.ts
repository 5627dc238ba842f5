import fastify from 'fastify'
import t from 'tap'
import contract from '../plugins/contract.js'
import { operations as generated } from '../contract/api.js'
import { problems } from '../errors.js'
import { newPerson, newTalk, startApp } from './support/app.js'
import { call } from './support/call.js'
import { document, operations } from './support/contract.js'

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
  const app = fastify()
  t.teardown(() => app.close())
  app.register(async app => {
    await app.register(contract)
    app.route({ ...generated.getParticipant, config: { ...generated.getParticipant.config, access: 'manager' }, handler: async () => 'secret' })
  })
  await t.rejects(async () => { await app.ready() }, /getParticipant has the access manager, which no gate checks/)
})

t.test('every operation answers in both spellings of its path', async t => {
  const app = await startApp(t)
  for (const { method, url } of Object.values(generated)) {
    for (const spelling of [url.replace(/\/$/, ''), `${url.replace(/\/$/, '')}/`]) t.ok(app.hasRoute({ method, url: spelling }), `${method} ${spelling}`)
  }
})

t.test('every example of the contract is true', async t => {
  const app = await startApp(t, { limits: { requests_per_minute: 12_000 } })
  for (const operation of operations) {
    const [status, example] = exampleOf(operation.source.responses)
    if (example === undefined) continue
    const ana = await newPerson(app, 'ana')
    const { path, created } = await newTalk([ana], { name: 'Tea', bots: ['ECHO', 'Calculator'] })
    const hello = operation.id === 'createMessage' ? undefined : await ana.post(`${path}/messages/`, { type: 'T', text: 'hello', local_id: 'l1' })
    const ids: Record<string, string> = { conversation_id: created.id, participant_id: created.my_participant_id, message_id: hello?.body.id }
    const answer = await call(app, operation.method, `${operation.path.replace(/\{(\w+)\}/g, (_, name) => ids[name]!)}${queryOf(operation.parameters)}`, {
      token: operation.session === 'none' ? undefined : ana.token,
      body: operation.source.requestBody?.content['application/json'].example
    })
    t.equal(answer.status, Number(status), operation.id)
    t.same(blur(answer.body), blur(example), operation.id)
  }
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
    .replace(/^eyJ[\w-]+\.[\w-]+\.[\w-]+$/, '<token>')
    .replace(/^http:\/\/[^/]+/, '<host>')
}
