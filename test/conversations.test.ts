import t, { type Test } from 'tap'
import { formOf, newPerson, newTalk, startApp, type Person } from './support/app.js'
import { call, type Answer } from './support/call.js'
import { document, operations } from './support/contract.js'
import { adminKey, newManager } from './support/scene.js'

const conversations = '/api/chat/conversations/'
const nobody = '01936a2c-0000-7000-8000-0000000000ff'
const json = { 'content-type': 'application/json' }

/** What the log says, in short: the type of each event, or what its system message tells. */
async function readLog (person: Person, path: string): Promise<string[]> {
  const { body } = await person.get(`${path}/events/?limit=500`)
  return body.events.map((event: any) => event.message === undefined ? event.type : event.message.event ?? event.message.text)
}

function namesOf (participants: Array<{ name: string }>): string[] {
  return participants.map(participant => participant.name)
}

function idsOf (list: Array<{ id: string }>): string[] {
  return list.map(item => item.id)
}

function refused (t: Test, answer: Answer, status: number, code: string, pointers: string[], title: string): void {
  t.same([answer.status, answer.body.code], [status, code], title)
  t.same((answer.body.errors ?? []).map((error: any) => error.pointer), pointers, `${title}: pointers`)
}

// The parts of a Set-Cookie header after the value.
function attributesOf (cookie: string): string[] {
  return cookie.split('; ').slice(1)
}

function tokenOf (cookie: string): string {
  return cookie.match(/^sessionid=([^;]+)/)![1]!
}

