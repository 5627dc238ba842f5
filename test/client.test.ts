import { join } from 'node:path'
import t from 'tap'
import { createClient } from '../client/index.js'
import { build, start } from './support/command.js'
import { allOf, emptied, follow, hears, isLive, newPlace, quick, requireWhole, text, through, untilTold, type Get } from './support/follower.js'
import { startFront } from './support/front.js'
import { reservePort } from './support/stranger.js'

// What does not come would be waited for without end: the test ends before and fails. Each test needs its own.
const soon = (): { timeout: number } => ({ timeout: 60_000 })

for (const seed of [1, 2]) {
  t.test(`clients that are cut again and again are told each event once, and what they send is stored once, seed ${seed}`, soon(), async t => {
    const place = await newPlace(t, { grace: { presence_s: seed % 2 } })
    const { host, proxy } = await through(t, place, { seed, cutAfterBytes: [100, 4000], delayMs: [0, 2], halfClose: 0.3, cutTimes: 150 })
    const { ana, bia, talk } = place
    const followers = { 'a tab of ana': follow(t, host, ana, talk, { pace: quick }), 'another tab of ana': follow(t, host, ana, talk, { pace: quick }), bia: follow(t, host, bia, talk, { pace: quick }) }
    const wanted = Object.entries(followers).map(([who, { live }]) => Array.from({ length: 20 }, (_, index) => {
      const said = `${who} says ${index}`
      if (index % 5 < 4) live.send(text(said, index % 2 === 0 ? {} : { local_id: `${who.slice(0, 9)} ${index}` }))
      else live.send({ type: 'A', text: said }, { file: new File(['x'.repeat(index * 100)], `${index}.txt`) })
      return said
    }))
    await Promise.all(Object.values(followers).map(emptied))
    await ana.post(`${talk.path}/messages/`, text('the end'))
    const log = await requireWhole(t, ana.get, talk, followers)
    const said: string[] = log.flatMap(({ message }) => message?.text ?? [])
    for (const texts of Object.values(wanted)) t.same(said.filter(one => texts.includes(one)), texts, texts[0]!)
    t.equal(said.length, 61)
    for (const follower of Object.values(followers)) t.notOk(allOf(follower, 'outbox').flat().some(({ state }) => state === 'failed'), 'nothing is refused')
    for (const direction of ['up', 'down']) t.ok(proxy.cuts().filter(cut => cut.direction === direction).length > 10, direction)
  })
}

t.test('a client that is cut at any byte goes on with the next event', soon(), async t => {
  const place = await newPlace(t)
  const { ana, bia, talk } = place
  for (const said of ['one', 'two', 'three']) await ana.post(`${talk.path}/messages/`, text(said))
  // About as many as there are to the end of the log.
  const places = Array.from({ length: 250 }, (_, index) => 1 + index * 12)
  let cuts = 0
  const cutAt = async (bytes: number): Promise<void> => {
    const { host, proxy } = await through(t, place, { seed: bytes, cutAfterBytes: [bytes, bytes], cutTimes: 1 })
    const follower = follow(t, host, bia, talk, { pace: quick })
    const last = (await hears(follower, 'three')).seq
    follower.live.close()
    cuts += proxy.cuts().length
    const seqs = allOf(follower, 'message', 'event').map(({ seq }) => seq)
    if (seqs.some((seq, index) => seq !== index + 1) || seqs.length < last) t.same(seqs, [], `cut after ${bytes} bytes`)
    await proxy.close()
  }
  const work = places.values()
  await Promise.all(Array.from({ length: 8 }, async () => { for (const bytes of work) await cutAt(bytes) }))
  t.ok(cuts > 180, `${cuts} cuts`)
})

t.test('frames that come twice, or are old, are told once', soon(), async t => {
  const { host, ana, bia, talk } = await newPlace(t)
  const front = await startFront(t, host, { isStuttering: true })
  const follower = follow(t, front.host, bia, talk)
  for (const said of ['one', 'two', 'the end']) await ana.post(`${talk.path}/messages/`, text(said))
  await hears(follower, 'the end')
  await requireWhole(t, ana.get, talk, { follower })
})

