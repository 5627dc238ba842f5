import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import t, { type Test as TapTest } from 'tap'
import { stringify } from 'yaml'
import type { BotSettings } from '../config.js'
import { newPerson, newTalk, startApp, type Person, type Test } from './support/app.js'
import { call, type Answer } from './support/call.js'
import { build, start, type Running } from './support/command.js'
import { adminKey, alter, botState, deliveriesIn, eventually, heard, redeliver, said, settled, untilEvent } from './support/outbox.js'
import { reservePort, startBotServer } from './support/stranger.js'

// A test that waits for what never comes fails by what it waits with, and has its own limit beside that.
t.setTimeout(300_000)

const secret = `whsec_${Buffer.alloc(24, 'a').toString('base64')}`
const token = 'the-token-of-a-bot-that-leases-its-messages'
const otherToken = 'the-token-of-another-bot-that-leases-messages'

function hook (name: string, url: string, more: object = {}): BotSettings {
  return { name, kind: 'webhook', url, secrets: [secret], ...more }
}

const leasing: BotSettings[] = [{ name: 'Leaser', kind: 'lease', token }, { name: 'Other', kind: 'lease', token: otherToken }]

async function startWith (t: Test, bots: BotSettings[], folder = t.testdir()) {
  return { app: await startApp(t, { bots, data: folder }, { adminKey }), folder }
}

async function say (person: Person, path: string, ...texts: string[]): Promise<void> {
  for (const text of texts) {
    const { status, body } = await person.post(`${path}/messages/`, { type: 'T', text })
    if (status !== 201) throw new Error(JSON.stringify(body))
  }
}

const text = (text: string): object => ({ type: 'T', text })

/** Enough turns of the event loop for what was asked in this process to be done as far as it can be. */
async function turns (): Promise<void> {
  for (let turn = 0; turn < 100; turn++) await nextTurn()
}

/** A promise that is resolved from outside. */
function latch (): { opened: Promise<void>, open: () => void } {
  let open = (): void => {}
  const opened = new Promise<void>(resolve => { open = resolve })
  return { opened, open }
}

// --- Order

t.test('a bot has one message of a conversation at a time, in order, while other conversations go on', async t => {
  const held = latch()
  const atWork = new Map<string, number>()
  let most = 0
  const server = await startBotServer(t, async ({ json }) => {
    const { id } = json.conversation
    atWork.set(id, (atWork.get(id) ?? 0) + 1)
    most = Math.max(most, atWork.get(id)!)
    if (json.message.text === 'a1') await held.opened
    atWork.set(id, atWork.get(id)! - 1)
    return { body: { messages: [text(`re ${json.message.text}`)] } }
  })
  const { app, folder } = await startWith(t, [hook('Hook', server.url)])
  const ana = await newPerson(app, 'ana')
  const [a, b] = [await newTalk([ana], { bots: ['Hook'] }), await newTalk([ana], { bots: ['Hook'] })]
  await say(ana, a.path, 'a1', 'a2', 'a3')
  await say(ana, b.path, 'b1', 'b2')
  await heard(ana.get, b.path, 're b2')
  t.same(server.requests.map(({ json }) => json.message.text), ['a1', 'b1', 'b2'], 'one conversation waits, the other one does not')
  t.match(await botState(app, 'Hook'), { open: 3, oldest_open_at: String })
  held.open()
  await settled(folder, 5)
  t.same(await said(ana.get, a.path), ['ana: a1', 'ana: a2', 'ana: a3', 'Hook: re a1', 'Hook: re a2', 'Hook: re a3'])
  t.equal(most, 1, 'never two of a conversation')
})

t.test('two bots of a conversation do not wait for each other', async t => {
  const server = await startBotServer(t, () => ({ hang: true }))
  const { app } = await startWith(t, [hook('Hook', server.url), { name: 'ECHO', kind: 'echo', delay_ms: 0 }])
  const ana = await newPerson(app, 'ana')
  const { path } = await newTalk([ana], { bots: ['Hook', 'ECHO'] })
  await say(ana, path, 'one', 'two')
  await heard(ana.get, path, 'TWO')
  await server.until(1)
  t.same(await said(ana.get, path).then(lines => lines.filter(line => line.startsWith('ECHO'))), ['ECHO: ONE', 'ECHO: TWO'])
})

