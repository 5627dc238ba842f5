import { createHash } from 'node:crypto'
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import SQLite from 'better-sqlite3'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import type { Settings } from '../config.js'
import { FILE_NAME } from '../db/sqlite.js'
import { newPerson } from './support/app.js'
import { dashed, newBlab, type BlabDatabase } from './support/blab-database.js'
import { call } from './support/call.js'
import { build, start, type Ended, type Running } from './support/command.js'
import { eventually, heard } from './support/outbox.js'
import { deliveriesDone, newManager, startOpen } from './support/scene.js'
import { startBotServer } from './support/stranger.js'
import { listen, subscribe, wsUrl } from './support/subscriber.js'

// Some fifty processes, on a machine that may be busy.
t.setTimeout(600_000)

const program = build(t.testdir())

function startImport (t: Test, folder: string, words: string[], env: Record<string, string> = {}): Running {
  return start(t, [process.execPath, program, 'import-blab', ...words], folder, env)
}

function runImport (t: Test, folder: string, words = ['--from', 'blab.sqlite3', '--media', 'media'], env: Record<string, string> = {}): Promise<Ended> {
  return startImport(t, folder, words, env).ended
}

const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')
// More than one chunk, and more than one piece.
const film = Buffer.concat([Buffer.from('\0\0\0\x18ftypmp42\0\0\0\0mp42isom', 'latin1'), Buffer.alloc(700_000, 'a film of tea, ')])

const note = 'two sugars'
const voice = 'RIFF\0\0\0\0WAVEfmt and so on'
const song = 'ID3\x03 la la la'

interface Tea { blab: BlabDatabase, tea: string, quiet: string, ana: string, bia: string, caio: string, echo: string, numbers: Record<string, number> }

/** Two conversations, with everything that there usually is and what there should not be. */
function brewTea (folder: string, journal?: 'WAL' | 'DELETE'): Tea {
  const blab = newBlab(folder, journal)
  const numbers: Record<string, number> = {}
  const tea = blab.conversation('Chá ☕')
  const ana = blab.person(tea, 'ana')
  const echo = blab.bot(tea, 'ECHO')
  blab.bot(tea, 'Calculator')
  const say: BlabDatabase['message'] = (conversation, type, message = {}) => {
    const number = blab.message(conversation, type, message)
    numbers[message.text ?? ''] = number
    return number
  }
  blab.event(tea, 'participant-joined', ana)
  blab.event(tea, 'participant-joined', ana)
  const hello = say(tea, 'T', { sender: ana, text: 'hello', localId: 'l1' })
  say(tea, 'T', { sender: echo, text: 'HELLO', quotes: hello, localId: '0123456789abcdef0123456789abcdef', options: ['again', 'enough', 'agora não'] })
  const bia = blab.person(tea, 'bia')
  blab.event(tea, 'participant-joined', bia)
  say(tea, 'i', { sender: bia, text: 'a picture', file: { name: 'chá.png', type: 'image/png', bytes: png } })
  say(tea, 'A', { sender: ana, text: 'a note', localId: '', file: { name: 'note é.txt', type: 'text/plain', bytes: note } })
  say(tea, 'V', { sender: bia, text: 'a voice', file: { name: 'blob', type: 'audio/wav', bytes: voice } })
  say(tea, 'a', { sender: bia, text: 'a song', file: { name: 'song.mp3', bytes: song }, columns: { file_size: null } })
  say(tea, 'v', { sender: bia, text: 'a film', quotes: hello, file: { name: 'film.mp4', type: 'video/mp4', bytes: film } })
  say(tea, 'i', { sender: ana, text: 'elsewhere', url: 'https://example.org/cups/blue%20one.png?width=10/2' })
  blab.message(tea, 'T', { sender: ana, time: '2023-11-06 12:00:05' })
  say(tea, 'T', { sender: ana, text: 'the second of two', time: '2023-11-06 12:00:05.900001' })
  say(tea, 'T', { sender: ana, text: 'of the same moment', time: '2023-11-06 12:00:05.900002', quotes: numbers['the second of two']! })
  say(tea, 'T', { sender: ana, text: 'stored late', time: '2023-11-06 12:00:04.1' })
  blab.message(tea, 'T', { sender: ana, text: '😀'.repeat(4001), time: '2023-11-06 12:00:06' })
  blab.message(tea, 'S', { text: 'participant-left', time: '2023-11-06 12:00:07', metadata: { participant_id: dashed(bia) } })
  blab.message(tea, 'S', { text: 'conversation-ended', time: '2023-11-06 12:00:07', metadata: { participant_id: dashed(echo) } })

  const quiet = blab.conversation(null)
  const caio = blab.person(quiet, 'caio')
  const manager = blab.bot(quiet, 'Boss')
  blab.bot(quiet, 'ECHO')
  const ask = say(quiet, 'T', { sender: caio, text: 'may I?' })
  const waiting = say(quiet, 'T', { sender: manager, text: 'never approved', approval: 0 })
  const approved = say(quiet, 'T', { sender: manager, text: 'you may', approval: 2, quotes: ask })
  say(quiet, 'T', { sender: manager, text: 'a command', approval: 0, byManager: true, quotes: approved, command: '{"action": "approve"}' })
  say(quiet, 'T', { sender: caio, text: 'said for caio', byManager: true, command: '{"self_approve": true}' })
  say(quiet, 'T', { sender: caio, text: 'about what nobody sees', quotes: waiting })
  say(quiet, 'T', { sender: caio, text: 'about what comes later' })
  say(quiet, 'T', { sender: caio, text: 'about elsewhere', quotes: hello })
  blab.sql.prepare('update chat_message set quoted_message_id = (select max(id) from chat_message) where text = ?').run('about what comes later')
  return { blab, tea, quiet, ana, bia, caio, echo, numbers }
}

