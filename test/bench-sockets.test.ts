import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { WebSocketServer, type WebSocket } from 'ws'
import { createLedger } from '../bench/count.js'
import { gather } from '../bench/crowd.js'
import { readFrames } from '../bench/frames.js'
import { messageFrame, readLocalId, readSeq } from '../bench/message-frames.js'
import { reconnect } from '../bench/reconnect.js'
import { openSocket } from '../bench/socket-client.js'
import { createTalk } from '../bench/talk.js'

type Test = Pick<typeof t, 'teardown'>
type Serve = (socket: WebSocket, all: Set<WebSocket>) => void

async function startServer (t: Test, serve: Serve): Promise<string> {
  const server = createServer()
  const sockets = new WebSocketServer({ server, path: '/tea' })
  sockets.on('connection', socket => serve(socket, sockets.clients))
  t.teardown(() => {
    for (const socket of sockets.clients) socket.terminate()
    server.close()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/tea`
}

/** As RFC 6455, 5.2, draws it. */
function serverFrame (length: number): Buffer {
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10)
  head[0] = 0x81
  head[1] = length < 126 ? length : length < 65_536 ? 126 : 127
  if (head.length === 4) head.writeUInt16BE(length, 2)
  if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2)
  return Buffer.concat([head, Buffer.alloc(length, 'tea')])
}

t.test('frames of any length that come in any pieces are each read once', async t => {
  for (const [lengths, sizes] of [[[0, 1, 125, 126, 3], [1, 2, 3, 7]], [[0, 65_535, 65_536, 126], [997, 65_537, 200_000]]] as const) {
    const bytes = Buffer.concat(lengths.map(serverFrame))
    for (const size of sizes) {
      const read: number[] = []
      let rest = Buffer.alloc(0)
      for (let start = 0; start < bytes.length; start += size) {
        rest = Buffer.from(readFrames(Buffer.concat([rest, bytes.subarray(start, start + size)]), (_opcode, { length }) => read.push(length)))
      }
      t.same(read, lengths)
      t.equal(rest.length, 0)
    }
  }
})

t.test('frames that are masked, in pieces or too long are refused', async t => {
  for (const bytes of [[0x81, 0x80], [0x01, 0x00], [0x81, 127, 0, 0, 0, 1, 0, 0, 0, 0]]) {
    t.throws(() => readFrames(Buffer.from(bytes), () => {}))
  }
})

t.test('the frame of a message tells its local_id and its seq', async t => {
  const frame = Buffer.from(messageFrame('0000000042'))
  t.equal(readLocalId(frame), 42)
  t.equal(readSeq(frame), 42)
  for (const other of ['{"state":{"participants":[]}}', '{"error":{"local_id":null}}', '{"message":{"local_id":"hello"}}', '{"message":{"local_id":"1']) {
    t.equal(readLocalId(Buffer.from(other)), undefined)
    t.equal(readSeq(Buffer.from(other)), 0)
  }
})

t.test('a socket of the load says texts of all lengths, answers pings, and tells why it was closed', async t => {
  const said = ['a', 'b'.repeat(125), 'c'.repeat(126), 'd'.repeat(65_535)]
  const url = await startServer(t, socket => {
    socket.on('message', data => {
      socket.send(String(data))
      if (String(data) === said.at(-1)) socket.ping('tea')
    })
    socket.on('pong', data => socket.close(4000, `The pong said ${data}.`))
  })
  const heard: string[] = []
  const why = await new Promise<string>((resolve, reject) => {
    openSocket({ url }, { hear: text => { heard.push(String(text)) }, lost: resolve })
      .then(socket => said.forEach(socket.send), reject)
  })
  t.same(heard, said)
  t.equal(why, 'The server has closed: 4000 The pong said tea.')
})

t.test('a socket that is refused says so', async t => {
  const url = await startServer(t, () => {})
  await t.rejects(openSocket({ url: url.replace('/tea', '/coffee') }, { hear: () => {}, lost: () => {} }), { message: 'A WebSocket is refused with "HTTP/1.1 400 Bad Request".' })
})

/** What people say to each other for a moment, over a server that does something with each message. */
async function talk (t: Test, serve: Serve): Promise<string[]> {
  const url = await startServer(t, serve)
  const members = [{ conversationId: 'tea', token: '', participantId: '' }]
  const crowd = await gather([{ url }, { url }])
  t.teardown(crowd.close)
  const rooms = [{ conversationId: 'tea', listeners: [0, 1], speakers: [0] }]
  const say = createTalk({ crowd, rooms, window: 2, frameOf: messageFrame, ledger: createLedger(members), patienceMs: 100 })
  const { mistakes, messages } = await say(0.1)
  return messages < 3 ? [...mistakes, 'Too few messages.'] : mistakes
}

/** Sends what comes to the socket that was there first, and lets the test say what the other is sent. */
function relay (change: (socket: WebSocket, texts: string[]) => void): Serve {
  const texts: string[] = []
  return (socket, all) => socket.on('message', data => {
    texts.push(String(data))
    const [first, ...others] = all
    first!.send(texts.at(-1)!)
    for (const other of others) change(other, texts)
  })
}

t.test('a talk in which everybody hears everything is without mistakes', async t => {
  t.same(await talk(t, relay((socket, texts) => socket.send(texts.at(-1)!))), [])
})

t.test('a talk tells that a message was lost', async t => {
  const mistakes = await talk(t, relay((socket, texts) => { if (texts.length !== 3) socket.send(texts.at(-1)!) }))
  t.match(mistakes.join('\n'), /^Lost: 1 sockets were not given message \d+\.$/m)
})

t.test('a talk tells that a message was doubled', async t => {
  const mistakes = await talk(t, relay((socket, texts) => {
    socket.send(texts.at(-1)!)
    if (texts.length === 3) socket.send(texts.at(-1)!)
  }))
  t.match(mistakes.join('\n'), /^Doubled: socket 1 was given message \d+, which everybody had\.$/)
})

t.test('a talk tells that messages were out of order', async t => {
  const mistakes = await talk(t, relay((socket, texts) => {
    if (texts.length === 1) return
    if (texts.length === 2) socket.send(texts[1]!)
    socket.send(texts.length === 2 ? texts[0]! : texts.at(-1)!)
  }))
  t.match(mistakes.join('\n'), /^Out of order: socket 1 was given message \d+ after 0, and not after \d+\.$/m)
})

t.test('sockets that come back tell what they were given twice or not in order', async t => {
  const server = { cpuUs: () => 0, residentMib: () => 0 }
  const give = async (numbers: number[]): Promise<string[]> => {
    const url = await startServer(t, socket => { for (const number of numbers) socket.send(messageFrame(String(number))) })
    return (await reconnect(server, [{ place: { url }, sent: [1, 2, 3] }])).mistakes
  }
  t.same(await give([1, 2, 3]), [])
  t.same(await give([1, 3, 2]), ['Socket 0 was given message 3 where 2 came next.', 'Socket 0 was given message 2 where 3 came next.'])
  t.same(await give([1, 2, 3, 3]), ['Socket 0 was given message 3 where nothing came next.'])
})
