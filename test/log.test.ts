import { once } from 'node:events'
import { get as httpGet } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import { fastify, type FastifyInstance } from 'fastify'
import plugin from 'fastify-plugin'
import type { Kysely } from 'kysely'
import t from 'tap'
import { postMessage, type NewMessage } from '../actions/post-message.js'
import { renameParticipant } from '../actions/rename.js'
import { colloquy, configure, type Settings } from '../app.js'
import type { Event, EventPage } from '../contract/api.js'
import { findMember } from '../db/participants.js'
import type { Database, Reader } from '../db/schema.js'
import { policyOf } from '../policy.js'
import { formOf, newPerson, newTalk, startApp, type Person, type Talk } from './support/app.js'
import type { Answer } from './support/call.js'
import { applyEvent, nothing, type State } from './support/replay.js'
import { adminKey, newManager } from './support/scene.js'

type Test = Parameters<typeof startApp>[0]

// A reader that is not woken would wait for a minute: the test ends before that and fails. Each test needs its own.
const soon = (): { timeout: number } => ({ timeout: 20_000 })

// --- Scripts of commands

type Who = 0 | 1 | 2
type Command =
  | { verb: 'say' | 'link', who: Who, text: string }
  | { verb: 'quote', who: Who, pick: number }
  | { verb: 'repeat', who: Who, localId: string, text: string }
  | { verb: 'rename talk', who: Who, name: string | null }
  | { verb: 'rename oneself', who: Who, name: string }
  | { verb: 'join', who: Who, nickname: string | null }
  | { verb: 'leave', who: Who }

const whos = fc.constantFrom<Who>(0, 1, 2)
const names = fc.constantFrom('ana', 'bia', 'Caio Júnior', '🙂', 'x'.repeat(50))
const texts = fc.oneof(fc.constantFrom('', 'hello', 'line\nline', '"quotes" \\ and é'), fc.string({ unit: 'grapheme', maxLength: 20 }))
const commands: fc.Arbitrary<Command> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ verb: fc.constantFrom<'say' | 'link'>('say', 'link'), who: whos, text: texts }) },
  { weight: 2, arbitrary: fc.record({ verb: fc.constant('quote' as const), who: whos, pick: fc.nat(50) }) },
  { weight: 3, arbitrary: fc.record({ verb: fc.constant('repeat' as const), who: whos, localId: fc.constantFrom('l1', 'l2'), text: fc.constantFrom('one', 'two') }) },
  { weight: 2, arbitrary: fc.record({ verb: fc.constant('rename talk' as const), who: whos, name: fc.option(names) }) },
  { weight: 2, arbitrary: fc.record({ verb: fc.constant('rename oneself' as const), who: whos, name: names }) },
  { weight: 3, arbitrary: fc.record({ verb: fc.constant('join' as const), who: whos, nickname: fc.option(names) }) },
  { weight: 2, arbitrary: fc.record({ verb: fc.constant('leave' as const), who: whos }) }
)
const scripts = fc.array(commands, { minLength: 5, maxLength: 25, size: 'max' })
// What might not come up by chance.
const everything: Command[] = [
  { verb: 'say', who: 0, text: 'hello' },
  { verb: 'quote', who: 0, pick: 0 },
  { verb: 'repeat', who: 0, localId: 'l1', text: 'one' },
  { verb: 'repeat', who: 0, localId: 'l1', text: 'one' },
  { verb: 'repeat', who: 0, localId: 'l1', text: 'two' },
  { verb: 'rename talk', who: 0, name: 'Coffee' },
  { verb: 'rename oneself', who: 0, name: 'Ana' },
  { verb: 'join', who: 1, nickname: 'bia' },
  { verb: 'leave', who: 1 },
  { verb: 'leave', who: 1 },
  { verb: 'say', who: 1, text: 'still there?' }
]
// They answer when everything is over, so that nobody but the script does anything.
const thoughtful: Settings = { bots: [{ name: 'ECHO', kind: 'echo', delay_ms: 60_000 }, { name: 'Calculator', kind: 'calculator', delay_ms: 60_000 }] }
const botLists = fc.array(fc.constantFrom('ECHO', 'Calculator'), { maxLength: 2 })

/** A conversation in which three people do what a script says; a reader who only reads is in it from the start. */
interface Stage extends Talk {
  people: Person[]
  reader: Person
  /** The participant ids of the people, the last one of each. */
  mine: string[]
  said: string[]
}

