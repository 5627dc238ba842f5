import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import type { Settings } from '../config.js'
import type { Decision, Event } from '../contract/api.js'
import { formOf, newPerson, type Person } from './support/app.js'
import { call, type Answer } from './support/call.js'
import { adminKey, newManager, newPeople, readEverywhere, readStream, requireFrame, setScene, startOpen, startOutsiders, type Outsider, type Scene } from './support/scene.js'
import { listen, subscribe, wsUrl } from './support/subscriber.js'

// A frame that does not come would be waited for: the test ends before that and fails.
const soon = (): { timeout: number } => ({ timeout: 30_000 })

const nowhere = '01936a2c-0000-7000-8000-000000000001'

interface Stage extends Scene {
  eve: Outsider
  ada: Outsider
  maria: Person
}

/** ana and bia, two bots that say what the test lets them say, and a person who manages from elsewhere. */
async function setStage (t: Test, settings: Settings = {}): Promise<Stage> {
  const outsiders = await startOutsiders(t, 'Eve', 'Ada')
  const app = await startOpen(t, { bots: outsiders.settings, manager: { role: 'person' }, ...settings })
  const scene = await setScene(t, app, ['Eve', 'Ada'], await newPeople(app, 'ana', 'bia'))
  return { ...scene, eve: await outsiders.enter(app, scene, 'Eve'), ada: await outsiders.enter(app, scene, 'Ada'), maria: await newManager(app, 'maria') }
}

/** Somebody says something; gives the message. */
async function say ({ path }: Pick<Scene, 'path'>, { post }: Pick<Person, 'post'>, text: string): Promise<any> {
  const { status, body } = await post(`${path}/messages/`, { type: 'T', text })
  if (status !== 201) throw new Error(JSON.stringify(body))
  return body
}

function about ({ path }: Pick<Scene, 'path'>, { id }: { id: string }, verb: string): string {
  return `${path}/messages/${id}/${verb}/`
}

// --- The operations

t.test('what a bot says waits until somebody approves it', soon(), async t => {
  const stage = await setStage(t)
  const { path, eve, maria, seats: [ana, bia] } = stage
  const waiting = await say(stage, eve, 'HELLO')
  await stage.settle()
  t.same(stage.lines(ana!), [])
  const first = await maria.post(about(stage, waiting, 'approve'), {})
  t.equal(first.status, 200)
  const { time, ...decision } = first.body
  t.same(decision, { action: 'approve', message_id: waiting.id, by: { kind: 'person', id: maria.sessionId }, reason: null, text: null, targets: null, overrides: null })
  const shown = await bia!.hears({ text: 'HELLO' })
  t.same({ ...shown, seq: 0 }, { ...waiting, seq: 0 }, 'as it was sent, time and id included')
  t.ok(shown.seq > waiting.seq)
  t.same((await ana!.get(`${path}/messages/${waiting.id}/`)).body, shown)
  t.same((await maria.get(about(stage, waiting, 'decisions'))).body, { original_text: 'HELLO', results: [first.body] })
})

t.test('an approval may change the text, and what was said is kept', soon(), async t => {
  const stage = await setStage(t)
  const { path, eve, maria, seats: [ana, bia] } = stage
  const waiting = await say(stage, eve, 'HELO')
  const { body: decision } = await maria.post(about(stage, waiting, 'approve'), { text: 'HELLO' })
  t.equal(decision.text, 'HELLO')
  await Promise.all([ana!, bia!].map(seat => seat.hears({ id: waiting.id, text: 'HELLO', sender_id: eve.participantId })))
  const [end] = await stage.settle()
  t.equal(stage.lines(ana!, 0, end).length, 1)
  for (const text of [await readEverywhere(stage.app, stage, ana!, [waiting.id]), JSON.stringify(ana!.frames)]) t.notMatch(text, /HELO/)
  t.same((await maria.get(about(stage, waiting, 'decisions'))).body, { original_text: 'HELO', results: [decision] })
  const { body: { events } } = await maria.get(`${path}/events/?limit=500`)
  t.same(events.filter((event: Event) => 'message' in event && event.message.id === waiting.id).map(({ type, message }: any) => [type, message.text]), [['message.pending', 'HELO'], ['message.created', 'HELLO']])
})

t.test('what is rejected is never seen', soon(), async t => {
  const stage = await setStage(t)
  const { path, eve, maria, seats: [ana] } = stage
  const waiting = await say(stage, eve, 'nonsense')
  const { status, body } = await maria.post(about(stage, waiting, 'reject'), { reason: 'It is wrong.' })
  t.equal(status, 200)
  t.same({ ...body, time: '' }, { action: 'reject', message_id: waiting.id, time: '', by: { kind: 'person', id: maria.sessionId }, reason: 'It is wrong.', text: null, targets: null, overrides: null })
  await stage.settle()
  t.same(stage.lines(ana!), [])
  for (const text of [await readEverywhere(stage.app, stage, ana!, [waiting.id]), JSON.stringify(ana!.frames)]) t.notMatch(text, /nonsense|It is wrong/)
  t.equal((await ana!.get(`${path}/messages/${waiting.id}/`)).status, 404)
  t.same((await maria.get('/api/chat/approvals/')).body, { results: [], next: null })
  t.same((await maria.get(about(stage, waiting, 'decisions'))).body, { original_text: 'nonsense', results: [body] })
})

