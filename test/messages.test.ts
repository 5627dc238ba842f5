import { fastify } from 'fastify'
import t, { type Test } from 'tap'
import { colloquy, configure } from '../app.js'
import { newPerson, newTalk, startApp, type Person } from './support/app.js'
import type { Answer } from './support/call.js'

const json = { 'content-type': 'application/json' }
const fileTypes = ['A', 'i', 'V', 'a', 'v']
const url = 'https://files.example/a.png'

/** Ana, alone in a conversation; `path` is that of its messages. */
async function startTalk (t: Test, settings?: Parameters<typeof startApp>[1]) {
  const app = await startApp(t, settings)
  const ana = await newPerson(app, 'ana')
  const talk = await newTalk([ana])
  return { app, ana, talk, path: `${talk.path}/messages/` }
}

/** Posts so many messages at once. */
async function postMany (person: Person, path: string, count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, (_, index) => person.post(path, { type: 'T', text: `m${index}` })))
}

/** Follows a link of an answer. */
async function follow (person: Person, address: string): Promise<Answer> {
  return person.get(address.replace(/^https?:\/\/[^/]+/, ''))
}

async function listAll (person: Person, path: string): Promise<any[]> {
  return (await person.get(`${path}?after=0&limit=500`)).body.results
}

async function readLog (person: Person, talkPath: string): Promise<any[]> {
  return (await person.get(`${talkPath}/events/?limit=500`)).body.events
}

function seqsOf (list: any[]): number[] {
  return list.map(item => item.seq)
}

/** The fields in short, without what would break a line of the report. */
function titleOf (fields: unknown): string {
  return JSON.stringify(fields).slice(0, 80).replace(/[^ -~]/gu, '?')
}

/** A refusal with its code, the pointers of its errors, and a sentence. */
function refused (t: Test, answer: Answer, code: string, pointers: string[], title: string): void {
  t.equal(answer.body.code, code, `${title}: code`)
  const given = new Set((answer.body.errors ?? []).map((error: any) => error.pointer))
  t.same([...given].sort(), [...pointers].sort(), `${title}: pointers`)
  t.match(answer.body.detail, /^[a-zA-Z/](?=.* )[^]*[^.]\.$/, `${title}: a sentence`)
}

t.test('ana lists by number: oldest first, the newest so many, in pages of a hundred', async t => {
  const { ana, path } = await startTalk(t)
  await postMany(ana, path, 249)
  const all = await listAll(ana, path)
  t.same(seqsOf(all), seqsOf(all).sort((one, other) => one - other))
  const cases: Array<[query: string, from: number, to: number, count: number]> = [
    ['', 0, 100, 250],
    ['?page=1', 0, 100, 250],
    ['?page=2', 100, 200, 250],
    ['?page=%202', 100, 200, 250],
    ['?page=+2', 100, 200, 250],
    ['?page=3', 200, 250, 250],
    ['?page=last', 200, 250, 250],
    ['?limit=120', 130, 230, 120],
    ['?limit=120&page=2', 230, 250, 120],
    ['?limit=120&page=last', 230, 250, 120],
    ['?limit=200&page=last', 150, 250, 200],
    ['?limit=1', 249, 250, 1],
    ['?limit=01', 249, 250, 1],
    ['?limit=0', 0, 0, 0],
    ['?limit=0&page=last', 0, 0, 0],
    ['?limit=2147483647', 0, 100, 250],
    ['?unknown=1', 0, 100, 250]
  ]
  for (const [query, from, to, count] of cases) {
    const { status, body } = await ana.get(path + query)
    t.equal(status, 200, query)
    t.equal(body.count, count, `${query}: count`)
    t.same(body.results, all.slice(from, to), `${query}: results`)
  }
  for (const page of ['0', '-1', 'abc', '', '4', '1.0', '1e0', '²', 'last2', '9'.repeat(19), '9'.repeat(40)]) {
    const { status, body } = await ana.get(`${path}?page=${encodeURIComponent(page)}`)
    t.same([status, body.code, body.detail], [404, 'page_not_found', 'Invalid page.'], `page "${page}"`)
  }
  t.equal((await ana.get(`${path}?limit=100&page=2`)).status, 404, 'no page beyond the limit')
})