async function setStage (people: Person[], reader: Person, bots: string[]): Promise<Stage> {
  const talk = await newTalk([people[0]!, reader], { name: 'Tea', bots })
  const { body } = await reader.get(`${talk.path}/messages/`)
  return { ...talk, people, reader, mine: people.map(() => talk.created.my_participant_id), said: body.results.map((message: { id: string }) => message.id) }
}

/** Does what the command says. Somebody who is not in the conversation is refused, and another text under the same local_id is a conflict. */
async function perform (stage: Stage, command: Command): Promise<Answer> {
  const answer = await send(stage, command)
  if (![200, 201, 403, 409].includes(answer.status)) throw new Error(`${JSON.stringify(command)} gave ${answer.status}: ${JSON.stringify(answer.body)}`)
  if (command.verb === 'join') stage.mine[command.who] = answer.body.my_participant_id
  if (answer.status === 201) stage.said.push(answer.body.id)
  return answer
}

function send ({ people, mine, said, path }: Stage, command: Command): Promise<Answer> {
  const person = people[command.who]!
  switch (command.verb) {
    case 'say': return person.post(`${path}/messages/`, { type: 'T', text: command.text, options: ['yes', 'no'] })
    case 'link': return person.post(`${path}/messages/`, { type: 'A', text: command.text, external_file_url: 'https://example.org/a.pdf' })
    case 'quote': return person.post(`${path}/messages/`, { type: 'T', text: 'as said', quoted_message_id: said[command.pick % said.length] })
    case 'repeat': return person.post(`${path}/messages/`, { type: 'T', text: command.text, local_id: command.localId })
    case 'rename talk': return person.patch(`${path}/`, { name: command.name })
    case 'rename oneself': return person.patch(`${path}/participants/${mine[command.who]}/`, { name: command.name })
    case 'join': return person.post(`${path}/join/`, { nickname: command.nickname })
    case 'leave': return person.post(`${path}/leave/`)
  }
}

async function readState ({ reader, path }: Pick<Stage, 'reader' | 'path'>, messagesMax: number): Promise<State> {
  const { body: { my_participant_id: _, ...state } } = await reader.get(`${path}/snapshot/?messages=${messagesMax}`)
  return state
}

/** The events after a seq, read in pages. */
async function readLog ({ reader, path }: Pick<Stage, 'reader' | 'path'>, after: number, limit: number): Promise<Event[]> {
  const events: Event[] = []
  for (let page: EventPage | undefined; page?.has_more !== false;) {
    ({ body: page } = await reader.get(`${path}/events/?after=${events.at(-1)?.seq ?? after}&limit=${limit}`))
    events.push(...page!.events)
  }
  return events
}

/** The states that events lead to, the first one included, by their seq. */
function replay (state: State, events: Event[], messagesMax: number): Map<number, State> {
  const states = new Map([[state.last_seq, state]])
  for (const event of events) states.set(event.seq, state = applyEvent(state, event, messagesMax))
  return states
}

function countTo (last: number): number[] {
  return Array.from({ length: last }, (_, index) => index + 1)
}

async function newPeople (app: FastifyInstance): Promise<{ people: Person[], reader: Person }> {
  const [ana, bia, caio, davi] = await Promise.all(['ana', 'bia', 'caio', 'davi'].map(name => newPerson(app, name)))
  return { people: [ana!, bia!, caio!], reader: davi! }
}

t.test('the events after a snapshot lead to every later snapshot, whatever three people do', { timeout: 60_000 }, async t => {
  const app = await startApp(t, thoughtful)
  const { people, reader } = await newPeople(app)
  const types = new Set<string>()
  const statuses = new Set<string>()
  const cases = fc.record({ script: scripts, bots: botLists, messagesMax: fc.nat(10), limit: fc.integer({ min: 1, max: 9 }), start: fc.nat(26) })

  await fc.assert(fc.asyncProperty(cases, async ({ script, bots, messagesMax, limit, start }) => {
    const stage = await setStage(people, reader, bots)
    const snapshots = [nothing, await readState(stage, messagesMax)]
    for (const command of script) {
      const { status } = await perform(stage, command)
      statuses.add(`${command.verb} ${status}`)
      snapshots.push(await readState(stage, messagesMax))
    }
    const from = snapshots[start % snapshots.length]!
    const events = await readLog(stage, from.last_seq, limit)
    for (const { type } of events) types.add(type)
    const states = replay(from, events, messagesMax)
    const later = snapshots.filter(snapshot => snapshot.last_seq >= from.last_seq)
    for (const snapshot of later) requireEqual(states.get(snapshot.last_seq), snapshot)
    requireEqual(states.size, snapshots.at(-1)!.last_seq - from.last_seq + 1)
  }), { numRuns: 60, examples: [[{ script: everything, bots: ['ECHO'], messagesMax: 3, limit: 2, start: 0 }]] })

  t.same([...types].sort(), ['conversation.created', 'conversation.renamed', 'message.created', 'participant.joined', 'participant.left', 'participant.renamed'], 'every type of event came up')
  for (const occasion of ['say 201', 'say 403', 'quote 201', 'repeat 200', 'repeat 409', 'join 200', 'leave 200', 'leave 403']) t.ok(statuses.has(occasion), `${occasion} came up`)
})