/** What it should not have, and what must nevertheless not stop anything. */
function spillTea ({ blab, quiet, tea, caio, ana }: Tea): void {
  blab.sql.pragma('foreign_keys = OFF')
  for (let index = 0; index < 7; index++) blab.message(quiet, 'T', { text: 'of nobody' })
  blab.message(quiet, 'T', { sender: ana, text: 'of somebody else' })
  blab.message(quiet, 'M', { sender: caio, text: 'an old type' })
  blab.message(quiet, 'S', { text: 'tea-spilled' })
  blab.message(quiet, 'T', { sender: caio, text: 'of no time', time: 'yesterday' })
  blab.message('f'.repeat(32), 'T', { sender: caio, text: 'of no conversation' })
  blab.message(quiet, 'S', { text: 'participant-joined', columns: { additional_metadata: '[1]' } })
  blab.message(quiet, 'A', { sender: caio, text: 'without a file' })
  const file = { name: 'gone.txt', bytes: 'gone' }
  const lost = [0, 1, 2, 3, 4, 5].map(() => blab.row(blab.message(quiet, 'A', { sender: caio, file })))
  rmSync(join(blab.media, lost[0]!.file))
  truncateSync(join(blab.media, lost[1]!.file), 3)
  truncateSync(join(blab.media, lost[2]!.file), 0)
  rmSync(join(blab.media, lost[3]!.file))
  symlinkSync('/etc/hostname', join(blab.media, lost[3]!.file))
  blab.sql.prepare('update chat_message set file = ?, file_size = null where id = ?').run('../blab.sqlite3', lost[4]!.id)
  rmSync(join(blab.media, lost[5]!.file))
  mkdirSync(join(blab.media, lost[5]!.file))
  // Two messages whose files have one key, and one whose file has another name.
  const [one, other, odd] = [0, 1, 2].map(index => blab.row(blab.message(quiet, 'A', { sender: caio, text: `kept ${index}`, file: { name: 'kept.txt', bytes: `kept ${index}` } })))
  blab.sql.prepare('update chat_message set file_key = ? where id = ?').run(one!.file_key, other!.id)
  writeFileSync(join(blab.media, 'odd'), 'kept 2')
  blab.sql.prepare("update chat_message set file = 'odd' where id = ?").run(odd!.id)
  const stranger = blab.person(tea, 'dora')
  blab.sql.prepare("update chat_participant set id = 'x' where id = ?").run(stranger)
}

const bots = [{ name: 'ECHO', kind: 'echo', delay_ms: 0 }, { name: 'Calculator', kind: 'calculator', delay_ms: 0 }] as const

function openImported (t: Test, folder: string, settings: Settings = {}): Promise<FastifyInstance> {
  return startOpen(t, { bots: [...bots], ...settings, data: join(folder, 'data') })
}

interface Reading { messages: any[], events: any[], snapshot: any, participants: any[] }

/** Everything that a manager reads of a conversation. */
async function readAll (app: FastifyInstance, hex: string): Promise<Reading> {
  const { get } = await newManager(app, 'maria')
  const path = `/api/chat/conversations/${dashed(hex)}`
  return {
    messages: (await get(`${path}/messages/`)).body.results,
    events: (await get(`${path}/events/?limit=500`)).body.events,
    snapshot: (await get(`${path}/snapshot/?messages=500`)).body,
    participants: (await get(`${path}/`)).body.participants
  }
}

function lineOf (participants: any[]): (message: any) => string {
  const nameOf = new Map(participants.map(({ id, name }) => [id, name]))
  return ({ type, event, additional_metadata: metadata, sender_id: sender, text }) => type === 'S'
    ? `${event} ${nameOf.get(metadata.participant_id) ?? ''}`.trim()
    : `${nameOf.get(sender)}: ${text.length > 100 ? `${[...text].length} characters` : text}`
}

/** Every row of every table but what a migration writes. */
function dump (folder: string): Record<string, unknown[]> {
  const file = new SQLite(join(folder, 'data', FILE_NAME), { readonly: true })
  try {
    const tables = file.prepare<[], string>("select name from sqlite_schema where type = 'table' and name not like 'kysely%' order by name").pluck().all()
    return Object.fromEntries(tables.map(table => [table, file.prepare(`select * from ${table}`).raw().all().map(row => JSON.stringify(row)).sort()]))
  } finally {
    file.close()
  }
}

function digest (rows: unknown[]): string {
  return createHash('sha256').update(rows.join('\n')).digest('hex')
}

function iso (blabTime: string): string {
  const [, moment, fraction = ''] = /^(.{19})\.?(\d*)$/.exec(blabTime.replace(' ', 'T'))!
  return `${moment}.${fraction.padEnd(3, '0').slice(0, 3)}Z`
}

