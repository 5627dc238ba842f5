import t from 'tap'
import { newPerson, newTalk, startApp, type Person } from './support/app.js'
import { call } from './support/call.js'
import { adminKey, newManager } from './support/scene.js'

async function entryOf (person: Person): Promise<any> {
  return (await person.get('/api/chat/conversations/?mine=true')).body.results[0]
}

t.test('the list of one\'s own conversations tells what was said last and how much of it is unread', async t => {
  const app = await startApp(t)
  const [ana, bia] = [await newPerson(app, 'ana'), await newPerson(app, 'bia')]
  const { path } = await newTalk([ana, bia])
  t.match(await entryOf(ana), { unread_count: 0 })
  t.notOk('last_message' in await entryOf(ana), 'that somebody came is nothing that was said')
  const { body: hello } = await bia.post(`${path}/messages/`, { type: 'T', text: 'hello' })
  const { body: again } = await bia.post(`${path}/messages/`, { type: 'T', text: 'are you there?' })
  t.match(await entryOf(ana), { unread_count: 2, last_message: again, last_seq: again.seq })
  t.match(await entryOf(bia), { unread_count: 0, last_message: again }, 'what one says oneself is read')

  t.match(await ana.post(`${path}/read/`, { seq: hello.seq }), { status: 200, body: { read_seq: hello.seq, unread_count: 1 } })
  t.match(await entryOf(ana), { unread_count: 1 })
  t.match((await ana.post(`${path}/read/`, { seq: again.seq + 1000 })).body, { read_seq: again.seq, unread_count: 0 }, 'nothing is read before it is said')
  t.match((await ana.post(`${path}/read/`, { seq: hello.seq })).body, { read_seq: again.seq, unread_count: 0 }, 'it never goes back')
  await bia.post(`${path}/messages/`, { type: 'T', text: 'hm' })
  t.match(await entryOf(ana), { unread_count: 1 })
  const { body: { last_seq: last } } = await ana.get(`${path}/events/?limit=1`)
  t.equal(last, again.seq + 1, 'that somebody reads is no event')
})

t.test('what waits for a manager is neither last nor unread for people', async t => {
  const token = 'the-token-of-Parrot-of-thirty-two-characters'
  const app = await startApp(t, { bots: [{ name: 'Parrot', kind: 'lease', token }], manager: { role: 'person' } }, { adminKey })
  const [ana, zoe] = [await newPerson(app, 'ana'), await newManager(app, 'zoe')]
  const { path } = await newTalk([ana], { bots: ['Parrot'] })
  await zoe.post(`${path}/join/`)
  await call(app, 'POST', `${path}/messages/`, { token, body: { type: 'T', text: 'HELLO' } })
  t.equal((await entryOf(ana)).unread_count, 0)
  t.notOk('last_message' in await entryOf(ana))
  const { body: { results: [{ message }] } } = await zoe.get('/api/chat/approvals/')
  await zoe.post(`${path}/messages/${message.id}/approve/`, { text: 'Hello!' })
  t.match(await entryOf(ana), { unread_count: 1, last_message: { text: 'Hello!' } })
})

t.test('who has left, and who never was there, has read nothing', async t => {
  const app = await startApp(t)
  const [ana, bia] = [await newPerson(app, 'ana'), await newPerson(app, 'bia')]
  const { path } = await newTalk([ana])
  t.match(await bia.post(`${path}/read/`, { seq: 1 }), { status: 403, body: { code: 'not_a_participant' } })
  await ana.post(`${path}/leave/`)
  t.match(await ana.post(`${path}/read/`, { seq: 1 }), { status: 403, body: { code: 'not_a_participant' } })
})

t.test('a session is told who it is', async t => {
  const app = await startApp(t, {}, { adminKey })
  const [ana, zoe] = [await newPerson(app, 'ana'), await newManager(app, 'zoe')]
  t.match(await ana.get('/api/chat/sessions/current/'), { status: 200, body: { session_id: ana.sessionId, nickname: 'ana', role: null, expires_at: /Z$/ } })
  await newTalk([ana], { nickname: 'Ana Maria' })
  t.match((await ana.get('/api/chat/sessions/current/')).body, { nickname: 'Ana Maria' })
  t.match((await zoe.get('/api/chat/sessions/current/')).body, { session_id: zoe.sessionId, role: 'manager' })
  const nobody = { expires_at: null, session_id: null, role: null, nickname: null, rooms: true }
  t.strictSame((await call(app, 'GET', '/api/chat/sessions/current/')).body, nobody)
  t.strictSame((await call(app, 'GET', '/api/chat/sessions/current/', { token: adminKey })).body, { ...nobody, role: 'admin' })
  t.equal((await call(await startApp(t, { data: t.testdir(), rooms: false }), 'GET', '/api/chat/sessions/current/')).body.rooms, false)
})