t.test('a reader that waits sees every event of a crowd once and in order', { timeout: 60_000 }, async t => {
  const app = await startApp(t, thoughtful)
  const { people, reader } = await newPeople(app)
  const cases = fc.record({ script: scripts, bots: botLists, messagesMax: fc.nat(10), limit: fc.integer({ min: 1, max: 9 }) })

  await fc.assert(fc.asyncProperty(cases, async ({ script, bots, messagesMax, limit }) => {
    const stage = await setStage(people, reader, bots)
    const following = follow(stage, limit, events => events.some(event => event.type === 'conversation.renamed' && event.conversation.name === 'The end'))
    await Promise.all(script.map(command => perform(stage, command)))
    await reader.patch(`${stage.path}/`, { name: 'The end' })
    const events = await following
    requireEqual(events.map(event => event.seq), countTo(events.length))
    requireEqual(events, await readLog(stage, 0, 500))
    requireEqual(replay(nothing, events, messagesMax).get(events.length), await readState(stage, messagesMax))
  }), { numRuns: 25 })
})

t.test('a reader that waits sees every answer of the bots once and in order', { timeout: 60_000 }, async t => {
  const app = await startApp(t, { bots: [{ name: 'ECHO', kind: 'echo', delay_ms: 0 }, { name: 'Calculator', kind: 'calculator', delay_ms: 1 }] })
  const { people, reader } = await newPeople(app)
  const stage = await setStage(people, reader, ['ECHO', 'Calculator', 'ECHO'])
  const isAnswer = (event: Event): boolean => event.type === 'message.created' && event.message.type === 'T' && !event.message.sent_by_human
  const following = follow(stage, 3, events => events.filter(isAnswer).length === 60)
  await Promise.all(countTo(20).map(number => say(people[0]!, stage.path, `1 + ${number}`)))
  const events = await following
  t.same(events.map(event => event.seq), countTo(events.length))
  t.same(events, await readLog(stage, 0, 500))
  t.same(replay(nothing, events, 500).get(events.length), await readState(stage, 500))
  const said = events.flatMap(event => event.type === 'message.created' && event.message.type === 'T' ? [event.message] : [])
  for (const bot of stage.created.participants.filter(({ type }: { type: string }) => type === 'B')) {
    const own = said.filter(message => message.sender_id === bot.id)
    t.same(own.map(message => message.quoted_message_id), said.filter(message => message.sent_by_human).map(message => message.id), `${bot.name} answers each message once, in order`)
  }
})

t.test('people see the log with gaps where something is for managers, who see all of it', { timeout: 60_000 }, async t => {
  const app = await startApp(t, { bots: [{ name: 'ECHO', kind: 'echo', delay_ms: 0 }], manager: { role: 'person' } }, { adminKey })
  const { people: [ana], reader } = await newPeople(app)
  const davi = await newManager(app, 'davi')
  const talk = await newTalk([ana!, reader], { bots: ['ECHO'] })
  const before = await lastSeq(ana!, talk.path)
  const following = follow({ path: talk.path, reader: davi }, 500, events => events.filter(event => event.type === 'message.pending').length === 5)
  for (const number of countTo(5)) await say(ana!, talk.path, `number ${number}`)
  const waiting = (await following).flatMap(event => event.type === 'message.pending' ? [event.message.id] : [])
  for (const [index, id] of waiting.entries()) await davi.post(`${talk.path}/messages/${id}/${index % 2 === 0 ? 'approve' : 'reject'}/`)

  const all = await readLog({ path: talk.path, reader: davi }, 0, 500)
  t.same(all.map(event => event.seq), countTo(before + 5 + 5 + 5 + 3), 'each message, that it waits, what was decided, and what is approved')
  for (const limit of [1, 2, 3, 500]) {
    const events = await readLog({ path: talk.path, reader }, before, limit)
    t.same(events, all.filter(({ seq, type }) => seq > before && !['message.pending', 'message.decided'].includes(type)), `in pages of ${limit}`)
    t.same(events.map(event => event.type), Array(8).fill('message.created'))
  }
  const state = replay(nothing, await readLog({ path: talk.path, reader }, 0, 500), 500)
  t.same({ ...[...state.values()].at(-1), last_seq: all.at(-1)!.seq }, await readState({ path: talk.path, reader }, 500))
  t.equal((await reader.get(`${talk.path}/events/?after=${all.at(-1)!.seq}`)).body.last_seq, all.at(-1)!.seq, 'the last seq is that of the conversation, whoever asks')
})