t.test('what is redirected is seen by the bots that it is given to, changed, and by nobody else', soon(), async t => {
  const stage = await setStage(t)
  const { app, eve, ada, maria, seats: [ana] } = stage
  const waiting = await say(stage, eve, 'for somebody')
  const overrides = { text: 'for Ada', sent_by_human: true }
  const { status, body } = await maria.post(about(stage, waiting, 'redirect'), { bots: ['Ada'], overrides })
  t.equal(status, 200)
  t.same([body.action, body.targets, JSON.parse(body.overrides)], ['redirect', [ada.participantId], overrides])
  await stage.settle()
  const eventsOf = async (bot: Outsider): Promise<Event[]> => (await bot.get(`${stage.path}/events/?limit=500`)).body.events
  const given = (await eventsOf(ada)).filter(({ type }) => type === 'message.redirected')
  t.same(given.map(event => ({ ...(event as any).message, seq: 0 })), [{ ...waiting, ...overrides, seq: 0 }])
  t.equal((await eventsOf(eve)).some(({ type }) => type === 'message.redirected'), false)
  for (const text of [await readEverywhere(app, stage, ana!, [waiting.id]), JSON.stringify(ana!.frames)]) t.notMatch(text, /for (somebody|Ada)/)
  t.equal((await maria.post(about(stage, waiting, 'approve'), {})).body.code, 'already_decided')
})

t.test('a message of a person may be redirected to one bot after the other', soon(), async t => {
  const stage = await setStage(t)
  const { eve, ada, maria, seats: [ana, bia] } = stage
  const said = await say(stage, ana!, 'hello')
  const redirect = (body: object): Promise<Answer> => maria.post(about(stage, said, 'redirect'), body)
  const first = await redirect({ bots: ['Eve'], overrides: { text: 'a', options: ['b'] } })
  t.same(first.body.targets, [eve.participantId])
  t.same((await redirect({ bots: [eve.participantId], overrides: { options: ['b'], text: 'a' } })).body, first.body, 'the order of the fields is no difference')
  t.equal((await redirect({ bots: ['Eve'] })).body.code, 'already_decided')
  t.equal((await redirect({ bots: ['Ada', 'Eve'] })).body.code, 'already_decided', 'and Ada was not given it')
  const second = await redirect({ bots: ['Ada', ada.participantId] })
  t.same([second.status, second.body.targets, second.body.overrides], [200, [ada.participantId], null])
  t.same((await redirect({ bots: ['Ada'], overrides: {} })).body, second.body, 'nothing changed is nothing changed')
  t.same((await maria.get(about(stage, said, 'decisions'))).body.results, [first.body, second.body])
  for (const verb of ['approve', 'reject']) t.equal((await maria.post(about(stage, said, verb), {})).body.code, 'already_decided')
  await stage.settle()
  t.same(stage.lines(bia!), [{ from: 'ana', text: 'hello', quotes: null, options: [] }])
})

t.test('the first decision holds: the same again is answered alike, another is refused', soon(), async t => {
  const stage = await setStage(t)
  const { app, eve, maria, seats: [ana] } = stage
  const mario = await newManager(app, 'mario')
  const decisions: Record<string, { first: [string, object], same: Array<[string, object]>, other: Array<[string, object]> }> = {
    approve: {
      first: ['approve', {}],
      same: [['approve', {}], ['approve', { text: 'said' }]],
      other: [['approve', { text: 'other' }], ['reject', {}], ['redirect', { bots: ['Ada'] }]]
    },
    'approve, edited': {
      first: ['approve', { text: 'edited' }],
      same: [['approve', { text: 'edited' }], ['approve', {}]],
      other: [['approve', { text: 'said' }], ['reject', { reason: 'no' }], ['redirect', { bots: ['Eve'] }]]
    },
    reject: {
      first: ['reject', { reason: 'first' }],
      same: [['reject', {}], ['reject', { reason: 'second' }]],
      other: [['approve', {}], ['redirect', { bots: ['Ada'] }]]
    },
    redirect: {
      first: ['redirect', { bots: ['Eve', 'Ada'], overrides: { text: 'x' } }],
      same: [['redirect', { bots: ['Ada', 'Eve'], overrides: { text: 'x' } }], ['redirect', { bots: ['Ada'], overrides: { text: 'x' } }]],
      other: [['redirect', { bots: ['Ada'] }], ['redirect', { bots: ['Ada'], overrides: { text: 'y' } }], ['approve', {}], ['reject', {}]]
    },
    'redirect to one': {
      first: ['redirect', { bots: ['Ada'] }],
      same: [['redirect', { bots: ['Ada'] }]],
      other: [['redirect', { bots: ['Eve'] }], ['redirect', { bots: ['Ada', 'Eve'] }]]
    }
  }
  for (const [name, { first: [verb, body], same, other }] of Object.entries(decisions)) {
    const waiting = await say(stage, eve, 'said')
    const first = await maria.post(about(stage, waiting, verb), body)
    t.equal(first.status, 200, name)
    for (const [verb, body] of same) {
      const again = await mario.post(about(stage, waiting, verb), body)
      t.same([again.status, again.body], [200, first.body], `${name}, then ${verb} ${JSON.stringify(body)}`)
    }
    for (const [verb, body] of other) {
      const again = await mario.post(about(stage, waiting, verb), body)
      t.same([again.status, again.body.code], [409, 'already_decided'], `${name}, then ${verb} ${JSON.stringify(body)}`)
    }
    t.same((await maria.get(about(stage, waiting, 'decisions'))).body.results, [first.body])
  }
  await stage.settle()
  t.same(stage.lines(ana!).map(({ text }) => text), ['said', 'edited'], 'each that is approved is heard once')
})