t.test('a conversation of BLAB Controller is read as it was, in order', async t => {
  const folder = t.testdir()
  const { blab, tea, ana, bia, echo, numbers } = brewTea(folder)
  const ended = await runImport(t, folder)
  t.match(ended, { code: 0, err: '' })
  const app = await openImported(t, folder)
  const { messages, events, snapshot, participants } = await readAll(app, tea)

  t.same(participants, [
    { id: dashed(ana), name: 'ana', type: 'H' },
    { id: dashed(echo), name: 'ECHO', type: 'B' },
    { ...participants[2], name: 'Calculator', type: 'B' },
    { id: dashed(bia), name: 'bia', type: 'H' }
  ], 'those who take part, in the order in which they came')
  t.same(messages.map(lineOf(participants)), [
    'conversation-created', 'participant-joined ECHO', 'participant-joined Calculator', 'participant-joined ana', 'participant-joined ana',
    'ana: hello', 'ECHO: HELLO', 'participant-joined bia', 'bia: a picture', 'ana: a note', 'bia: a voice', 'bia: a song', 'bia: a film', 'ana: elsewhere',
    'ana: stored late', 'ana: ', 'ana: the second of two', 'ana: of the same moment', 'ana: 4001 characters', 'participant-left bia', 'conversation-ended ECHO'
  ])
  const rows = new Map(blab.sql.prepare<[], Record<string, any>>('select * from chat_message').all().map(row => [dashed(row.m_id), row]))
  for (const { id, time, type, sender_id: sender, local_id: localId, quoted_message_id: quoted } of messages) {
    const row = rows.get(id)!
    const quotedRow = row.quoted_message_id === null ? null : dashed(blab.row(row.quoted_message_id).m_id)
    const expected = { time: iso(row.time), type: row.type, ...type !== 'S' && { sender: dashed(row.sender_id), localId: row.local_id || null, quoted: quotedRow } }
    t.strictSame({ time, type, ...type !== 'S' && { sender, localId, quoted } }, expected, row.text.slice(0, 30))
  }
  const message = (text: string): any => messages.find(message => message.id === dashed(blab.row(numbers[text]!).m_id))
  t.match(message('HELLO'), { sent_by_human: false, quoted_message_id: dashed(blab.row(numbers.hello!).m_id), options: ['again', 'enough', 'agora não'] })
  t.match(message('hello'), { sent_by_human: true, local_id: 'l1', options: [] })
  t.match(message('elsewhere'), { file_url: 'https://example.org/cups/blue%20one.png?width=10/2', file_size: null, file_name: 'blue%20one.png' })

  t.same(events.map(event => event.seq), Array.from({ length: events.length }, (_, index) => index + 1), 'no gap')
  t.same(events.filter(event => event.type === 'message.created').map(event => event.message), messages, 'each message has its event')
  t.same(events.filter(event => event.type !== 'message.created').map(event => [event.type, event.seq, event.participant?.name ?? event.conversation.name]), [
    ['conversation.created', 1, 'Chá ☕'], ['participant.joined', 3, 'ana'], ['participant.joined', 4, 'ECHO'], ['participant.joined', 6, 'Calculator'], ['participant.joined', 12, 'bia']
  ])
  t.match(snapshot, { conversation: { id: dashed(tea), name: 'Chá ☕', created_at: events[0].time }, last_seq: events.length })
  t.notOk('ended_at' in snapshot.conversation, 'it goes on')
  t.same(snapshot.messages, messages)
  t.equal(snapshot.participants.length, 4)
})

t.test('files keep their addresses and their bytes', async t => {
  const folder = t.testdir()
  const { blab, tea, numbers } = brewTea(folder)
  await runImport(t, folder)
  const app = await openImported(t, folder)
  const { messages } = await readAll(app, tea)
  const cases: Array<[text: string, type: string, bytes: Uint8Array | string]> = [
    ['a picture', 'image/png', png],
    ['a note', 'application/octet-stream', note],
    ['a voice', 'audio/wav', voice],
    ['a song', 'audio/mpeg', song],
    ['a film', 'video/mp4', film]
  ]
  for (const [text, type, bytes] of cases) {
    const row = blab.row(numbers[text]!)
    const old = `/media/chat/chat_${tea}/msg_${row.m_id}_${row.file_key}`
    t.match(messages.find(message => message.text === text), { file_url: old, file_name: row.original_file_name, file_size: Buffer.byteLength(bytes) }, text)
    const answer = await call(app, 'GET', old)
    t.equal(answer.status, 200)
    t.equal(answer.headers['content-type'], type)
    t.ok(answer.bytes.equals(Buffer.from(bytes)), `${text}: byte for byte`)
  }
  const part = await call(app, 'GET', messages.find(message => message.text === 'a film').file_url, { headers: { range: 'bytes=699990-700003' } })
  t.equal(part.status, 206)
  t.ok(part.bytes.equals(film.subarray(699_990, 700_004)))
})

t.test('what was never approved stays hidden, and waits for nobody', async t => {
  const folder = t.testdir()
  const { blab, quiet, numbers } = brewTea(folder)
  t.match(await runImport(t, folder), { code: 0, out: /\n {2}messages: \d+ new \(\d+ of the system, 2 that were never approved and stay hidden\), 0 known\n/ })
  const app = await openImported(t, folder)
  const { messages, events, participants } = await readAll(app, quiet)
  t.same(messages.map(lineOf(participants)), [
    'conversation-created', 'participant-joined Boss', 'participant-joined ECHO', 'caio: may I?', 'Boss: you may',
    'caio: said for caio', 'caio: about what nobody sees', 'caio: about what comes later', 'caio: about elsewhere'
  ])
  t.notMatch(JSON.stringify(events), /never approved|a command/)
  t.match(messages.find(message => message.text === 'said for caio'), { sent_by_human: false })
  const quotes = messages.filter(message => message.text?.startsWith('about')).map(message => message.quoted_message_id)
  t.same(quotes, [dashed(blab.row(numbers['never approved']!).m_id), null, null])
  const maria = await newManager(app, 'maria')
  t.same((await maria.get('/api/chat/approvals/')).body.results, [])
  const about = `/api/chat/conversations/${dashed(quiet)}/messages/${dashed(blab.row(numbers['never approved']!).m_id)}/`
  t.match(await maria.post(`${about}approve/`, {}), { status: 409, body: { code: 'already_decided' } }, 'nor can it be approved')
  const row = (text: string): any => JSON.parse(dump(folder).messages!.find(row => String(row).includes(text)) as string)
  t.ok(row('a command').includes('{"action": "approve"}'), 'what a manager wanted done is kept')
})

