import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import websocket from '@fastify/websocket'
import { fastify, type FastifyInstance } from 'fastify'
import t from 'tap'
import { colloquy, configure } from '../app.js'
import { addressOf, listen, subscribe, type Subscriber } from './support/subscriber.js'

type Test = Parameters<typeof subscribe>[0] & { testdir: () => string }

/** Creates a conversation under a prefix and opens a socket in it, as a client does. */
async function connect (t: Test, host: FastifyInstance, prefix: string): Promise<Subscriber> {
  const response = await fetch(`http://${addressOf(host)}${prefix}/api/chat/conversations/`, { method: 'POST' })
  const { id } = await response.json() as { id: string }
  const cookie = response.headers.get('set-cookie')!.split(';')[0]!
  return subscribe(t, `ws://${addressOf(host)}${prefix}/ws/chat/${id}/`, { headers: { cookie } })
}

async function greet (subscriber: Subscriber): Promise<unknown> {
  subscriber.send({ type: 'T', text: 'hello', local_id: 'l1' })
  return subscriber.hears({ text: 'hello', local_id: 'l1' })
}

t.test('a host has the service twice, and sockets in both', async t => {
  const data = t.testdir()
  const host = fastify()
  t.teardown(() => host.close())
  for (const prefix of ['/one', '/two']) await host.register(colloquy, { prefix, config: configure({ data: `${data}${prefix}` }) })
  await listen(host)
  for (const prefix of ['/one', '/two']) t.match(await greet(await connect(t, host, prefix)), { text: 'hello' }, prefix)
})

t.test('a host that has WebSockets of its own keeps them', async t => {
  const host = fastify()
  t.teardown(() => host.close())
  await host.register(websocket)
  await host.register(async host => { host.get('/own', { websocket: true }, socket => socket.send('{"from":"host"}')) })
  await host.register(colloquy, { prefix: '/chat', config: configure({ data: t.testdir() }) })
  await listen(host)
  const own = await subscribe(t, `ws://${addressOf(host)}/own`)
  t.same(await own.until(() => true), { from: 'host' })
  t.match(await greet(await connect(t, host, '/chat')), { text: 'hello' })
})

t.test('a host that closes closes the sockets', async t => {
  const host = fastify()
  t.teardown(() => host.close())
  await host.register(colloquy, { prefix: '/chat', config: configure({ data: t.testdir() }) })
  await listen(host)
  const subscriber = await connect(t, host, '/chat')
  await host.close()
  t.match(await subscriber.closed, { code: 1012 })
})

t.test('a client that offers another protocol is answered as if it had not', async t => {
  const host = fastify()
  t.teardown(() => host.close())
  await host.register(colloquy, { config: configure({ data: t.testdir() }) })
  await listen(host)
  const headers = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABkAAQCAAAAAAIAAAAA' }
  const send = async (method: string, path: string, body?: string): Promise<{ status: number | undefined, body: any }> => {
    const sending = request(`http://${addressOf(host)}/api/chat${path}`, { method, headers: { ...headers, ...body !== undefined && { 'content-type': 'application/json', 'content-length': body.length } } })
    sending.end(body)
    const [answer] = await once(sending, 'response') as [IncomingMessage]
    return { status: answer.statusCode, body: JSON.parse((await answer.setEncoding('utf8').toArray()).join('')) }
  }
  t.match(await send('GET', '/bots/'), { status: 200, body: { results: ['ECHO', 'Calculator'] } })
  t.match(await send('POST', '/conversations/', '{"nickname": "ana", "name": "Tea"}'), { status: 201, body: { name: 'Tea', participants: [{ name: 'ana' }] } })
})
