import { openAsBlob, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createClient } from '../client/index.js'
import { emptied, follow, hears, isLive, never, newNetwork, newPlace, quick, text, textsIn, through, untilTold } from './support/follower.js'
import { startFront } from './support/front.js'

// What does not come would be waited for without end: the test ends before and fails. Each test needs its own.
const soon = (): { timeout: number } => ({ timeout: 60_000 })

t.test('messages are sent one at a time, in order, and leave the outbox when the log has brought them', soon(), async t => {
  const { host, ana, talk } = await newPlace(t)
  const front = await startFront(t, host)
  const follower = follow(t, front.host, ana, talk)
  const wanted = Array.from({ length: 20 }, (_, index) => `${index}`)
  for (const said of wanted) {
    const { localId, input, state } = follower.live.send(text(said))
    t.match(localId, /^[0-9a-f]{32}$/)
    t.match({ input, state }, { input: text(said, { local_id: localId }), state: 'waiting' })
  }
  await emptied(follower)
  t.strictSame(await textsIn(ana.get, talk), wanted)
  t.equal(front.most(), 1)
  t.equal(front.posts.items.length, 20)
})

t.test('what is stored is sent until the log has brought it', soon(), async t => {
  const { host, ana, talk } = await newPlace(t)
  const front = await startFront(t, host)
  const follower = follow(t, front.host, ana, talk)
  await isLive(follower)
  front.hold()
  const { localId } = follower.live.send(text('hello'))
  const [sent] = await untilTold(follower.told, 'outbox', ([item]) => item?.state === 'sent')
  t.match(sent, { localId, state: 'sent', progress: 1, message: { text: 'hello', local_id: localId } })
  t.strictSame(follower.live.outbox, [sent])
  front.release()
  await emptied(follower)
  const told = follower.told.items.map(({ name }) => name)
  t.ok(told.lastIndexOf('message') < told.lastIndexOf('outbox'), 'first it is shown, then it leaves the outbox')
})

for (const [kind, more] of Object.entries({ 'an id that was given': { local_id: 'mine' }, 'an id that was made': {} })) {
  t.test(`a message whose answer is lost is sent again and stored once, with ${kind}`, soon(), async t => {
    const { host, ana, bia, talk } = await newPlace(t)
    const front = await startFront(t, host)
    front.fates.push('lose the answer', 'lose the answer', 'lose the answer')
    const follower = follow(t, front.host, ana, talk, { pace: quick })
    await isLive(follower)
    front.hold()
    const { localId } = follower.live.send(text('hello', more))
    follower.live.send(text('and then'))
    await front.posts.until(({ text }) => text === 'and then')
    front.release()
    await emptied(follower)
    t.strictSame(front.posts.items.slice(0, 4).map(post => post.local_id), Array(4).fill(localId))
    t.strictSame(await textsIn(bia.get, talk), ['hello', 'and then'])
  })
}

t.test('a message that the log brings first is not sent again when its answer is lost', soon(), async t => {
  const { host, ana, talk } = await newPlace(t)
  const front = await startFront(t, host)
  const follower = follow(t, front.host, ana, talk, { pace: never })
  await isLive(follower)
  front.fates.push({ status: 200, body: 'a page that is no answer' })
  const { localId } = follower.live.send(text('hello'))
  await untilTold(follower.told, 'outbox', ([item]) => item?.state === 'waiting', follower.told.items.length)
  await ana.post(`${talk.path}/messages/`, text('hello', { local_id: localId }))
  await emptied(follower)
  t.equal(front.posts.items.length, 1)
})

t.test('the message of somebody else with the same local_id is not taken for the own one', soon(), async t => {
  const { host, ana, bia, talk } = await newPlace(t)
  const front = await startFront(t, host)
  front.fates.push({ status: 503, headers: { 'retry-after': '5' } })
  const follower = follow(t, front.host, ana, talk, { pace: never })
  follower.live.send(text('of ana', { local_id: 'l1' }))
  await bia.post(`${talk.path}/messages/`, text('of bia', { local_id: 'l1' }))
  await hears(follower, 'of bia')
  await untilTold(follower.told, 'outbox', ([item]) => item?.state === 'waiting' && follower.live.outbox.length === 1, follower.told.items.findLastIndex(({ name }) => name === 'outbox'))
  t.match(follower.live.outbox, [{ localId: 'l1', input: { text: 'of ana' } }])
})