t.test('a conversation without a name or nickname may be created by nothing, {} or nulls', async t => {
  const app = await startApp(t)
  for (const [body, headers] of [[undefined, {}], [{}, {}], ['', json], [{ name: null, nickname: null, bots: [] }, {}], [{ name: '  ', nickname: '' }, {}]] as const) {
    const { status, body: created } = await call(app, 'POST', conversations, { body, headers })
    const [me] = created.participants
    t.equal(status, 201)
    t.same(Object.keys(created), ['id', 'name', 'created_at', 'participants', 'my_participant_id'])
    t.equal(created.name, null)
    t.same(created.participants, [{ id: created.my_participant_id, name: `ANON_${me.id}`, type: 'H' }])
    t.match(created.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  }
})

t.test('ana names her conversation as she likes, within fifty characters', async t => {
  const ana = await newPerson(await startApp(t), 'ana')
  const taken: Array<[name: string, stored: string]> = [[' Tea ', 'Tea'], ['😀'.repeat(50), '😀'.repeat(50)], [` ${'x'.repeat(50)}\n`, 'x'.repeat(50)], ['a  b', 'a  b']]
  for (const [name, stored] of taken) {
    const { body } = await ana.post(conversations, { name, id: nobody, created_at: 'x', participants: 5, my_participant_id: nobody, unknown: {} })
    t.equal(body.name, stored)
    t.not(body.id, nobody)
    t.not(body.my_participant_id, nobody)
    t.equal((await ana.get(`${conversations}${body.id}/`)).body.name, stored)
  }
})

t.test('fields that cannot be taken are refused by name, and nothing is created', async t => {
  const ana = await newPerson(await startApp(t), 'ana')
  const cases: Array<[body: unknown, ...pointers: string[]]> = [
    [{ name: 'x'.repeat(51) }, '/name'],
    [{ name: 'x'.repeat(1_000_000) }, '/name'],
    [{ name: 5 }, '/name'],
    [{ name: ['x'] }, '/name'],
    [{ name: 'a\0' }, '/name'],
    [{ name: '\ud800' }, '/name'],
    [{ nickname: 'x'.repeat(51) }, '/nickname'],
    [{ nickname: 5 }, '/nickname'],
    [{ nickname: true }, '/nickname'],
    [{ nickname: ['ana'] }, '/nickname'],
    [{ nickname: { name: 'ana' } }, '/nickname'],
    [{ nickname: 'a\0' }, '/nickname'],
    [{ bots: 'ECHO' }, '/bots'],
    [{ bots: { 0: 'ECHO' } }, '/bots'],
    [{ bots: [[]] }, '/bots/0'],
    [{ bots: ['ECHO', {}] }, '/bots/1'],
    [{ bots: ['ECHO', 5, null] }, '/bots/1', '/bots/2'],
    [{ bots: Array(21).fill('ECHO') }, '/bots'],
    [{ nickname: 5, name: 5, bots: 5 }, '/nickname', '/name', '/bots'],
    ...['[]', 'null', '"x"', '5'].map(body => [body, ''] as [string, string])
  ]
  for (const [body, ...pointers] of cases) refused(t, await ana.post(conversations, body, { headers: json }), 400, 'body_invalid', pointers, JSON.stringify(body).slice(0, 60))
  for (const [body, type, status, code] of [['{"name":', 'application/json', 400, 'body_malformed'], ['name=Tea', 'application/x-www-form-urlencoded', 415, 'media_type_unsupported'], ['Tea', 'text/plain', 415, 'media_type_unsupported']] as const) {
    refused(t, await ana.post(conversations, body, { headers: { 'content-type': type } }), status, code, [], body)
  }
  refused(t, await ana.post(conversations, formOf([['name', 'Tea']])), 415, 'media_type_unsupported', [], 'a form')
  t.equal((await ana.get(conversations)).body.count, 0)
})

t.test('ana is called as she said last in her session', async t => {
  const app = await startApp(t)
  const ana = await newPerson(app, 'ana')
  const { path } = await newTalk([await newPerson(app, 'bia')])
  const cases: Array<[input: object, name: string]> = [
    [{}, 'ana'], [{ nickname: ' Ana Maria ' }, 'Ana Maria'], [{}, 'Ana Maria'], [{ nickname: null }, 'Ana Maria'], [{ nickname: '' }, 'Ana Maria'],
    [{ nickname: ' \n ' }, 'Ana Maria'], [{ nickname: '😀'.repeat(50) }, '😀'.repeat(50)], [{ nickname: 'Ana' }, 'Ana']
  ]
  for (const [input, name] of cases) t.equal((await ana.post(conversations, input)).body.participants[0].name, name)
  t.same(namesOf((await ana.post(`${path}/join/`, {})).body.participants), ['bia', 'Ana'])
})

t.test('who never said a nickname is called by the id of the participant, each time another', async t => {
  const app = await startApp(t)
  const first = await call(app, 'POST', conversations)
  const cookie = tokenOf(first.headers['set-cookie'])
  const second = await call(app, 'POST', conversations, { cookie })
  for (const { body } of [first, second]) t.equal(body.participants[0].name, `ANON_${body.my_participant_id}`)
  t.not(first.body.my_participant_id, second.body.my_participant_id)
})

t.test('bots join after the creator in the order given, one named twice twice, and the log tells it in order', async t => {
  const ana = await newPerson(await startApp(t), 'ana')
  const { path, created } = await newTalk([ana], { bots: ['Calculator', 'ECHO', 'Calculator'] })
  t.same(created.participants.map(({ name, type }: any) => [name, type]), [['ana', 'H'], ['Calculator', 'B'], ['ECHO', 'B'], ['Calculator', 'B']])
  t.equal(new Set(idsOf(created.participants)).size, 4)
  t.equal(created.my_participant_id, created.participants[0].id)
  const bot = ['participant.joined', 'participant-joined']
  t.same(await readLog(ana, path), ['conversation.created', 'conversation-created', 'participant.joined', ...bot, ...bot, ...bot])
  const { events } = (await ana.get(`${path}/events/`)).body
  t.same(events.map((event: any) => event.seq), [1, 2, 3, 4, 5, 6, 7, 8, 9])
  t.same(events[0].conversation, { id: created.id, name: null, created_at: created.created_at })
  t.same(events.filter((event: any) => event.participant !== undefined).map((event: any) => event.participant), created.participants)
  const { results } = (await ana.get(`${path}/messages/`)).body
  t.same(results.map((message: any) => message.additional_metadata), [{}, ...idsOf(created.participants.slice(1)).map(id => ({ participant_id: id }))])
})

t.test('a bot that is not there is refused by its place, and nothing is created', async t => {
  const ana = await newPerson(await startApp(t), 'ana')
  for (const [bots, place] of [[['Nope'], 0], [['ECHO', 'echo'], 1], [['ECHO', 'Calculator', ''], 2]] as const) {
    refused(t, await ana.post(conversations, { bots }), 422, 'bot_not_found', [`/bots/${place}`], bots.join())
  }
  t.equal((await ana.get(conversations)).body.count, 0)
})

t.test('a stranger who creates or joins gets a cookie, which then is the session', async t => {
  const app = await startApp(t)
  const created = await call(app, 'POST', conversations, { body: { nickname: 'ana' } })
  const path = `${conversations}${created.body.id}`
  const joined = await call(app, 'POST', `${path}/join/`, { body: { nickname: 'bia' } })
  for (const { body, headers } of [created, joined]) {
    const cookie = tokenOf(headers['set-cookie'])
    t.match(cookie, /^[\w-]+\.[\w-]+\.[\w-]+$/)
    for (const attribute of ['HttpOnly', 'SameSite=Lax', 'Path=/']) t.ok(attributesOf(headers['set-cookie']).includes(attribute), attribute)
    t.notOk(attributesOf(headers['set-cookie']).includes('Secure'), 'not Secure over http')
    t.equal((await call(app, 'GET', `${path}/`, { cookie })).body.my_participant_id, body.my_participant_id)
    const sent = await call(app, 'POST', `${path}/messages/`, { body: { type: 'T', text: 'hello' }, cookie })
    t.same([sent.status, sent.body.sender_id], [201, body.my_participant_id])
    t.notOk('set-cookie' in sent.headers)
    t.equal((await call(app, 'GET', `${path}/messages/`, { token: cookie })).status, 200, 'the same token as a bearer')
    const again = await call(app, 'POST', conversations, { cookie })
    t.notOk('set-cookie' in again.headers, 'no cookie for who has a session')
    t.equal(again.body.participants[0].name, body.participants.at(-1).name)
  }
  t.not(created.body.my_participant_id, joined.body.my_participant_id)
  const ana = await newPerson(app, 'ana')
  for (const url of [conversations, `${path}/join/`]) t.notOk('set-cookie' in (await ana.post(url)).headers, 'no cookie for a bearer')
})

t.test('the cookie is Secure where the public address is https', async t => {
  for (const [address, isSecure] of [['https://chat.example', true], ['http://chat.example', false]] as const) {
    const app = await startApp(t, { public_url: address })
    const { headers } = await call(app, 'POST', conversations)
    t.equal(attributesOf(headers['set-cookie']).includes('Secure'), isSecure, address)
  }
})

t.test('a cookie of the service before counts as none', async t => {
  const app = await startApp(t)
  const { status, headers } = await call(app, 'POST', conversations, { cookie: 'k3v9w0x1y2z3a4b5c6d7e8f9g0h1i2j3' })
  t.equal(status, 201)
  t.match(headers['set-cookie'], /^sessionid=/)
})

t.test('bia joins; once more changes nothing, with and without rooms', async t => {
  const app = await startApp(t)
  const [ana, bia] = [await newPerson(app, 'ana'), await newPerson(app, 'bia')]
  const { path, created } = await newTalk([ana])
  const joined = await bia.post(`${path}/join/`, { nickname: 'Bia', unknown: 5 })
  t.equal(joined.status, 200)
  t.same(namesOf(joined.body.participants), ['ana', 'Bia'])
  t.same(joined.body, { ...created, participants: [...created.participants, { id: joined.body.my_participant_id, name: 'Bia', type: 'H' }], my_participant_id: joined.body.my_participant_id })
  const log = await readLog(ana, path)
  t.same(log, ['conversation.created', 'conversation-created', 'participant.joined', 'participant.joined'])
  for (const body of [undefined, {}, { nickname: '' }, { nickname: 'Beatriz' }]) {
    const again = await bia.post(`${path}/join/`, body)
    t.equal(again.status, 200)
    t.same(again.body, joined.body)
  }
  t.same(await readLog(ana, path), log, 'no new event')

  const closed = await startApp(t, { rooms: false })
  const caio = await newPerson(closed, 'caio')
  const alone = await newTalk([caio])
  const again = await caio.post(`${alone.path}/join/`, { nickname: 'Carlos' })
  t.equal(again.status, 200)
  t.same(again.body, alone.created)
})

t.test('a join that cannot be read is refused', async t => {
  const app = await startApp(t)
  const [ana, bia] = [await newPerson(app, 'ana'), await newPerson(app, 'bia')]
  const { path } = await newTalk([ana])
  for (const body of ['[]', 'null', '"x"', '5']) refused(t, await bia.post(`${path}/join/`, body, { headers: json }), 400, 'body_invalid', [''], body)
  for (const nickname of [5, ['bia'], 'x'.repeat(51), '\0']) refused(t, await bia.post(`${path}/join/`, { nickname }), 400, 'body_invalid', ['/nickname'], String(nickname).length + ' characters')
  t.equal((await ana.get(`${path}/`)).body.participants.length, 1)
})

t.test('without rooms a stranger cannot join, and learns nothing about what exists', async t => {
  const app = await startApp(t, { rooms: false })
  const [ana, bia] = [await newPerson(app, 'ana'), await newPerson(app, 'bia')]
  const { id } = await newTalk([ana])
  for (const target of [id, nobody, id.toUpperCase(), 'nonsense']) {
    for (const answer of [await bia.post(`${conversations}${target}/join/`), await call(app, 'POST', `${conversations}${target}/join/`)]) {
      refused(t, answer, 403, 'rooms_disabled', [], target)
      t.notOk('set-cookie' in answer.headers, 'no session comes of it')
    }
    for (const answer of [await bia.get(`${conversations}${target}/`), await call(app, 'GET', `${conversations}${target}/`)]) {
      refused(t, answer, 404, 'conversation_not_found', [], target)
    }
  }
})

t.test('with rooms a stranger reads a conversation, and only the canonical id names it', async t => {
  const app = await startApp(t)
  const [ana, bia] = [await newPerson(app, 'ana'), await newPerson(app, 'bia')]
  const { id, path, created } = await newTalk([ana])
  for (const answer of [await bia.get(`${path}/`), await call(app, 'GET', `${path}/`)]) {
    t.equal(answer.status, 200)
    t.same(answer.body, { ...created, my_participant_id: null })
    t.notOk('set-cookie' in answer.headers)
  }
  t.same((await ana.get(`${path}/`)).body, created)
  for (const other of [nobody, 'nonsense', id.toUpperCase(), id.replaceAll('-', ''), `%7B${id}%7D`, `${id}%20`, '%00', '%F0%9F%98%80', 'x'.repeat(90)]) {
    refused(t, await ana.get(`${conversations}${other}/`), 404, 'conversation_not_found', [], other)
    refused(t, await bia.post(`${conversations}${other}/join/`), 404, 'conversation_not_found', [], `join ${other}`)
  }
})

t.test('a full conversation takes nobody more, except who is in it, until somebody leaves', async t => {
  const app = await startApp(t, { limits: { participants: 3 } })
  const ana = await newPerson(app, 'ana')
  const { path } = await newTalk([ana], { bots: ['ECHO'] })
  const people = await Promise.all(['bia', 'caio', 'davi', 'eva', 'fabio'].map(name => newPerson(app, name)))
  const answers = await Promise.all(people.map(person => person.post(`${path}/join/`)))
  t.same(answers.map(answer => answer.status).sort(), [200, 409, 409, 409, 409])
  const joined = people[answers.findIndex(answer => answer.status === 200)]!
  const outside = people[answers.findIndex(answer => answer.status === 409)]!
  t.equal((await joined.post(`${path}/join/`)).status, 200)
  const full = await outside.post(`${path}/join/`, { nickname: 'other' })
  refused(t, full, 409, 'conversation_full', [], 'full')
  t.equal(full.body.limit, 3)
  const stranger = await call(app, 'POST', `${path}/join/`)
  t.notOk('set-cookie' in stranger.headers, 'no session comes of it')
  await joined.post(`${path}/leave/`)
  const { body } = await outside.post(`${path}/join/`)
  t.same(namesOf(body.participants), ['ana', 'ECHO', outside.nickname], 'a nickname of a refused join is not remembered')
})

t.test('bia joins twenty times at once and is one participant', async t => {
  const app = await startApp(t)
  const [ana, bia] = [await newPerson(app, 'ana'), await newPerson(app, 'bia')]
  const { path } = await newTalk([ana])
  const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => bia.post(`${path}/join/`, { nickname: `bia ${index}` })))
  t.ok(answers.every(answer => answer.status === 200))
  t.equal(new Set(answers.map(answer => answer.body.my_participant_id)).size, 1)
  t.equal((await ana.get(`${path}/`)).body.participants.length, 2)
  t.equal((await readLog(ana, path)).filter(event => event === 'participant.joined').length, 2)
})