t.test('the links of a page are absolute, keep the other parameters, sorted, and name no page 1', async t => {
  const { ana, path } = await startTalk(t, { public_url: 'https://chat.example' })
  await postMany(ana, path, 249)
  const at = (query: string) => `https://chat.example${path}${query}`
  const cases: Array<[query: string, next: string | null, previous: string | null]> = [
    ['', at('?page=2'), null],
    ['?page=2', at('?page=3'), at('')],
    ['?page=3', null, at('?page=2')],
    ['?page=last', null, at('?page=2')],
    ['?z=1&page=2&limit=250&a=%26', at('?a=%26&limit=250&page=3&z=1'), at('?a=%26&limit=250&z=1')],
    ['?limit=100', null, null],
    ['?limit=0', null, null],
    ['?z=1&since=2020-01-01T00:00:00%2B00:00', at('?page=2&since=2020-01-01T00%3A00%3A00%2B00%3A00&z=1'), null]
  ]
  for (const [query, next, previous] of cases) {
    const { body } = await ana.get(path + query)
    t.same([body.next, body.previous], [next, previous], query)
  }
})

t.test('without a public address the links go where ana called', async t => {
  const { ana, path } = await startTalk(t)
  await postMany(ana, path, 100)
  const { body } = await ana.get(path, { headers: { host: 'chat.local:8000' } })
  t.equal(body.next, `http://chat.local:8000${path}?page=2`)
  t.equal((await follow(ana, body.next)).body.results.length, 1)
})

t.test('where the service is mounted under a path, the links lead there', async t => {
  const host = fastify()
  t.teardown(() => host.close())
  await host.register(colloquy, { prefix: '/talk', config: configure({ data: t.testdir(), rooms: true }) })
  const created = await host.inject({ method: 'POST', url: '/talk/api/chat/conversations/', payload: { bots: ['ECHO', 'ECHO'] } })
  const authorization = `Bearer ${created.cookies[0]!.value}`
  const { next } = (await host.inject({ url: `/talk/api/chat/conversations/${created.json().id}/messages/?after=0&limit=1`, headers: { authorization } })).json()
  const followed = await host.inject({ url: next, headers: { authorization } })
  t.equal(followed.statusCode, 200)
  t.equal(followed.json().results.length, 1)
})

t.test('ana lists by time, both ends included', async t => {
  const { ana, path } = await startTalk(t)
  const times = new Set<string>()
  while (times.size < 5) times.add((await ana.post(path, { type: 'T' })).body.time)
  const all = await listAll(ana, path)
  const [, low, middle, high] = [...times] as [string, string, string, string]
  const naive = middle.replace('Z', '')
  const shift = (hours: number, minutes = 0) => new Date(Date.parse(middle) + (hours * 60 + minutes) * 60_000).toISOString().replace('Z', '')
  const from = (time: string) => time >= middle
  const to = (time: string) => time <= middle
  const cases: Array<[query: string, wanted: (time: string) => boolean, limit?: number]> = [
    [`since=${middle}`, from],
    [`until=${middle}`, to],
    [`since=${middle}&until=${middle}`, time => time === middle],
    [`since=${low}&until=${high}`, time => time >= low && time <= high],
    [`since=${high}&until=${low}`, () => false],
    [`since=${naive}`, from],
    [`until=${naive.replace('T', ' ')}`, to],
    [`since=${naive}000Z`, from],
    [`until=${naive}000Z`, to],
    [`since=${naive}001Z`, time => time > middle],
    [`until=${naive}999`, to],
    [`since=${shift(2)}%2B02:00`, from],
    [`until=${shift(2)}%2B0200`, to],
    [`since=${shift(-3, -30)}-03:30`, from],
    ['until=now', () => true],
    [`since=now&until=${low}`, () => false],
    ['since=2020-01-01', () => true],
    ['until=2020-01-01T00:00', () => false],
    [`until=${middle}&limit=1`, to, 1],
    [`since=${low}&until=${high}&limit=2`, time => time >= low && time <= high, 2],
    [`since=${middle}&limit=1000`, from]
  ]
  for (const [query, wanted, limit = all.length] of cases) {
    const { body } = await ana.get(`${path}?${query}`)
    const expected = all.filter(message => wanted(message.time)).slice(-limit)
    t.same(body.results, expected, query)
    t.equal(body.count, expected.length, `${query}: count`)
  }
})