// --- Bots that hear each other

t.test('bots hear each other only when they are told to, and then so many times', async t => {
  const server = await startBotServer(t, ({ url, json }) => ({ body: { messages: [text(`${url.slice(1)} ${json.message.text}`)] } }))
  const names = { deaf: {}, all: { receives: 'all', hop_limit: 3 }, one: { receives: 'all', hop_limit: 1 }, none: { receives: 'all', hop_limit: 0 } }
  const { app, folder } = await startWith(t, Object.entries(names).flatMap(([name, more]) => ['A', 'B'].map(letter => hook(`${name}${letter}`, `${server.url}${letter}`, more))))
  const ana = await newPerson(app, 'ana')
  const counts: Record<string, number> = {}
  for (const name of Object.keys(names)) {
    const bots = [`${name}A`, `${name}B`]
    const { path } = await newTalk([ana], { bots })
    await say(ana, path, 'hello')
    const rows = await settled(folder, 1)
    // A delivery is queued with the message that causes it: when none is open, nothing more will be said.
    counts[name] = (await said(ana.get, path)).length
    t.ok(rows.every(({ state }) => state === 'done'))
  }
  t.same(counts, { deaf: 1 + 2, all: 1 + 2 * 4, one: 1 + 2 * 2, none: 1 + 2 }, 'the answers to the person, and so many rounds')
})

t.test('bots that answer each other by the API are stopped, too, until a person says something', async t => {
  const server = await startBotServer(t, async ({ json }) => {
    const { status } = await call(app, 'POST', `/api/chat/conversations/${json.conversation.id}/messages/`, { token: json.session, body: { type: 'T', text: 'and you?' } })
    return { status: status === 201 ? 202 : 500 }
  })
  const { app, folder } = await startWith(t, ['A', 'B'].map(name => hook(name, server.url, { receives: 'all', hop_limit: 2 })))
  const ana = await newPerson(app, 'ana')
  const { path } = await newTalk([ana], { bots: ['A', 'B'] })
  await say(ana, path, 'hello')
  const first = (await settled(folder, 2)).length
  await say(ana, path, 'go on')
  const second = (await settled(folder, first + 2)).length
  t.ok(second <= 20, `${first}, then ${second} deliveries`)
  t.ok(second >= first + 3, 'they hear each other again')
})

// --- Leases

interface Leased { id: string, lease_id: string, leased_until: string, attempt: number, participant_id: string, conversation: { id: string }, message: any, history: any[] }

async function lease (app: FastifyInstance, body: object = {}, bearer = token): Promise<Leased[]> {
  const { status, body: answer } = await call(app, 'POST', '/api/chat/bot/deliveries/lease/', { token: bearer, body })
  if (status !== 200) throw new Error(JSON.stringify(answer))
  return answer.deliveries
}

function settle (app: FastifyInstance, verb: 'ack' | 'nack' | 'extend', { id, lease_id: leaseId }: Leased, body: object = {}, bearer = token): Promise<Answer> {
  return call(app, 'POST', `/api/chat/bot/deliveries/${id}/${verb}/`, { token: bearer, body: { lease_id: leaseId, ...body } })
}

async function startLeasing (t: Test) {
  const { app, folder } = await startWith(t, leasing)
  const ana = await newPerson(app, 'ana')
  const { path, id, created } = await newTalk([ana], { name: 'Tea', bots: ['Leaser', 'Other'] })
  return { app, folder, ana, path, id, created }
}

