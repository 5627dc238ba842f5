import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { dropStale } from '../actions/drop-deliveries.js'
import { endConversation } from '../actions/end-conversation.js'
import { appendEvent } from '../db/events.js'
import { findParticipant, listParticipants } from '../db/participants.js'
import { createPace } from '../plugins/feed/pace.js'
import { createTails, type Tail } from '../plugins/feed/tail.js'
import type { Reader } from '../plugins/feed/feed.js'
import { textFrame } from '../routes/live/frames.js'
import type { Item } from '../views/item.js'
import { newTalk, type Person, type Talk } from './support/app.js'
import { newManager, newPeople, startOpen } from './support/scene.js'
import { arrivals, listen } from './support/subscriber.js'

// What is not given would be waited for: the test ends before that and fails.
const soon = (): { timeout: number } => ({ timeout: 30_000 })

interface Place { app: FastifyInstance, ana: Person, bia: Person, talk: Talk }

async function newPlace (t: Test, settings: Parameters<typeof startOpen>[1] = {}, body: object = { name: 'Tea' }): Promise<Place> {
  const app = await startOpen(t, settings)
  // What is waited for keeps no process alive.
  await listen(app)
  const [ana, bia] = await newPeople(app, 'ana', 'bia') as [Person, Person]
  return { app, ana, bia, talk: await newTalk([ana, bia], body) }
}

interface Listener extends Reader { items: Item[], hears: (seq: number) => Promise<Item> }

/** Reads everything that there is, also what is for single bots. */
async function newListener ({ app, talk }: Pick<Place, 'app' | 'talk'>): Promise<Listener> {
  const participants = await listParticipants(app.db, talk.id)
  const heard = arrivals<Item>()
  return {
    viewer: { audiences: ['all', 'people', 'managers', ...participants.map(({ id }) => id)], isBot: false },
    give: heard.add,
    isFull: () => false,
    drained: async () => {},
    items: heard.items,
    hears: seq => heard.until(item => item.seq === seq)
  }
}

async function follow ({ app, talk, after }: Pick<Place, 'app' | 'talk'> & { after: number | null }): Promise<Listener> {
  const listener = await newListener({ app, talk })
  await app.feed.follow(talk.id, after, listener)
  return listener
}

/** Counts how often the log of a conversation is read from now on. */
function countReads (t: Test, { id }: Talk): () => number {
  let count = 0
  const note = (message: unknown): void => { if ((message as { conversationId: string }).conversationId === id) count++ }
  subscribe('colloquy:log.read', note)
  t.teardown(() => unsubscribe('colloquy:log.read', note))
  return () => count
}

async function say ({ talk: { path } }: Pick<Place, 'talk'>, { post }: Pick<Person, 'post'>, text: string, more: object = {}): Promise<any> {
  const { status, body } = await post(`${path}/messages/`, { type: 'T', text, ...more })
  if (status !== 201) throw new Error(JSON.stringify(body))
  return body
}

const told = ({ items }: Listener): object[] => items.map(({ event, audience, hops, senderId }) => ({ event, audience, hops, senderId }))
const seqs = ({ items }: Listener): number[] => items.map(({ seq }) => seq)