t.test('what cannot be decided is refused by name', soon(), async t => {
  const stage = await setStage(t)
  const { path, eve, ada, maria, seats: [ana] } = stage
  const waiting = await say(stage, eve, 'said')
  const { body: { results: [joined] } } = await maria.get(`${path}/messages/`)
  const wrong: Array<[verb: string, message: { id: string }, body: unknown, status: number, code: string, pointer?: string]> = [
    ['approve', { id: nowhere }, {}, 404, 'message_not_found'],
    ['reject', { id: 'no-id' }, {}, 404, 'message_not_found'],
    ['approve', joined, {}, 409, 'already_decided'],
    ['approve', waiting, { text: '' }, 400, 'body_invalid', '/text'],
    ['approve', waiting, { text: 'a\0b' }, 400, 'body_invalid', '/text'],
    ['approve', waiting, { text: 'x'.repeat(4001) }, 400, 'body_invalid', '/text'],
    ['approve', waiting, { note: 'x' }, 400, 'body_invalid', '/note'],
    ['reject', waiting, { reason: 1 }, 400, 'body_invalid', '/reason'],
    ['redirect', waiting, {}, 400, 'body_invalid', '/bots'],
    ['redirect', waiting, { bots: [] }, 400, 'body_invalid', '/bots'],
    ['redirect', waiting, { bots: ['Ada', 'Nobody'] }, 422, 'bot_not_found', '/bots/1'],
    ['redirect', waiting, { bots: [ana!.participantId] }, 422, 'bot_not_found', '/bots/0'],
    ['redirect', waiting, { bots: ['Ada'], overrides: { id: nowhere } }, 400, 'body_invalid', '/overrides/id'],
    ['redirect', waiting, { bots: ['Ada'], overrides: { sender_id: 'ana' } }, 400, 'body_invalid', '/overrides/sender_id']
  ]
  for (const [verb, message, body, status, code, pointer] of wrong) {
    const answer = await maria.post(about(stage, message, verb), body)
    t.same([answer.status, answer.body.code, answer.body.errors?.[0].pointer], [status, code, pointer], `${verb} ${JSON.stringify(body).slice(0, 50)}`)
  }
  t.same((await maria.get(about(stage, waiting, 'decisions'))).body.results, [])
  t.equal((await ada.get(`${path}/events/?limit=500`)).body.events.some(({ type }: Event) => type === 'message.redirected'), false)
  t.equal((await maria.get('/api/chat/approvals/')).body.results.length, 1, 'it waits as before')
})

t.test('an approval and a rejection need no body', soon(), async t => {
  const stage = await setStage(t)
  const { eve, maria } = stage
  t.equal((await maria.post(about(stage, await say(stage, eve, 'one'), 'approve'))).status, 200)
  t.equal((await maria.post(about(stage, await say(stage, eve, 'two'), 'reject'))).status, 200)
})

t.test('with a person as manager bots hear people at once, and what was approved when they are given what bots say', soon(), async t => {
  const bots: Settings['bots'] = [{ name: 'ECHO', kind: 'echo', delay_ms: 20 }, { name: 'Parrot', kind: 'echo', delay_ms: 60, receives: 'all' }]
  const app = await startOpen(t, { bots, manager: { role: 'person' } })
  const scene = await setScene(t, app, ['ECHO', 'Parrot'], await newPeople(app, 'ana', 'bia'))
  const maria = await newManager(app, 'maria')
  const said = await say(scene, scene.seats[0]!, 'hello')
  await scene.settle()
  const { body: { results } } = await maria.get('/api/chat/approvals/')
  t.same(results.map(({ message: { text, sender_id: sender, quoted_message_id: quoted } }: any) => [text, sender, quoted]), ['ECHO', 'Parrot'].map(name => ['HELLO', scene.bots[name], said.id]))
  for (const { message } of results) await maria.post(about(scene, message, 'approve'), {})
  const [end] = await scene.settle()
  t.same(scene.lines(scene.seats[0]!, 0, end).map(({ from, text }) => [from, text]), [['ana', 'hello'], ['ECHO', 'HELLO'], ['Parrot', 'HELLO']])
  const { body: { results: answers } } = await maria.get('/api/chat/approvals/')
  t.same(answers.map(({ message }: any) => [message.sender_id, message.quoted_message_id]), [[scene.bots.Parrot, results[0].message.id]])
})

// --- Who may

t.test('managers decide, others do not', soon(), async t => {
  const stage = await setStage(t)
  const { app, path, eve, maria, seats: [ana] } = stage
  const admin = await newManager(app, 'root', 'admin')
  const caio = await newPerson(app, 'caio')
  const waiting = await say(stage, eve, 'said')
  const operations: Array<[method: string, url: string, body?: object]> = [
    ['POST', about(stage, waiting, 'approve'), {}],
    ['POST', about(stage, waiting, 'reject'), {}],
    ['POST', about(stage, waiting, 'redirect'), { bots: ['Ada'] }],
    ['GET', about(stage, waiting, 'decisions')],
    ['GET', '/api/chat/approvals/']
  ]
  for (const [method, url, body] of operations) {
    for (const [name, token] of [['ana', ana!.token], ['caio', caio.token], ['Eve', eve.token]]) {
      const answer = await call(app, method, url, { body, token })
      t.same([answer.status, answer.body.code], [403, 'manager_required'], `${name} may not ${method} ${url}`)
    }
    t.equal((await call(app, method, url, { body })).body.code, 'session_required')
    if (method === 'GET') for (const token of [maria.token, admin.token, adminKey]) t.equal((await call(app, method, url, { token })).status, 200)
  }
  t.same((await maria.get(about(stage, waiting, 'decisions'))).body.results, [], 'nobody has decided')
  t.same((await admin.post(about(stage, waiting, 'approve'), {})).body.by, { kind: 'person', id: admin.sessionId })
  const second = await say(stage, eve, 'more')
  t.same((await call(app, 'POST', about(stage, second, 'reject'), { body: {}, token: adminKey })).body.by, { kind: 'person', id: null })
  // A manager may be in the conversation, too.
  await maria.post(`${path}/join/`, { nickname: 'maria' })
  const third = await say(stage, eve, 'third')
  t.same((await maria.post(about(stage, third, 'approve'), {})).body.by, { kind: 'person', id: maria.sessionId })
  await ana!.hears({ text: 'third' })
})