t.test('a message that is refused has failed, for a reason, and the next goes on; it can be sent again or thrown away', soon(), async t => {
  const { host, ana, talk } = await newPlace(t)
  const front = await startFront(t, host)
  const refusal = { status: 403, headers: { 'content-type': 'application/problem+json' }, body: JSON.stringify({ type: 'urn:x', title: 'No', status: 403, code: 'not_a_participant', detail: 'Not now.' }) }
  front.fates.push(refusal)
  const follower = follow(t, front.host, ana, talk)
  const { live, told } = follower
  const first = live.send(text('one'))
  const second = live.send(text('two', { quoted_message_id: '01936a2c-0000-7000-8000-0000000000f1' }))
  live.send(text('three'))
  await hears(follower, 'three')
  t.match(await untilTold(told, 'outbox', outbox => outbox.length === 2, told.items.length - 1), [
    { localId: first.localId, state: 'failed', problem: { code: 'not_a_participant', detail: 'Not now.' } },
    { localId: second.localId, state: 'failed', problem: { status: 422, code: 'quoted_message_not_found', errors: [{ pointer: '/quoted_message_id' }] } }
  ])
  live.discard(second.localId)
  live.retry(first.localId)
  live.retry('one that is unknown')
  t.match(live.outbox, [{ localId: first.localId, state: /waiting|sending/, problem: undefined }])
  await emptied(follower)
  t.equal((await hears(follower, 'one')).message.local_id, first.localId)
  t.strictSame(await textsIn(ana.get, talk), ['three', 'one'])
})

t.test('what something on the way refuses has failed, too, and what is no answer is sent again', soon(), async t => {
  const { host, ana, talk } = await newPlace(t)
  const front = await startFront(t, host)
  const page = { headers: { 'content-type': 'text/html' }, body: '<h1>No</h1>' }
  front.fates.push({ status: 413, ...page })
  front.fates.push({ status: 200, ...page }, { status: 200, body: '{"ok":true}' }, { status: 502, ...page }, { status: 520, ...page }, { status: 408 })
  const follower = follow(t, front.host, ana, talk, { pace: quick })
  follower.live.send(text('one'))
  follower.live.send(text('two'))
  await hears(follower, 'two')
  t.match(await untilTold(follower.told, 'outbox', outbox => outbox.length === 1, follower.told.items.length - 1), [{ input: { text: 'one' }, state: 'failed', problem: { status: 413, code: 'body_too_large', detail: /413/ } }])
  t.equal(front.posts.items.length, 7)
})

t.test('who is told to wait waits as long as Retry-After says, and longer from one failure to the next', soon(), async t => {
  const { host, ana, talk } = await newPlace(t)
  const front = await startFront(t, host)
  const inAMinute = new Date(Date.now() + 60_000).toUTCString()
  for (const [status, retryAfter] of [[429, '7'], [503, '2'], [503, undefined], [429, inAMinute], [503, '99999999999'], [503, 'soon']] as const) {
    front.fates.push({ status, headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter } })
  }
  const pauses: Array<[failures: number, leastMs: number]> = []
  const follower = follow(t, front.host, ana, talk, { pace: { pauseMs: (...pause) => { pauses.push(pause); return 1 } } })
  follower.live.send(text('hello'))
  await hears(follower, 'hello')
  t.equal(front.posts.items.length, 7)
  t.same(pauses.map(([failures]) => failures), [0, 1, 2, 3, 4, 5])
  const [first, second, none, date, longest, senseless] = pauses.map(([, leastMs]) => leastMs)
  t.same([first, second, none, longest, senseless], [7000, 2000, 0, 3_600_000, 0])
  t.ok(date! > 0 && date! <= 60_000, `${date} ms`)
})

t.test('who has sent too much waits as long as the server says', soon(), async t => {
  const { host, ana, talk } = await newPlace(t, { limits: { requests_per_minute: 6 } })
  const pauses: number[] = []
  const follower = follow(t, host, ana, talk, { pace: { pauseMs: (_failures, leastMs) => { pauses.push(leastMs); return 1_000_000 } } })
  for (let count = 0; count < 7; count++) follower.live.send(text(`${count}`))
  const [item] = await untilTold(follower.told, 'outbox', ([item]) => item?.problem !== undefined)
  t.match(item, { state: 'waiting', problem: { status: 429, code: 'rate_limited' } })
  t.equal(pauses.length, 1)
  t.ok(pauses[0]! > 1000 && pauses[0]! <= 60_000, `${pauses[0]} ms`)
})