async function follow ({ reader, path }: Pick<Stage, 'reader' | 'path'>, limit: number, isOver: (events: Event[]) => boolean): Promise<Event[]> {
  const events: Event[] = []
  while (!isOver(events)) {
    const { body } = await reader.get(`${path}/events/?after=${events.at(-1)?.seq ?? 0}&limit=${limit}&wait=60`)
    events.push(...body.events)
  }
  return events
}

function requireEqual (found: unknown, wanted: unknown): void {
  const texts = [found, wanted].map(value => JSON.stringify(value, null, 1))
  if (texts[0] !== texts[1]) throw new Error(`Found ${texts[0]}\nbut wanted ${texts[1]}`)
}

const plain: NewMessage = { type: 'T', text: '', localId: null, quotedMessageId: null, options: [], file: null, externalFileUrl: null, command: null }
const policy = policyOf(configure())

t.test('each snapshot shows one moment while two hundred posts arrive', { timeout: 60_000 }, async t => {
  const app = await startApp(t)
  const { people: [ana, bia, caio], reader } = await newPeople(app)
  const { path } = await newTalk([ana!, bia!, caio!, reader])
  const before = await readState({ reader, path }, 500)
  const posted: Answer[] = []
  const posting = Promise.all(countTo(10).map(async sender => {
    for (const number of countTo(20)) posted.push(await say([ana!, bia!, caio!][sender % 3]!, path, `${sender}.${number}`))
  }))
  const snapshots: State[] = []
  while (posted.length < 200) {
    const snapshot = await readState({ reader, path }, 500)
    snapshots.push(snapshot)
    const { body } = await reader.get(`${path}/events/?after=${snapshot.last_seq}&limit=3`)
    t.same(body.events.map((event: Event) => event.seq), countTo(body.events.length).map(number => snapshot.last_seq + number), 'the events go on right after the snapshot')
    // Requests in the same process take no turn of the event loop, which the posts need.
    await nextTurn()
  }
  await posting
  const states = replay(nothing, await readLog({ reader, path }, 0, 500), 500)
  t.equal(states.size - 1, before.last_seq + 200)
  for (const snapshot of snapshots) t.same(snapshot, states.get(snapshot.last_seq), `the snapshot at ${snapshot.last_seq} is the state at that seq`)
  t.ok(new Set(snapshots.map(snapshot => snapshot.last_seq)).size > 2, 'some snapshots were taken between the posts')
})

t.test('a snapshot and a page of events are of one moment, whatever happens between two of their queries', async t => {
  const { app } = await startHeard(t)
  const { people: [ana], reader } = await newPeople(app)
  const { id, path } = await newTalk([ana!, reader])
  const { db, readAtOnce } = app
  const sender = (await findMember(db, id, ana!.sessionId))!
  let happenings = 0
  const happen = async (): Promise<void> => {
    await renameParticipant(app.write, sender, `ana ${++happenings}`)
    await postMessage(app.write, policy, sender, plain)
  }
  // Something is committed after each query of a reader.
  const disturb = (db: Reader): Reader => (db as Kysely<Database>).withPlugin({
    transformQuery: ({ node }) => node,
    transformResult: async ({ result }) => { await happen(); return result }
  })
  app.db = disturb(db)
  app.readAtOnce = work => readAtOnce(db => work(disturb(db)))
  const snapshot = await readState({ reader, path }, 50)
  const { body: page } = await reader.get(`${path}/events/?limit=500`)
  app.db = db
  app.readAtOnce = readAtOnce

  t.ok(happenings > 6, `${happenings} times something happened`)
  const events = await readLog({ reader, path }, 0, 500)
  t.same(snapshot, replay(nothing, events, 50).get(snapshot.last_seq))
  t.same(page, { events: events.slice(0, page.last_seq), last_seq: page.last_seq, has_more: false })
})

// --- Pages of events

t.test('without parameters the log is read from its beginning, a hundred events at once', async t => {
  const app = await startApp(t)
  const ana = await newPerson(app, 'ana')
  const { path } = await newTalk([ana])
  await Promise.all(countTo(100).map(number => say(ana, path, String(number))))
  const { status, body } = await ana.get(`${path}/events/`)
  t.equal(status, 200)
  t.same(body.events.map((event: Event) => event.seq), countTo(100))
  t.equal(body.has_more, true)
  t.equal(body.last_seq, 103)
  t.equal((await ana.get(`${path}/events/?after=100`)).body.events.length, 3)
})