t.test('the summary says what was taken, what otherwise and what not', async t => {
  const folder = t.testdir()
  const scene = brewTea(folder)
  spillTea(scene)
  writeFileSync(join(folder, 'bots.yaml'), 'bots: [{ name: ECHO, kind: echo }]')
  const { code, out, err } = await runImport(t, folder, ['--media', 'media', '--from', 'blab.sqlite3'], { COLLOQUY_CONFIG: 'bots.yaml' })
  t.same({ code, err }, { code: 0, err: '' })
  const idOf = (text: string): string => dashed(scene.blab.sql.prepare<[string], string>('select m_id from chat_message where text = ?').pluck().get(text)!)
  const long = idOf('😀'.repeat(4001))
  const lost = scene.blab.sql.prepare<[], string>("select m_id from chat_message where original_file_name = 'gone.txt' order by id").pluck().all().map(dashed)
  const nobody = scene.blab.sql.prepare<[], string>("select m_id from chat_message where text = 'of nobody' order by id").pluck().all().map(dashed)
  const asText = 'messages as text with the name of their file, because'
  t.equal(out, [
    'Taken:',
    '  conversations: 2 new, 0 known',
    '  participants: 7 new, 0 known',
    '  messages: 43 new (12 of the system, 2 that were never approved and stay hidden), 0 known',
    `  files: 8 new (${[png, note, voice, song, film, 'kept 0', 'kept 1', 'kept 2'].map(bytes => bytes.length).reduce((sum, length) => sum + length)} bytes), 0 known`,
    'Taken otherwise than they were:',
    `  messages without what they quoted, because it does not stand before them in their conversation: 2 (${idOf('about what comes later')}, ${idOf('about elsewhere')})`,
    `  ${asText} it is not in the media folder: 2 (${lost[0]}, ${lost[5]})`,
    `  ${asText} its path leads out of the media folder: 2 (${lost[3]}, ${lost[4]})`,
    `  ${asText} it is empty: 1 (${lost[2]})`,
    `  ${asText} it has not the size that the database says: 1 (${lost[1]})`,
    `  messages as text, because they never had the file that their type asks for: 1 (${idOf('without a file')})`,
    `  files under a new address, because the old one was not of the usual form or is taken: 2 (${idOf('kept 1')}, ${idOf('kept 2')})`,
    'Not taken:',
    '  participants, because their id is no UUID or they are neither a person nor a bot: 1 (x)',
    `  messages of conversations that do not exist: 1 (${idOf('of no conversation')})`,
    `  messages whose id is no UUID or whose time is none: 1 (${idOf('of no time')})`,
    `  messages of an unknown type: 1 (${idOf('an old type')})`,
    `  system messages of an unknown event: 1 (${idOf('tea-spilled')})`,
    `  messages that nobody has sent and that are no system messages: 7 (${nobody.slice(0, 5).join(', ')}, …)`,
    `  messages whose sender is not in their conversation: 1 (${idOf('of somebody else')})`,
    '  the sessions: people join again, as new participants',
    '  which bots are required: the configuration says so',
    'To be known:',
    `  messages that are longer than new ones may be, taken as they are: 1 (${long})`,
    `  conversations that a bot managed and that no bot manages here, because the configuration names none of theirs as manager: 1 (${dashed(scene.quiet)})`,
    '  bots that stay silent, because the configuration has none of their name: 2 (Calculator, Boss)',
    ''
  ].join('\n'))

  const app = await openImported(t, folder)
  const { messages } = await readAll(app, scene.quiet)
  const texts = messages.filter(message => message.type === 'T' && message.text.includes('file')).map(message => message.text)
  t.same(texts, ['without a file\n[no file]', ...Array.from({ length: 6 }, () => '[missing file: gone.txt]')], 'text stands for the files')
  for (const index of [0, 1, 2]) {
    const { file_url: url } = messages.find(message => message.text === `kept ${index}`)
    t.equal(String((await call(app, 'GET', url)).bytes), `kept ${index}`)
  }
})

/** Rows that have an id once more, in another spelling: in the same conversation, and in another one. */
function doubleTea ({ blab, tea, quiet, ana, caio, numbers }: Tea): { message: string, elsewhere: string } {
  const idOf = (text: string): string => blab.row(numbers[text]!).m_id
  const [message, elsewhere] = [dashed(idOf('hello')), idOf('a note').toUpperCase()]
  blab.message(tea, 'T', { sender: ana, text: 'hello again', columns: { m_id: message } })
  blab.message(quiet, 'T', { sender: caio, text: 'a note again', columns: { m_id: elsewhere } })
  const insert = blab.sql.prepare("insert into chat_participant values (?, ?, 'H', ?, 0)")
  insert.run(ana.toUpperCase(), 'ana again', tea)
  insert.run(dashed(ana), 'ana elsewhere', quiet)
  blab.sql.prepare('insert into chat_conversation values (?, ?, ?)').run(dashed(tea), 'tea again', '2023-11-07 12:00:00')
  blab.person(dashed(tea), 'eva')
  return { message, elsewhere }
}