t.test('each type of event is told as the log says it', soon(), async t => {
  const bots = [{ name: 'ECHO', kind: 'echo' }, { name: 'Leaser', kind: 'lease', token: 'the-token-of-a-bot-that-comes-and-asks' }] as const
  const place = await newPlace(t, { bots: [...bots], manager: { role: 'person' } }, { name: 'Tea', bots: ['ECHO', 'Leaser'] })
  const { app, ana, bia, talk, talk: { id, path } } = place
  const maria = await newManager(app, 'maria')
  const live = await follow({ app, talk, after: 0 })
  const heard = async (type: string, count = 1): Promise<any> => {
    while (live.items.filter(({ event }) => event.type === type).length < count) await live.hears(live.items.at(-1)!.seq + 1)
    return live.items.findLast(({ event }) => event.type === type)!.event
  }
  const first = live.items.length
  const reads = countReads(t, talk)
  const said = await say(place, ana, 'héllo \u{1f600}', { options: ['a', 'b'], local_id: 'l1' })
  const { message: waiting } = await heard('message.pending')
  await maria.post(`${path}/messages/${waiting.id}/approve/`, { text: 'changed' })
  await say(place, bia, 'again', { quoted_message_id: said.id })
  const { message: other } = await heard('message.pending', 2)
  await maria.post(`${path}/messages/${other.id}/redirect/`, { bots: ['Leaser'], overrides: { text: 'for you' } })
  await heard('message.redirected')
  await ana.patch(`${path}/`, { name: 'Coffee' })
  await ana.patch(`${path}/participants/${talk.created.my_participant_id}/`, { name: 'Ana' })
  await bia.post(`${path}/leave/`)
  await bia.post(`${path}/join/`, {})
  await ana.post(`${path}/messages/`, { type: 'A', external_file_url: 'https://example.org/a.pdf' })
  await dropStale(app.write, 'Leaser', Date.now() + 60_000, () => false)
  t.equal(reads(), 0, 'what a commit has appended is not read again')
  await maria.post(`${path}/messages/${said.id}/redirect/`, { bots: ['ECHO'] })
  await heard('message.redirected', 2)
  t.equal(reads(), 1, 'a message that was stored earlier is')
  const me = (await findParticipant(app.db, id, talk.created.my_participant_id))!
  await app.write(db => endConversation(db, me, Date.now()))
  await heard('conversation.ended')
  const later = await follow({ app, talk, after: 0 })
  t.same(told(live), told(later))
  t.same(seqs(live), Array.from({ length: live.items.length }, (_, index) => index + 1))
  t.same([...new Set(live.items.slice(first).map(({ event }) => event.type))].sort(), [
    'conversation.ended', 'conversation.renamed', 'delivery.dropped', 'message.created', 'message.decided', 'message.pending',
    'message.redirected', 'participant.joined', 'participant.left', 'participant.renamed'
  ], 'all but that of the creation')
})

t.test('what is undone is told to nobody, and what comes in its place is', soon(), async t => {
  const { app, talk } = await newPlace(t)
  const listener = await follow({ app, talk, after: null })
  const rename = (name: string, fails: boolean) => app.write(async db => {
    await appendEvent(db, talk.id, { type: 'conversation.renamed', time: 0, data: { conversation: { name } } })
    if (fails) throw new Error('undone')
  })
  const outcomes = await Promise.allSettled([rename('one', false), rename('two', true), rename('three', false)])
  t.same(outcomes.map(({ status }) => status), ['fulfilled', 'rejected', 'fulfilled'])
  t.match(told(listener), [{ event: { conversation: { name: 'one' } } }, { event: { conversation: { name: 'three' } } }])
  t.equal(listener.items.length, 2)
})

t.test('those who come back to a conversation share one read of its log', soon(), async t => {
  const place = await newPlace(t)
  const { app, ana, talk } = place
  for (let count = 0; count < 30; count++) await say(place, ana, `${count}`)
  const { body: { last_seq: last } } = await ana.get(`${talk.path}/snapshot/`)
  const reads = countReads(t, talk)
  const afters = Array.from({ length: 20 }, (_, index) => last - 20 + index % 5)
  const back = await Promise.all(afters.map(after => follow({ app, talk, after })))
  t.equal(reads(), 1)
  await say(place, ana, 'new')
  const late = await follow({ app, talk, after: last - 20 })
  t.equal(reads(), 1, 'nor does who comes a little later')
  const truth = await ana.get(`${talk.path}/events/?after=${last - 20}`)
  for (const [index, listener] of [...back, late].entries()) {
    t.same(listener.items.map(({ event }) => event), truth.body.events.slice(index % 5 * (index < 20 ? 1 : 0)))
  }
})