t.test('nothing shortens the pause that the server has asked for, and a lost server is tried at once when it is back', soon(), async t => {
  const { host, ana, talk } = await newPlace(t)
  const front = await startFront(t, host)
  front.fates.push({ status: 503, headers: { 'retry-after': '1' } }, 'lose the answer')
  const network = newNetwork(t)
  for (const isAsked of [true, false]) {
    const follower = follow(t, front.host, ana, talk, { pace: never })
    await isLive(follower)
    const before = front.posts.items.length
    follower.live.send(text(`asked to wait: ${isAsked}`, { local_id: `${isAsked}` }))
    await untilTold(follower.told, 'outbox', ([item]) => item?.state === 'waiting', follower.told.items.length)
    follower.live.send(text('another'))
    const from = follower.told.items.length
    network.say('online')
    await isLive(follower, from)
    if (!isAsked) await emptied(follower)
    // Whatever was about to be posted is there by now.
    await createClient({ url: `http://${front.host}`, token: ana.token }).GET('/api/chat/limits/')
    t.equal(front.posts.items.length - before, isAsked ? 1 : 3)
    follower.live.close()
  }
})

t.test('who throws away what is being sent makes way for the next', soon(), async t => {
  const { host, ana, talk } = await newPlace(t)
  // Never answers.
  const deaf = await through(t, { host }, { seed: 1 })
  deaf.proxy.pause()
  const follower = follow(t, deaf.host, ana, talk, { pace: never })
  const { localId } = follower.live.send(text('one'))
  follower.live.send(text('two'))
  const sent = untilTold(follower.told, 'outbox', outbox => outbox[0].input.text === 'two' && outbox[0].state === 'sending')
  follower.live.discard(localId)
  t.match(await sent, [{ input: { text: 'two' } }])
})

t.test('a request that is never answered is sent again after a while', soon(), async t => {
  const { host, ana, talk } = await newPlace(t)
  const { host: deafHost, proxy } = await through(t, { host }, { seed: 1 })
  proxy.pause()
  const follower = follow(t, deafHost, ana, talk, { pace: { ...quick, answerMs: 50 } })
  follower.live.send(text('hello'))
  await untilTold(follower.told, 'outbox', ([item]) => item?.state === 'waiting', follower.told.items.length)
  proxy.resume()
  await emptied(follower)
  t.strictSame(await textsIn(ana.get, talk), ['hello'])
})

t.test('a file is sent with its name, or another one, and with all that the message says', soon(), async t => {
  const { host, ana, bia, talk } = await newPlace(t)
  const follower = follow(t, host, ana, talk)
  const { body: { id } } = await bia.post(`${talk.path}/messages/`, text('look'))
  follower.live.send({ type: 'A', text: 'a caption', quoted_message_id: id, options: ['yes', 'no'] }, { file: new File(['the bytes'], 'note é.txt', { type: 'text/plain' }) })
  follower.live.send({ type: 'A', text: 'renamed' }, { file: new File(['x'], 'one.txt'), fileName: 'other.txt' })
  follower.live.send({ type: 'A', text: 'nameless' }, { file: new Blob(['x']) })
  const { message } = await hears(follower, 'a caption')
  t.match(message, { type: 'A', file_name: 'note é.txt', file_size: 9, quoted_message_id: id, options: ['yes', 'no'] })
  t.equal(await (await fetch(`http://${host}${message.file_url}`)).text(), 'the bytes')
  t.match((await hears(follower, 'renamed')).message, { file_name: 'other.txt' })
  t.match((await hears(follower, 'nameless')).message, { file_name: 'file' })
})

t.test('the bytes of a file are sent as well as a file', soon(), async t => {
  const { host, ana, talk } = await newPlace(t)
  const follower = follow(t, host, ana, talk)
  const bytes = Buffer.from('the bytes')
  for (const [kind, file] of Object.entries({ Buffer: bytes, Uint8Array: new Uint8Array(bytes), ArrayBuffer: new Uint8Array(bytes).buffer })) {
    follower.live.send({ type: 'A', text: kind }, { file, fileName: 'x.txt' })
    const { message } = await hears(follower, kind)
    t.match(message, { file_name: 'x.txt', file_size: 9 })
    t.equal(await (await fetch(`http://${host}${message.file_url}`)).text(), 'the bytes')
  }
})

t.test('what can never be sent is refused at once, and keeps nothing back', soon(), async t => {
  const { host, ana, talk } = await newPlace(t)
  const follower = follow(t, host, ana, talk)
  const { live } = follower
  const circular: any[] = []
  circular.push(circular)
  t.throws(() => live.send({ type: 'T', text: 5n } as any), { name: 'TypeError', message: /^The message cannot be sent as JSON\. .*BigInt/ })
  t.throws(() => live.send(text('hello', { options: circular })), { name: 'TypeError', message: /JSON\. .*circular/ })
  t.throws(() => live.send({ type: 'A' }, { file: 'note.txt' } as any), { name: 'TypeError', message: 'The file is neither a Blob nor a Uint8Array nor an ArrayBuffer.' })
  t.same(live.outbox, [])
  live.send(text('hello'))
  await emptied(follower)
  t.strictSame(await textsIn(ana.get, talk), ['hello'])
})