t.test('two workers at once never lease the same message, and none is missed', async t => {
  const { app, folder, ana } = await startLeasing(t)
  const talks = await Promise.all(Array.from({ length: 6 }, () => newTalk([ana], { bots: ['Leaser'] })))
  await Promise.all(talks.map(({ path }) => say(ana, path, 'one', 'two')))
  const posting = Promise.all(talks.map(({ path }) => say(ana, path, 'three')))
  const leases: Array<{ worker: string, id: string, conversation: string, text: string }> = []
  const atWork = new Set<string>()
  let clashes = 0
  const work = async (worker: string): Promise<void> => {
    while (leases.length < 18) {
      const leased = await lease(app, { max: 2, wait_s: 1 })
      for (const { id, conversation, message } of leased) {
        if (atWork.has(conversation.id)) clashes++
        atWork.add(conversation.id)
        leases.push({ worker, id, conversation: conversation.id, text: message.text })
      }
      // The other one gets a turn while these are leased.
      await nextTurn()
      for (const delivery of leased) {
        atWork.delete(delivery.conversation.id)
        const { status } = await settle(app, 'ack', delivery, { messages: [text(`re ${delivery.message.text}`)] })
        t.equal(status, 200)
      }
    }
  }
  await Promise.all([posting, work('one'), work('two'), work('three')])
  await settled(folder, 18, 'Leaser')
  t.equal(new Set(leases.map(({ id }) => id)).size, 18)
  t.equal(leases.length, 18, 'none twice')
  t.equal(clashes, 0, 'of a conversation one at a time')
  t.ok(new Set(leases.map(({ worker }) => worker)).size > 1, 'more than one has worked')
  for (const { id, path } of talks) {
    t.same(leases.filter(({ conversation }) => conversation === id).map(({ text }) => text), ['one', 'two', 'three'])
    t.same((await said(ana.get, path)).filter(line => line.startsWith('Leaser')), ['Leaser: re one', 'Leaser: re two', 'Leaser: re three'])
  }
})

t.test('a delivery that is leased holds what a webhook is given, and its acknowledgement may answer', async t => {
  const { app, ana, path, created } = await startLeasing(t)
  await say(ana, path, 'one', 'two')
  const [first, ...none] = await lease(app, { max: 10, lease_s: 30 })
  t.same(none, [], 'of a conversation only the oldest')
  t.match(first, { attempt: 1, participant_id: created.participants[1].id, conversation: { name: 'Tea' }, message: { type: 'T', text: 'one' }, history: [] })
  t.match(await settle(app, 'ack', first!, { messages: [{ type: 'T', text: 'ONE', quoted_message_id: first!.message.id }, text('!')] }), { status: 200, body: { id: first!.id, state: 'done', leased_until: null } })
  const [second] = await lease(app)
  t.same(second!.history.map(({ text }) => text), ['one'], 'what was said before the message')
  t.equal((await settle(app, 'ack', second!)).status, 200, 'and may say nothing')
  t.same(await said(ana.get, path), ['ana: one', 'ana: two', 'Leaser: ONE', 'Leaser: !'])
  t.same(await lease(app), [])
})

t.test('only the bot itself may lease and settle its messages', async t => {
  const { app, ana, path } = await startLeasing(t)
  await say(ana, path, 'one')
  const [own] = await lease(app)
  const url = '/api/chat/bot/deliveries/lease/'
  t.match(await call(app, 'POST', url, { body: {} }), { status: 401, body: { code: 'bot_token_required' } })
  t.match(await ana.post(url, {}), { status: 401, body: { code: 'bot_token_required' } })
  for (const [verb, more] of [['ack', {}], ['nack', {}], ['extend', { lease_s: 9 }]] as const) {
    t.match(await settle(app, verb, own!, more, otherToken), { status: 404, body: { code: 'delivery_not_found' } }, verb)
  }
  t.match(await call(app, 'POST', url, { token, body: { max: 0 } }), { status: 400, body: { code: 'body_invalid', errors: [{ pointer: '/max' }] } })
  t.equal((await lease(app, {}, otherToken)).length, 1, 'another bot has its own')
  t.equal((await settle(app, 'ack', own!)).status, 200)
})