t.test('where rooms are disabled a stranger cannot tell a conversation from none', soon(), async t => {
  const outsiders = await startOutsiders(t, 'Eve')
  const app = await startOpen(t, { bots: outsiders.settings, manager: { role: 'person' }, rooms: false })
  const scene = await setScene(t, app, ['Eve'], await newPeople(app, 'ana'))
  const waiting = await say(scene, await outsiders.enter(app, scene, 'Eve'), 'said')
  const caio = await newPerson(app, 'caio')
  for (const verb of ['approve', 'reject', 'redirect']) {
    const answers = [await caio.post(about(scene, waiting, verb), { bots: ['Eve'] }), await caio.post(about({ path: scene.path.replace(scene.id, nowhere) }, waiting, verb), { bots: ['Eve'] })]
    t.same(answers.map(({ status, body }) => [status, body.code]), Array(2).fill([404, 'conversation_not_found']))
    t.same(answers[0]!.body, answers[1]!.body)
    t.equal((await scene.seats[0]!.post(about(scene, waiting, verb), { bots: ['Eve'] })).body.code, 'manager_required')
  }
  t.equal((await caio.get(about(scene, waiting, 'decisions'))).body.code, 'conversation_not_found')
  const maria = await newManager(app, 'maria')
  t.equal((await maria.post(about(scene, waiting, 'approve'), {})).status, 200)
})

t.test('a bot that manages decides by its session', soon(), async t => {
  const outsiders = await startOutsiders(t, 'Eve', 'Boss')
  const app = await startOpen(t, { bots: outsiders.settings, manager: 'Boss' })
  const scene = await setScene(t, app, ['Eve'], await newPeople(app, 'ana'))
  const [eve, boss] = [await outsiders.enter(app, scene, 'Eve'), await outsiders.enter(app, scene, 'Boss')]
  const waiting = await say(scene, eve, 'said')
  t.equal((await eve.post(about(scene, waiting, 'approve'), {})).status, 403)
  t.same((await boss.post(about(scene, waiting, 'approve'), {})).body.by, { kind: 'bot', id: boss.participantId })
  await scene.seats[0]!.hears({ text: 'said' })
  // It manages its conversations, and no others.
  t.equal((await boss.get('/api/chat/approvals/')).status, 403)
  const other = await setScene(t, app, ['Eve'], await newPeople(app, 'bia'))
  const elsewhere = await say(other, await outsiders.enter(app, other, 'Eve'), 'elsewhere')
  t.equal((await boss.post(about(other, elsewhere, 'approve'), {})).status, 403)
  // A command by REST is like one by socket.
  const command = JSON.stringify({ action: 'approve' })
  const second = await say(scene, eve, 'second')
  const answer = await boss.post(`${scene.path}/messages/`, { type: 'T', text: null, quoted_message_id: second.id, command })
  t.equal(answer.status, 201)
  await scene.seats[0]!.hears({ text: 'second' })
  const refused = await boss.post(`${scene.path}/messages/`, { type: 'T', quoted_message_id: second.id, command: '{"action":"explode"}' })
  t.same([refused.status, refused.body.code, refused.body.errors[0].pointer], [422, 'command_invalid', '/command/action'])
})

t.test('a bot that manages by leases decides by its token, or by what it acknowledges with', soon(), async t => {
  const outsiders = await startOutsiders(t, 'Eve')
  const token = 'the-token-of-the-boss-0123456789-abcdef'
  const app = await startOpen(t, { bots: [...outsiders.settings, { name: 'Boss', kind: 'lease', token }], manager: 'Boss' })
  const scene = await setScene(t, app, ['Eve'], await newPeople(app, 'ana'))
  const [ana] = scene.seats
  const eve = await outsiders.enter(app, scene, 'Eve')
  const waiting = await say(scene, eve, 'said')
  t.same((await call(app, 'POST', about(scene, waiting, 'approve'), { body: {}, token })).body.by, { kind: 'bot', id: scene.bots.Boss })
  await ana!.hears({ text: 'said' })

  const second = await say(scene, eve, 'second')
  const { body: { deliveries } } = await call(app, 'POST', '/api/chat/bot/deliveries/lease/', { body: { max: 1 }, token })
  const [delivery] = deliveries
  t.equal(delivery.message.text, 'said', 'it is given what it has decided about, too')
  const ack = (messages: object[]): Promise<Answer> => call(app, 'POST', `/api/chat/bot/deliveries/${delivery.id}/ack/`, { body: { lease_id: delivery.lease_id, messages }, token })
  const approving = { type: 'T', text: '', quoted_message_id: second.id, command: '{"action":"approve"}' }
  const refused = await ack([approving, { ...approving, command: '{"action":"redirect","bots":["Nobody"]}' }])
  t.same([refused.status, refused.body.code, refused.body.errors[0].pointer], [422, 'command_invalid', '/messages/1/command/bots/0'])
  t.same((await call(app, 'GET', about(scene, second, 'decisions'), { token })).body.results, [], 'nothing of it is done')
  t.equal((await ack([approving, { type: 'T', text: 'said by the boss', command: '{"self_approve":true}' }])).status, 200)
  await ana!.hears({ text: 'second' })
  await ana!.hears({ text: 'said by the boss', sender_id: scene.bots.Boss })
})

t.test('who sends the admin key may give roles, and nobody else', soon(), async t => {
  const app = await startOpen(t, { manager: { role: 'person' } })
  const create = (body: object, token?: string): Promise<Answer> => call(app, 'POST', '/api/chat/sessions/', { body, token })
  const { token: managerToken } = await newManager(app, 'maria')
  for (const role of ['manager', 'admin']) {
    const given = await create({ nickname: 'maria', role }, adminKey)
    t.same([given.status, given.body.role], [201, role])
    for (const token of [undefined, 'wrong', `${adminKey}x`, adminKey.slice(1), managerToken, given.body.token]) {
      const refused = await create({ nickname: 'maria', role }, token)
      t.same([refused.status, refused.body.code], [403, 'admin_required'])
    }
  }
  t.equal((await create({ nickname: 'x', role: 'boss' }, adminKey)).status, 400)
  t.same((await create({ nickname: 'ana' }, adminKey)).body.role, null)
  const { body: { token } } = await create({ nickname: 'ana' })
  t.equal((await call(app, 'GET', '/api/chat/approvals/', { token })).body.code, 'manager_required')
})