t.test('has_more is true exactly when events are left', async t => {
  const app = await startApp(t)
  const ana = await newPerson(app, 'ana')
  const { path } = await newTalk([ana])
  const { body: { last_seq: last } } = await ana.get(`${path}/events/`)
  for (const [after, limit, hasMore] of [[0, last - 1, true], [0, last, false], [0, last + 1, false], [last - 1, 1, false], [last - 2, 1, true], [last, 1, false]]) {
    const { body } = await ana.get(`${path}/events/?after=${after}&limit=${limit}`)
    t.equal(body.has_more, hasMore, `after ${after}, limit ${limit}`)
    t.same(body.events.map((event: Event) => event.seq), countTo(last).slice(Number(after), Number(after) + Number(limit)))
    t.equal(body.last_seq, last)
  }
})

t.test('limits and waits out of bounds are refused by name', async t => {
  const app = await startApp(t)
  const ana = await newPerson(app, 'ana')
  const { path } = await newTalk([ana])
  const bad = ['limit=0', 'limit=501', 'limit=1.5', 'limit=many', 'limit=', 'after=-1', 'after=x', 'after=9007199254740992', 'wait=-1', 'wait=61', 'wait=0.5']
  for (const query of bad) {
    const { status, body } = await ana.get(`${path}/events/?${query}`)
    t.equal(status, 400, query)
    t.equal(body.code, 'query_invalid', query)
    t.equal(body.errors?.[0].pointer, `/${query.split('=')[0]}`, query)
  }
  for (const query of ['limit=1', 'limit=500', 'after=0', 'after=9007199254740991', 'wait=0', 'wait=60', 'unknown=1']) {
    t.equal((await ana.get(`${path}/events/?${query}`)).status, 200, query)
  }
})

t.test('a snapshot has fifty messages unless it is asked for another number', async t => {
  const app = await startApp(t)
  const ana = await newPerson(app, 'ana')
  const { path } = await newTalk([ana])
  await Promise.all(countTo(60).map(number => say(ana, path, String(number))))
  const { body } = await ana.get(`${path}/snapshot/`)
  t.equal(body.messages.length, 50)
  t.equal(body.messages.at(-1).seq, body.last_seq)
  t.equal(body.my_participant_id, body.participants[0].id)
  t.same((await ana.get(`${path}/snapshot/?messages=0`)).body.messages, [])
  t.equal((await ana.get(`${path}/snapshot/?messages=500`)).body.messages.length, 61, 'all of them, with the system message')
  t.equal((await ana.get(`${path}/snapshot/?messages=501`)).status, 400)
})

t.test('a reader ahead of the log is told so at once, even when it would wait', soon(), async t => {
  const app = await startApp(t)
  const ana = await newPerson(app, 'ana')
  const { path } = await newTalk([ana])
  const { body } = await ana.get(`${path}/events/?after=1000&wait=60`)
  t.same(body, { events: [], last_seq: 3, has_more: false })
})

t.test('a member of another conversation reads neither log nor snapshot', async t => {
  const app = await startApp(t)
  const [ana, bia] = [await newPerson(app, 'ana'), await newPerson(app, 'bia')]
  const { path } = await newTalk([ana])
  await newTalk([bia])
  for (const operation of ['events', 'snapshot']) t.equal((await bia.get(`${path}/${operation}/`)).body.code, 'not_a_participant')
})

// --- Waiting

/** The service without its capsule, so that a test hears who waits at the doorbell. */
interface Heard {
  app: FastifyInstance
  /** One for each wait that has begun, resolved when it has ended. */
  waits: Array<Promise<'grown' | 'over'>>
  /** Resolves once so many have begun to wait, and have found nothing yet. */
  waiting: (count: number) => Promise<void>
  /** The paths of the requests that have arrived. */
  arrived: string[]
}

async function startHeard (t: Test): Promise<Heard> {
  const app = fastify({ return503OnClosing: false })
  const arrived: string[] = []
  app.addHook('onRequest', async request => { arrived.push(request.url) })
  await app.register(plugin(colloquy), { config: configure({ data: t.testdir(), rooms: true, limits: { requests_per_minute: 0 } }) })
  t.teardown(() => {
    app.server.closeAllConnections()
    return app.close()
  })
  await app.ready()
  const waits: Heard['waits'] = []
  const { wait } = app.doorbell
  app.doorbell.wait = (topic, owner, timeoutMs, signal) => {
    const ended = wait(topic, owner, timeoutMs, signal)
    if (timeoutMs > 0) waits.push(ended)
    return ended
  }
  // The first read of a waiting request is over one turn of the event loop later.
  return { app, arrived, waits, waiting: async count => { await until(() => waits.length >= count); await nextTurn() } }
}