t.test('whose lease has ended has lost it once it is given again, and an acknowledgement counts once', async t => {
  const { app, folder, ana, path } = await startLeasing(t)
  await say(ana, path, 'one')
  const [old] = await lease(app, { lease_s: 1 })
  t.same(await lease(app), [], 'nobody else is given it meanwhile')
  // A worker that waits is woken by the end of the lease.
  const [young] = await lease(app, { wait_s: 20, lease_s: 60 })
  t.match(young, { id: old!.id, attempt: 2 })
  t.not(young!.lease_id, old!.lease_id)
  for (const [verb, more] of [['ack', { messages: [text('too late')] }], ['nack', {}], ['extend', { lease_s: 60 }]] as const) {
    t.match(await settle(app, verb, old!, more), { status: 409, body: { code: 'lease_lost' } }, verb)
  }
  const messages = { messages: [text('in time')] }
  const answer = await settle(app, 'ack', young!, messages)
  t.match(answer, { status: 200, body: { state: 'done' } })
  t.match(await Promise.all([settle(app, 'ack', young!, messages), settle(app, 'ack', young!, { messages: [text('other')] })]), [answer, answer].map(({ status, body }) => ({ status, body })), 'again it is answered like the first time')
  for (const verb of ['nack', 'ack'] as const) t.match(await settle(app, verb, verb === 'ack' ? old! : young!), { status: 409, body: { code: 'lease_lost' } })
  t.same(await said(ana.get, path), ['ana: one', 'Leaser: in time'])
  t.match(deliveriesIn(folder, 'Leaser'), [{ state: 'done', attempts: 2 }])
})

t.test('a lease that has ended is good for as long as nobody else is given it', async t => {
  const { app, folder, ana, path } = await startLeasing(t)
  await say(ana, path, 'one')
  const [leased] = await lease(app, { lease_s: 1 })
  alter(folder, "update deliveries set next_at = 1 where bot = 'Leaser'")
  t.equal((await settle(app, 'ack', leased!, { messages: [text('better late')] })).status, 200)
  t.same(await said(ana.get, path), ['ana: one', 'Leaser: better late'])
})

t.test('a lease is extended, and given back with a pause', async t => {
  const { app, folder, ana, path } = await startLeasing(t)
  await say(ana, path, 'one', 'two')
  const [first] = await lease(app, { lease_s: 10 })
  const extended = await settle(app, 'extend', first!, { lease_s: 600 })
  t.match(extended, { status: 200, body: { state: 'open' } })
  t.ok(Date.parse(extended.body.leased_until) >= Date.parse(first!.leased_until) + 500_000)
  t.equal(Date.parse(extended.body.leased_until), deliveriesIn(folder, 'Leaser')[0]!.next_at)

  const before = Date.now()
  t.match(await settle(app, 'nack', first!, { pause_s: 1000, reason: 'The model is busy.' }), { status: 200, body: { id: first!.id, state: 'open', leased_until: null } })
  const [row] = deliveriesIn(folder, 'Leaser')
  t.ok(row!.next_at! >= before + 1_000_000 && row!.next_at! <= Date.now() + 1_000_000)
  t.match(await botState(app, 'Leaser'), { state: 'failing', open: 2, failures: 1, last_error: 'The model is busy.' })
  t.same(await lease(app), [], 'the next message waits for it')
  t.match(await settle(app, 'ack', first!), { status: 409, body: { code: 'lease_lost' } })

  t.same(await redeliver(app, 'Leaser'), { reopened: 0, hastened: 1 })
  const [again] = await lease(app)
  t.match(again, { id: first!.id, attempt: 2 })
  // Somebody who waits already is woken when the pause is over.
  const waiting = lease(app, { wait_s: 20 })
  await settle(app, 'nack', again!, { pause_s: 0 })
  const [third] = await waiting
  t.match(third, { id: first!.id, attempt: 3, message: { text: 'one' } })
  await settle(app, 'ack', third!)
  t.match(await lease(app), [{ message: { text: 'two' } }])
  t.match(await botState(app, 'Leaser'), { state: 'working', failures: 0 })
})