t.test('ana creates twenty conversations at once and is in each', async t => {
  const ana = await newPerson(await startApp(t), 'ana')
  const answers = await Promise.all(Array.from({ length: 20 }, () => ana.post(conversations)))
  const { results } = (await ana.get(`${conversations}?mine=true`)).body
  t.same(idsOf(results).sort(), idsOf(answers.map(answer => answer.body)).sort())
})

t.test('bia leaves: everybody is told, she reads and writes no longer, what she said stays', async t => {
  const app = await startApp(t)
  const [ana, bia, caio] = [await newPerson(app, 'ana'), await newPerson(app, 'bia'), await newPerson(app, 'caio')]
  const { path } = await newTalk([ana, bia, caio])
  const said = (await bia.post(`${path}/messages/`, { type: 'T', text: 'bye' })).body
  const left = await bia.post(`${path}/leave/`)
  t.equal(left.status, 200)
  t.match(left.body, { id: said.sender_id, name: 'bia', type: 'H', left_at: /^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z$/ })
  const log = await readLog(ana, path)
  t.same(log.slice(6).sort(), ['participant-left', 'participant.left'])
  const { events } = (await ana.get(`${path}/events/?after=6`)).body
  t.same(events.find((event: any) => event.type === 'participant.left').participant, left.body)
  t.same(events.find((event: any) => event.type === 'message.created').message.additional_metadata, { participant_id: said.sender_id })

  for (const [method, url, body] of [
    ['GET', '/messages/'], ['GET', `/messages/${said.id}/`], ['POST', '/messages/', { type: 'T', text: 'more' }], ['GET', '/events/'], ['GET', '/snapshot/'],
    ['GET', '/participants/'], ['GET', `/participants/${said.sender_id}/`], ['PATCH', `/participants/${said.sender_id}/`, { name: 'x' }], ['PATCH', '/', { name: 'x' }], ['POST', '/leave/']
  ] as const) refused(t, await call(app, method, path + url, { token: bia.token, body }), 403, 'not_a_participant', [], `${method} ${url}`)

  t.equal((await bia.get(`${path}/`)).body.my_participant_id, null)
  t.same(namesOf((await ana.get(`${path}/`)).body.participants), ['ana', 'caio'])
  t.match((await ana.get(conversations)).body.results, [{ participant_count: 2 }])
  t.equal((await bia.get(`${conversations}?mine=true`)).body.count, 0)
  t.same(namesOf((await ana.get(`${path}/participants/`)).body.results), ['ana', 'caio'])
  const ever = (await ana.get(`${path}/participants/?left=true`)).body.results
  t.same(ever.map((one: any) => [one.name, one.left_at]), [['ana', undefined], ['bia', left.body.left_at], ['caio', undefined]])
  t.same((await ana.get(`${path}/participants/${said.sender_id}/`)).body, left.body)
  t.same((await ana.get(`${path}/messages/${said.id}/`)).body, said)

  const back = (await bia.post(`${path}/join/`)).body
  t.not(back.my_participant_id, said.sender_id)
  t.same(namesOf(back.participants), ['ana', 'caio', 'bia'], 'she comes back as the last')
  t.equal((await bia.post(`${path}/messages/`, { type: 'T', text: 'back' })).status, 201)
  t.same(namesOf((await bia.get(`${path}/participants/?left=true`)).body.results), ['ana', 'bia', 'caio', 'bia'])
})