t.test('a reader far behind is given the past page by page, and then what is new', soon(), async t => {
  const place = await newPlace(t)
  const { app, talk } = place
  for (let count = 0; count < 250; count++) await app.write(async db => appendEvent(db, talk.id, { type: 'conversation.renamed', time: count, data: {} }))
  const reads = countReads(t, talk)
  const listeners = await Promise.all([0, 0].map(after => follow({ app, talk, after })))
  t.equal(reads(), 3, 'two who are at the same place share them')
  const seq = await app.write(async db => appendEvent(db, talk.id, { type: 'conversation.renamed', time: 0, data: {} }))
  for (const listener of listeners) {
    await listener.hears(seq)
    t.same(seqs(listener), Array.from({ length: seq }, (_, index) => index + 1))
  }
})

t.test('more than is kept in memory reaches who is live, in order', soon(), async t => {
  const place = await newPlace(t)
  const { app, ana, talk } = place
  const listeners = await Promise.all([1, 2, 3].map(() => follow({ app, talk, after: null })))
  const posted = await Promise.all(Array.from({ length: 120 }, (_, index) => say(place, ana, `${index}`, { options: Array.from({ length: 10 }, () => 'x'.repeat(1000)) })))
  const wanted = posted.map(({ seq }) => seq as number).sort((one, other) => one - other)
  for (const listener of listeners) {
    await listener.hears(wanted.at(-1)!)
    t.same(seqs(listener), wanted)
  }
})

t.test('the text that tells who is in a conversation is the same until somebody comes, goes or changes its name', soon(), async t => {
  const { app, ana, bia, talk: { id, path, created } } = await newPlace(t)
  const [caio] = await newPeople(app, 'caio')
  const read = async (): Promise<string> => (await app.feed.readState(id)).as(text => text)
  const names = async (): Promise<string[]> => JSON.parse(await read()).state.participants.map(({ name }: { name: string }) => name)
  t.same(await names(), ['ana', 'bia'])
  t.equal(await app.feed.readState(id), await app.feed.readState(id))
  await caio!.post(`${path}/join/`, {})
  t.same(await names(), ['ana', 'bia', 'caio'])
  await ana.patch(`${path}/participants/${created.my_participant_id}/`, { name: 'Ana' })
  t.same(await names(), ['Ana', 'bia', 'caio'])
  await bia.post(`${path}/leave/`)
  t.same(await names(), ['Ana', 'caio'])
})

t.test('what is in memory is bounded, for each conversation and for all', t => {
  const tails = createTails()
  const grow = (tail: Tail, count: number): void => { for (let index = 0; index < count; index++) tails.append(tail, { seq: tail.end + 1, length: 1024 } as Item) }
  const all = Array.from({ length: 100 }, () => ({ end: 7, items: [], length: 0 }) as Tail)
  for (const tail of all) grow(tail, 300)
  t.equal(all.at(-1)!.items.length, 256, 'the last 256 KiB')
  t.equal(all.at(-1)!.items[0]!.seq, 300 + 7 - 255)
  t.equal(all.reduce((sum, { items }) => sum + items.length, 0), 8 * 1024, '8 MiB')
  t.same(all[0], { end: 307, items: [], length: 0 }, 'the one that has grown first is dropped first')
  t.end()
})

t.test('who has asked first goes first, and a turn has an end', soon(), async t => {
  const pace = createPace(3)
  const done: number[] = []
  t.same([pace.take(2), pace.take(2)], [undefined, undefined])
  const waiting = [1, 2, 3].map(async cost => { await pace.take(cost); done.push(cost) })
  t.same(done, [])
  await waiting[1]
  t.same(done, [1, 2])
  await waiting[2]
  t.same(done, [1, 2, 3])
})

t.test('a frame says how long it is as RFC 6455 has it', t => {
  const head = (length: number): string => textFrame('x'.repeat(length)).subarray(0, 10).toString('hex').replace(/(78)+$/, '')
  t.same([0, 125, 126, 65_535, 65_536].map(head), ['8100', '817d', '817e007e', '817effff', '817f0000000000010000'])
  t.equal(textFrame('é').toString('hex'), '8102c3a9')
  t.end()
})