t.test('who waits for something to lease is woken by a new message', async t => {
  const { app, ana, path } = await startLeasing(t)
  let isAnswered = false
  const waiting = lease(app, { wait_s: 60 }).finally(() => { isAnswered = true })
  const others = lease(app, { wait_s: 60 }, otherToken)
  await turns()
  t.notOk(isAnswered)
  await say(ana, path, 'at last')
  t.match(await waiting, [{ message: { text: 'at last' }, attempt: 1 }])
  t.match(await others, [{ message: { text: 'at last' } }])
  const still = lease(app, { wait_s: 60 })
  await turns()
  await app.close()
  t.same(await still, [], 'and answered when the server stops')
})

t.test('an answer that cannot be stored is refused as a whole, and the lease goes on', async t => {
  const { app, ana, path } = await startLeasing(t)
  await say(ana, path, 'one')
  const [leased] = await lease(app)
  const unknown = '01936a2c-0000-7000-8000-0000000000b1'
  const cases: Array<[bad: object, status: number, code: string, pointer: string]> = [
    [{ type: 'X' }, 400, 'body_invalid', '/messages/1/type'],
    [{ type: 'T', text: 'x'.repeat(4001) }, 400, 'body_invalid', '/messages/1/text'],
    [{ type: 'T', sender_id: unknown }, 400, 'body_invalid', '/messages/1/sender_id'],
    [{ type: 'i' }, 422, 'file_missing', '/messages/1/file'],
    [{ type: 'T', quoted_message_id: unknown }, 422, 'quoted_message_not_found', '/messages/1/quoted_message_id']
  ]
  for (const [bad, status, code, pointer] of cases) {
    t.match(await settle(app, 'ack', leased!, { messages: [text('good'), bad] }), { status, body: { code, errors: [{ pointer }] } }, `${code} ${pointer}`)
  }
  t.equal((await settle(app, 'ack', leased!, { messages: Array(21).fill(text('good')) })).status, 400)
  t.same(await said(ana.get, path), ['ana: one'], 'nothing is stored')
  t.equal((await settle(app, 'ack', leased!, { messages: [text('good'), text('better')] })).status, 200)
  t.same(await said(ana.get, path), ['ana: one', 'Leaser: good', 'Leaser: better'])
})

// --- Too old

t.test('what could not be delivered in time is dropped, and people are told; it can be delivered again', async t => {
  const port = await reservePort()
  const { app, folder } = await startWith(t, [hook('Hook', `http://127.0.0.1:${port}/`, { max_age_s: 1 }), { ...leasing[0]!, max_age_s: 1 }])
  const ana = await newPerson(app, 'ana')
  const { path, created } = await newTalk([ana], { bots: ['Hook', 'Leaser'] })
  const [, bot, leaser] = created.participants.map(({ id }: { id: string }) => id)
  await say(ana, path, 'one')
  const [held] = await lease(app, { lease_s: 600 })
  await say(ana, path, 'two')
  const dropped: any[] = []
  await untilEvent(ana.get, path, event => event.type === 'delivery.dropped' && dropped.push(event) === 3)
  const { body: { results } } = await ana.get(`${path}/messages/`)
  const ids = Object.fromEntries(results.map((message: any) => [message.text, message.id]))
  t.same(dropped.map(event => [event.participant_id, event.message_id]).sort(), [[bot, ids.one], [bot, ids.two], [leaser, ids.two]].sort())
  t.same(Object.keys(dropped[0]).sort(), ['message_id', 'participant_id', 'seq', 'time', 'type'])
  t.match(await botState(app, 'Hook'), { open: 0, dropped: 2, oldest_open_at: null })
  t.match(await botState(app, 'Leaser'), { open: 1, dropped: 1 }, 'what is leased is not too late')
  t.equal((await settle(app, 'ack', held!, { messages: [text('just so')] })).status, 200)

  const server = await startBotServer(t, ({ json }) => ({ body: { messages: [text(`re ${json.message.text}`)] } }), { port })
  t.same(await redeliver(app, 'Hook'), { reopened: 2, hastened: 0 })
  await settled(folder, 2, 'Hook')
  t.same(server.requests.map(({ json }) => `${json.message.text} ${json.attempt}`), ['one 1', 'two 1'])
  t.same((await said(ana.get, path)).slice(2), ['Leaser: just so', 'Hook: re one', 'Hook: re two'])
})