t.test('who leaves where there are no rooms cannot come back, and sees nothing of it', async t => {
  const ana = await newPerson(await startApp(t, { rooms: false }), 'ana')
  const { path } = await newTalk([ana])
  t.equal((await ana.post(`${path}/leave/`)).status, 200)
  for (const url of ['/', '/messages/', '/events/']) refused(t, await ana.get(path + url), 404, 'conversation_not_found', [], url)
  refused(t, await ana.post(`${path}/messages/`, { type: 'T' }), 404, 'conversation_not_found', [], 'post')
  refused(t, await ana.post(`${path}/leave/`), 404, 'conversation_not_found', [], 'leave')
  refused(t, await ana.post(`${path}/join/`), 403, 'rooms_disabled', [], 'join')
})

t.test('bia leaves many times at once and has left once', async t => {
  const app = await startApp(t)
  const [ana, bia] = [await newPerson(app, 'ana'), await newPerson(app, 'bia')]
  const { path } = await newTalk([ana, bia])
  const answers = await Promise.all(Array.from({ length: 10 }, () => bia.post(`${path}/leave/`)))
  t.ok(answers.every(({ status }) => status === 200 || status === 403))
  t.equal((await readLog(ana, path)).filter(event => event === 'participant.left').length, 1)
})

t.test('any member gives the conversation another name, or none; the same name is no event', async t => {
  const app = await startApp(t)
  const [ana, bia, caio] = [await newPerson(app, 'ana'), await newPerson(app, 'bia'), await newPerson(app, 'caio')]
  const { path } = await newTalk([ana, bia])
  const before = (await readLog(ana, path)).length
  const changes: Array<[name: string | null, stored: string | null, events: number]> =
    [['Tea', 'Tea', 0], [' Coffee ', 'Coffee', 1], ['Coffee', 'Coffee', 1], [null, null, 2], ['', null, 2], ['  ', null, 2], ['😀'.repeat(50), '😀'.repeat(50), 3]]
  for (const [name, stored, events] of changes) {
    const { status, body } = await bia.patch(`${path}/`, { name })
    t.same([status, body.name], [200, stored])
    t.same(body, (await bia.get(`${path}/`)).body)
    t.same((await readLog(ana, path)).slice(before), Array(events).fill('conversation.renamed'))
  }
  const last = (await ana.get(`${path}/events/?after=${before + 2}`)).body.events[0]
  t.equal(last.conversation.name, '😀'.repeat(50))

  const cases: Array<[body: unknown, ...pointers: string[]]> =
    [[{}, '/name'], [{ name: 'x'.repeat(51) }, '/name'], [{ name: 5 }, '/name'], [{ name: 'x', extra: 1 }, '/extra'], [{ name: 'x', id: nobody }, '/id'], ['[]', ''], ['null', '']]
  for (const [body, ...pointers] of cases) refused(t, await ana.patch(`${path}/`, body, { headers: json }), 400, 'body_invalid', pointers, JSON.stringify(body).slice(0, 40))
  refused(t, await ana.patch(`${path}/`), 400, 'body_missing', [], 'nothing')
  refused(t, await caio.patch(`${path}/`, { name: 'x' }), 403, 'not_a_participant', [], 'caio')
  t.equal((await ana.get(`${path}/`)).body.name, '😀'.repeat(50), 'still the last name')
})