t.test('a query that cannot be read is refused by name', async t => {
  const { ana, path } = await startTalk(t)
  const cases: Record<string, string[]> = {
    limit: ['-1', '²', '9'.repeat(20), '1e3', '0x10', '', ' 1', '1.0', 'abc', '２'],
    since: ['abc', '', '2026-02-30', '2026-13-01', '2026-00-10', '2026-01-01T25:00', '2026-01-01T00:60', '2026-01-01T00:00:00 00:00', '1769000000', 'x'.repeat(100), 'NOW!'],
    until: ['abc', '2025-02-29T00:00:00Z', '26-01-01', '2026-01-01T00:00:00.Z', '2026-01-01T00:00:00+99:99'],
    after: ['-1', 'x', '1e3', '9'.repeat(20)],
    before: ['-1', '0.5'],
    around: ['', '²']
  }
  for (const [name, values] of Object.entries(cases)) {
    for (const value of values) {
      const answer = await ana.get(`${path}?${name}=${encodeURIComponent(value)}`)
      t.equal(answer.status, 400, `${name}=${value}`)
      refused(t, answer, 'query_invalid', [`/${name}`], `${name}=${value}`)
    }
  }
  for (const name of ['since', 'until']) {
    const answer = await ana.get(`${path}?${name}=2026-01-01T00:00:00+00:00`)
    t.equal(answer.status, 400)
    refused(t, answer, 'query_invalid', [`/${name}`], `${name} with an unescaped plus`)
  }
})

t.test('ana walks by cursor in both directions and meets each message once, while bia writes', async t => {
  const { app, ana, talk, path } = await startTalk(t)
  const bia = await newPerson(app, 'bia')
  await bia.post(`${talk.path}/join/`)
  await postMany(ana, path, 30)
  for (const [start, direction] of [['after=0', 'next'], ['before=9007199254740991', 'previous']] as const) {
    const before = await listAll(ana, path)
    const met: any[] = []
    let address: string | null = `${path}?${start}&limit=7`
    for (let page = 0; address !== null; page++) {
      const { status, body }: Answer = await follow(ana, address)
      t.equal(status, 200)
      t.notOk('count' in body, 'no count')
      if (direction === 'next') met.push(...body.results)
      else met.unshift(...body.results)
      address = body[direction]
      if (page < 4) await postMany(bia, path, 3)
    }
    const after = await listAll(ana, path)
    t.same(seqsOf(met), seqsOf(direction === 'next' ? after : before), direction)
  }
})

t.test('a page by cursor leads on to both sides, and stays within its limit', async t => {
  const { ana, path } = await startTalk(t)
  await postMany(ana, path, 20)
  const all = await listAll(ana, path)
  const seqs = seqsOf(all)
  const [first, middle, last] = [seqs[0]!, seqs[10]!, seqs.at(-1)!]
  const cases: Array<[query: string, from: number, to: number]> = [
    [`after=${middle}&limit=3`, 11, 14],
    [`after=${middle}`, 11, 21],
    [`before=${middle}&limit=3`, 7, 10],
    [`before=${middle}&limit=500`, 0, 10],
    [`after=${last}`, 21, 21],
    [`after=${last + 1000}`, 21, 21],
    ['after=9007199254740991', 21, 21],
    [`before=${first}`, 0, 0],
    ['before=0', 0, 0],
    [`around=${middle}&limit=4`, 9, 13],
    [`around=${middle}&limit=5`, 8, 13],
    [`around=${middle}&limit=1`, 10, 11],
    ['around=0&limit=4', 0, 2],
    [`around=${last}&limit=4`, 19, 21],
    ['around=9007199254740991&limit=4', 19, 21]
  ]
  for (const [query, from, to] of cases) {
    const { body } = await ana.get(`${path}?${query}`)
    t.same(body.results, all.slice(from, to), query)
    const limit = Number(query.match(/limit=(\d+)/)?.[1] ?? 100)
    for (const [name, expected] of [['next', all.slice(to, to + limit)], ['previous', all.slice(Math.max(0, from - limit), from)]] as const) {
      t.equal(body[name] === null, expected.length === 0, `${query}: ${name} is null at the end`)
      if (body[name] === null) continue
      const neighbour = await follow(ana, body[name])
      t.equal(neighbour.status, 200, `${query}: ${name} can be followed`)
      t.same(neighbour.body.results, expected, `${query}: ${name} leads on`)
    }
  }
})