t.test('an id that is there already, in whatever spelling, is counted and stops nothing', async t => {
  const folder = t.testdir()
  const scene = brewTea(folder)
  const { tea, quiet, ana } = scene
  const { message, elsewhere } = doubleTea(scene)
  const notTaken = [
    `  conversations with all that is in them, because another one has their id: 1 (${dashed(tea)})`,
    `  participants, because another one has their id: 2 (${ana.toUpperCase()}, ${dashed(ana)})`,
    `  messages, because another one has their id: 2 (${message}, ${elsewhere})`
  ].join('\n')
  const first = await runImport(t, folder)
  t.match(first, { code: 0, err: '' })
  t.match(first.out, /\n {2}conversations: 2 new, 0 known\n {2}participants: 7 new, 0 known\n {2}messages: 32 new /)
  t.ok(first.out.includes(`\nNot taken:\n${notTaken}\n`), first.out)
  const before = dump(folder)
  const again = await runImport(t, folder)
  t.match(again, { code: 0, err: '' })
  t.match(again.out, /^Nothing was new\.\n {2}conversations: 0 new, 2 known\n {2}participants: 0 new, 7 known\n {2}messages: 0 new, 32 known\n/)
  t.ok(again.out.includes(`\nNot taken:\n${notTaken}\n`), again.out)
  t.strictSame(dump(folder), before)
  const app = await openImported(t, folder)
  const namesIn = async (hex: string): Promise<string[]> => (await readAll(app, hex)).participants.map(({ name }) => name)
  t.same([await namesIn(tea), await namesIn(quiet)], [['ana', 'ECHO', 'Calculator', 'bia'], ['caio', 'Boss', 'ECHO']], 'the first of each is the one that is kept')
})

t.test('what is in this database already is not mixed with what has its id in another one', async t => {
  const folder = t.testdir({ other: {} })
  const { tea, ana, numbers, blab } = brewTea(folder)
  await runImport(t, folder)
  const before = dump(folder)
  const other = newBlab(join(folder, 'other'), 'DELETE', 'other')
  other.sql.prepare('insert into chat_conversation values (?, ?, ?)').run(tea, 'another tea', '2024-01-01 12:00:00')
  other.event(tea, 'conversation-created')
  const lunch = other.conversation('lunch')
  other.sql.prepare("insert into chat_participant values (?, 'dora', 'H', ?, 0)").run(ana, lunch)
  const foreign = other.row(other.message(lunch, 'T', { sender: ana, text: 'from nobody here' })).m_id
  const double = blab.row(numbers.hello!).m_id
  other.message(lunch, 'T', { sender: other.person(lunch, 'eva'), text: 'hello', columns: { m_id: double } })
  const { code, out, err } = await runImport(t, folder, ['--from', 'other/blab.sqlite3'])
  t.same({ code, err }, { code: 0, err: '' })
  t.match(out, /^Taken:\n {2}conversations: 1 new, 0 known\n {2}participants: 1 new, 0 known\n {2}messages: 1 new /)
  for (const [sentence, name] of [
    ['conversations with all that is in them, because another one has their id', tea],
    ['participants, because another one has their id', ana],
    ['messages, because another one has their id', double],
    ['messages whose sender is not in their conversation', dashed(foreign)]
  ]) t.ok(out.includes(`\n  ${sentence}: 1 (${name})\n`), sentence)
  t.match(dump(folder).conversations, { length: 3 })
  t.ok(before.messages!.every(row => dump(folder).messages!.includes(row)), 'nothing of the first is changed')
})

t.test('options, addresses, names, sizes and times that make no sense stop nothing and are not passed on', async t => {
  const folder = t.testdir()
  const scene = brewTea(folder)
  const { blab, tea, ana } = scene
  const long = 'n'.repeat(60)
  blab.sql.exec('alter table chat_messageoption rename to old; create table chat_messageoption (id integer primary key, option_text, position, message_id); drop table old')
  blab.sql.pragma('ignore_check_constraints = ON')
  const offer = blab.message(tea, 'T', { sender: ana, text: 'choose', options: ['one', 'two'] })
  blab.sql.prepare("update chat_messageoption set option_text = null where message_id = ? and option_text = 'one'").run(offer)
  const at = (url: string, columns = {}): string => dashed(blab.row(blab.message(tea, 'i', { sender: ana, text: `at ${url}`, url, columns })).m_id)
  const bad = ['javascript:alert(1)', 'data:text/html,<b>', '//example.org/cup.png', 'ftp://example.org/cup.png', `https://example.org/${'x'.repeat(1000)}`].map(url => at(url))
  const none = at('  ')
  at(' https://example.org/cup.png ', { file_size: -1 })
  at('https://example.org/half.png', { file_size: 1.5 })
  at('https://example.org/whole.png', { file_size: 12 })
  const blank = [blab.person(tea, ' \t'), blab.person(tea, long)][0]!
  const nameless = blab.conversation('   ')
  const unreal = ['2023-02-31 12:00:00', '2023-11-06 24:00:00', '2023-13-01 12:00:00'].map(time => dashed(blab.row(blab.message(tea, 'T', { sender: ana, text: 'unreal', time })).m_id))
  const { code, out, err } = await runImport(t, folder)
  t.same({ code, err }, { code: 0, err: '' })
  t.ok(out.includes(`\n  messages as text, because the address of their file is none of the web: 5 (${bad.join(', ')})\n`), out)
  t.ok(out.includes(`\n  messages as text, because they never had the file that their type asks for: 1 (${none})\n`), out)
  t.match(out, '\n  messages whose id is no UUID or whose time is none: 3 (')
  for (const id of unreal) t.ok(out.includes(id), 'a time that never was')

  const app = await openImported(t, folder)
  const { messages, participants } = await readAll(app, tea)
  t.same(messages.find(message => message.text === 'choose').options, ['', 'two'])
  t.same(messages.filter(message => bad.includes(message.id)).map(({ type, file_url: url, text }) => [type, url ?? null, text.slice(-10)]), bad.map(() => ['T', null, '\n[no file]']))
  const kept = messages.filter(message => /^at +https:.*png/.test(message.text)).map(({ file_url: url, file_size: size, file_name: name }) => [url, size, name])
  t.same(kept, [['https://example.org/cup.png', null, 'cup.png'], ['https://example.org/half.png', null, 'half.png'], ['https://example.org/whole.png', 12, 'whole.png']])
  t.equal(participants.find(({ id }) => id === dashed(blank)).name, `ANON_${dashed(blank)}`)
  t.ok(participants.some(({ name }) => name === long), 'a long name is kept')
  t.equal((await readAll(app, nameless)).snapshot.conversation.name, null)
})