t.test('bia renames herself and nobody else', async t => {
  const app = await startApp(t)
  const [ana, bia, caio] = [await newPerson(app, 'ana'), await newPerson(app, 'bia'), await newPerson(app, 'caio')]
  const { path, created } = await newTalk([ana, bia, caio], { bots: ['ECHO'] })
  const elsewhere = (await newTalk([bia])).created.my_participant_id
  const [anaId, botId] = idsOf(created.participants)
  const biaId = (await bia.get(`${path}/`)).body.my_participant_id
  const caioId = (await caio.post(`${path}/leave/`)).body.id
  const before = (await readLog(ana, path)).length

  const changes: Array<[body: object, name: string, events: number]> =
    [[{ name: 'bia' }, 'bia', 0], [{ name: ' Bia ', id: nobody, type: 'B', left_at: 'x' }, 'Bia', 1], [{ name: 'Bia' }, 'Bia', 1], [{ name: '😀'.repeat(50) }, '😀'.repeat(50), 2]]
  for (const [body, name, events] of changes) {
    const answer = await bia.patch(`${path}/participants/${biaId}/`, body)
    t.same([answer.status, answer.body], [200, { id: biaId, name, type: 'H' }])
    t.same((await ana.get(`${path}/participants/${biaId}/`)).body, answer.body)
    t.same((await readLog(ana, path)).slice(before), Array(events).fill('participant.renamed'))
  }
  for (const [body, ...pointers] of [[{}, '/name'], [{ name: null }, '/name'], [{ name: '' }, '/name'], [{ name: ' \t ' }, '/name'], [{ name: 'x'.repeat(51) }, '/name'], [{ name: ['x'] }, '/name'], ['[]', '']] as const) {
    refused(t, await bia.patch(`${path}/participants/${biaId}/`, body, { headers: json }), 400, 'body_invalid', pointers as never, JSON.stringify(body).slice(0, 40))
  }
  for (const [who, id] of Object.entries({ ana: anaId, ECHO: botId, 'caio, who left': caioId })) {
    refused(t, await bia.patch(`${path}/participants/${id}/`, { name: 'x' }), 403, 'participant_not_yours', [], who)
  }
  for (const id of [nobody, elsewhere, 'nonsense', biaId.toUpperCase()]) {
    refused(t, await bia.patch(`${path}/participants/${id}/`, { name: 'x' }), 404, 'participant_not_found', [], id)
    refused(t, await bia.get(`${path}/participants/${id}/`), 404, 'participant_not_found', [], id)
  }
  const { results } = (await ana.get(`${path}/participants/?left=true`)).body
  t.same(namesOf(results), ['ana', 'ECHO', '😀'.repeat(50), 'caio'], 'in the order in which they joined')
})

