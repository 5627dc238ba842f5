// What becomes of bots that go away, and of what they were owed.
import t from 'tap'
import type { Event, Message } from '../contract/api.js'
import { newPerson, newTalk, startApp, type Person, type Talk } from './support/app.js'
import { eventually } from './support/outbox.js'
import { adminKey, newManager } from './support/scene.js'
import { startBotServer } from './support/stranger.js'
import { listen, subscribe, wsUrl } from './support/subscriber.js'

const soon = (): { timeout: number } => ({ timeout: 30_000 })
const secrets = ['whsec_c3VycHJpc2Ugc3VycHJpc2Ugc3VycHJpc2U=']

async function say (person: Person, { path }: Talk, text: string): Promise<Message> {
  return (await person.post(`${path}/messages/`, { type: 'T', text })).body
}

async function eventsOf (person: Person, { path }: Talk): Promise<Event[]> {
  return (await person.get(`${path}/events/?limit=500`)).body.events
}

t.test('a bot that comes back to its socket is sent what it missed, once', soon(), async t => {
  const starts = await startBotServer(t, () => ({}))
  const app = await startApp(t, { bots: [{ name: 'Guest', kind: 'websocket', url: starts.url }], grace: { presence_s: 60 } })
  await listen(app)
  const ana = await newPerson(app, 'ana')
  const talk = await newTalk([ana], { bots: ['Guest'] })
  const { json: { session } } = await starts.nextRequest()
  await say(ana, talk, 'before it came')
  const first = await subscribe(t, wsUrl(app, talk.id), { cookie: session })
  await first.hears({ text: 'before it came' })
  await say(ana, talk, 'while it was there')
  await first.hears({ text: 'while it was there' })
  await first.close()
  await say(ana, talk, 'while it was away')
  const second = await subscribe(t, wsUrl(app, talk.id), { cookie: session })
  await say(ana, talk, 'when it was back')
  await second.hears({ text: 'when it was back' })
  t.same(second.messages().filter(({ type }) => type === 'T').map(({ text }) => text), ['while it was away', 'when it was back'])
})

t.test('bots with sockets do not talk with each other for ever', soon(), async t => {
  const starts = await startBotServer(t, () => ({}))
  const bots = ['One', 'Two'].map(name => ({ name, kind: 'websocket', url: starts.url, hop_limit: 2 } as const))
  const app = await startApp(t, { bots })
  await listen(app)
  const ana = await newPerson(app, 'ana')
  const talk = await newTalk([ana], { bots: ['One', 'Two'] })
  for (const { json: { session, bot_participant_id: me } } of await starts.until(2)) {
    const bot = await subscribe(t, wsUrl(app, talk.id), { cookie: session })
    bot.socket.on('message', data => {
      const { message } = JSON.parse(String(data))
      if (message?.type === 'T' && message.sender_id !== me) bot.send({ type: 'T', text: 'and you?' })
    })
  }
  await say(ana, talk, 'hello')
  const hers = await subscribe(t, wsUrl(app, talk.id, '?after=0'), { token: ana.token })
  // Each answers ana, and what answers her; nobody answers what comes after.
  await hers.until(() => hers.messages().filter(({ text }) => text === 'and you?').length >= 4)
  await say(ana, talk, 'enough')
  await hers.until(() => hers.messages().filter(({ text }) => text === 'and you?').length >= 8)
  const said = hers.messages().filter(({ text }) => text === 'and you?').length
  t.ok(said < 40, `${said} answers`)
})

t.test('what waits when a conversation ends is rejected, and not shown any more', soon(), async t => {
  const starts = await startBotServer(t, () => ({}))
  const app = await startApp(t, { bots: [{ name: 'Guest', kind: 'websocket', url: starts.url, required: true }], manager: { role: 'person' }, grace: { presence_s: 0 } }, { adminKey })
  await listen(app)
  const [ana, maria] = [await newPerson(app, 'ana'), await newManager(app, 'maria')]
  const talk = await newTalk([ana], { bots: ['Guest'] })
  const { json: { session } } = await starts.nextRequest()
  const guest = await subscribe(t, wsUrl(app, talk.id), { cookie: session })
  guest.send({ type: 'T', text: 'Psst!', local_id: 'l1' })
  const { id } = await guest.hears({ text: 'Psst!' })
  await guest.close()
  await eventually(async () => (await eventsOf(ana, talk)).some(({ type }) => type === 'conversation.ended'), 'the conversation ends')
  t.same((await maria.get('/api/chat/approvals/')).body.results, [])
  t.match(await maria.post(`${talk.path}/messages/${id}/approve/`, {}), { status: 409, body: { code: 'already_decided' } })
  t.match((await maria.get(`${talk.path}/messages/${id}/decisions/`)).body.results, [{ action: 'reject', by: { kind: 'timeout' }, reason: 'The conversation has ended.' }])
  t.equal((await eventsOf(ana, talk)).at(-1)!.type, 'conversation.ended')
  t.match(await ana.post(`${talk.path}/messages/`, { type: 'T', text: 'hello?' }), { status: 409, body: { code: 'conversation_ended' } })
})

t.test('under a manager a bot knows what it was given and what it has said', soon(), async t => {
  const histories: string[][] = []
  const server = await startBotServer(t, ({ json: { message, history } }) => {
    histories.push(history.map((earlier: { text: string }) => earlier.text))
    return { body: { messages: [{ type: 'T', text: message.text.toUpperCase() }] } }
  })
  const app = await startApp(t, { bots: [{ name: 'Poet', kind: 'webhook', url: server.url, secrets }, { name: 'Boss', kind: 'transparent' }], manager: 'Boss' })
  const ana = await newPerson(app, 'ana')
  const talk = await newTalk([ana], { bots: ['Poet'] })
  for (const text of ['one', 'two', 'three']) {
    await say(ana, talk, text)
    await eventually(async () => (await eventsOf(ana, talk)).some(event => event.type === 'message.created' && event.message.type === 'T' && event.message.text === text.toUpperCase()), `the answer to ${text}`)
  }
  t.same(histories, [[], ['one', 'ONE'], ['one', 'ONE', 'two', 'TWO']])
})

t.test('what a manager could not be given is no news for people', soon(), async t => {
  const app = await startApp(t, { bots: [{ name: 'Boss', kind: 'lease', token: 'a token of this test, long enough'.replaceAll(' ', '-'), max_age_s: 1 }], manager: 'Boss' }, { adminKey })
  const [ana, maria] = [await newPerson(app, 'ana'), await newManager(app, 'maria')]
  const talk = await newTalk([ana])
  await say(ana, talk, 'hello')
  await eventually(async () => (await eventsOf(maria, talk)).some(({ type }) => type === 'delivery.dropped'), 'the message is dropped')
  t.notOk((await eventsOf(ana, talk)).some(({ type }) => type === 'delivery.dropped'))
})