// --- What managers read

t.test('the messages that wait are listed oldest first, in pages, of all conversations', soon(), async t => {
  const outsiders = await startOutsiders(t, 'Eve')
  const app = await startOpen(t, { bots: outsiders.settings, manager: { role: 'person', timeout_s: 3600, on_timeout: 'reject' }, rooms: false })
  const scenes = [await setScene(t, app, ['Eve'], await newPeople(app, 'ana')), await setScene(t, app, ['Eve'], await newPeople(app, 'bia'))]
  const eves = [await outsiders.enter(app, scenes[0]!, 'Eve'), await outsiders.enter(app, scenes[1]!, 'Eve')]
  const maria = await newManager(app, 'maria')
  const said = []
  for (let index = 0; index < 7; index++) said.push(await say(scenes[index % 2]!, eves[index % 2]!, `number ${index}`))
  const read = async (limit: number): Promise<any[][]> => {
    const pages = []
    for (let next: string | null = ''; next !== null;) {
      const { status, body }: Answer = await maria.get(`/api/chat/approvals/?limit=${limit}${next === '' ? '' : `&after=${next}`}`)
      t.equal(status, 200)
      pages.push(body.results)
      next = body.next
    }
    return pages
  }
  for (const [limit, sizes] of [[3, [3, 3, 1]], [7, [7]], [1, Array(7).fill(1)], [500, [7]]] as const) {
    const pages = await read(limit)
    t.same(pages.map(page => page.length), sizes)
    t.same(pages.flat().map(({ message }) => message), said)
  }
  const all = (await read(100)).flat()
  for (const [index, { conversation, message, deadline }] of all.entries()) {
    t.equal(conversation.id, scenes[index % 2]!.id)
    t.equal(Date.parse(deadline) - Date.parse(message.time), 3600_000)
  }
  // What is decided about while somebody reads makes no gap.
  const { body: { next } } = await maria.get('/api/chat/approvals/?limit=2')
  for (const index of [0, 1, 4]) await maria.post(about(scenes[index % 2]!, said[index], index === 1 ? 'reject' : 'approve'), {})
  t.same((await maria.get(`/api/chat/approvals/?after=${next}`)).body.results.map(({ message }: any) => message.text), [2, 3, 5, 6].map(index => `number ${index}`))
  for (const query of ['limit=0', 'limit=501', 'after=x']) t.equal((await maria.get(`/api/chat/approvals/?${query}`)).body.code, 'query_invalid')
})

t.test('managers read a conversation that they are not in, and say nothing in it', soon(), async t => {
  for (const rooms of [true, false]) {
    const outsiders = await startOutsiders(t, 'Eve')
    const app = await startOpen(t, { bots: outsiders.settings, manager: { role: 'person' }, rooms })
    const stage = await setScene(t, app, ['Eve'], await newPeople(app, 'ana'))
    const { id, path, seats: [ana] } = stage
    const eve = await outsiders.enter(app, stage, 'Eve')
    const [maria, root] = [await newManager(app, 'maria'), await newManager(app, 'root', 'admin')]
    const said = await say(stage, ana!, 'hello')
    const form = formOf([['type', 'A'], ['text', 'waits'], ['file', ['the bytes', 'a.txt']]])
    const { body: waiting } = await eve.post(`${path}/messages/`, form)
    await stage.settle()

    for (const manager of [maria, root]) {
      t.same((await manager.get(`${path}/messages/?after=0`)).body.results.filter(({ type }: any) => type !== 'S').map(({ text }: any) => text), ['hello'])
      t.equal((await manager.get(`${path}/messages/${said.id}/`)).body.text, 'hello')
      t.same((await manager.get(`${path}/participants/`)).body.results.map(({ name }: any) => name), ['ana', 'Eve'])
      const snapshot = (await manager.get(`${path}/snapshot/`)).body
      t.same([snapshot.my_participant_id, snapshot.messages.at(-1).text], [null, 'hello'])
      const { body: { events } } = await manager.get(`${path}/events/?limit=500`)
      t.same(events.map(({ seq }: Event) => seq), events.map((_: unknown, index: number) => index + 1), 'nothing of the log is hidden from them')
      const pending = events.find(({ type }: Event) => type === 'message.pending')
      t.same([pending.message, pending.deadline], [waiting, null])
      const stream = await readStream(app, `${path}/events/stream/?after=0`, manager.token, text => text.includes('conversation.renamed'))
      t.same(stream.split('\n').filter(line => line.startsWith('data: ')).map(line => JSON.parse(line.slice(6))), events)
      t.equal((await app.inject(pending.message.file_url)).body, 'the bytes')

      const writing: Array<[method: string, url: string, body: object]> = [
        ['POST', `${path}/messages/`, { type: 'T', text: 'I was here' }],
        ['PATCH', `${path}/`, { name: 'Mine' }],
        ['PATCH', `${path}/participants/${ana!.participantId}/`, { name: 'Ana' }],
        ['POST', `${path}/leave/`, {}]
      ]
      for (const [method, url, body] of writing) t.same((await call(app, method, url, { body, token: manager.token })).body.code, 'not_a_participant', `${method} ${url}`)
      const socket = await subscribe(t, wsUrl(app, id, '?after=0'), { token: manager.token })
      await socket.until(({ event }) => event?.type === 'conversation.renamed')
      socket.frames.forEach(requireFrame)
      socket.send({ type: 'T', text: 'I was here', local_id: 'mine' })
      const { error } = await socket.until(({ error }) => error)
      t.same([error.code, error.local_id], ['not_a_participant', 'mine'])
      await socket.close()
    }
    t.notMatch(JSON.stringify((await maria.get(`${path}/events/?limit=500`)).body), /I was here/)
    t.equal((await maria.get(`${path.replace(id, nowhere)}/events/`)).status, 404)
    await app.close()
  }
})