t.test('a second import takes nothing twice and changes nothing', async t => {
  const folder = t.testdir()
  const scene = brewTea(folder)
  spillTea(scene)
  await runImport(t, folder)
  const before = dump(folder)
  const again = await runImport(t, folder)
  t.match(again, { code: 0, err: '' })
  t.match(again.out, /^Nothing was new\.\n {2}conversations: 0 new, 2 known\n {2}participants: 0 new, 7 known\n {2}messages: 0 new, 43 known\n {2}files: 0 new \(0 bytes\), 8 known\nNot taken:\n/)
  t.notMatch(again.out, 'Taken otherwise')
  t.strictSame(dump(folder), before)
})

t.test('what has happened meanwhile is taken by another import, also when somebody has spoken here', async t => {
  const folder = t.testdir()
  const { blab, tea, ana, numbers } = brewTea(folder)
  await runImport(t, folder)
  const later = (text: string, second: number): number => blab.message(tea, 'T', { sender: ana, text, localId: text, time: `2023-11-06 13:00:0${second}.5`, quotes: numbers.hello! })
  later('meanwhile', 1)
  const dora = blab.person(tea, 'dora')
  t.match(await runImport(t, folder), { code: 0, out: /^Taken:\n {2}conversations: 0 new, 2 known\n {2}participants: 1 new, 7 known\n {2}messages: 1 new \(0 of the system, 0 that were never approved and stay hidden\), 32 known\n/ })

  const app = await openImported(t, folder, { bots: [bots[0]] })
  const bia = await newPerson(app, 'bia')
  const path = `/api/chat/conversations/${dashed(tea)}`
  await bia.post(`${path}/join/`)
  const { body: { time } } = await bia.post(`${path}/messages/`, { type: 'T', text: 'here' })
  await deliveriesDone(app, dashed(tea))
  await app.close()
  const again = blab.message(tea, 'T', { sender: dora, text: 'there', time: '2023-11-06 13:00:02', quotes: later('and later', 1) })
  await runImport(t, folder)

  const reopened = await openImported(t, folder)
  const { messages, events, snapshot } = await readAll(reopened, tea)
  t.same(snapshot.messages.slice(-5).map((message: any) => message.text), ['meanwhile', 'here', 'HERE', 'and later', 'there'])
  t.match(messages.find(message => message.text === 'there'), { id: dashed(blab.row(again).m_id), time: '2023-11-06T13:00:02.000Z' })
  t.same(events.map(event => event.seq), Array.from({ length: events.length }, (_, index) => index + 1), 'no gap')
  const list = await (await newManager(reopened, 'maria')).get('/api/chat/conversations/')
  t.equal(list.body.results.length, 2)
  const [{ last_event_at: lastEventAt }] = await reopened.db.selectFrom('conversations').select('last_event_at').where('id', '=', dashed(tea)).execute() as [{ last_event_at: number }]
  t.ok(lastEventAt >= Date.parse(time), 'its last activity is not that of BLAB Controller')
})

t.test('an import that is killed again and again equals one that is not', async t => {
  const folder = t.testdir({ whole: {}, parts: {} })
  const { blab, tea, ana, bia, numbers } = brewTea(folder)
  blab.atOnce(() => {
    for (let index = 0; index < 750; index++) blab.message(tea, 'T', { sender: index % 3 === 0 ? bia : ana, text: `message ${index}`, options: ['yes', 'no'], quotes: numbers.hello!, time: `2023-11-07 10:00:00.${String(index).padStart(6, '0')}` })
  })
  const large = blab.message(tea, 'v', { sender: ana, text: 'a long film', time: '2023-11-07 10:00:01', file: { name: 'long.mp4', bytes: Buffer.alloc(12 * 1024 * 1024, createHash('sha512').update('film').digest()) } })
  blab.atOnce(() => {
    for (let index = 0; index < 1500; index++) blab.message(tea, 'T', { sender: ana, text: `later ${index}`, time: '2023-11-07 10:00:02' })
  })
  const words = ['--from', join(folder, 'blab.sqlite3'), '--media', join(folder, 'media')]
  t.match(await runImport(t, join(folder, 'whole'), words), { code: 0 })

  const parts = join(folder, 'parts')
  const fileIn = (folder: string): string => join(folder, 'data', FILE_NAME)
  // Nobody else may open the database while the import opens it, so that its size tells how far it is.
  const filmBytes = 12 * 1024 * 1024
  const saidBytes = statSync(fileIn(join(folder, 'whole'))).size - filmBytes
  const moments: Array<[name: string, bytes: number, found: string]> = [
    ['within the first messages', saidBytes * 0.35, 'select max(last_seq) between 50 and 750 from conversations'],
    ['within a file', saidBytes * 0.5 + filmBytes * 0.5, `select count(*) = 0 from files where key = '${blab.row(large).file_key}'`],
    ['within the last messages', saidBytes * 0.6 + filmBytes, 'select max(last_seq) between 800 and 2250 from conversations']
  ]
  for (const [name, bytes, found] of moments) {
    const running = startImport(t, parts, words)
    let hasEnded = false
    running.ended.finally(() => { hasEnded = true })
    await eventually(() => hasEnded || (statSync(fileIn(parts), { throwIfNoEntry: false })?.size ?? 0) > bytes, `it is ${name}`, 1)
    running.signal('SIGKILL')
    t.strictSame(await running.ended, { code: null, out: '', err: '' }, `killed ${name}`)
    const database = new SQLite(fileIn(parts))
    t.equal(database.prepare(found).pluck().get(), 1, name)
    t.equal(database.prepare("select count(*) from messages left join files on key = file_key where type = 'v' and key is null").pluck().get(), 0, 'no message without its file')
    database.close()
  }
  const reopened = await openImported(t, parts, { bots: [] })
  const { snapshot: { messages, last_seq: last } } = await readAll(reopened, tea)
  t.equal(messages.at(-1).seq, last, 'in between it can be read')
  await reopened.close()
  t.match(await runImport(t, parts, words), { code: 0, out: /^Taken:\n/ })
  const [whole, made] = [dump(join(folder, 'whole')), dump(parts)]
  for (const [table, rows] of Object.entries(whole)) if (table !== 'sessions') t.equal(digest(made[table]!), digest(rows), `${table}: ${rows.length} rows`)
})

