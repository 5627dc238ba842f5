import { existsSync } from 'node:fs'
import { join } from 'node:path'
import SQLite from 'better-sqlite3'
import { fastify } from 'fastify'
import plugin from 'fastify-plugin'
import type { Kysely } from 'kysely'
import t from 'tap'
import { colloquy, configure } from '../app.js'
import { leaveConversation } from '../actions/leave-conversation.js'
import { findMember } from '../db/participants.js'
import type { Database } from '../db/schema.js'
import { newPerson, newTalk, startApp } from './support/app.js'
import { call } from './support/call.js'

// Each asks before and after a change, so that an answer that is remembered too long is noticed.

t.test('who leaves is let in no longer, and is let in again when she comes back', async t => {
  const app = await startApp(t)
  const [ana, bia] = [await newPerson(app, 'ana'), await newPerson(app, 'bia')]
  const { path } = await newTalk([ana, bia])
  t.equal((await bia.get(`${path}/messages/`)).status, 200)
  await bia.post(`${path}/leave/`)
  t.same([(await bia.get(`${path}/messages/`)).status, (await bia.post(`${path}/messages/`, { type: 'T', text: 'x' })).status], [403, 403])
  await bia.post(`${path}/join/`)
  t.same([(await bia.get(`${path}/messages/`)).status, (await bia.post(`${path}/messages/`, { type: 'T', text: 'x' })).status], [200, 201])
})

t.test('a stranger who was refused is let in as soon as she has joined', async t => {
  const app = await startApp(t)
  const [ana, bia] = [await newPerson(app, 'ana'), await newPerson(app, 'bia')]
  const { path } = await newTalk([ana])
  for (let time = 0; time < 2; time++) t.equal((await bia.get(`${path}/messages/`)).status, 403)
  await bia.post(`${path}/join/`)
  t.equal((await bia.get(`${path}/messages/`)).status, 200)
})

t.test('a new name is told at once', async t => {
  const app = await startApp(t)
  const ana = await newPerson(app, 'ana')
  const { path } = await newTalk([ana], { name: 'Tea' })
  t.equal((await ana.get(`${path}/`)).body.name, 'Tea')
  await ana.patch(`${path}/`, { name: 'Coffee' })
  t.equal((await ana.get(`${path}/`)).body.name, 'Coffee')
})

t.test('each page has what was said last, for each way of asking and each who asks', async t => {
  const app = await startApp(t)
  const [ana, bia] = [await newPerson(app, 'ana'), await newPerson(app, 'bia')]
  const { path } = await newTalk([ana, bia])
  const pages = ['', '?limit=2', '?page=last', '?before=1000&limit=2', '?after=0', '?since=2020-01-01T00:00:00Z']
  for (let count = 1; count <= 4; count++) {
    await ana.post(`${path}/messages/`, { type: 'T', text: `no. ${count}` })
    // Twice: the second answer may be a remembered one.
    for (const person of [ana, bia, ana, bia]) {
      for (const page of pages) t.equal((await person.get(`${path}/messages/${page}`)).body.results.at(-1).text, `no. ${count}`, `${person.nickname} asks ${page}`)
    }
  }
})

t.test('a page that is remembered is not given to somebody else, nor under another address', async t => {
  const app = await startApp(t)
  const [ana, bia] = [await newPerson(app, 'ana'), await newPerson(app, 'bia')]
  const { path } = await newTalk([ana])
  for (let count = 0; count < 3; count++) await ana.post(`${path}/messages/`, { type: 'T', text: 'hello' })
  const ask = (headers: Record<string, string>) => call(app, 'GET', `${path}/messages/?after=0&limit=1`, { token: ana.token, headers })
  const one = await ask({ host: 'one.example' })
  t.match((await ask({ host: 'two.example' })).body.next, /^http:\/\/two\.example\//)
  t.match(one.body.next, /^http:\/\/one\.example\//)
  t.same((await ask({ host: 'one.example' })).body, one.body)
  t.equal((await bia.get(`${path}/messages/?after=0&limit=1`)).status, 403)
})

t.test('while many post and read, nobody reads a page without what was acknowledged before', async t => {
  const app = await startApp(t)
  const people = await Promise.all(['ana', 'bia', 'caio'].map(name => newPerson(app, name)))
  const { path } = await newTalk(people)
  const talk = async (person: typeof people[number]): Promise<void> => {
    for (let count = 0; count < 20; count++) {
      const { body: { seq } } = await person.post(`${path}/messages/`, { type: 'T', text: `${count}` })
      const { body } = await person.get(`${path}/messages/?limit=1`)
      t.ok(body.results[0].seq >= seq, `${body.results[0].seq} is not before ${seq}`)
    }
  }
  await Promise.all(people.map(talk))
})

t.test('an application that is closed leaves one file, also when it has only been read', async t => {
  const data = t.testdir()
  for (const isFirst of [true, false]) {
    const app = await startApp(t, { data })
    if (isFirst) await newTalk([await newPerson(app, 'ana')])
    t.equal((await call(app, 'GET', '/api/chat/conversations/')).status, 200)
    await app.close()
    t.same(['', '-wal', '-shm'].map(ending => existsSync(join(data, `colloquy.sqlite3${ending}`))), [true, false, false])
  }
})

t.test('who leaves while it is being read that she is there is not remembered as there', async t => {
  const app = fastify()
  await app.register(plugin(colloquy), { config: configure({ data: t.testdir(), rooms: true }) })
  t.teardown(() => app.close())
  await app.ready()
  const [ana, bia] = [await newPerson(app, 'ana'), await newPerson(app, 'bia')]
  const { id, path } = await newTalk([ana, bia])
  const { db } = app
  const me = (await findMember(db, id, bia.sessionId))!
  let count = 0
  app.db = (db as Kysely<Database>).withPlugin({
    transformQuery: ({ node }) => node,
    transformResult: async ({ result }) => {
      if (++count === 1) await leaveConversation(app.write, me)
      return result
    }
  })
  await bia.get(`${path}/messages/`)
  app.db = db
  t.ok(count > 0, 'she left in between')
  t.equal((await bia.get(`${path}/messages/`)).status, 403)
})

t.test('a token that was good is good no longer than its session', async t => {
  const data = t.testdir()
  const app = await startApp(t, { data })
  const ana = await newPerson(app, 'ana')
  const file = new SQLite(join(data, 'colloquy.sqlite3'))
  t.teardown(() => file.close())
  const lifeMs = 1500
  file.prepare('update sessions set expires_at = ? where id = ?').run(Date.now() + lifeMs, ana.sessionId)
  t.equal((await ana.get('/api/chat/conversations/')).status, 200)
  const until = Date.now() + 10 * lifeMs
  let status = 200
  while (status === 200 && Date.now() < until) status = (await ana.get('/api/chat/conversations/')).status
  t.equal(status, 401)
})