t.test('a backlog that has become too old while the server was down is not delivered', async t => {
  const folder = t.testdir()
  const server = await startBotServer(t, () => ({ hang: true }))
  const bots = [hook('Hook', server.url, { max_age_s: 1000 })]
  const { app: before } = await startWith(t, bots, folder)
  const ana = await newPerson(before, 'ana')
  const { path } = await newTalk([ana], { bots: ['Hook'] })
  await say(ana, path, 'yesterday', 'still good')
  await server.until(1)
  await before.close()
  alter(folder, "update deliveries set created_at = created_at - 2000000 where seq = (select min(seq) from deliveries where state = 'open')")
  const { app: after } = await startWith(t, bots, folder)
  const requests = await server.until(2)
  t.equal(requests[1]!.json.message.text, 'still good')
  const events = await untilEvent((url, options) => call(after, 'GET', url, { token: ana.token, ...options }), path, event => event.type === 'delivery.dropped')
  const { message_id: dropped } = events.at(-1) as { message_id: string }
  t.equal(dropped, requests[0]!.json.message.id)
})

// --- Again

t.test('what is delivered again does not overtake what a bot has in hand', async t => {
  const held = latch()
  const server = await startBotServer(t, async ({ json, count }) => {
    if (count === 1) return { body: { messages: 'wrong' } }
    if (json.message.text === 'two') await held.opened
    return { body: { messages: [text(`re ${json.message.text}`)] } }
  })
  const { app, folder } = await startWith(t, [hook('Hook', server.url), ...leasing])
  const ana = await newPerson(app, 'ana')
  const { path } = await newTalk([ana], { bots: ['Hook'] })
  await say(ana, path, 'one', 'two', 'three')
  await server.until(2)
  t.match(await botState(app, 'Hook'), { state: 'failing', open: 2, failed: 1 })
  t.same(await redeliver(app, 'Hook'), { reopened: 1, hastened: 0 })
  // The bell has rung for the bot, and again for what others say.
  const other = await newTalk([ana], { bots: ['Hook'] })
  await say(ana, other.path, 'aside')
  await heard(ana.get, other.path, 're aside')
  t.same(server.requests.map(({ json }) => json.message.text), ['one', 'two', 'aside'])
  held.open()
  await settled(folder, 4)
  t.same((await said(ana.get, path)).slice(3), ['Hook: re two', 'Hook: re one', 'Hook: re three'], 'then comes the older one')

  const talk = await newTalk([ana], { bots: ['Leaser'] })
  await say(ana, talk.path, 'one', 'two')
  const [first] = await lease(app)
  alter(folder, `update deliveries set state = 'failed', closed_at = 1, next_at = null, lease_id = null where id = '${first!.id}'`)
  alter(folder, `update deliveries set next_at = 1 where state = 'open' and conversation_id = '${talk.id}'`)
  const [second] = await lease(app)
  t.equal(second!.message.text, 'two')
  t.match(await redeliver(app, 'Leaser'), { reopened: 1 })
  t.same(await lease(app), [], 'nothing more of the conversation while one is leased')
  t.equal((await settle(app, 'ack', second!)).status, 200)
  t.match(await lease(app), [{ id: first!.id, attempt: 1 }])
})

t.test('delivering again ends, though a bot fails faster than it is given anything', async t => {
  const folder = t.testdir({ 'bot.mjs': 'export default { onMessage: () => 42 }' })
  const { app } = await startWith(t, [{ name: 'Mod', kind: 'module', path: join(folder, 'bot.mjs') }], join(folder, 'data'))
  const ana = await newPerson(app, 'ana')
  const talks = await Promise.all(Array.from({ length: 250 }, () => newTalk([ana], { bots: ['Mod'] })))
  await Promise.all(talks.map(({ path }) => say(ana, path, 'hello')))
  await settled(join(folder, 'data'), 500)
  t.match(await botState(app, 'Mod'), { failed: 250 })
  t.match(await redeliver(app, 'Mod'), { reopened: 250 })
  await settled(join(folder, 'data'), 500)
  t.match(await botState(app, 'Mod'), { failed: 250, open: 0 })
  t.match(await call(app, 'POST', '/api/chat/admin/bots/Nobody/redeliver/', { token: adminKey }), { status: 422, body: { code: 'bot_not_found' } })
  t.match(await ana.post('/api/chat/admin/bots/Mod/redeliver/'), { status: 403, body: { code: 'admin_required' } })
})