t.test('an imported conversation goes on, and no bot answers what was said before', async t => {
  const folder = t.testdir()
  const { tea } = brewTea(folder)
  await runImport(t, folder)
  const starts = await startBotServer(t, () => ({}))
  const app = await openImported(t, folder, { bots: [bots[0], { name: 'Calculator', kind: 'websocket', url: starts.url }] })
  await listen(app)
  const [before, ana] = [await readAll(app, tea), await newPerson(app, 'ana')]
  const path = `/api/chat/conversations/${dashed(tea)}`
  t.match(await ana.post(`${path}/join/`), { status: 200, body: { participants: { length: 5 } } })
  const { body: posted } = await ana.post(`${path}/messages/`, { type: 'T', text: 'still there?', quoted_message_id: before.messages.find(message => message.text === 'hello').id })
  const answer = await heard(ana.get, path, 'STILL THERE?')
  t.match(answer, { sender_id: before.participants[1].id, quoted_message_id: posted.id }, 'the bot is the participant that it was')

  const { json: { session, bot_participant_id: id } } = await starts.nextRequest()
  t.equal(id, before.participants[2].id)
  const bot = await subscribe(t, wsUrl(app, dashed(tea)), { cookie: session })
  await bot.hears({ text: 'still there?' })
  t.same(bot.messages().filter(({ type }) => type === 'T').map(({ text }) => text).sort(), ['STILL THERE?', 'still there?'], 'it is not sent the past')
  await deliveriesDone(app, dashed(tea))
  t.same((await readAll(app, tea)).messages.slice(before.messages.length).filter(({ type }) => type === 'T').map(({ text }) => text), ['still there?', 'STILL THERE?'])
})

t.test('a bot that the configuration names as manager goes on to manage', async t => {
  const folder = t.testdir({ 'colloquy.yaml': 'bots: [{ name: ECHO, kind: echo, delay_ms: 0 }, { name: Boss, kind: transparent }]\nmanager: Boss' })
  const { quiet, tea } = brewTea(folder)
  const { code, out, err } = await runImport(t, folder, undefined, { COLLOQUY_CONFIG: 'colloquy.yaml' })
  t.same({ code, err }, { code: 0, err: '' })
  t.notMatch(out, 'a bot managed')
  const app = await openImported(t, folder, { bots: [bots[0], { name: 'Boss', kind: 'transparent' }], manager: 'Boss' })
  const ana = await newPerson(app, 'ana')
  for (const [hex, word] of [[quiet, 'approved'], [tea, 'free']] as const) {
    const path = `/api/chat/conversations/${dashed(hex)}`
    t.match(await ana.post(`${path}/join/`), { status: 200 })
    t.match(await ana.post(`${path}/messages/`, { type: 'T', text: word }), { status: 201 })
    const { id } = await heard(ana.get, path, word.toUpperCase())
    const { approval_status: status } = (await app.db.selectFrom('messages').selectAll().where('id', '=', id).executeTakeFirst())!
    t.equal(status, word === 'approved' ? 2 : 1, word)
  }
})

t.test('the database is named by a path, a file: URL or the URL of Django, also while it is in use', async t => {
  const folder = t.testdir()
  const { blab, ana, tea } = brewTea(folder, 'WAL')
  const bytes = readFileSync(blab.file)
  // A write that is not finished, and one that is in the log alone.
  blab.message(tea, 'T', { sender: ana, text: 'in the log' })
  blab.sql.exec("begin immediate; update chat_message set text = 'unfinished'")
  const names = ['blab.sqlite3', blab.file, pathToFileURL(blab.file).href, 'sqlite:///blab.sqlite3', `sqlite:///${blab.file}?timeout=20`]
  const ends = await Promise.all(names.map((name, index) => runImport(t, folder, ['--from', name, '--media=media'], { COLLOQUY_DATA: `data${index}` })))
  for (const [index, name] of names.entries()) t.match(ends[index], { code: 0, out: /^Taken:\n {2}conversations: 2 new/, err: '' }, name)
  t.match(ends[0]!.out, /messages: 33 new/)
  t.ok(readFileSync(blab.file).equals(bytes), 'it is not written to')
})