t.test('the list has all conversations by name, those without one first, then by id', async t => {
  const app = await startApp(t)
  const [ana, bia] = [await newPerson(app, 'ana'), await newPerson(app, 'bia')]
  const sorted = [null, null, '10', '9', 'B', 'Tea', 'Tea', 'Z', 'a', 'é', '\uff5e', '😀']
  const created = new Map<string, any>()
  for (const name of [...sorted].reverse()) {
    const { body } = await ana.post(conversations, { name, bots: name === 'B' ? ['ECHO'] : [] })
    created.set(body.id, body)
  }
  const bId = [...created.values()].find(conversation => conversation.name === 'B').id
  const joined = (await bia.post(`${conversations}${bId}/join/`)).body
  const { body } = await bia.get(conversations)
  t.same([body.count, body.next, body.previous], [12, null, null])
  t.same(body.results.map((entry: any) => entry.name), sorted)
  for (const place of [0, 5]) t.ok(body.results[place].id < body.results[place + 1].id, 'the same name by id')
  for (const entry of body.results) {
    const isIn = entry.id === bId
    t.same(entry, { id: entry.id, name: entry.name, created_at: created.get(entry.id).created_at, participant_count: isIn ? 3 : 1, my_participant_id: isIn ? joined.my_participant_id : null })
    t.same(Object.keys(entry), ['id', 'name', 'created_at', 'participant_count', 'my_participant_id'])
  }
  t.ok((await call(app, 'GET', conversations)).body.results.every((entry: any) => entry.my_participant_id === null), 'without a session too')
})

t.test('the list comes in pages of a hundred, whose links keep the other parameters', async t => {
  const app = await startApp(t, { public_url: 'https://chat.example/' })
  const [ana, bia] = [await newPerson(app, 'ana'), await newPerson(app, 'bia')]
  await bia.post(conversations, { name: 'zz' })
  await Promise.all(Array.from({ length: 201 }, (_, index) => ana.post(conversations, { name: String(index).padStart(3, '0') })))
  const names = [...Array.from({ length: 201 }, (_, index) => String(index).padStart(3, '0')), 'zz']
  const at = (query: string) => `https://chat.example${conversations}${query}`
  const cases: Array<[query: string, from: number, to: number, next: string | null, previous: string | null]> = [
    ['', 0, 100, at('?page=2'), null],
    ['?page=1', 0, 100, at('?page=2'), null],
    ['?page=2', 100, 200, at('?page=3'), at('')],
    ['?z=1&page=%202&b=&a=2', 100, 200, at('?a=2&b=&page=3&z=1'), at('?a=2&b=&z=1')],
    ['?page=3', 200, 202, null, at('?page=2')],
    ['?page=last', 200, 202, null, at('?page=2')],
    ['?limit=1&mine=false', 0, 100, at('?limit=1&mine=false&page=2'), null]
  ]
  for (const [query, from, to, next, previous] of cases) {
    const { body } = await ana.get(conversations + query)
    t.same([body.count, body.next, body.previous], [202, next, previous], query)
    t.same(body.results.map((entry: any) => entry.name), names.slice(from, to), query)
  }
  for (const page of ['0', '-1', 'abc', '', '4', '1.5', '9'.repeat(40)]) {
    refused(t, await ana.get(`${conversations}?page=${page}`), 404, 'page_not_found', [], `page "${page}"`)
  }
  const mine = (await ana.get(`${conversations}?page=2&mine=true`)).body
  t.same([mine.count, mine.results.length, mine.next, mine.previous], [201, 100, at('?mine=true&page=3'), at('?mine=true')])
  refused(t, await bia.get(`${conversations}?mine=true&page=2`), 404, 'page_not_found', [], 'bia has one page')
  refused(t, await ana.get(`${conversations}?mine=1`), 400, 'query_invalid', ['/mine'], 'mine=1')
})

t.test('without rooms there is no list, except of one\'s own', async t => {
  const app = await startApp(t, { rooms: false })
  const [ana, bia] = [await newPerson(app, 'ana'), await newPerson(app, 'bia')]
  const { id } = await newTalk([ana])
  for (const url of [conversations, `${conversations}?page=7`, `${conversations}?mine=false`]) {
    refused(t, await ana.get(url), 403, 'rooms_disabled', [], url)
    refused(t, await call(app, 'GET', url), 403, 'rooms_disabled', [], url)
  }
  t.same(idsOf((await ana.get(`${conversations}?mine=true`)).body.results), [id])
  t.same((await bia.get(`${conversations}?mine=true`)).body, { count: 0, next: null, previous: null, results: [] })
  refused(t, await call(app, 'GET', `${conversations}?mine=true`), 401, 'session_required', [], 'nobody')
})