t.test('cursors do not mix, and take 1 to 500 messages at a time', async t => {
  const { ana, path } = await startTalk(t)
  for (const limit of [1, 500]) t.equal((await ana.get(`${path}?after=0&limit=${limit}`)).status, 200)
  for (const cursor of ['after', 'before', 'around']) {
    for (const limit of [0, 501, -1]) {
      refused(t, await ana.get(`${path}?${cursor}=1&limit=${limit}`), 'query_invalid', ['/limit'], `${cursor} with limit ${limit}`)
    }
    for (const other of ['since=now', 'until=now', 'page=1', cursor === 'after' ? 'before=5' : 'after=5']) {
      const answer = await ana.get(`${path}?${cursor}=1&${other}`)
      t.same([answer.status, answer.body.code, answer.body.errors?.length], [400, 'query_invalid', 1], `${cursor} with ${other}`)
    }
  }
})

t.test('a hundred messages come by cursor when ana names no limit', async t => {
  const { ana, path } = await startTalk(t)
  await postMany(ana, path, 120)
  const all = await listAll(ana, path)
  t.same((await ana.get(`${path}?after=0`)).body.results, all.slice(0, 100))
  t.same((await ana.get(`${path}?before=1000`)).body.results, all.slice(-100))
})

t.test('a message has the recorded keys in the recorded order, then seq', async t => {
  const { ana, talk, path } = await startTalk(t)
  const said = ['type', 'time', 'id', 'sent_by_human', 'quoted_message_id', 'sender_id', 'local_id', 'text']
  const keys: Record<string, string[]> = {
    S: ['type', 'time', 'id', 'sent_by_human', 'event', 'additional_metadata', 'options', 'seq'],
    T: [...said, 'options', 'seq'],
    ...Object.fromEntries(fileTypes.map(type => [type, [...said, 'file_url', 'file_size', 'file_name', 'options', 'seq']]))
  }
  for (const type of ['T', ...fileTypes]) {
    const { status, body } = await ana.post(path, { type, text: 'caption', local_id: `l${type}`, external_file_url: url, options: ['yes', 'no'] })
    t.equal(status, 201, type)
    t.same(Object.keys(body), keys[type], type)
    t.match(body, { type, sent_by_human: true, quoted_message_id: null, sender_id: talk.created.my_participant_id, local_id: `l${type}`, text: 'caption', options: ['yes', 'no'] })
    if (type !== 'T') t.match(body, { file_url: url, file_size: null, file_name: 'a.png' }, type)
    t.same((await ana.get(`${path}${body.id}/`)).body, body, `${type} is read as it was answered`)
  }
  const { results } = (await ana.get(path)).body
  t.equal(results[0].event, 'conversation-created')
  for (const message of results) {
    t.same(Object.keys(message), keys[message.type])
    t.match(message.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    t.match(message.id, /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/)
  }
  const events = (await readLog(ana, talk.path)).filter(event => event.type === 'message.created')
  t.same(events.map(event => JSON.stringify(event.message)), results.map((message: any) => JSON.stringify(message)), 'the log has the same messages')
})

t.test('the name of a file elsewhere stands in its address', async t => {
  const { ana, path } = await startTalk(t)
  const names: Record<string, string> = {
    'https://files.example/a/b%20c.png?size=2&x=y': 'b%20c.png',
    'http://files.example/a/photo.jpeg': 'photo.jpeg',
    'https://files.example/a/': '',
    ' https://files.example/trimmed.png ': 'trimmed.png',
    [`https://files.example/${'x'.repeat(978)}`]: 'x'.repeat(978)
  }
  for (const [address, name] of Object.entries(names)) {
    const { status, body } = await ana.post(path, { type: 'i', external_file_url: address })
    t.same([status, body.file_url, body.file_name, body.file_size], [201, address.trim(), name, null], address)
  }
})

t.test('an address with characters that should be escaped is given as it was sent', async t => {
  const { ana, path } = await startTalk(t)
  for (const name of ['a[1].png', '100%.png', 'a|b', 'a{x}', '<a>', 'a\\b', '"a"', 'a^`b']) {
    const { status, body } = await ana.post(path, { type: 'A', external_file_url: `https://files.example/${name}` })
    t.same([status, body.file_url, body.file_name], [201, `https://files.example/${name}`, name], name)
  }
})

t.test('ana may leave out, empty or pad what she sends', async t => {
  const { ana, talk, path } = await startTalk(t)
  const me = talk.created.my_participant_id
  const cases: Array<[fields: object, stored: object]> = [
    [{}, { text: '', local_id: null, options: [], quoted_message_id: null }],
    [{ text: null, local_id: null, options: null, quoted_message_id: null, external_file_url: null }, { text: '', local_id: null, options: [], quoted_message_id: null }],
    [{ text: '', local_id: '', options: [], quoted_message_id: '', external_file_url: '' }, { text: '', local_id: null, options: [], quoted_message_id: null }],
    [{ text: ' \n\thello  world\u2003\n', local_id: ' l1 ' }, { text: 'hello  world', local_id: 'l1' }],
    [{ text: '\u2028 \u0001 é 😀' }, { text: '\u0001 é 😀' }],
    [{ local_id: '   ' }, { local_id: null }],
    [{ local_id: '😀'.repeat(32) }, { local_id: '😀'.repeat(32) }],
    [{ text: ` ${'😀'.repeat(4000)}\n` }, { text: '😀'.repeat(4000) }],
    [{ text: `${' '.repeat(5000)}x` }, { text: 'x' }],
    [{ options: [' a ', 'a', '😀'.repeat(4000)] }, { options: [' a ', 'a', '😀'.repeat(4000)] }],
    [{ options: Array(50).fill('x'.repeat(4000)) }, { options: Array(50).fill('x'.repeat(4000)) }],
    [{ sender_id: 'x', time: 1, seq: 'y', sent_by_human: false, command: '{"action":"approve"', event: 'x', file_url: 7, constructor: null, toString: 1 }, { sender_id: me, sent_by_human: true }]
  ]
  for (const [fields, stored] of cases) {
    const title = titleOf(fields)
    const { status, body } = await ana.post(path, { type: 'T', ...fields })
    t.equal(status, 201, title)
    for (const [name, value] of Object.entries(stored)) t.same(body[name], value, `${title}: ${name}`)
  }
  const id = '01936a2c-0000-7000-8000-0000000000f1'
  t.not((await ana.post(path, { type: 'T', id })).body.id, id, 'an id of hers is not taken')
})

t.test('a text message leaves an external file aside', async t => {
  const { ana, path } = await startTalk(t)
  const { status, body } = await ana.post(path, { type: 'T', text: 'x', external_file_url: url })
  t.equal(status, 201)
  t.notOk('file_url' in body)
})

t.test('an empty local_id is none: ana may send it twice', async t => {
  const { ana, path } = await startTalk(t)
  const [one, other] = [await ana.post(path, { type: 'T', local_id: '' }), await ana.post(path, { type: 'T', local_id: '' })]
  t.same([one.status, other.status], [201, 201])
  t.not(one.body.id, other.body.id)
})

t.test('a field that cannot be taken is refused by name', async t => {
  const { ana, talk, path } = await startTalk(t)
  const before = await readLog(ana, talk.path)
  const cases: Array<[fields: object, ...pointers: string[]]> = [
    [{ type: 'S' }, '/type'],
    [{ type: undefined }, '/type'],
    [{ type: null }, '/type'],
    [{ type: 't' }, '/type'],
    [{ type: ['T'] }, '/type'],
    [{ text: 'x'.repeat(4001) }, '/text'],
    [{ text: '😀'.repeat(4001) }, '/text'],
    [{ text: 5 }, '/text'],
    [{ text: ['x'] }, '/text'],
    [{ text: 'a\0b' }, '/text'],
    [{ text: 'a\ud83d' }, '/text'],
    [{ local_id: 'x'.repeat(33) }, '/local_id'],
    [{ local_id: 5 }, '/local_id'],
    [{ local_id: 'a\0' }, '/local_id'],
    [{ options: 'yes' }, '/options'],
    [{ options: { 0: 'yes' } }, '/options'],
    [{ options: Array(51).fill('x') }, '/options'],
    [{ options: ['x', ''] }, '/options/1'],
    [{ options: ['x', 'y', null] }, '/options/2'],
    [{ options: [5, true, ['x'], {}] }, '/options/0', '/options/1', '/options/2', '/options/3'],
    [{ options: ['x'.repeat(4001)] }, '/options/0'],
    [{ options: ['x', '\udc00'] }, '/options/1'],
    [{ quoted_message_id: 5 }, '/quoted_message_id'],
    [{ quoted_message_id: ['x'] }, '/quoted_message_id'],
    ...['nonsense', 'ftp://files.example/a', 'javascript:alert(1)', '//files.example/a', 'https://', 'https://files.example/a b', 'https://files.example/a\nb', `https://files.example/${'x'.repeat(979)}`, 5, ['x']]
      .map(address => [{ type: 'A', external_file_url: address }, '/external_file_url'] as [object, string]),
    [{ type: 'X', text: 5, local_id: 'x'.repeat(33), quoted_message_id: 7, options: [null, ''], external_file_url: 'x' },
      '/type', '/text', '/local_id', '/quoted_message_id', '/options/0', '/options/1', '/external_file_url']
  ]
  for (const [fields, ...pointers] of cases) {
    const title = titleOf(fields)
    const answer = await ana.post(path, { type: 'T', ...fields })
    t.equal(answer.status, 400, title)
    refused(t, answer, 'body_invalid', pointers, title)
  }
  for (const type of fileTypes) {
    const answer = await ana.post(path, { type, text: 'no file' })
    t.equal(answer.status, 422, type)
    refused(t, answer, 'file_missing', ['/file'], type)
  }
  t.same(await readLog(ana, talk.path), before, 'nothing was stored')
})

t.test('ana quotes what was said in the same conversation, and nothing else', async t => {
  const { ana, path } = await startTalk(t)
  const { path: otherPath } = await newTalk([ana])
  const quoted = (await ana.post(path, { type: 'T', text: 'first' })).body.id
  const foreign = (await ana.post(`${otherPath}/messages/`, { type: 'T', text: 'elsewhere' })).body.id
  const system = (await ana.get(path)).body.results[0].id
  for (const id of [quoted, system]) {
    const { status, body } = await ana.post(path, { type: 'T', quoted_message_id: id })
    t.same([status, body.quoted_message_id], [201, id])
  }
  const before = await listAll(ana, path)
  for (const id of [foreign, 'nonsense', '01936a2c-0000-7000-8000-0000000000f1', quoted.toUpperCase(), quoted.replaceAll('-', ''), ' ']) {
    const answer = await ana.post(path, { type: 'T', quoted_message_id: id })
    t.equal(answer.status, 422, id)
    refused(t, answer, 'quoted_message_not_found', ['/quoted_message_id'], id)
  }
  t.same(await listAll(ana, path), before, 'nothing was stored')
})

t.test('ana repeats a post and gets the same message; other content under its local_id is refused', async t => {
  const { ana, talk, path } = await startTalk(t)
  const quoted = (await ana.post(path, { type: 'T' })).body.id
  const content = { type: 'A', text: 'x', local_id: 'l1', quoted_message_id: quoted, options: ['a', 'b'], external_file_url: url }
  const first = await ana.post(path, content)
  t.equal(first.status, 201)
  const before = await readLog(ana, talk.path)
  for (const same of [content, { ...content, text: ' x ', local_id: 'l1 ', sender_id: 'ignored' }]) {
    const again = await ana.post(path, same)
    t.equal(again.status, 200)
    t.same(again.body, first.body)
  }
  const changes = [{ type: 'i' }, { type: 'T' }, { text: 'y' }, { text: null }, { quoted_message_id: null }, { options: ['b', 'a'] }, { options: ['a'] }, { options: null }, { external_file_url: `${url}?2` }]
  for (const change of changes) {
    const answer = await ana.post(path, { ...content, ...change })
    t.equal(answer.status, 409, titleOf(change))
    refused(t, answer, 'local_id_conflict', ['/local_id'], titleOf(change))
  }
  t.same(await readLog(ana, talk.path), before, 'nothing was added')
})

t.test('ana and bia may use the same local_id, and ana in two conversations', async t => {
  const app = await startApp(t)
  const [ana, bia] = [await newPerson(app, 'ana'), await newPerson(app, 'bia')]
  const [{ path }, other] = [await newTalk([ana, bia]), await newTalk([ana])]
  const answers = [
    await ana.post(`${path}/messages/`, { type: 'T', text: 'from ana', local_id: 'l1' }),
    await bia.post(`${path}/messages/`, { type: 'T', text: 'from bia', local_id: 'l1' }),
    await ana.post(`${other.path}/messages/`, { type: 'T', text: 'elsewhere', local_id: 'l1' })
  ]
  t.same(answers.map(answer => answer.status), [201, 201, 201])
  t.equal(new Set(answers.map(answer => answer.body.id)).size, 3)
})

t.test('fifty identical posts at once are one message and one event', async t => {
  const { ana, talk, path } = await startTalk(t)
  const before = await readLog(ana, talk.path)
  const answers = await Promise.all(Array.from({ length: 50 }, () => ana.post(path, { type: 'T', text: 'once', local_id: 'l1' })))
  t.same(answers.map(answer => answer.status).sort(), [...Array(49).fill(200), 201])
  t.equal(new Set(answers.map(answer => JSON.stringify(answer.body))).size, 1)
  t.equal((await listAll(ana, path)).filter(message => message.text === 'once').length, 1)
  const log = await readLog(ana, talk.path)
  t.same(log.slice(0, -1), before)
  t.same(log.at(-1).message, answers[0]!.body)
})

t.test('fifty posts at once by ana, bia and caio are in the log without gap and double', async t => {
  const app = await startApp(t)
  const people = [await newPerson(app, 'ana'), await newPerson(app, 'bia'), await newPerson(app, 'caio')]
  const { path } = await newTalk(people)
  const answers = await Promise.all(Array.from({ length: 50 }, (_, index) => people[index % 3]!.post(`${path}/messages/`, { type: 'T', text: `${index}`, local_id: `${index}` })))
  t.ok(answers.every(answer => answer.status === 201))
  const log = await readLog(people[0]!, path)
  t.same(seqsOf(log), log.map((_, index) => index + 1))
  const told = log.filter(event => event.message?.type === 'T').map(event => event.message)
  const bySeq = answers.map(answer => answer.body).sort((one, other) => one.seq - other.seq)
  t.same(told, bySeq, 'every message once, as it was answered')
  t.ok(log.every(event => event.message === undefined || event.message.seq === event.seq))
})

t.test('a body that cannot be read is refused with a sentence, and nothing is stored', async t => {
  const { ana, talk, path } = await startTalk(t)
  const before = await readLog(ana, talk.path)
  const malformed = (body: string | Buffer) => [body, 400, 'body_malformed'] as const
  const cases: Record<string, readonly [body: string | Buffer | undefined, status: number, code: string, pointer?: string | undefined, type?: string]> = {
    'an array': ['[]', 400, 'body_invalid', ''],
    'an array with a message': ['[{"type":"T"}]', 400, 'body_invalid', ''],
    null: ['null', 400, 'body_invalid', ''],
    'a string': ['"x"', 400, 'body_invalid', ''],
    'a number': ['5', 400, 'body_invalid', ''],
    true: ['true', 400, 'body_invalid', ''],
    'half an object': malformed('{"type":"T"'),
    'a missing comma': malformed('{"type":"T" "text":"x"}'),
    'a comma too many': malformed('{"type":"T",}'),
    'single quotes': malformed("{'type':'T'}"),
    'two values': malformed('{"type":"T"}{"type":"T"}'),
    'only blanks': malformed('  \n'),
    'NaN in it': malformed('{"type":"T","x":NaN}'),
    'a raw line end in a text': malformed('{"type":"T","text":"a\nb"}'),
    'an escaped NUL': ['{"type":"T","text":"a\\u0000b"}', 400, 'body_invalid', '/text'],
    'an escaped NUL in an option': ['{"type":"T","options":["a","\\u0000"]}', 400, 'body_invalid', '/options/1'],
    'a raw NUL': malformed('{"type":"T","text":"a\0b"}'),
    'half a surrogate pair': ['{"type":"T","text":"\\ud83d"}', 400, 'body_invalid', '/text'],
    'a pair the wrong way round': ['{"type":"T","text":"\\ude00\\ud83d"}', 400, 'body_invalid', '/text'],
    'a byte order mark': malformed('\ufeff{"type":"T"}'),
    'bytes that are not UTF-8': malformed(Buffer.from('{"type":"T","text":"\xff\xfe"}', 'latin1')),
    'an overlong slash': malformed(Buffer.concat([Buffer.from('{"type":"T","text":"'), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')])),
    'a surrogate in UTF-8': malformed(Buffer.concat([Buffer.from('{"type":"T","text":"'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}')])),
    'UTF-16': malformed(Buffer.from('{"type":"T"}', 'utf16le')),
    'a text of a megabyte': [JSON.stringify({ type: 'T', text: 'x'.repeat(1_000_000) }), 400, 'body_invalid', '/text'],
    'a local_id of a megabyte': [JSON.stringify({ type: 'T', local_id: 'x'.repeat(1_000_000) }), 400, 'body_invalid', '/local_id'],
    'more than a mebibyte': [JSON.stringify({ type: 'T', text: 'x'.repeat(1024 * 1024) }), 413, 'body_too_large'],
    '10,000 options': [JSON.stringify({ type: 'T', options: Array(10_000).fill('x') }), 400, 'body_malformed', '/options'],
    '10,000 levels': ['['.repeat(10_000) + ']'.repeat(10_000), 400, 'body_malformed', '/0'.repeat(33)],
    '10,000 levels in an unknown field': [`{"type":"T","x":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}}`, 400, 'body_malformed', `/x${'/a'.repeat(32)}`],
    'a million levels, never closed': malformed('['.repeat(1_000_000)),
    'a form': ['type=T&text=x', 415, 'media_type_unsupported', undefined, 'application/x-www-form-urlencoded'],
    'plain text': ['{"type":"T"}', 415, 'media_type_unsupported', undefined, 'text/plain'],
    'a type like JSON': ['{"type":"T"}', 415, 'media_type_unsupported', undefined, 'application/jsonp'],
    'no type that exists': ['{"type":"T"}', 415, 'media_type_unsupported', undefined, 'json'],
    nothing: [undefined, 400, 'body_missing'],
    'an empty text': ['', 400, 'body_missing']
  }
  for (const [title, [body, status, code, pointer, type]] of Object.entries(cases)) {
    const headers = type === undefined ? json : { 'content-type': type }
    const answer = await ana.post(path, body, { headers })
    t.equal(answer.status, status, `${title}: status`)
    refused(t, answer, code, pointer === undefined ? [] : [pointer], title)
    t.ok(answer.bytes.length < 10_000, `${title}: the answer is short`)
  }
  t.equal((await ana.post(path)).body.code, 'body_missing', 'nothing, not even a type')
  t.same(await readLog(ana, talk.path), before, 'nothing was stored')
})

t.test('JSON may come with a charset, an escape of any kind and a body right under the limit', async t => {
  const { ana, path } = await startTalk(t)
  const bodies = [
    ['{"type":"T","text":"\\ud83d\\ude00\\u00e9"}', '😀é'],
    [` {"type":"T","text":"x","pad":"${'x'.repeat(1024 * 1024 - 40)}"}`, 'x'],
    ['{"type":"T","text":"a","text":"b","__proto__":{"options":5},"a\\u0000":1}', 'b']
  ] as const
  for (const [body, text] of bodies) {
    const answer = await ana.post(path, body, { headers: { 'content-type': 'Application/JSON; charset=utf-8' } })
    t.same([answer.status, answer.body.text], [201, text])
  }
})

t.test('a smaller limit of bodies is kept', async t => {
  const { ana, path } = await startTalk(t, { limits: { body_bytes: 1024 } })
  t.equal((await ana.post(path, { type: 'T', text: 'x'.repeat(900) })).status, 201)
  const answer = await ana.post(path, { type: 'T', text: 'x'.repeat(1100) })
  t.equal(answer.status, 413)
  refused(t, answer, 'body_too_large', [], 'over the limit')
})

t.test('text and options have a weight that they may not pass together', async t => {
  const { ana, path } = await startTalk(t)
  const answer = await ana.post(path, { type: 'T', options: Array(50).fill('😀'.repeat(2000)) })
  t.equal(answer.status, 400)
  refused(t, answer, 'body_invalid', ['/options'], 'options of 400,000 bytes')
  t.equal((await ana.post(path, { type: 'T', options: Array(50).fill('😀'.repeat(1000)) })).status, 201)
})