// --- Restarts

t.test('what is open when the application closes is delivered by the next one', async t => {
  const folder = t.testdir()
  let isOver = false
  const server = await startBotServer(t, ({ json }) => isOver ? { body: { messages: [text(`re ${json.message.text}`)] } } : { hang: true })
  const bots = [hook('Hook', server.url), ...leasing]
  const { app: before } = await startWith(t, bots, folder)
  const ana = await newPerson(before, 'ana')
  const { path } = await newTalk([ana], { bots: ['Hook', 'Leaser'] })
  await say(ana, path, 'one', 'two')
  await server.until(1)
  const [leased] = await lease(before)
  await before.close()
  t.match(deliveriesIn(folder, 'Hook'), [{ state: 'open', attempts: 0, last_error: null }, { state: 'open' }], 'that the server stops is no failure of the bot')

  isOver = true
  const { app: after } = await startWith(t, bots, folder)
  await settled(folder, 2, 'Hook')
  const [first, again] = server.requests
  t.equal(again!.headers['webhook-id'], first!.headers['webhook-id'])
  t.same(again!.json.message, first!.json.message)
  const get: Person['get'] = (url, options) => call(after, 'GET', url, { token: ana.token, ...options })
  t.same(await said(get, path), ['ana: one', 'ana: two', 'Hook: re one', 'Hook: re two'])
  t.equal((await settle(after, 'ack', leased!, { messages: [text('leased before')] })).status, 200, 'a lease survives')
  t.same((await said(get, path)).at(-1), 'Leaser: leased before')
})

let program: string | undefined

/** The real server on the data of a folder, and somebody who talks to it. */
async function serve (t: TapTest, folder: string, bots: BotSettings[]): Promise<Running & { address: string }> {
  program ??= build(outside)
  writeFileSync(join(folder, 'colloquy.json'), stringify({ bots }))
  const running = start(t, [process.execPath, program], folder, { PORT: '0', LOG_LEVEL: 'error', COLLOQUY_CONFIG: 'colloquy.json' })
  const [, address] = await running.says(/^Colloquy listens at (http:\S+)$/m)
  return { ...running, address: address! }
}

const outside = t.testdir()

async function ask (url: string, bearer?: string, body?: object): Promise<{ status: number, body: any }> {
  const response = await fetch(url, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { ...bearer !== undefined && { authorization: `Bearer ${bearer}` }, ...body && { 'content-type': 'application/json' } },
    ...body && { body: JSON.stringify(body) }
  })
  return { status: response.status, body: await response.json() }
}

async function openTalk (address: string, bots: string[]): Promise<{ mine: string, path: string }> {
  const { body: { token: mine } } = await ask(`${address}/api/chat/sessions/`, undefined, { nickname: 'ana' })
  const { body: { id } } = await ask(`${address}/api/chat/conversations/`, mine, { bots })
  return { mine, path: `/api/chat/conversations/${id}` }
}

const getOf = (address: string, mine: string): Person['get'] => async url => await ask(address + url, mine) as Answer