t.test('the sockets of managers tell what waits and what was decided, those of people do not', soon(), async t => {
  const stage = await setStage(t)
  const { app, id, path, eve, ada, maria, seats: [ana] } = stage
  const mario = await newManager(app, 'mario')
  await mario.post(`${path}/join/`, { nickname: 'mario' })
  const sockets = await Promise.all([maria, mario].map(({ token }) => subscribe(t, wsUrl(app, id), { token })))
  await Promise.all(sockets.map(socket => socket.until(({ state }) => state)))
  const said = await say(stage, eve, 'said')
  const pending = await Promise.all(sockets.map(socket => socket.until(({ event }) => event?.type === 'message.pending')))
  for (const frame of pending) t.same({ ...frame, event: { ...frame.event, time: '' } }, { event: { type: 'message.pending', seq: said.seq, time: '', message: said, deadline: null }, seq: said.seq })

  const decided = [(await maria.post(about(stage, said, 'approve'), { text: 'edited' })).body]
  const [second, third] = [await say(stage, eve, 'second'), await say(stage, ada, 'third')]
  decided.push((await mario.post(about(stage, second, 'reject'), { reason: 'no' })).body)
  decided.push((await mario.post(about(stage, third, 'redirect'), { bots: ['Eve'] })).body)
  for (const socket of sockets) {
    await socket.until(({ event }) => event?.type === 'message.decided' && event.decision.action === 'redirect')
    socket.frames.forEach(requireFrame)
    const events = socket.frames.flatMap(({ event }) => event === undefined ? [] : [event])
    t.same(events.filter(({ type }) => type === 'message.decided').map(({ decision }) => decision), decided)
    t.same(events.filter(({ type }) => type === 'message.pending').map(({ message }) => message), [said, second, third])
    t.equal(events.some(({ type }) => type === 'message.redirected'), false)
    t.same(socket.messages().filter(({ type }) => type === 'T').map(({ text }) => text), ['edited'], 'and what everybody hears comes as a message')
  }
  await stage.settle()
  t.same([...new Set(ana!.frames.map(({ event }) => event?.type))].filter(type => type?.startsWith('message.')), [])
  for (const bot of [eve, ada]) t.notMatch(await readEverywhere(app, stage, bot, []), /message\.(decided|pending)/)
})

// --- When nobody decides

t.test('when the time is over, the configuration decides, or nobody', soon(), async t => {
  const stages: Record<string, Stage> = {}
  const said: Record<string, any> = {}
  // What waits for ever has waited longer than the others when they are decided about.
  for (const onTimeout of ['wait', 'approve', 'reject'] as const) {
    stages[onTimeout] = await setStage(t, { manager: { role: 'person', timeout_s: 1, on_timeout: onTimeout } })
    said[onTimeout] = [await say(stages[onTimeout], stages[onTimeout].eve, 'first'), await say(stages[onTimeout], stages[onTimeout].ada, 'second')]
  }
  for (const action of ['approve', 'reject'] as const) {
    const { app, id, maria, path, seats: [ana] } = stages[action]!
    const socket = await subscribe(t, wsUrl(app, id, '?after=0'), { token: maria.token })
    const pending = await socket.until(({ event }) => event?.type === 'message.pending')
    t.equal(Date.parse(pending.event.deadline) - Date.parse(pending.event.message.time), 1000)
    for (const { id: messageId, text } of said[action]) {
      const { event: { decision, time } } = await socket.until(({ event }) => event?.decision?.message_id === messageId)
      t.same(decision, { action, message_id: messageId, time, by: { kind: 'timeout', id: null }, reason: null, text: null, targets: null, overrides: null })
      t.same((await maria.get(`${path}/messages/${messageId}/decisions/`)).body, { original_text: text, results: [decision] })
      t.ok(Date.parse(time) >= Date.parse(pending.event.deadline), 'not before the deadline')
      const other = await maria.post(`${path}/messages/${messageId}/${action === 'approve' ? 'reject' : 'approve'}/`, {})
      t.equal(other.body.code, 'already_decided')
      t.same((await maria.post(`${path}/messages/${messageId}/${action}/`, {})).body, decision)
    }
    t.same((await maria.get('/api/chat/approvals/')).body.results, [])
    await stages[action]!.settle()
    t.same(stages[action]!.lines(ana!).map(({ text }) => text).toSorted(), action === 'approve' ? ['first', 'second'] : [])
  }
  const { maria, seats: [ana], ...stage } = stages.wait!
  await stage.settle()
  t.same((await maria.get('/api/chat/approvals/')).body.results.map(({ message, deadline }: any) => [message.text, deadline]), [['first', null], ['second', null]])
  t.same(stage.lines(ana!), [])
  t.equal((await maria.post(about(stage, said.wait[0], 'approve'), {})).status, 200)
  await ana!.hears({ text: 'first' })
})

t.test('a decision before the deadline holds', soon(), async t => {
  const stage = await setStage(t, { manager: { role: 'person', timeout_s: 1, on_timeout: 'approve' } })
  const { app, id, eve, maria, seats: [ana] } = stage
  const early = await say(stage, eve, 'early')
  const { body: decision } = await maria.post(about(stage, early, 'reject'), {})
  const late = await say(stage, eve, 'late')
  const socket = await subscribe(t, wsUrl(app, id, '?after=0'), { token: maria.token })
  await socket.until(({ event }) => event?.decision?.message_id === late.id)
  await stage.settle()
  t.same((await maria.get(about(stage, early, 'decisions'))).body.results, [decision])
  t.same(stage.lines(ana!).map(({ text }) => text), ['late'])
})