async function until (condition: () => boolean): Promise<void> {
  while (!condition()) await nextTurn()
}

async function say (person: Person, path: string, text: string): Promise<Answer> {
  return person.post(`${path}/messages/`, { type: 'T', text })
}

async function lastSeq (person: Person, path: string): Promise<number> {
  return (await person.get(`${path}/snapshot/?messages=0`)).body.last_seq
}

t.test('a waiting reader is woken by whatever happens', soon(), async t => {
  const { app, waits, waiting } = await startHeard(t)
  const { people: [ana, bia, caio] } = await newPeople(app)
  const { path, created } = await newTalk([ana!, bia!])
  const happenings: Array<[type: string, happen: () => Promise<Answer>]> = [
    ['message.created', () => say(bia!, path, 'hello')],
    ['conversation.renamed', () => bia!.patch(`${path}/`, { name: 'Coffee' })],
    ['participant.renamed', () => ana!.patch(`${path}/participants/${created.my_participant_id}/`, { name: 'Ana Maria' })],
    ['participant.joined', () => caio!.post(`${path}/join/`)],
    // Readers are told by a message that somebody has left, and it is the first of the two events.
    ['message.created', () => caio!.post(`${path}/leave/`)]
  ]
  for (const [type, happen] of happenings) {
    const after = await lastSeq(ana!, path)
    const before = waits.length
    const reading = ana!.get(`${path}/events/?after=${after}&wait=60`)
    await waiting(before + 1)
    t.equal((await happen()).status < 300, true)
    const { body } = await reading
    t.equal(body.events[0]?.type, type)
    t.equal(body.events[0]?.seq, after + 1)
  }
})

t.test('a reader that is behind need not wait', soon(), async t => {
  const { app, waits } = await startHeard(t)
  const ana = await newPerson(app, 'ana')
  const { path } = await newTalk([ana])
  const { body } = await ana.get(`${path}/events/?after=2&wait=60`)
  t.same(body.events.map((event: Event) => event.seq), [3])
  await Promise.all(waits)
  t.pass('and it no longer listens')
})

t.test('a reader that has waited in vain gets an empty page', soon(), async t => {
  const app = await startApp(t)
  const ana = await newPerson(app, 'ana')
  const { path } = await newTalk([ana])
  const { status, body } = await ana.get(`${path}/events/?after=3&wait=1`)
  t.equal(status, 200)
  t.same(body, { events: [], last_seq: 3, has_more: false })
})

t.test('a reader is not woken by another conversation', soon(), async t => {
  const { app, waiting } = await startHeard(t)
  const ana = await newPerson(app, 'ana')
  const [tea, coffee] = [await newTalk([ana]), await newTalk([ana])]
  const order: string[] = []
  const reading = ana.get(`${tea.path}/events/?after=3&wait=60`).then(answer => { order.push('woken'); return answer })
  await waiting(1)
  await say(ana, coffee.path, 'coffee')
  order.push('coffee')
  await nextTurn()
  await say(ana, tea.path, 'tea')
  const { body } = await reading
  t.same(order, ['coffee', 'woken'])
  t.equal(body.events[0].message.text, 'tea')
})

t.test('all who wait are woken by one post', soon(), async t => {
  const { app, waits, waiting } = await startHeard(t)
  const { people, reader } = await newPeople(app)
  const { path } = await newTalk([reader, ...people])
  const after = await lastSeq(reader, path)
  const readings = [...people, ...people].map(person => person.get(`${path}/events/?after=${after}&wait=60`))
  await waiting(6)
  await say(reader, path, 'hello')
  for (const { body } of await Promise.all(readings)) t.same(body.events.map((event: Event) => event.seq), [after + 1])
  await Promise.all(waits)
})

t.test('twenty posts of one moment wake a reader once, and it sees all of them', soon(), async t => {
  const { app, waiting } = await startHeard(t)
  const [ana, bia] = [await newPerson(app, 'ana'), await newPerson(app, 'bia')]
  const { id, path } = await newTalk([ana, bia])
  const after = await lastSeq(bia, path)
  const reading = bia.get(`${path}/events/?after=${after}&wait=60`)
  await waiting(1)
  const sender = (await findMember(app.db, id, ana.sessionId))!
  await Promise.all(countTo(20).map(number => postMessage(app.write, policy, sender, { ...plain, text: String(number) })))
  const { body } = await reading
  t.same(body.events.map((event: Event & { message: { text: string } }) => event.message.text), countTo(20).map(String))
})