t.test('ana sees the conversations that she is in, newest activity first', async t => {
  const app = await startApp(t)
  const [ana, bia] = [await newPerson(app, 'ana'), await newPerson(app, 'bia')]
  const tea = await newTalk([ana, bia], { name: 'Tea' })
  const coffee = await newTalk([ana, bia], { name: 'Coffee' })
  await newTalk([bia], { name: 'Milk' })
  const listed = async () => (await ana.get(`${conversations}?mine=true`)).body.results.map((entry: any) => entry.name)
  // The clock may stand still between two events; then there is no newer one yet.
  let newest = ''
  async function isNewest (act: () => Promise<unknown>, path: string): Promise<void> {
    const earlier = newest
    while (newest === earlier) {
      await act()
      newest = (await ana.get(`${path}/events/?limit=500`)).body.events.at(-1).time
    }
  }
  await isNewest(() => bia.post(`${coffee.path}/messages/`, { type: 'T' }), coffee.path)
  await isNewest(() => bia.post(`${tea.path}/messages/`, { type: 'T' }), tea.path)
  t.same(await listed(), ['Tea', 'Coffee'])
  let count = 0
  await isNewest(() => ana.patch(`${coffee.path}/`, { name: `Coffee ${++count}` }), coffee.path)
  t.same(await listed(), [`Coffee ${count}`, 'Tea'])
  await isNewest(async () => [await bia.post(`${tea.path}/leave/`), await bia.post(`${tea.path}/join/`)], tea.path)
  t.same(await listed(), ['Tea', `Coffee ${count}`])
})

const PARROT = 'the-token-of-Parrot-has-enough-characters'

/** A person, and what the person's calls name. */
type Caller = Person & { names: Record<string, string> }

/**
 * A conversation of ana and bia with a file in it, where Parrot takes what is said and its answers wait. Both may do
 * everything; each has a waiting message and a delivery of her own. And the address of each operation there, as each calls it.
 */
async function startEverywhere (t: Test) {
  const app = await startApp(t, { bots: [{ name: 'Parrot', kind: 'lease', token: PARROT }], manager: { role: 'person' } }, { adminKey })
  const people = [await newManager(app, 'ana', 'admin'), await newManager(app, 'bia', 'admin')]
  const { id, path } = await newTalk(people, { bots: ['Parrot'] })
  const message = (await people[0]!.post(`${path}/messages/`, formOf([['type', 'A'], ['file', ['hello', 'a.txt']]]))).body
  const [, folder, file] = message.file_url.match(/^\/media\/chat\/([^/]+)\/([^/]+)$/)
  const participants = (await people[0]!.get(`${path}/participants/`)).body.results
  const callers: Caller[] = people.map(person => {
    const mine = participants.find((one: any) => one.name === person.nickname)
    return { ...person, names: { conversation_id: id, participant_id: mine.id, message_id: message.id, delivery_id: nobody, bot: 'Parrot', folder, file } }
  })
  const urlFor = ({ names }: Caller, pattern: string): string => pattern.replace(/\{(\w+)\}/g, (_, name) => names[name]!)

  /** Parrot leases a message that ana says. */
  const lease = async (): Promise<{ delivery_id: string, lease_id: string }> => {
    await people[0]!.post(`${path}/messages/`, { type: 'T', text: 'hello' })
    const { body: { deliveries: [{ id, lease_id: leaseId }] } } = await call(app, 'POST', '/api/chat/bot/deliveries/lease/', { token: PARROT })
    return { delivery_id: id, lease_id: leaseId }
  }
  /** Parrot says something that waits. */
  const wait = async (): Promise<{ message_id: string }> => {
    const { delivery_id: delivery, lease_id: leaseId } = await lease()
    await call(app, 'POST', `/api/chat/bot/deliveries/${delivery}/ack/`, { token: PARROT, body: { lease_id: leaseId, messages: [{ type: 'T', text: 'HELLO' }] } })
    const { body: { results } } = await people[0]!.get('/api/chat/approvals/')
    return { message_id: results.at(-1).message.id }
  }
  return { app, people: callers, urlFor, lease, wait }
}

function spellingsOf (path: string): [withSlash: string, without: string] {
  return [path.replace(/\/?$/, '/'), path.replace(/\/$/, '')]
}