t.test('what is overdue when the server starts is decided about then', soon(), async t => {
  const outsiders = await startOutsiders(t, 'Eve')
  const settings: Settings = { bots: outsiders.settings, manager: { role: 'person', timeout_s: 1, on_timeout: 'approve' }, data: t.testdir() }
  const app = await startOpen(t, settings)
  const scene = await setScene(t, app, ['Eve'], await newPeople(app, 'ana'))
  const said = await say(scene, await outsiders.enter(app, scene, 'Eve'), 'said')
  const { token } = scene.seats[0]!
  await app.close()
  const again = await startOpen(t, settings)
  await listen(again)
  const socket = await subscribe(t, wsUrl(again, scene.id, '?after=0'), { token })
  t.equal((await socket.hears({ text: 'said' })).id, said.id)
})

// --- Any number of managers at once

type Deed =
  | { verb: 'say', who: 'eve' | 'ada' | 'ana' | 'bia' }
  | { verb: 'approve', manager: 0 | 1, pick: number, text?: string }
  | { verb: 'reject', manager: 0 | 1, pick: number, reason?: string }
  | { verb: 'redirect', manager: 0 | 1, pick: number, bots: Array<'Eve' | 'Ada'>, overrides?: { text: string } }

const manager = fc.constantFrom<0 | 1>(0, 1)
// Few messages to pick from, so that many deeds are about the same one.
const pick = fc.nat(3)
const deeds: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ verb: fc.constant('say' as const), who: fc.constantFrom('eve' as const, 'eve' as const, 'ada' as const, 'ana' as const, 'bia' as const) }) },
  { weight: 4, arbitrary: fc.record({ verb: fc.constant('approve' as const), manager, pick, text: fc.constantFrom('one', 'two', 'as said') }, { requiredKeys: ['verb', 'manager', 'pick'] }) },
  { weight: 2, arbitrary: fc.record({ verb: fc.constant('reject' as const), manager, pick, reason: fc.constantFrom('bad', 'worse') }, { requiredKeys: ['verb', 'manager', 'pick'] }) },
  { weight: 3, arbitrary: fc.record({ verb: fc.constant('redirect' as const), manager, pick, bots: fc.subarray<'Eve' | 'Ada'>(['Eve', 'Ada'], { minLength: 1 }), overrides: fc.record({ text: fc.constantFrom('x', 'y') }) }, { requiredKeys: ['verb', 'manager', 'pick', 'bots'] }) }
)
/** What is done at the same time, one moment after the other. */
const scripts = fc.array(fc.array(deeds, { minLength: 1, maxLength: 6 }), { minLength: 2, maxLength: 7, size: 'max' })

/** What the model knows of a message. */
interface Known {
  id: string
  text: string
  isWaiting: boolean
  /** All decisions, in order. */
  decisions: Plain[]
}

type Plain = Omit<Decision, 'time'>
type Verdict = Plain | 'already_decided'
type Deciding = Exclude<Deed, { verb: 'say' }>

/** What a decision leads to, and what is known after it. */
function decide (message: Known, deed: Deciding, managers: Person[], botIds: Record<string, string>): { verdict: Verdict, after: Known } {
  const refused = { verdict: 'already_decided' as const, after: message }
  const [first] = message.decisions
  const make = (what: Partial<Plain>): { verdict: Verdict, after: Known } => {
    const by = { kind: 'person' as const, id: managers[deed.manager]!.sessionId }
    const verdict = { action: deed.verb, message_id: message.id, by, reason: null, text: null, targets: null, overrides: null, ...what }
    return { verdict, after: { ...message, decisions: [...message.decisions, verdict] } }
  }
  if (deed.verb !== 'redirect') {
    if (!message.isWaiting) return refused
    if (first === undefined) return make(deed.verb === 'reject' ? { reason: deed.reason ?? null } : { text: deed.text === undefined || deed.text === message.text ? null : deed.text })
    const isSame = first.action === deed.verb && (deed.verb === 'reject' || deed.text === undefined || deed.text === (first.text ?? message.text))
    return isSame ? { verdict: first, after: message } : refused
  }
  if (message.isWaiting && first !== undefined && first.action !== 'redirect') return refused
  const overrides = deed.overrides === undefined ? null : JSON.stringify(deed.overrides)
  const given = deed.bots.map(name => message.decisions.find(({ targets }) => targets!.includes(botIds[name]!)))
  const open = deed.bots.filter((_, index) => given[index] === undefined)
  if (given.some(decision => decision !== undefined && decision.overrides !== overrides)) return refused
  if (open.length === 0) return { verdict: given[0]!, after: message }
  return message.isWaiting && first !== undefined ? refused : make({ targets: open.map(name => botIds[name]!), overrides })
}

/** Finds an order of what was done at the same time in which the model says what was answered; gives what is known after it. */
function explain (message: Known, done: Array<{ deed: Deciding, verdict: Verdict }>, step: (message: Known, deed: Deciding) => { verdict: Verdict, after: Known }): Known | undefined {
  if (done.length === 0) return message
  for (const [index, { deed, verdict }] of done.entries()) {
    const { verdict: expected, after } = step(message, deed)
    if (!isDeepStrictEqual(expected, verdict)) continue
    const rest = explain(after, done.toSpliced(index, 1), step)
    if (rest !== undefined) return rest
  }
  return undefined
}