t.test('a reader who leaves while it waits is shown out and sees nothing more', soon(), async t => {
  for (const rooms of [true, false]) {
    const app = await startApp(t, { rooms })
    const ana = await newPerson(app, 'ana')
    const { path } = await newTalk([ana])
    const reading = ana.get(`${path}/events/?after=3&wait=60`)
    await nextTurn()
    await ana.post(`${path}/leave/`)
    const { status, body } = await reading
    t.ok([403, 404].includes(status), `${status} with rooms ${rooms}`)
    t.notOk('events' in body)
    t.ok([403, 404].includes((await ana.get(`${path}/events/?after=3`)).status))
    await app.close()
  }
})

t.test('a reader who left and came back while it waited waits no longer as who it was', soon(), async t => {
  const app = await startApp(t)
  const [ana, bia] = [await newPerson(app, 'ana'), await newPerson(app, 'bia')]
  const { path } = await newTalk([ana, bia])
  const after = await lastSeq(ana, path)
  const reading = bia.get(`${path}/events/?after=${after}&wait=60`)
  await nextTurn()
  await bia.post(`${path}/leave/`)
  await bia.post(`${path}/join/`)
  t.equal((await reading).body.code, 'not_a_participant')
  t.equal((await bia.get(`${path}/events/?after=${after}`)).status, 200)
})

t.test('heavy messages come in smaller pages, and each of them once', soon(), async t => {
  const app = await startApp(t)
  const ana = await newPerson(app, 'ana')
  const { path } = await newTalk([ana])
  const options = Array(50).fill('x'.repeat(4000))
  await Promise.all(countTo(30).map(() => ana.post(`${path}/messages/`, { type: 'T', options })))

  const pages = []
  for (let after = 3, more = true; more; after = pages.at(-1).events.at(-1).seq) {
    pages.push((await ana.get(`${path}/events/?after=${after}&limit=500`)).body)
    more = pages.at(-1).has_more
  }
  t.same(pages.map(({ events }) => events.length), [20, 10])
  t.same(pages.flatMap(({ events }) => events.map(({ seq }: { seq: number }) => seq)), countTo(30).map(index => index + 3))

  const snapshot = (await ana.get(`${path}/snapshot/?messages=500`)).body
  t.same([snapshot.messages.length, snapshot.messages.at(-1).seq], [20, 33])
  const newest = (await ana.get(`${path}/messages/?before=34&limit=500`)).body
  t.same([newest.results.length, newest.results.at(-1).seq], [20, 33])
  const older = (await ana.get(newest.previous)).body
  t.same([older.results.length, older.results.at(-1).seq, older.previous], [11, 13, null])
})

t.test('of more waits than one participant may have, the oldest is answered', soon(), async t => {
  const { app } = await startHeard(t)
  const ana = await newPerson(app, 'ana')
  const { path } = await newTalk([ana])
  const waits = countTo(9).map(() => ana.get(`${path}/events/?after=3&wait=60`))
  const { body } = await waits[0]!
  t.same(body.events, [])
  await say(ana, path, 'hello')
  for (const wait of waits.slice(1)) t.equal((await wait).body.events.length, 1)
})

t.test('when every place to wait is taken, waiting is refused and reading is not', soon(), async t => {
  const { app, waits } = await startHeard(t)
  const ana = await newPerson(app, 'ana')
  const { path } = await newTalk([ana])
  const others = countTo(10_000).map(() => new AbortController())
  for (const [index, other] of others.entries()) app.doorbell.wait('elsewhere', String(index), 60_000, other.signal)
  const { status, body } = await ana.get(`${path}/events/?after=3&wait=60`)
  t.equal(status, 503)
  t.equal(body.code, 'server_busy')
  t.equal((await ana.get(`${path}/events/`)).status, 200, 'a plain read needs no place')
  t.equal((await say(ana, path, 'hello')).status, 201)
  for (const other of others) other.abort()
  await Promise.all(waits)
  t.equal((await ana.get(`${path}/events/?after=4&wait=1`)).status, 200)
})

// --- Over a socket

async function listen (app: FastifyInstance): Promise<number> {
  await app.listen({ port: 0 })
  return (app.server.address() as AddressInfo).port
}