t.test('what cannot be imported is refused with a sentence, and nothing is made', async t => {
  const folder = t.testdir({ 'noise.sqlite3': 'this is no database, but long enough to be taken for one '.repeat(100), 'empty.sqlite3': '', elsewhere: { chat: {} }, files: {} })
  const { blab } = brewTea(folder)
  new SQLite(join(folder, 'other.sqlite3')).exec('create table chat_conversation (id, name, created_at)').close()
  copyFileSync(blab.file, join(folder, 'old.sqlite3'))
  new SQLite(join(folder, 'old.sqlite3')).exec('alter table chat_message drop column sent_by_manager').close()
  const refused = /^Only SQLite files are read, and postgres:\/\/ names something else\. .*dumpdata.*loaddata.*\n$/
  const before = readdirSync(folder).sort()
  const cases: Array<[words: string[], sentence: RegExp | string]> = [
    [['--from', 'postgres://blab:secret@db/blab'], refused],
    [['--from', 'mysql://db/blab'], /^Only SQLite files are read, and mysql:\/\//],
    [['--from', 'https://example.org/blab.sqlite3'], 'A database is not read from another computer. Download it first, and name the file by --from.\n'],
    [['--from', 'HTTP://example.org/blab.sqlite3'], /^A database is not read from another computer\. Download it first/],
    [['--from', 'sqlite://'], 'The URL after --from names no file. Write it as sqlite:////folder/file.sqlite3, or name the path of the file.\n'],
    [['--from', 'file://elsewhere/blab.sqlite3'], /^The URL after --from names no file\./],
    [['--from', 'no.sqlite3'], `There is no file ${join(folder, 'no.sqlite3')}. Name the SQLite file of BLAB Controller by --from.\n`],
    [['--from', 'elsewhere'], `${join(folder, 'elsewhere')} is no file. Name the SQLite file of BLAB Controller by --from.\n`],
    [['--from', 'noise.sqlite3'], `${join(folder, 'noise.sqlite3')} cannot be read as a database of BLAB Controller: file is not a database.\n`],
    [['--from', 'empty.sqlite3'], `${join(folder, 'empty.sqlite3')} is no database of BLAB Controller: it has no table chat_conversation.\n`],
    [['--from', 'other.sqlite3'], `${join(folder, 'other.sqlite3')} is no database of BLAB Controller: it has no table chat_participant.\n`],
    [['--from', 'old.sqlite3'], `${join(folder, 'old.sqlite3')} is of an older BLAB Controller: chat_message has no column sent_by_manager. Bring it to the newest version by its own: python manage.py migrate\n`],
    [['--from', 'blab.sqlite3'], 'The database has 5 files. Name its media folder by --media; or, when it is lost, call it with --media none: then text stands for the files.\n'],
    [['--from', 'blab.sqlite3', '--media', 'nowhere'], `There is no folder ${join(folder, 'nowhere')}. Name the media folder of BLAB Controller by --media.\n`],
    [['--from', 'blab.sqlite3', '--media', 'media/chat'], /^\S+\/media\/chat has none of the 5 files of the database\. /],
    [['--from', 'blab.sqlite3', '--media', 'elsewhere'], /^\S+\/elsewhere has none of the 5 files/]
  ]
  const ends = await Promise.all(cases.map(([words]) => runImport(t, folder, words)))
  for (const [index, [words, err]] of cases.entries()) t.match(ends[index], { code: 1, out: '', err }, words.join(' '))
  t.notMatch(ends[0]!.err, 'secret')
  t.same(readdirSync(folder).sort(), before)
})

t.test('a message whose files are lost is taken as text when that is asked for', async t => {
  const folder = t.testdir()
  const { tea } = brewTea(folder)
  const { code, out } = await runImport(t, folder, ['--from', 'blab.sqlite3', '--media', 'none'])
  t.equal(code, 0)
  t.match(out, /\n {2}files: 0 new \(0 bytes\), 0 known\nTaken otherwise than they were:\n.*\n {2}messages as text with the name of their file, because there is no media folder: 5 \(/)
  const { messages } = await readAll(await openImported(t, folder), tea)
  t.match(messages.filter(message => message.text?.includes('[')).map(message => [message.type, message.text]), [['T', 'a picture\n[missing file: chá.png]'], ['T', 'a note\n[missing file: note é.txt]']])
})

t.test('a running server is not written to behind its back', async t => {
  const folder = t.testdir()
  brewTea(folder)
  const app = await openImported(t, folder)
  t.strictSame(await runImport(t, folder), { code: 1, out: '', err: `Another server uses ${join(folder, 'data')}. Stop it first, or set COLLOQUY_DATA to another folder.\n` })
  t.same((await (await newManager(app, 'maria')).get('/api/chat/conversations/')).body.results, [])
})

t.test('a file that may not be read stops the import, which goes on when it may', async t => {
  if (process.getuid!() === 0) return t.comment('root may read everything')
  const folder = t.testdir()
  const { blab, numbers } = brewTea(folder)
  const file = join(blab.media, blab.row(numbers['a note']!).file)
  chmodSync(file, 0)
  t.match(await runImport(t, folder), { code: 1, err: `${file} cannot be used: permission denied.` })
  chmodSync(file, 0o600)
  t.match(await runImport(t, folder), { code: 0, out: /files: 4 new .* 1 known/ })
})

t.test('the progress of an import is shown in a terminal only', async t => {
  const folder = t.testdir()
  brewTea(folder)
  const tool = '/usr/bin/script'
  if (!existsSync(tool)) return t.comment(`without ${tool} there is no terminal to try`)
  const { code, out } = await start(t, [tool, '-qec', `'${process.execPath}' '${program}' import-blab --from blab.sqlite3 --media media`, '/dev/null'], folder, { SHELL: '/bin/sh' }).ended
  t.equal(code, 0)
  const parts = [...out.matchAll(/\r(\d+) %/g)].map(([, part]) => Number(part))
  t.ok(parts.length > 3, parts.join(' '))
  t.same(parts, [...new Set(parts)].sort((one, other) => one - other), 'it grows')
  t.match(out, /\r100 %\r?\nTaken:/)
})