t.test('a server that is killed while a bot works gives it the same delivery again, and people see one answer', async t => {
  const folder = t.testdir()
  const server = await startBotServer(t, ({ json, count }) => count === 1 ? { hang: true } : { body: { messages: [text(`re ${json.message.text}`), text('and more')] } })
  const bots = [hook('Hook', server.url), ...leasing]
  const first = await serve(t, folder, bots)
  const { mine, path } = await openTalk(first.address, ['Hook', 'Leaser'])
  await ask(`${first.address}${path}/messages/`, mine, { type: 'T', text: 'one' })
  await server.until(1)
  const { body: { deliveries: [leased] } } = await ask(`${first.address}/api/chat/bot/deliveries/lease/`, token, { wait_s: 10 })
  first.signal('SIGKILL')
  await first.ended

  const second = await serve(t, folder, bots)
  await heard(getOf(second.address, mine), path, 'and more')
  const [held, again] = server.requests
  t.equal(again!.headers['webhook-id'], held!.headers['webhook-id'])
  t.equal(again!.json.attempt, 1, 'that the server died is no failure of the bot')
  const ack = (address: string) => ask(`${address}/api/chat/bot/deliveries/${leased.id}/ack/`, token, { lease_id: leased.lease_id, messages: [text('leased')] })
  t.match(await ack(second.address), { status: 200, body: { state: 'done' } })
  second.signal('SIGKILL')
  await second.ended

  const third = await serve(t, folder, bots)
  t.match(await ack(third.address), { status: 200, body: { state: 'done' } }, 'a bot that has not heard of it acknowledges again')
  await ask(`${third.address}${path}/messages/`, mine, { type: 'T', text: 'two' })
  await heard(getOf(third.address, mine), path, 're two')
  t.same(await said(getOf(third.address, mine), path).then(lines => lines.slice(0, 6)), ['ana: one', 'Hook: re one', 'Hook: and more', 'Leaser: leased', 'ana: two', 'Hook: re two'])
  t.equal(server.requests.length, 3, 'what was acknowledged does not come again')
})

t.test('a server that is killed at any moment loses no message and doubles no answer', async t => {
  const folder = t.testdir()
  let killAt = 0
  let kill = (): void => {}
  let moment: (kill: () => void) => void = kill => kill()
  const server = await startBotServer(t, ({ json, count }) => {
    if (count === killAt) moment(() => kill())
    return { body: { messages: [text(`re ${json.message.text}`)] } }
  })
  const bots = [hook('Hook', server.url), { name: 'ECHO', kind: 'echo', delay_ms: 0 } satisfies BotSettings]
  let running = await serve(t, folder, bots)
  const { mine, path } = await openTalk(running.address, ['Hook', 'ECHO'])
  const posted: string[] = []
  const moments: Array<[requests: number, moment: typeof moment]> = [
    // Between delivery and acknowledgement,
    [1, kill => kill()],
    // just after the answer has left, while more is posted,
    [2, kill => setImmediate(kill)],
    // and right after the last commit, before its delivery.
    [Infinity, () => {}]
  ]
  for (const [round, [requests, when]] of moments.entries()) {
    let isDead = false
    kill = () => { isDead = true; running.signal('SIGKILL') }
    moment = when
    killAt = server.requests.length + requests
    for (let index = 0; index < 4 && !isDead; index++) {
      const name = `m${round}.${index}`
      posted.push(name)
      await ask(`${running.address}${path}/messages/`, mine, { type: 'T', text: name, local_id: name }).catch(() => { isDead = true })
    }
    if (killAt < Infinity) await eventually(() => isDead || server.requests.length >= killAt, 'the bot is given enough')
    killAt = 0
    kill()
    await running.ended
    running = await serve(t, folder, bots)
    // Whoever was not answered asks again, under the same local_id.
    for (const name of posted) t.ok([200, 201].includes((await ask(`${running.address}${path}/messages/`, mine, { type: 'T', text: name, local_id: name })).status))
  }
  await settled(join(folder, 'data'), posted.length * 2)
  const lines = await said(getOf(running.address, mine), path)
  const by = (name: string): string[] => lines.filter(line => line.startsWith(`${name}: `)).map(line => line.slice(name.length + 2))
  t.same(by('ana'), posted)
  t.same(by('Hook'), posted.map(name => `re ${name}`), 'each answered once, in order')
  t.same(by('ECHO'), posted.map(name => name.toUpperCase()))
  t.ok(server.requests.length > posted.length, 'a kill has come between delivery and acknowledgement')
})