function verdictOf ({ status, body }: Answer): Verdict {
  if (status === 409 && body.code === 'already_decided') return 'already_decided'
  if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`)
  const { time, ...plain } = body
  return plain
}

t.test('whatever managers decide at the same time, each message has one winner, and people hear exactly what was approved', { timeout: 90_000 }, async t => {
  const outsiders = await startOutsiders(t, 'Eve', 'Ada')
  const app = await startOpen(t, { bots: outsiders.settings, manager: { role: 'person' } })
  const people = await newPeople(app, 'ana', 'bia')
  const managers = [await newManager(app, 'maria'), await newManager(app, 'mario')]
  const seen = { answers: new Map<string, number>(), contested: 0 }

  await fc.assert(fc.asyncProperty(scripts, async moments => {
    const { path, bots, speakers } = await newConversation(app, outsiders, people)
    const known: Known[] = []
    const saying: Array<{ id: string, text: string, isHuman: boolean }> = []
    // So that the first decisions are about something.
    for (const deeds of [[{ verb: 'say', who: 'eve' }, { verb: 'say', who: 'ana' }, { verb: 'say', who: 'ada' }] as Deed[], ...moments]) {
      const before = [...known]
      const done = await Promise.all(deeds.map(async deed => {
        if (deed.verb === 'say') {
          const { body } = await speakers[deed.who].post(`${path}/messages/`, { type: 'T', text: 'as said' })
          saying.push({ id: body.id, text: body.text, isHuman: body.sent_by_human })
          return undefined
        }
        const { verb, manager, pick, ...body } = deed
        const message = before[pick % before.length]!
        const verdict = verdictOf(await managers[manager]!.post(`${path}/messages/${message.id}/${verb}/`, body))
        return { message, deed, verdict }
      }))
      const answered = done.filter(one => one !== undefined)
      for (const { deed, verdict } of answered) count(seen.answers, `${deed.verb} ${verdict === 'already_decided' ? 409 : 200}`)
      for (const [index, message] of before.entries()) {
        const own = answered.filter(one => one.message === message)
        if (own.length > 1 && message.decisions.length === 0) seen.contested++
        const after = explain(message, own, (message, deed) => decide(message, deed, managers, bots))
        if (after === undefined) throw new Error(`No order explains ${JSON.stringify({ message, own }, null, 1)}`)
        known[index] = after
      }
      for (const { id, text, isHuman } of saying.splice(0)) known.push({ id, text, isWaiting: !isHuman, decisions: [] })
    }
    await requireOutcome(path, known, speakers)
  }), { numRuns: 40, interruptAfterTimeLimit: 15_000 })

  for (const verb of ['approve', 'reject', 'redirect']) for (const status of [200, 409]) t.ok((seen.answers.get(`${verb} ${status}`) ?? 0) > 3, `${verb} was answered with ${status}`)
  t.ok(seen.contested > 10, `${seen.contested} messages were fought for`)

  async function requireOutcome (path: string, known: Known[], { ana, eve, ada }: Speakers): Promise<void> {
    for (const { id, text, decisions } of known) {
      const { body } = await managers[0]!.get(`${path}/messages/${id}/decisions/`)
      requireSame(body.results.map(({ time, ...plain }: Decision) => plain), decisions, 'the decisions')
      requireSame(body.original_text, text, 'what was said')
    }
    const isShown = ({ isWaiting, decisions: [first] }: Known): boolean => !isWaiting || first?.action === 'approve'
    const shown = known.filter(isShown).map(({ id, text, decisions: [first] }) => [id, first?.text ?? text]).toSorted()
    const { body: { events } } = await ana.get(`${path}/events/?limit=500`)
    const heard = events.filter(({ type, message }: any) => type === 'message.created' && message.type === 'T')
    requireSame(heard.map(({ message: { id, text } }: any) => [id, text]).toSorted(), shown, 'what people hear')
    requireSame(heard.every(({ seq, message }: any, index: number) => seq === message.seq && (index === 0 || seq > heard[index - 1].seq)), true, 'in increasing order')
    const { body: { results } } = await ana.get(`${path}/messages/?after=0&limit=500`)
    requireSame(results.filter(({ type }: any) => type === 'T'), heard.map(({ message }: any) => message), 'the list')
    const given = known.flatMap(({ id, text, decisions }) => decisions.flatMap(({ targets, overrides }) => (targets ?? []).map(target => ({ id, target, text: JSON.parse(overrides ?? '{}').text ?? text }))))
    const { body: all } = await managers[0]!.get(`${path}/events/?limit=500`)
    const seqs: number[] = all.events.map(({ seq }: Event) => seq)
    for (const bot of [eve, ada]) {
      const { body: { events } } = await bot.get(`${path}/events/?limit=500`)
      const own = events.filter(({ type }: Event) => type === 'message.redirected')
      seqs.push(...own.map(({ seq }: Event) => seq))
      requireSame(own.map(({ message: { id, text } }: any) => [id, text]).toSorted(), given.filter(({ target }) => target === bot.participantId).map(({ id, text }) => [id, text]).toSorted(), 'what a bot was given')
    }
    const { body: { results: waiting } } = await managers[1]!.get('/api/chat/approvals/?limit=500')
    const open = known.filter(({ isWaiting, decisions }) => isWaiting && decisions.length === 0).map(({ id }) => id)
    const ids = new Set(known.map(({ id }) => id))
    requireSame(waiting.map(({ message }: any) => message.id).filter((id: string) => ids.has(id)), open.toSorted(), 'what waits')
    requireSame(all.events.filter(({ type }: Event) => type === 'message.decided').length, known.reduce((sum, { decisions }) => sum + decisions.length, 0), 'one event for each decision')
    requireSame(seqs.toSorted((one, other) => one - other), seqs.map((_, index) => index + 1), 'the log, of which each event is for managers or for one bot')
  }
})

interface Speakers { ana: Person, bia: Person, eve: Outsider, ada: Outsider }

async function newConversation (app: FastifyInstance, outsiders: Awaited<ReturnType<typeof startOutsiders>>, [ana, bia]: Person[]): Promise<{ path: string, bots: Record<string, string>, speakers: Speakers }> {
  const { body } = await ana!.post('/api/chat/conversations/', { name: 'Tea', bots: ['Eve', 'Ada'] })
  const path = `/api/chat/conversations/${body.id}`
  await bia!.post(`${path}/join/`)
  const bots = Object.fromEntries(body.participants.filter(({ type }: any) => type === 'B').map(({ name, id }: any) => [name, id]))
  return { path, bots, speakers: { ana: ana!, bia: bia!, eve: await outsiders.enter(app, { bots }, 'Eve'), ada: await outsiders.enter(app, { bots }, 'Ada') } }
}

function requireSame (actual: unknown, expected: unknown, what: string): void {
  if (!isDeepStrictEqual(actual, expected)) throw new Error(`${what}: ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`)
}

function count (counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}