t.test('every operation answers with and without the slash, and a body survives', async t => {
  const { people, app, urlFor, lease, wait } = await startEverywhere(t)
  const bodies: Record<string, object> = {
    createSession: {},
    createConversation: { name: 'Slash' },
    renameConversation: { name: 'Slash' },
    createMessage: { type: 'T', text: 'hello' },
    approveMessage: { text: 'Slash' },
    rejectMessage: { reason: 'Slash' }
  }
  // What is leased is not given again, and who has left can do nothing more.
  const last = ['leaseDeliveries', 'leaveConversation']
  const ordered = [...operations].sort((one, other) => last.indexOf(one.id) - last.indexOf(other.id))
  t.ok(ordered.length > 20)
  for (const { id, method, path, access, source } of ordered) {
    for (const [index, spelling] of spellingsOf(path).entries()) {
      const person = people[index]!
      const isAnswer = ['ackDelivery', 'nackDelivery', 'extendDelivery'].includes(id)
      const leased = isAnswer ? await lease() : undefined
      const waiting = ['approveMessage', 'rejectMessage'].includes(id) ? await wait() : undefined
      const body = id === 'renameParticipant' ? { name: person.nickname } : bodies[id]
      // Bodies of which the answer says something else.
      const others: Record<string, object> = { redirectMessage: { bots: ['Parrot'] }, nackDelivery: { lease_id: leased?.lease_id, pause_s: 0 }, extendDelivery: { lease_id: leased?.lease_id, lease_s: 60 }, markRead: { seq: 3 } }
      const answer = await call(app, method, urlFor({ ...person, names: { ...person.names, ...leased, ...waiting } }, spelling), {
        token: access === 'bot' ? PARROT : person.token,
        body: body ?? others[id] ?? (leased && { lease_id: leased.lease_id })
      })
      t.ok(answer.status < 300 && answer.status in source.responses, `${method} ${spelling} ${answer.status}`)
      if (body !== undefined) t.match(answer.body, body, `${method} ${spelling}: the body`)
      // The next one is leased only when this one is done.
      if (leased !== undefined) await call(app, 'POST', `/api/chat/bot/deliveries/${leased.delivery_id}/ack/`, { token: PARROT, body: { lease_id: leased.lease_id } })
    }
  }
})

t.test('HEAD gives what GET gives, without a body', async t => {
  const { people: [ana], app, urlFor } = await startEverywhere(t)
  for (const { method, path } of operations.filter(operation => operation.method === 'GET')) {
    for (const spelling of spellingsOf(path)) {
      const [got, head] = [await call(app, method, urlFor(ana!, spelling), { token: ana!.token }), await call(app, 'HEAD', urlFor(ana!, spelling), { token: ana!.token })]
      t.same([head.status, head.bytes.length, head.headers['content-type']], [200, 0, got.headers['content-type']], spelling)
      t.equal(head.headers['content-length'], got.headers['content-length'], `${spelling}: length`)
    }
  }
})

t.test('a method that a path does not have is refused with those that it has', async t => {
  const { people: [ana], app, urlFor } = await startEverywhere(t)
  for (const [path, item] of Object.entries<object>(document.paths)) {
    const methods = Object.keys(item).filter(name => name !== 'parameters').map(name => name.toUpperCase())
    const allowed = [...methods, ...methods.includes('GET') ? ['HEAD'] : [], 'OPTIONS'].sort()
    for (const spelling of spellingsOf(path)) {
      for (const [method, body] of [['PUT', { name: 'x' }], ['DELETE', undefined]] as const) {
        const { status, body: problem, headers } = await call(app, method, urlFor(ana!, spelling), { token: ana!.token, body })
        t.same([status, problem.code, headers['content-type'].split(';')[0]], [405, 'method_not_allowed', 'application/problem+json'], `${method} ${spelling}`)
        t.same(String(headers.allow).split(', ').sort(), allowed, `${method} ${spelling}: Allow`)
      }
    }
  }
})

t.test('a path or method that does not exist is refused whatever the body', async t => {
  const app = await startApp(t)
  const bodies: Array<[body: unknown, type: string]> = [['{', 'application/json'], ['x', 'text/plain'], [JSON.stringify('x'.repeat(2 ** 20)), 'application/json'], ['', 'application/json']]
  for (const [body, type] of bodies) {
    for (const [method, url, code] of [['POST', '/api/chat/nothing/', 'route_not_found'], ['PUT', conversations, 'method_not_allowed']] as const) {
      const answer = await call(app, method, url, { body, headers: { 'content-type': type } })
      t.equal(answer.body.code, code, `${method} ${url} ${String(body).slice(0, 5)} ${type}`)
    }
  }
})

t.test('a path that does not exist is a problem too', async t => {
  const app = await startApp(t, { page: false })
  for (const url of ['/', '/api', '/api/', '/api/chat/nothing/', '/api/chat/conversations/x/nothing/', '/api/chat/conversations/x/messages/y/z/', '/API/chat/', '/media/', '/media/chat/x/y/z']) {
    for (const [method, body] of [['GET', undefined], ['POST', { name: 'x' }]] as const) {
      const { status, body: problem, headers } = await call(app, method, url, { body })
      t.match([status, headers['content-type']], [404, /^application\/problem\+json/], `${method} ${url}`)
      t.match(problem, { code: 'route_not_found', status: 404, title: String, detail: /^[A-Z].*\.$/ }, `${method} ${url}`)
    }
  }
  const { status, body } = await call(app, 'GET', '/api/chat/%zz/')
  t.same([status, body.code], [400, 'request_malformed'])
})

t.test('ana renames while she leaves: after she has left, nothing of hers is in the log', async t => {
  const app = await startApp(t)
  const ana = await newPerson(app, 'ana')
  const { path, created } = await newTalk([ana, await newPerson(app, 'bia')])
  const answers = await Promise.all([
    ana.post(`${path}/leave/`),
    ana.patch(`${path}/participants/${created.my_participant_id}/`, { name: 'gone' }),
    ana.patch(`${path}/`, { name: 'gone' }),
    ana.post(`${path}/messages/`, { type: 'T', text: 'gone' })
  ])
  t.same(answers.map(({ status, body }) => [status, body.code]), [[200, undefined], ...Array(3).fill([403, 'not_a_participant'])])
})