t.test('a client that goes away while it waits is no longer listened for', soon(), async t => {
  const { app, waits, waiting } = await startHeard(t)
  const ana = await newPerson(app, 'ana')
  const { path } = await newTalk([ana])
  const port = await listen(app)
  const request = httpGet({ port, path: `${path}/events/?after=3&wait=60`, headers: { authorization: `Bearer ${ana.token}` } })
  request.on('error', () => {})
  await waiting(1)
  request.destroy()
  await Promise.all(waits)
  t.pass('its place is free')
})

t.test('a client waits again and again over the same connection', soon(), async t => {
  const { app, waiting } = await startHeard(t)
  const ana = await newPerson(app, 'ana')
  const { path } = await newTalk([ana])
  const connection = await openConnection(await listen(app))
  for (const seq of [4, 5, 6]) {
    connection.write(requestText('GET', `${path}/events/?after=${seq - 1}&wait=60`, ana))
    await waiting(seq - 3)
    await say(ana, path, `number ${seq}`)
    await until(() => connection.text().includes(`number ${seq}`))
  }
  t.equal(connection.text().match(/HTTP\/1.1 200 OK/g)?.length, 3)
  connection.socket.destroy()
})

t.test('a server that stops answers those who wait, at once and as promised', soon(), async t => {
  const { app, waiting } = await startHeard(t)
  const ana = await newPerson(app, 'ana')
  const { path } = await newTalk([ana])
  const port = await listen(app)
  const readings = [1, 2].map(() => fetch(`http://localhost:${port}${path}/events/?after=3&wait=60`, { headers: { authorization: `Bearer ${ana.token}` } }))
  await waiting(2)
  await app.close()
  for (const answer of await Promise.all(readings)) {
    t.equal(answer.status, 200)
    t.same(await answer.json(), { events: [], last_seq: 3, has_more: false })
  }
})

t.test('a server that stops finishes what it has begun and refuses what is new', soon(), async t => {
  const { app, arrived } = await startHeard(t)
  const ana = await newPerson(app, 'ana')
  const { path } = await newTalk([ana])
  const sockets: Socket[] = []
  app.server.on('connection', socket => sockets.push(socket))
  const port = await listen(app)
  // One has sent half of its body, the other half of its head.
  const [begun, late] = [await openConnection(port), await openConnection(port)]
  const post = requestText('POST', `${path}/messages/`, ana, JSON.stringify({ type: 'T', text: 'half said' }))
  const get = requestText('GET', '/readyz', ana)
  begun.write(post.slice(0, -10))
  late.write(get.slice(0, 30))
  await until(() => arrived.at(-1) === `${path}/messages/` && sockets.some(socket => socket.bytesRead === 30))
  const closed = app.close()
  await until(() => app.isDraining())
  begun.write(post.slice(-10))
  late.write(get.slice(30))
  await Promise.all([begun.ended, late.ended, closed])
  t.match(begun.text(), /^HTTP\/1\.1 201 .*"half said"/s)
  t.match(late.text(), /^HTTP\/1\.1 503 .*server_draining/s)
  t.match(late.text(), /\r\nretry-after: 1\r\n/i)
  t.match(late.text(), /\r\nconnection: close\r\n/i)
})

t.test('a server that stops finishes the downloads that it has begun, and lets their clients go', soon(), async t => {
  const { app } = await startHeard(t)
  const ana = await newPerson(app, 'ana')
  const { path } = await newTalk([ana])
  const size = 12 * 1024 * 1024
  const { body: { file_url: url } } = await ana.post(`${path}/messages/`, formOf([['type', 'A'], ['file', [new Uint8Array(size).fill(65), 'a.txt', 'text/plain']]]))
  const connection = await openConnection(await listen(app))
  connection.write(requestText('GET', url, ana))
  await until(() => connection.text() !== '')
  connection.socket.pause()
  const closed = app.close()
  await until(() => app.isDraining())
  connection.socket.resume()
  await connection.ended
  await closed
  const [head, body] = connection.text().split('\r\n\r\n') as [string, string]
  t.match(head, /^HTTP\/1\.1 200 /)
  t.equal(body.length, size)
})

interface Connection { socket: Socket, write: (text: string) => void, text: () => string, ended: Promise<unknown> }

async function openConnection (port: number): Promise<Connection> {
  const socket = connect(port, 'localhost')
  let text = ''
  socket.setEncoding('utf8').on('data', (piece: string) => { text += piece })
  await once(socket, 'connect')
  return { socket, write: piece => { socket.write(piece) }, text: () => text, ended: once(socket, 'close') }
}

function requestText (method: string, path: string, { token }: Person, body = ''): string {
  const length = body === '' ? [] : ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`]
  return [`${method} ${path} HTTP/1.1`, 'Host: localhost', `Authorization: Bearer ${token}`, ...length, '', body].join('\r\n')
}
