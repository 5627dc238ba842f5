import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { compare, createFile, upload } from '../bench/files.js'
import { receive } from '../bench/receive.js'
import { createConnections } from '../bench/requests.js'
import { startApp, newPerson, newTalk } from './support/app.js'
import { listen } from './support/subscriber.js'

type Test = Pick<typeof t, 'teardown'>

async function startServer (t: Test, serve: RequestListener): Promise<string> {
  const server = createServer(serve).listen(0, '127.0.0.1')
  t.teardown(() => { server.closeAllConnections(); server.close() })
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/tea`
}

function openConnections (t: Test) {
  const connections = createConnections()
  t.teardown(() => connections.destroy())
  return connections
}

t.test('a file of the load is stored, counted and read back', async t => {
  const app = await startApp(t)
  const address = `http://${await listen(app)}`
  const ana = await newPerson(app, 'ana')
  const { id } = await newTalk([ana])
  const connections = openConnections(t)
  const file = createFile(300_000)
  const message = await upload(connections, address, { conversationId: id, token: ana.token, participantId: '' }, 'l1', file)
  t.equal(message.file_size, 300_000)
  t.equal(await receive(address + message.file_url), 300_000)
  t.same(await compare(connections, address + message.file_url, file), [])
})

t.test('a file that comes back as another one is told', async t => {
  const file = createFile(10)
  const url = await startServer(t, (_request, response) => response.end('tea'))
  t.match(await compare(openConnections(t), url, file), [/^Changed: the file .* of 10 bytes has the SHA-256 [0-9a-f]{64} and not [0-9a-f]{64}\.$/])
})

t.test('a file that ends too early, is not there or has no length is told', async t => {
  const early = await startServer(t, (_request, response) => response.writeHead(200, { 'content-length': 10 }).write('tea', () => response.destroy()))
  await t.rejects(receive(early), { message: `${early} ended after 3 of 10 bytes.` })
  const missing = await startServer(t, (_request, response) => response.writeHead(404, { 'content-length': 0 }).end())
  await t.rejects(receive(missing), { message: /was answered with: HTTP\/1\.1 404 Not Found/ })
  const endless = await startServer(t, (_request, response) => response.write('tea'))
  await t.rejects(receive(endless), { message: /was answered with: HTTP\/1\.1 200 OK/ })
})

t.test('an upload that is refused tells what the server says', async t => {
  const url = await startServer(t, (_request, response) => response.writeHead(413).end('Too large.'))
  const uploading = upload(openConnections(t), new URL(url).origin, { conversationId: 'tea', token: '', participantId: '' }, 'l1', createFile(1_000_000))
  await t.rejects(uploading, { message: /was answered with 413: Too large\.$/ })
})
