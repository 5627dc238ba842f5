import { fork, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import SQLite from 'better-sqlite3'
import { sql, type Kysely } from 'kysely'
import t, { type Test as TapTest } from 'tap'
import { createConversation, type Entry } from '../actions/create-conversation.js'
import { approveMessage, redirectMessage, rejectMessage } from '../actions/decide-message.js'
import { answerDelivery } from '../actions/answer-delivery.js'
import { dropStale } from '../actions/drop-deliveries.js'
import { joinConversation } from '../actions/join-conversation.js'
import { leaveConversation } from '../actions/leave-conversation.js'
import { postMessage, type NewMessage } from '../actions/post-message.js'
import { arrive, depart } from '../actions/presence.js'
import { renameConversation, renameParticipant } from '../actions/rename.js'
import { configure } from '../config.js'
import { backUp } from '../db/backup.js'
import { startCheckpoints } from '../db/checkpoints.js'
import { listDueDeliveries } from '../db/deliveries.js'
import { appendEvent, listEvents } from '../db/events.js'
import { insertChunk } from '../db/files.js'
import { isMigrated, migrate } from '../db/migrate.js'
import { migrations } from '../db/migrations/index.js'
import { findParticipant } from '../db/participants.js'
import type { Database, DeliveryRow, MessageRow, ParticipantRow, Writer } from '../db/schema.js'
import { FILE_NAME, openDatabase, type Connections } from '../db/sqlite.js'
import { createWriter, type Growth, type Write } from '../db/write.js'
import type { ProblemError } from '../errors.js'
import { policyOf } from '../policy.js'
import { viewerOf } from '../views/viewer.js'

interface Test { testdir: () => string, teardown: (work: () => unknown) => void }

const policy = policyOf(configure())

/** A migrated database with a conversation, and what its writer tells. */
interface Opened extends Connections {
  write: Write
  /** What each commit told. */
  told: Growth[][]
  entry: Entry
}

async function open (t: Test): Promise<Opened> {
  const connections = connectTo(t, t.testdir())
  await migrate(connections)
  const told: Growth[][] = []
  const write = createWriter(connections.writer, growths => { told.push(growths) })
  const entry = await createConversation(write, policy, { sessionId: undefined, nickname: 'ana', name: 'Tea', bots: [] })
  told.length = 0
  return { ...connections, write, told, entry }
}

function connectTo (t: Test, folder: string): Connections {
  const connections = openDatabase(folder)
  t.teardown(() => connections.close())
  return connections
}

/** Asks a file on a connection of its own, which sees only what is committed. */
function ask (file: string, text: string, ...parameters: unknown[]): any[] {
  const database = new SQLite(file, { readonly: true })
  try {
    return database.prepare(text).all(...parameters)
  } finally {
    database.close()
  }
}

/** Every row of every table. */
function dump (file: string): Record<string, unknown[]> {
  const tables = ask(file, "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' order by name")
  return Object.fromEntries(tables.map(({ name }) => [name, ask(file, `select * from ${name}`)]))
}

function countTo (last: number): number[] {
  return Array.from({ length: last }, (_, index) => index + 1)
}

function renamed (db: Writer, { conversation }: Entry): Promise<number> {
  return appendEvent(db, conversation.id, { type: 'conversation.renamed', time: 0, data: {} })
}

function codeOf (outcome: PromiseSettledResult<unknown>): string | undefined {
  return outcome.status === 'rejected' ? (outcome.reason as ProblemError).body?.code : undefined
}

// --- Faults

let statementsLeft = Infinity

// Every statement of this process is executed by one of these two methods.
for (const method of ['run', 'all'] as const) {
  const prototype = Object.getPrototypeOf(new SQLite(':memory:').prepare('select 1'))
  const execute = prototype[method]
  prototype[method] = function (this: SQLite.Statement, ...parameters: unknown[]) {
    if (!this.database.readonly && --statementsLeft === 0) throw new Error('The disk is on fire.')
    return execute.apply(this, parameters)
  }
}

/** What happens when the n-th statement fails that is executed for this work. */
async function withFault<T> (n: number, work: () => Promise<T>): Promise<{ happened: boolean, outcome: PromiseSettledResult<T> }> {
  statementsLeft = n
  const [outcome] = await Promise.allSettled([work()])
  const happened = statementsLeft <= 0
  statementsLeft = Infinity
  return { happened, outcome }
}

// --- Writes that share a commit

t.test('writes of one moment share one commit, and are answered in their order', async t => {
  const { write, told, entry, file } = await open(t)
  const order: number[] = []
  const seqs = await Promise.all(countTo(10).map(async number => {
    const seq = await write(db => renamed(db, entry))
    order.push(number)
    return seq
  }))
  t.equal(told.length, 1)
  t.same(told[0]!.map(growth => growth.seq), seqs)
  t.same(seqs, countTo(10).map(number => number + 3))
  t.same(order, countTo(10))
  t.equal(ask(file, 'select count(*) as count from events')[0].count, 13)
})

t.test('not more than 64 writes share a commit', async t => {
  const { write, told, entry } = await open(t)
  await Promise.all(countTo(150).map(() => write(db => renamed(db, entry))))
  t.same(told.map(growths => growths.length), [64, 64, 22])
})

t.test('a long queue lets the event loop turn between its commits', async t => {
  const { write, told, entry } = await open(t)
  const commitsAtTurn: number[] = []
  const writes = countTo(256).map(() => write(db => renamed(db, entry)))
  while (told.length < 4) {
    await nextTurn()
    commitsAtTurn.push(told.length)
  }
  await Promise.all(writes)
  t.ok(commitsAtTurn.some(commits => commits > 0 && commits < 4), `the turns came after ${commitsAtTurn} of 4 commits`)
})

t.test('a write that fails is undone alone and told to nobody', async t => {
  const { write, told, entry, file } = await open(t)
  const outcomes = await Promise.allSettled([
    write(db => renamed(db, entry)),
    write(async db => { await renamed(db, entry); throw new Error('No.') }),
    write(db => renamed(db, entry)),
    write(async db => { await renamed(db, entry); await db.insertInto('events').values({ conversation_id: entry.conversation.id, seq: 1, type: 'message.created', time: 0, message_id: null, data: null, audience: 'all' }).execute() }),
    write(db => renamed(db, entry))
  ])
  t.same(outcomes.map(outcome => outcome.status === 'fulfilled' ? outcome.value : outcome.reason.message), [4, 'No.', 5, 'UNIQUE constraint failed: events.conversation_id, events.seq', 6])
  t.same(told.map(growths => growths.map(growth => growth.seq)), [[4, 5, 6]])
  t.same(ask(file, 'select seq from events order by seq').map(row => row.seq), countTo(6))
  t.equal(ask(file, 'select last_seq from conversations')[0].last_seq, 6)
})

t.test('a write goes on after a query that failed and that it has expected', async t => {
  const { write, entry, file } = await open(t)
  const seq = await write(async db => {
    await db.insertInto('sessions').values({ ...entry.session }).execute().catch(() => {})
    return renamed(db, entry)
  })
  t.equal(seq, 4)
  t.equal(ask(file, 'select last_seq from conversations')[0].last_seq, 4)
})

t.test('a commit is told after it is durable and before its writes are answered', async t => {
  const { writer, reader, entry, file } = await open(t)
  const order: unknown[] = []
  const write = createWriter(writer, () => { order.push(ask(file, 'select last_seq from conversations')[0].last_seq) })
  await write(db => renamed(db, entry)).then(seq => order.push(`answered ${seq}`))
  t.same(order, [4, 'answered 4'])
  t.equal((await reader.selectFrom('conversations').select('last_seq').executeTakeFirstOrThrow()).last_seq, 4)
})

t.test('a write that appends nothing is told to nobody', async t => {
  const { write, told } = await open(t)
  t.equal(await write(async () => 'read only'), 'read only')
  t.same(told, [])
})

t.test('writes that come while others are committed follow them', async t => {
  const { write, told, entry } = await open(t)
  const seqs: number[] = []
  await Promise.all(countTo(5).map(async () => {
    for (let left = 5; left > 0; left--) seqs.push(await write(db => renamed(db, entry)))
  }))
  t.same(seqs, countTo(25).map(number => number + 3))
  t.same(told.flat().map(growth => growth.seq), seqs)
})

t.test('a queue of ten thousand writes takes no more, and says when to come back', async t => {
  const { write, file } = await open(t)
  let ran = 0
  const outcomes = await Promise.allSettled(countTo(10_002).map(() => write(async () => { ran++ })))
  t.same(new Set(outcomes.slice(0, 10_000).map(outcome => outcome.status)), new Set(['fulfilled']))
  for (const outcome of outcomes.slice(10_000)) {
    t.equal(codeOf(outcome), 'server_busy')
    t.match(outcome, { reason: { headers: { 'Retry-After': /^\d+$/ } } })
  }
  t.equal(ran, 10_000)
  t.equal(await write(async () => 'again'), 'again')
  t.equal(ask(file, 'pragma integrity_check')[0].integrity_check, 'ok')
})

t.test('a commit that fails rejects all of its writes and leaves nothing', async t => {
  const { write, told, entry, file } = await open(t)
  const before = dump(file)
  const outcomes = await Promise.allSettled([
    write(db => renamed(db, entry)),
    write(async db => {
      // The reference to a conversation that does not exist is looked at when the transaction is committed.
      await sql`pragma defer_foreign_keys = on`.execute(db)
      await db.insertInto('events').values({ conversation_id: 'none', seq: 1, type: 'message.created', time: 0, message_id: null, data: null, audience: 'all' }).execute()
    }),
    write(db => renamed(db, entry))
  ])
  for (const outcome of outcomes) t.match(outcome, { status: 'rejected', reason: { message: 'FOREIGN KEY constraint failed' } })
  t.same(dump(file), before)
  t.same(told, [])
  t.equal(await write(db => renamed(db, entry)), 4, 'and the next write succeeds')
})

t.test('a full disk rejects the writes that it meets with its reason, and leaves nothing of them', async t => {
  const { writer, write, told, entry, file } = await open(t)
  const before = dump(file)
  const pages = ask(file, 'pragma page_count')[0].page_count
  await sql`pragma max_page_count = ${sql.lit(pages + 2)}`.execute(writer)
  const outcomes = await Promise.allSettled([
    write(db => renamed(db, entry)),
    write(db => insertChunk(db, 'large', 0, new Uint8Array(64 * 1024))),
    write(db => renamed(db, entry))
  ])
  for (const outcome of outcomes.filter(outcome => outcome.status === 'rejected')) t.match(outcome.reason, { message: 'database or disk is full' })
  t.equal(outcomes[1]!.status, 'rejected')
  const kept = outcomes.filter(outcome => outcome.status === 'fulfilled').length
  t.equal(told.flat().length, kept)
  t.equal(ask(file, 'select last_seq from conversations')[0].last_seq, 3 + kept)
  if (kept === 0) t.same(dump(file), before)
  await sql`pragma max_page_count = 1000000`.execute(writer)
  t.equal(await write(db => renamed(db, entry)), 4 + kept, 'and once there is room, the next write succeeds')
})

t.test('a file that another process holds for a moment is waited for', async t => {
  const { write, told, entry, file } = await open(t)
  const other = new SQLite(file)
  t.teardown(() => other.close())
  other.exec('begin immediate')
  let isSettled = false
  const writing = Promise.allSettled([1, 2].map(() => write(db => renamed(db, entry)))).finally(() => { isSettled = true })
  // The first attempt belongs to the next turn of the event loop.
  await nextTurn()
  await nextTurn()
  t.equal(isSettled, false)
  other.exec('commit')
  t.same(await writing, [4, 5].map(value => ({ status: 'fulfilled', value })))
  t.equal(told.length, 1)
})

t.test('a file that another process holds for long makes the server busy, and not for ever', async t => {
  const { write, told, entry, file } = await open(t)
  const before = dump(file)
  const other = new SQLite(file)
  t.teardown(() => other.close())
  other.exec('begin immediate')
  const outcomes = await Promise.allSettled([1, 2].map(() => write(db => renamed(db, entry))))
  for (const outcome of outcomes) {
    t.equal(codeOf(outcome), 'server_busy')
    t.match(outcome, { reason: { headers: { 'Retry-After': /^\d+$/ } } })
  }
  t.same(dump(file), before)
  t.same(told, [])
  other.exec('rollback')
  t.equal(await write(db => renamed(db, entry)), 4)
})

t.test('what another process has written in between is seen by the next write', async t => {
  const { write, entry, file } = await open(t)
  const other = new SQLite(file)
  t.teardown(() => other.close())
  await write(db => renamed(db, entry))
  other.prepare('update conversations set last_seq = 10').run()
  t.equal(await write(db => renamed(db, entry)), 11)
})

// --- Pieces

const KIB = 1024
const MIB = 1024 * KIB

const [NORMAL, FULL] = [1, 2]

async function readSynchronous (db: Writer): Promise<number> {
  const { rows: [row] } = await sql<{ synchronous: number }>`pragma synchronous`.execute(db)
  return row!.synchronous
}

t.test('a commit waits for the disk unless it has nothing but pieces, whatever came before', async t => {
  const { write } = await open(t)
  for (const round of countTo(3)) {
    t.equal(await write(readSynchronous, 1), NORMAL, `${round}: a piece`)
    t.equal(await write(readSynchronous), FULL, `${round}: what completes it`)
    t.same(await Promise.all([1, 2].map(bytes => write(readSynchronous, bytes))), [NORMAL, NORMAL], `${round}: pieces`)
    t.same(await Promise.all([1, 0, 1].map(bytes => write(readSynchronous, bytes))), [FULL, FULL, FULL], `${round}: a write between pieces`)
  }
})

t.test('after pieces that failed, a commit waits for the disk', async t => {
  const { write, entry, file } = await open(t)
  const before = dump(file)
  await t.rejects(write(async () => { throw new Error('No.') }, 1), { message: 'No.' })
  const { outcome } = await withFault(1, () => write(readSynchronous, 1))
  t.equal(outcome.status, 'rejected')
  t.same(dump(file), before)
  t.equal(await write(readSynchronous), FULL)
  t.equal(await write(db => renamed(db, entry)), 4)
})

t.test('pieces that share a commit have one MiB together, and a larger one has a commit of its own', async t => {
  const { write, told, entry } = await open(t)
  const sizes = [400, 400, 400, 0, 400, 2000, 2000, 400].map(kibibytes => kibibytes * KIB)
  await Promise.all(sizes.map(bytes => write(db => renamed(db, entry), bytes)))
  t.same(told.map(growths => growths.map(growth => growth.seq - 4)), [[0, 1], [2, 3, 4], [5], [6], [7]])
})

// --- The log of SQLite

/** A database whose log is copied by a thread, what it could not do, and how to store a MiB. */
async function openWithCheckpoints (t: Test) {
  const opened = await open(t)
  const faults: unknown[] = []
  const checkpoints = await startCheckpoints(opened, error => faults.push(error))
  t.teardown(checkpoints.end)
  const write = createWriter(opened.writer, () => {}, checkpoints.shorten)
  let position = 0
  const storeMebibytes = async (mebibytes: number): Promise<void> => {
    for (let left = mebibytes * 16; left > 0; left--) await write(db => insertChunk(db, 'film', position++, new Uint8Array(64 * KIB)), 64 * KIB)
  }
  const readLogBytes = async (): Promise<number> => {
    const { rows: [state] } = await sql<{ log: number }>`pragma wal_checkpoint(noop)`.execute(opened.writer)
    const { rows: [page] } = await sql<{ page_size: number }>`pragma page_size`.execute(opened.writer)
    return state!.log * page!.page_size
  }
  return { ...opened, faults, write, storeMebibytes, readLogBytes }
}

t.test('the log is copied into the file whenever it has grown by 16 MiB', async t => {
  const { file, faults, storeMebibytes, readLogBytes } = await openWithCheckpoints(t)
  await storeMebibytes(60)
  t.ok(statSync(`${file}-wal`).size < 20 * MIB, 'the log has never been long')
  t.ok(await readLogBytes() < 17 * MIB)
  t.ok(statSync(file).size > 40 * MIB)
  t.equal(ask(file, 'select count(*) as count from file_chunks')[0].count, 960)
  t.equal(ask(file, 'pragma integrity_check')[0].integrity_check, 'ok')
  t.same(faults, [])
})

t.test('what somebody reads stays in the log, which is short again when they have gone', async t => {
  const { file, faults, storeMebibytes, readLogBytes } = await openWithCheckpoints(t)
  const other = new SQLite(file)
  t.teardown(() => other.close())
  other.exec('begin; select count(*) from events')
  await storeMebibytes(40)
  t.ok(await readLogBytes() > 40 * MIB)
  t.equal(other.prepare('select count(*) as count from file_chunks').pluck().get(), 0)
  other.exec('commit')
  await storeMebibytes(20)
  t.ok(await readLogBytes() < 17 * MIB)
  t.same(faults, [])
})

t.test('writes go on while the log cannot be copied, and it is copied when it can be again', async t => {
  const { file, faults, storeMebibytes, readLogBytes } = await openWithCheckpoints(t)
  renameSync(file, `${file}.away`)
  await storeMebibytes(20)
  t.match(faults[0], { code: 'SQLITE_CANTOPEN' })
  t.ok(await readLogBytes() > 20 * MIB)
  renameSync(`${file}.away`, file)
  await storeMebibytes(20)
  t.ok(await readLogBytes() < 17 * MIB)
  t.equal(ask(file, 'select count(*) as count from file_chunks')[0].count, 640)
})

// --- The n-th statement fails

const plain: NewMessage = { type: 'T', text: 'hello', localId: null, quotedMessageId: null, options: [], file: null, externalFileUrl: null, command: null }

const verbs: Array<[title: string, growth: number, act: (opened: Opened) => Promise<unknown>]> = [
  ['createConversation', 7, ({ write }) => createConversation(write, policy, { sessionId: undefined, nickname: 'bia', name: 'Coffee', bots: ['ECHO', 'Calculator'] })],
  ['joinConversation', 1, ({ write, entry: { conversation } }) => joinConversation(write, { conversationId: conversation.id, sessionId: undefined, nickname: 'bia', participantsMax: 10 })],
  ['leaveConversation', 2, ({ write, entry: { me } }) => leaveConversation(write, me)],
  ['renameConversation', 1, ({ write, entry: { me } }) => renameConversation(write, me, 'Coffee')],
  ['renameParticipant', 1, ({ write, entry: { me } }) => renameParticipant(write, me, 'Ana Maria')],
  ['postMessage', 1, async ({ write, entry: { me }, file }) => {
    const [{ id }] = ask(file, 'select id from messages limit 1')
    return postMessage(write, policy, me, { ...plain, localId: 'l1', quotedMessageId: id })
  }]
]

for (const [title, growth, act] of verbs) {
  t.test(`whichever statement of ${title} fails, it has done nothing and told nobody`, async t => requireWhole(t, await open(t), growth, act))
}

// --- The same where a bot manages

const managed = policyOf(configure({
  bots: [{ name: 'ECHO', kind: 'echo' }, { name: 'Guest', kind: 'websocket', url: 'http://localhost:1/', required: true }, { name: 'Boss', kind: 'transparent' }],
  manager: 'Boss'
}))

/** ECHO has answered a message of ana, which waits; the manager has still to be given both, and Guest is connected. */
interface Managed extends Opened { said: MessageRow, waiting: MessageRow, delivery: DeliveryRow, guest: ParticipantRow, boss: ParticipantRow }

async function openManaged (t: Test): Promise<Managed> {
  const opened = await open(t)
  const { write, reader, told } = opened
  const { me, participants: [, echo, guest, boss] } = await createConversation(write, managed, { sessionId: undefined, nickname: 'ana', name: 'Tea', bots: ['ECHO', 'Guest'] })
  await arrive(write, guest!)
  const { message: said } = await postMessage(write, managed, me, plain)
  const { message: waiting } = await postMessage(write, managed, echo!, { ...plain, text: 'HELLO' })
  // The manager has been told of its joining.
  const [joining] = await listDueDeliveries(reader, 'Boss', Date.now(), 1)
  await answerDelivery(write, managed, joining!, null, { messages: [] })
  const [delivery] = await listDueDeliveries(reader, 'Boss', Date.now(), 1)
  told.length = 0
  return { ...opened, said, waiting, delivery: delivery!, guest: guest!, boss: boss! }
}

const command = (text: object): string => JSON.stringify(text)

const managedVerbs: Array<[title: string, growth: number, act: (opened: Managed) => Promise<unknown>]> = [
  ['approveMessage', 2, ({ write, waiting }) => approveMessage(write, managed, waiting, { kind: 'person', id: null }, 'HELLO!')],
  ['rejectMessage', 1, ({ write, waiting }) => rejectMessage(write, waiting, { kind: 'person', id: null }, 'No.')],
  ['redirectMessage', 4, ({ write, said }) => redirectMessage(write, managed, said, { kind: 'person', id: null }, { bots: ['ECHO', 'Guest'], overrides: { text: 'hi' } })],
  ['a command that redirects, approves and speaks', 5, ({ write, boss, waiting }) => postMessage(write, managed, boss, {
    ...plain,
    localId: 'l1',
    quotedMessageId: waiting.id,
    command: command({ action: 'approve', self_approve: true, self_redirect: true, bots: ['Guest'] })
  })],
  ['answerDelivery', 5, ({ write, delivery, said, waiting }) => answerDelivery(write, managed, delivery, null, {
    messages: [
      { type: 'T', text: '', quoted_message_id: waiting.id, command: command({ action: 'reject' }) },
      { type: 'T', text: '', quoted_message_id: said.id, command: command({ action: 'redirect', bots: ['ECHO'] }) }
    ],
    state: { seen: 1 }
  })],
  ['depart, of a bot that is required', 4, ({ write, guest }) => depart(write, managed, guest)],
  ['dropStale', 3, ({ write }) => dropStale(write, 'Boss', Date.now() + 1000, () => false)]
]

for (const [title, growth, act] of managedVerbs) {
  t.test(`whichever statement of ${title} fails, it has done nothing and told nobody`, async t => requireWhole(t, await openManaged(t), growth, act))
}

async function requireWhole<Stage extends Opened> (t: TapTest, opened: Stage, growth: number, act: (opened: Stage) => Promise<unknown>): Promise<void> {
  const { file, told } = opened
  const before = dump(file)
  let n = 1
  for (; ; n++) {
    const { happened, outcome } = await withFault(n, () => act(opened))
    if (!happened) {
      t.equal(outcome.status, 'fulfilled')
      break
    }
    t.match(outcome, { status: 'rejected', reason: { message: 'The disk is on fire.' } }, `statement ${n}`)
    t.same(dump(file), before, `statement ${n} leaves everything as it was`)
    t.same(told, [], `statement ${n} tells nobody`)
  }
  t.ok(n > 6, `${n - 1} statements failed in turn`)
  t.equal(told.length, 1)
  t.equal(told[0]!.length, growth)
  t.notSame(dump(file), before)
}

t.test('whichever statement fails, each of three posts of one moment is stored whole or not at all', async t => {
  const opened = await open(t)
  const { file, told, write, entry: { me } } = opened
  for (let n = 1, happened = true; happened; n++) {
    const posting = await withFault(n, () => Promise.allSettled(countTo(3).map(number => postMessage(write, policy, me, { ...plain, text: `${n}.${number}` }))))
    happened = posting.happened
    const outcomes = (posting.outcome as PromiseFulfilledResult<Array<PromiseSettledResult<{ message: { seq: number } }>>>).value
    const seqs = outcomes.flatMap(outcome => outcome.status === 'fulfilled' ? outcome.value.message.seq : [])
    t.equal(seqs.length < 3, happened)
    t.same(told.splice(0).flat().map(growth => growth.seq), seqs)
    t.same(ask(file, 'select seq from messages where text like ? order by seq', `${n}.%`).map(row => row.seq), seqs, `statement ${n}`)
  }
  requireWholeLogs(t, file)
})

/** Each conversation's events are numbered without gaps, up to its last_seq, and every message has its event. */
function requireWholeLogs (t: { same: (found: unknown, wanted: unknown, message: string) => unknown }, file: string): void {
  const broken = ask(file, `
    select id from conversations where last_seq <> (select count(*) from events where conversation_id = id)
      or last_seq <> (select max(seq) from events where conversation_id = id)`)
  t.same(broken, [], 'the logs have no gaps')
  const lost = ask(file, "select seq from events left join messages using (conversation_id, seq) where events.type = 'message.created' and messages.id is not events.message_id")
  t.same(lost, [], 'every message has its event')
}

// --- Migrations

interface Schema { type: string, name: string, sql: string | null }

function schemaOf (file: string): Schema[] {
  const rows: Schema[] = ask(file, "select type, name, sql from sqlite_schema where name not like 'sqlite_%' and name not like 'kysely_%' order by type, name")
  return rows.map(row => ({ ...row, sql: row.sql && row.sql.replace(/\s+/g, ' ').replace(/"/g, '') }))
}

const names = Object.keys(migrations)

/** One more migration for the time of a test. */
function addMigration (t: Test, up: (db: Kysely<any>) => Promise<void>): string {
  const name = '999-for-a-test'
  migrations[name] = { up }
  t.teardown(() => { delete migrations[name] })
  return name
}

t.test('a fresh file and one from each earlier migration have the same schema', async t => {
  const fresh = connectTo(t, t.testdir({ fresh: {} }) + '/fresh')
  t.same((await migrate(fresh)).applied, names)
  for (const [index, name] of names.entries()) {
    const old = connectTo(t, join(t.testdirName, name))
    await migrate(old, name)
    t.same(ask(old.file, 'select name from kysely_migration order by name').map(row => row.name), names.slice(0, index + 1))
    for (const next of names.slice(index + 1)) await migrate(old, next)
    t.equal(await isMigrated(old.reader), true)
    t.same(schemaOf(old.file), schemaOf(fresh.file), name)
  }
})

const conversationId = '01936a2c-0000-7000-8000-00000000000c'

/** What an application of the first migration has stored: a conversation with two bots, one person who is in it and one who left, and a file. */
const firstRows: Record<string, Array<Array<string | number | null | Buffer>>> = {
  sessions: [['s1', 'ana', null, 1000, 9_000_000_000_000], ['s2', 'bia', 'host:7', 1001, 9_000_000_000_000]],
  conversations: [[conversationId, 'Tea', 1002, 15, 1015], ['empty', null, 1003, 0, 1003]],
  participants: [
    ['p1', conversationId, 's1', 'H', 'ana', null, 3, null],
    ['p2', conversationId, null, 'B', 'ECHO', 'ECHO', 4, null],
    ['p3', conversationId, null, 'B', 'Gone', 'Gone', 6, null],
    ['p4', conversationId, 's2', 'H', 'bia', null, 8, 1013]
  ],
  files: [['f'.repeat(32), 'ab'.repeat(32), 3, 'text/plain', 'text/plain', 1011]],
  file_chunks: [['f'.repeat(32), 0, Buffer.from('abc')]],
  messages: [
    ['m1', conversationId, 2, 'S', 1002, null, 0, null, '', '[]', null, 'conversation-created', '{}', null, null, null, null, 1],
    ['m2', conversationId, 5, 'S', 1005, null, 0, null, '', '[]', null, 'participant-joined', '{"participant_id":"p2"}', null, null, null, null, 1],
    ['m3', conversationId, 7, 'S', 1007, null, 0, null, '', '[]', null, 'participant-joined', '{"participant_id":"p3"}', null, null, null, null, 1],
    ['m4', conversationId, 9, 'T', 1009, 'p1', 1, 'l1', 'hello', '["yes","no"]', null, null, null, null, null, null, null, 1],
    ['m5', conversationId, 10, 'T', 1010, 'p4', 1, null, 'hello ana', '[]', 'm4', null, null, null, null, null, null, 1],
    ['m6', conversationId, 11, 'A', 1011, 'p1', 1, 'l2', '', '[]', null, null, null, 'f'.repeat(32), 'a.txt', 3, null, 1],
    ['m7', conversationId, 12, 'i', 1012, 'p1', 1, null, '', '[]', null, null, null, null, 'a.png', null, 'https://example.org/a.png', 1],
    ['m8', conversationId, 13, 'S', 1013, null, 0, null, '', '[]', null, 'participant-left', '{"participant_id":"p4"}', null, null, null, null, 1]
  ],
  events: [
    ['conversation.created', null, '{"conversation":{"id":"c","name":"Tea"}}'], ['message.created', 'm1', null], ['participant.joined', null, '{"participant":{"id":"p1"}}'],
    ['participant.joined', null, '{"participant":{"id":"p2"}}'], ['message.created', 'm2', null], ['participant.joined', null, '{"participant":{"id":"p3"}}'], ['message.created', 'm3', null],
    ['participant.joined', null, '{"participant":{"id":"p4"}}'], ['message.created', 'm4', null], ['message.created', 'm5', null], ['message.created', 'm6', null], ['message.created', 'm7', null],
    ['message.created', 'm8', null], ['participant.left', null, '{"participant":{"id":"p4"}}'], ['conversation.renamed', null, '{"conversation":{"id":"c","name":"Tea"}}']
  ].map(([type, message, data], index) => [conversationId, index + 1, type!, 1001 + index, message!, data!])
}

/** A database as an application of the first migration has left it. */
async function openFirst (t: Test, folder: string): Promise<Connections> {
  const connections = connectTo(t, folder)
  await migrate(connections, names[0])
  const database = new SQLite(connections.file)
  for (const [table, rows] of Object.entries(firstRows)) {
    for (const row of rows) database.prepare(`insert into ${table} values (${row.map(() => '?').join()})`).run(row)
  }
  database.close()
  return connections
}

/** What a database that was filled by an application of the first migration has beyond what that knew, and what is lost. */
function requireKept (t: TapTest, file: string, before: Record<string, any[]>): void {
  const now = dump(file) as Record<string, any[]>
  for (const table of Object.keys(firstRows)) {
    const kept = now[table]!.map((row, index) => Object.fromEntries(Object.keys(before[table]![index] ?? {}).map(column => [column, row[column]])))
    t.same(kept, before[table], `${table}: nothing is lost`)
  }
  t.same(ask(file, 'pragma foreign_key_check'), [])
  t.equal(ask(file, 'pragma integrity_check')[0].integrity_check, 'ok')
}

t.test('a database of the first migration keeps everything that it has, and gets the schema of a fresh one', async t => {
  t.testdir()
  const fresh = connectTo(t, join(t.testdirName, 'fresh'))
  await migrate(fresh)
  const { file, writer, reader } = await openFirst(t, join(t.testdirName, 'first'))
  const before = dump(file) as Record<string, any[]>
  const schema = schemaOf(file)
  for (const [table, rows] of Object.entries(firstRows)) t.equal(before[table]!.length, rows.length, `${table} has rows`)

  const { applied, copy } = await migrate({ file, writer })
  t.same(applied, names.slice(1))
  t.equal(await isMigrated(reader), true)
  requireKept(t, file, before)
  t.same(schemaOf(file), schemaOf(fresh.file))
  t.same(dump(copy!), before, 'the copy is what was there before')
  t.same(schemaOf(copy!), schema)
  const added = ask(file, 'select distinct audience, hops, command, on_behalf_of, original_text, waiting_seq, deadline_at, decision from messages')
  t.same(added, [{ audience: 'all', hops: 0, command: null, on_behalf_of: null, original_text: null, waiting_seq: null, deadline_at: null, decision: null }], 'nothing waits and everybody sees what was said')
  t.same(ask(file, 'select distinct audience from events'), [{ audience: 'all' }])
  t.same(ask(file, 'select distinct approval, ended_at from conversations'), [{ approval: null, ended_at: null }])
  t.same(ask(file, 'select distinct is_manager, is_present from participants'), [{ is_manager: 0, is_present: null }])
  t.same(ask(file, 'select distinct role from sessions'), [{ role: null }])
  for (const table of ['decisions', 'deliveries', 'bots', 'bot_states']) t.same(ask(file, `select * from ${table}`), [], `${table} is empty: no bot is given what was said before`)
})

t.test('a conversation of the first migration goes on after it, with the bots that are in it', async t => {
  const connections = await openFirst(t, t.testdir())
  await migrate(connections)
  const write = createWriter(connections.writer, () => {})
  const ana = (await findParticipant(connections.reader, conversationId, 'p1'))!
  t.equal((await postMessage(write, policy, ana, { ...plain, text: 'hello', localId: 'l1', options: ['yes', 'no'] })).isNew, false, 'what was sent before is known')
  const { message, isNew } = await postMessage(write, policy, ana, { ...plain, text: 'again', quotedMessageId: 'm5' })
  t.same([isNew, message.seq, message.audience], [true, 16, 'all'])
  t.same(ask(connections.file, 'select bot, participant_id, message_id, seq, state from deliveries'), [{ bot: 'ECHO', participant_id: 'p2', message_id: message.id, seq: 16, state: 'open' }], 'ECHO is given it; Gone is configured no longer')
  const events = await listEvents(connections.reader, conversationId, 0, 100, viewerOf(ana, null).audiences)
  t.same(events.map(({ event }) => event.seq), countTo(16), 'and the log has no gap')
  requireWholeLogs(t, connections.file)
})

t.test('a database that is up to date is left alone', async t => {
  const { file, writer, reader } = await open(t)
  const watcher = new SQLite(file)
  t.teardown(() => watcher.close())
  const version = watcher.pragma('data_version', { simple: true })
  const before = dump(file)
  t.same(await migrate({ file, writer }), { applied: [], copy: undefined })
  t.equal(watcher.pragma('data_version', { simple: true }), version)
  t.same(dump(file), before)
  t.equal(await isMigrated(reader), true)
  t.notOk(readdirSync(t.testdirName).some(name => name.includes('before')), 'and no copy is made')
})

t.test('a file that has data is copied before it is migrated', async t => {
  const { file, writer, reader } = await open(t)
  const [before, schema] = [dump(file), schemaOf(file)]
  const added = addMigration(t, async db => { await sql`delete from messages`.execute(db) })
  t.equal(await isMigrated(reader), false)
  const { applied, copy } = await migrate({ file, writer })
  t.same(applied, [added])
  t.equal(await isMigrated(reader), true)
  t.ok(copy?.startsWith(`${file}.before-`))
  t.same(dump(copy!), before)
  t.same(schemaOf(copy!), schema)
  t.equal(ask(copy!, 'pragma integrity_check')[0].integrity_check, 'ok')
  t.same(dump(file).messages, [])
})

t.test('a fresh file is not copied', async t => {
  const connections = connectTo(t, t.testdir())
  t.equal((await migrate(connections)).copy, undefined)
  t.same(readdirSync(t.testdirName).filter(name => name.includes('before')), [])
})

t.test('a database from the future is left alone', async t => {
  const { file, writer } = await open(t)
  addMigration(t, async db => { await sql`create table future (id text) strict`.execute(db) })
  await migrate({ file, writer })
  delete migrations['999-for-a-test']
  const before = dump(file)
  await t.rejects(migrate({ file, writer }), { message: /cannot be migrated/ })
  t.same(dump(file), before)
})

t.test('a migration that was cut off anywhere starts over', async t => {
  t.testdir()
  const whole = connectTo(t, join(t.testdirName, 'whole'))
  await migrate(whole)
  for (let n = 1, happened = true; happened; n++) {
    const connections = connectTo(t, join(t.testdirName, String(n)))
    const first = await withFault(n, () => migrate(connections))
    happened = first.happened
    const [second] = await Promise.allSettled([migrate(connections)])
    const reason = second.status === 'rejected' ? second.reason.cause?.message : 'none'
    if (!t.equal(reason, 'none', `after statement ${n}`)) return
    t.same(schemaOf(connections.file), schemaOf(whole.file))
  }
})

t.test('a migration of a file that has data and was cut off anywhere has changed nothing, and starts over', async t => {
  t.testdir()
  const whole = await openFirst(t, join(t.testdirName, 'whole'))
  const [before, schema] = [dump(whole.file) as Record<string, any[]>, schemaOf(whole.file)]
  await migrate(whole)
  let n = 1
  for (let happened = true; happened; n++) {
    const connections = await openFirst(t, join(t.testdirName, String(n)))
    const first = await withFault(n, () => migrate(connections))
    happened = first.happened
    if (happened) {
      t.equal(first.outcome.status, 'rejected', `statement ${n}`)
      t.same(schemaOf(connections.file), schema, `statement ${n} leaves the schema as it was`)
      requireKept(t, connections.file, before)
    }
    await migrate(connections)
    t.same(schemaOf(connections.file), schemaOf(whole.file), `after statement ${n}`)
    requireKept(t, connections.file, before)
  }
  t.ok(n > 30, `${n - 2} statements failed in turn`)
})

t.test('every table is strict', async t => {
  const { file } = await open(t)
  const tables = ask(file, "select name, strict from pragma_table_list where schema = 'main' and type = 'table' and name not like 'sqlite_%' and name not like 'kysely_%'")
  const expected: Array<keyof Database> = ['bot_states', 'bots', 'conversations', 'decisions', 'deliveries', 'events', 'file_chunks', 'files', 'messages', 'participants', 'sessions']
  for (const name of expected) t.ok(tables.some(table => table.name === name), name)
  t.same(tables.filter(table => table.strict !== 1), [])
})

t.test('the writer is durable and holds references, and the reader cannot write', async t => {
  const { writer, reader, file, entry } = await open(t)
  const pragma = async (db: Kysely<Database>, name: string): Promise<unknown> => {
    const { rows } = await sql.raw<Record<string, unknown>>(`pragma ${name}`).execute(db)
    return Object.values(rows[0]!)[0]
  }
  t.equal(await pragma(writer, 'journal_mode'), 'wal')
  t.equal(await pragma(writer, 'synchronous'), 2)
  t.equal(await pragma(writer, 'foreign_keys'), 1)
  t.equal(await pragma(reader, 'journal_mode'), 'wal')
  const before = dump(file)
  await t.rejects(reader.insertInto('sessions').values({ ...entry.session, id: 'other' }).execute(), { code: 'SQLITE_READONLY' })
  await t.rejects(reader.deleteFrom('messages').execute(), { code: 'SQLITE_READONLY' })
  t.same(dump(file), before)
})

t.test('what refers to nothing is refused', async t => {
  const { write, entry } = await open(t)
  await t.rejects(write(db => db.insertInto('participants').values({ id: 'p', conversation_id: 'none', session_id: null, type: 'B', name: 'x', bot: 'x', joined_seq: 1, left_at: null, is_manager: 0, is_present: null, read_seq: 0 }).execute()), { code: 'SQLITE_CONSTRAINT_FOREIGNKEY' })
  await t.rejects(write(db => appendEvent(db, 'none', { type: 'conversation.renamed', time: 0 })))
  t.equal(await write(db => renamed(db, entry)), 4)
})

// --- Backups

/** Fills the file, so that a backup takes many steps. */
function enlarge (file: string, megabytes: number): void {
  const database = new SQLite(file)
  const insert = database.prepare("insert into file_chunks (file_key, position, data) values ('filler', ?, ?)")
  database.transaction(() => { for (const position of countTo(megabytes * 16)) insert.run(position, Buffer.alloc(64 * 1024, position)) })()
  database.close()
}

/** A process that posts all the time. */
async function startWriting (t: Test, folder: string): Promise<{ child: ChildProcess, lastSeqs: Map<string, number> }> {
  const child = fork(join(import.meta.dirname, 'support', 'writing-process.ts'), [folder])
  const ended = once(child, 'exit')
  t.teardown(async () => {
    if (child.connected) child.disconnect()
    await ended
  })
  const lastSeqs = new Map<string, number>()
  child.on('message', (growths: Growth[]) => { for (const { topic, seq } of growths) lastSeqs.set(topic, seq) })
  await once(child, 'message')
  return { child, lastSeqs }
}

t.test('a backup of a database that another process writes to all the time is whole, and ends while it writes', { timeout: 60_000 }, async t => {
  const { file } = await open(t)
  enlarge(file, 40)
  const { child, lastSeqs } = await startWriting(t, t.testdirName)
  while (lastSeqs.size < 2) await once(child, 'message')
  const target = join(t.testdirName, 'copy.sqlite3')
  const before = new Map(lastSeqs)
  const parts: number[] = []
  await backUp(file, target, part => parts.push(part))
  t.equal(ask(target, 'pragma integrity_check')[0].integrity_check, 'ok')
  t.same(ask(target, 'pragma foreign_key_check'), [])
  requireWholeLogs(t, target)
  for (const [id, seq] of before) {
    const [{ last_seq: copied }] = ask(target, 'select last_seq from conversations where id = ?', id)
    t.ok(copied >= seq, 'what was committed before is in it')
    while (lastSeqs.get(id)! <= copied) await once(child, 'message')
  }
  t.pass('and the other process went on')
  t.equal(ask(target, 'select count(*) as count from file_chunks')[0].count, 640)
  t.ok(parts.length > 5, `progress was told ${parts.length} times`)
  t.same(parts, [...parts].sort((one, other) => one - other), 'progress never goes back')
  t.ok(parts.every(part => part >= 0 && part <= 1))
  t.equal(parts.at(-1), 1, 'at the end all is done')
})

t.test('a backup can be opened and written to like the database itself', async t => {
  const { file, entry } = await open(t)
  const folder = t.testdirName
  const target = join(folder, 'copy.sqlite3')
  await backUp(file, target, () => {})
  const [rows, schema] = [dump(target), schemaOf(target)]
  t.same(rows, dump(file))
  t.same(schema, schemaOf(file))
  mkdirSync(join(folder, 'restored'))
  renameSync(target, join(folder, 'restored', FILE_NAME))
  const restored = connectTo(t, join(folder, 'restored'))
  t.same((await migrate(restored)).applied, [])
  t.equal(await createWriter(restored.writer, () => {})(db => renamed(db, entry)), 4)
})

t.test('a backup does not replace a file', async t => {
  const { file } = await open(t)
  const target = join(t.testdirName, 'precious')
  writeFileSync(target, 'precious')
  await t.rejects(backUp(file, target, () => {}), { message: /precious exists already/ })
  t.equal(readFileSync(target, 'utf8'), 'precious')
  t.equal(readdirSync(t.testdirName).some(name => name.includes('unfinished')), false)
})

t.test('there is no backup of a database that does not exist', async t => {
  const folder = t.testdir()
  await t.rejects(backUp(join(folder, FILE_NAME), join(folder, 'copy'), () => {}), { message: /no database at/ })
  t.same(readdirSync(folder), [])
})

t.test('a backup that fails leaves nothing behind', async t => {
  const { file } = await open(t)
  enlarge(file, 12)
  const folder = t.testdirName
  writeFileSync(join(folder, 'text'), 'This is no database at all. '.repeat(1000))
  const before = readdirSync(folder)
  const target = join(folder, 'copy')
  await t.rejects(backUp(join(folder, 'text'), target, () => {}), { message: 'file is not a database' })
  await t.rejects(backUp(file, join(folder, 'missing', 'copy'), () => {}))
  // Left by an earlier one, it is not new for SQLite, which then does not take it away.
  writeFileSync(`${target}.unfinished`, '')
  let calls = 0
  await t.rejects(backUp(file, target, () => { if (++calls === 2) throw new Error('Enough.') }), { message: 'Enough.' })
  t.same(readdirSync(folder), before)
})

t.test('a backup that was killed does not stand in the way of the next one', async t => {
  const { file } = await open(t)
  enlarge(file, 12)
  const target = join(t.testdirName, 'copy')
  const module = new URL('../db/backup.ts', import.meta.url).href
  const code = `const { backUp } = await import('${module}'); await backUp(${JSON.stringify(file)}, ${JSON.stringify(target)}, part => { if (part > 0.4) process.kill(process.pid, 'SIGKILL') })`
  const child = spawn(process.execPath, ['--import=tsx', '--input-type=module', '--eval', code], { stdio: 'inherit' })
  const [, signal] = await once(child, 'exit')
  t.equal(signal, 'SIGKILL')
  t.ok(readdirSync(t.testdirName).includes('copy.unfinished'))
  await backUp(file, target, () => {})
  t.same(readdirSync(t.testdirName).filter(name => name.startsWith('copy')), ['copy'])
  t.same(dump(target), dump(file))
  t.equal(ask(target, 'pragma integrity_check')[0].integrity_check, 'ok')
})