t.test('a message is sent as it was when it was given', soon(), async t => {
  const { host, ana, talk } = await newPlace(t)
  const follower = follow(t, host, ana, talk)
  const options = ['yes']
  follower.live.send(text('one'))
  follower.live.send(text('two', { options }))
  options.push('no')
  t.same((await hears(follower, 'two')).message.options, ['yes'])
})

t.test('a file is also sent by the operation of the contract, as a form whose last field it is', soon(), async t => {
  const { host, ana, talk } = await newPlace(t)
  const front = await startFront(t, host)
  const client = createClient({ url: `http://${front.host}`, token: ana.token })
  const params = { path: { conversation_id: talk.id } }
  const path = '/api/chat/conversations/{conversation_id}/messages/'
  const { data } = await client.POST(path, { params, body: { file: new File(['the bytes'], 'note.txt'), type: 'A', text: 'a caption', local_id: null, options: ['yes', 'no'] } })
  t.match(data, { type: 'A', text: 'a caption', file_name: 'note.txt', file_size: 9, options: ['yes', 'no'] })
  const names = [...front.posts.items[0].matchAll(/form-data; name="(\w+)"/g)].map(([, name]) => name)
  t.same(names, ['type', 'text', 'options', 'options', 'file'])
  const form = new FormData()
  form.append('type', 'A')
  form.append('file', new Blob(['x']), 'other.txt')
  t.match((await client.POST(path, { params, body: form as any })).data, { file_name: 'other.txt' }, 'a form is sent as it is')
  t.match((await client.POST(path, { params, body: text('hello') })).data, { text: 'hello' }, 'and what has no file as JSON')
  t.match(front.posts.items[2], { type: 'T', text: 'hello' })
})

t.test('a file that has been changed before it could be sent has failed, and keeps nothing back', soon(), async t => {
  const { host, ana, talk } = await newPlace(t)
  const path = join(t.testdir({ 'note.txt': 'as it was', data: {} }), 'note.txt')
  const follower = follow(t, host, ana, talk, { pace: quick })
  const file = await openAsBlob(path)
  writeFileSync(path, 'as it was changed')
  const { localId } = follower.live.send({ type: 'A', text: 'a note' }, { file, fileName: 'note.txt' })
  follower.live.send(text('hello'))
  await hears(follower, 'hello')
  t.match(follower.live.outbox[0], { localId, state: 'failed', problem: { code: 'file_missing', detail: /choose it again/ } })
  t.strictSame(await textsIn(ana.get, talk), ['hello'])
})

t.test('a message that is sent again after a reload is not stored a second time, and one is not sent twice at once', soon(), async t => {
  const { host, ana, talk } = await newPlace(t)
  const front = await startFront(t, host)
  const before = follow(t, front.host, ana, talk)
  before.live.send(text('hello', { local_id: 'l1' }))
  await emptied(before)
  before.live.close()

  const after = follow(t, front.host, ana, talk, { after: before.live.seq })
  t.match(after.live.send(text('hello', { local_id: 'l1' })), { localId: 'l1' })
  t.match(after.live.send(text('another', { local_id: 'l1' })), { localId: 'l1', input: { text: 'hello' } }, 'the one that is on its way')
  t.equal(after.live.outbox.length, 1)
  await emptied(after)
  t.equal(front.posts.items.length, 2)
  t.strictSame(await textsIn(ana.get, talk), ['hello'])
})

t.test('what a closed client has not sent can be handed to the next one', soon(), async t => {
  const { host, ana, talk } = await newPlace(t)
  const front = await startFront(t, host)
  front.fates.push('lose the answer')
  const before = follow(t, front.host, ana, talk, { pace: never })
  before.live.send(text('hello'))
  before.live.send({ type: 'A', text: 'a file' }, { file: new File(['x'], 'x.txt') })
  await front.posts.until(() => true)
  before.live.close()
  const told = before.told.items.length
  t.throws(() => before.live.send(text('too late')), /closed/)
  const after = follow(t, host, ana, talk, { after: before.live.seq })
  for (const item of before.live.outbox) after.live.send(item.input, item)
  await emptied(after)
  t.strictSame(await textsIn(ana.get, talk), ['hello', 'a file'])
  t.equal(before.told.items.length, told, 'the closed one says nothing more')
})