t.test('who begins after an event is told those that follow', soon(), async t => {
  const { host, ana, bia, talk } = await newPlace(t)
  const { body: { seq } } = await ana.post(`${talk.path}/messages/`, text('one'))
  const follower = follow(t, host, bia, talk, { after: seq })
  t.equal(follower.live.seq, seq)
  const two = await ana.post(`${talk.path}/messages/`, text('two'))
  t.strictSame(await untilTold(follower.told, 'message', ({ message }) => message.type === 'T'), { message: two.body, seq: two.body.seq })
  t.ok(follower.live.seq >= two.body.seq)
  t.equal(allOf(follower, 'message', 'event').filter(one => one.seq <= seq).length, 0)
})

t.test('who is too slow is dropped by the server, and is told everything nevertheless', soon(), async t => {
  const place = await newPlace(t, { limits: { socket_buffer_bytes: 64 * 1024 } })
  const { ana, bia, talk } = place
  const { host, proxy } = await through(t, place, { seed: 1 })
  const follower = follow(t, host, bia, talk, { pace: quick })
  await isLive(follower)
  proxy.pause()
  // More than the buffers of the system hold.
  for (let count = 0; count < 45; count++) await ana.post(`${talk.path}/messages/`, text(`${count}`, { options: Array.from({ length: 50 }, () => 'x'.repeat(4000)) }))
  proxy.resume()
  await hears(follower, '44')
  await requireWhole(t, ana.get, talk, { follower })
  t.ok(proxy.connections() > 1, `${proxy.connections()} connections`)
})

t.test('clients go on where they were when the server is stopped, or killed, and started again', { timeout: 120_000 }, async t => {
  const folder = t.testdir({ dist: {}, 'colloquy.yaml': 'rooms: true\nlimits: { frames_per_second: 10000, requests_per_minute: 0 }\ngrace: { close_s: 1 }\n' })
  const port = await reservePort()
  const program = build(join(folder, 'dist'))
  const serve = async (): Promise<ReturnType<typeof start>> => {
    const running = start(t, [process.execPath, program], folder, { PORT: `${port}`, COLLOQUY_CONFIG: 'colloquy.yaml', LOG_LEVEL: 'warn' })
    await running.says(/^Colloquy listens at/m)
    return running
  }
  let running = await serve()
  const host = `127.0.0.1:${port}`
  const url = `http://${host}`
  const { data: session } = await createClient({ url }).POST('/api/chat/sessions/', { body: { nickname: 'ana' } })
  const { token } = session!
  const { data: talk } = await createClient({ url, token }).POST('/api/chat/conversations/', { body: { name: 'Tea' } })
  const followers = { one: follow(t, host, { token }, talk!), other: follow(t, host, { token }, talk!, { pace: quick }) }
  const wanted: Record<string, string[]> = { one: [], other: [] }
  for (const signal of ['SIGKILL', 'SIGTERM', 'SIGKILL', 'SIGTERM'] as const) {
    const arrivals = Object.values(followers).map(({ told }) => untilTold(told, 'message', ({ message }) => message.type === 'T', told.items.length))
    for (const [who, { live }] of Object.entries(followers)) for (let count = 0; count < 25; count++) wanted[who]!.push(live.send(text(`${who} says ${wanted[who]!.length}`)).input.text!)
    // In the middle of its work.
    await Promise.all(arrivals)
    running.signal(signal)
    await running.ended
    running = await serve()
  }
  await Promise.all(Object.values(followers).map(emptied))
  const get: Get = async path => ({ body: await (await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } })).json() })
  const path = `/api/chat/conversations/${talk!.id}`
  const log = await requireWhole(t, get, { path }, followers)
  const said: string[] = log.flatMap(({ message }) => message?.text ?? [])
  for (const texts of Object.values(wanted)) t.same(said.filter(one => texts.includes(one)), texts)
  t.equal(said.length, 200)
})
