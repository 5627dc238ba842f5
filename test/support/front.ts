// A server in front of another one, as a proxy or a balancer is, which does to messages and sockets what a test says.
import { once } from 'node:events'
import { createServer, request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'
import type { Test } from './app.js'
import { arrivals, type Arrivals } from './subscriber.js'

/** What befalls a message that is posted: an answer that is not the server's, or the server's is lost when it has stored the message. */
export type Fate = { status: number, headers?: OutgoingHttpHeaders, body?: string } | 'lose the answer'

export interface Front {
  host: string
  /** What befalls the next messages; those after them are passed on. */
  fates: Fate[]
  /** The messages that were posted, as they came; a form as its text. */
  posts: Arrivals<any>
  /** How many were on their way at the same time at most. */
  most: () => number
  /** The requests for the log. */
  asks: Arrivals<string>
  /** The codes with which the next sockets are closed; those after them are passed on. */
  codes: number[]
  /** The addresses at which sockets were opened. */
  sockets: Arrivals<string>
  /** Cuts the sockets that are open. */
  drop: () => void
  /** From now on the sockets that are open carry nothing, and nobody is told. */
  swallow: () => void
  /** From now on the sockets that are open carry nothing from the server until they are released. */
  hold: () => void
  release: () => void
}

/** Stopped with the test. Each frame of the server comes twice, and then the first one again, when it stutters. */
export async function startFront (t: Pick<Test, 'teardown'>, target: string, { isStuttering = false } = {}): Promise<Front> {
  const [fates, codes] = [[] as Fate[], [] as number[]]
  const [posts, asks, sockets] = [arrivals<any>(), arrivals<string>(), arrivals<string>()]
  const lines = new Set<{ client: Duplex, upstream: Duplex }>()
  const accepting = new WebSocketServer({ noServer: true })
  let [now, most] = [0, 0]

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy())
  })

  async function serve (request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = Buffer.concat(await request.toArray())
    if (request.url!.includes('/events/')) asks.add(request.url!)
    if (request.method !== 'POST' || !request.url!.endsWith('/messages/')) return pass(request, body, response)
    most = Math.max(most, ++now)
    const fate = fates.shift()
    posts.add(request.headers['content-type'] === 'application/json' ? JSON.parse(String(body)) : String(body))
    try {
      if (fate === undefined || fate === 'lose the answer') await pass(request, body, response, fate !== undefined)
      else response.writeHead(fate.status, fate.headers).end(fate.body)
    } finally { now-- }
  }

  async function pass ({ method, url, headers }: IncomingMessage, body: Buffer, response: ServerResponse, isLost = false): Promise<void> {
    const passed = httpRequest(`http://${target}${url}`, { method: method!, headers, agent: false })
    passed.end(body)
    const [answer] = await once(passed, 'response') as [IncomingMessage]
    const text = Buffer.concat(await answer.toArray())
    if (isLost) response.destroy()
    else response.writeHead(answer.statusCode!, answer.headers).end(text)
  }

  server.on('upgrade', (request: IncomingMessage, client: Duplex, head: Buffer) => {
    const code = codes.shift()
    sockets.add(request.url!)
    if (code !== undefined) accepting.handleUpgrade(request, client, head, socket => socket.close(code, `closed with ${code}`))
    else if (isStuttering) accepting.handleUpgrade(request, client, head, socket => stutter(request, socket, target))
    else join(request, client)
  })

  function join ({ url, rawHeaders }: IncomingMessage, client: Duplex): void {
    const [host, port] = target.split(':')
    const upstream = connect({ host: host!, port: Number(port) })
    const line = { client, upstream }
    lines.add(line)
    for (const socket of [client, upstream]) {
      socket.on('error', () => {}).on('close', () => { lines.delete(line); client.destroy(); upstream.destroy() })
    }
    const heads = rawHeaders.flatMap((name, index) => index % 2 === 0 ? [`${name}: ${rawHeaders[index + 1]}`] : [])
    upstream.write(`GET ${url} HTTP/1.1\r\n${heads.join('\r\n')}\r\n\r\n`)
    client.pipe(upstream).pipe(client)
  }

  function swallow (): void {
    for (const { client, upstream } of lines) {
      client.unpipe(upstream).resume()
      upstream.unpipe(client).resume()
    }
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(async () => {
    for (const { client, upstream } of lines) { client.destroy(); upstream.destroy() }
    for (const socket of accepting.clients) socket.terminate()
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  })
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    fates,
    posts,
    most: () => most,
    asks,
    codes,
    sockets,
    drop: () => { for (const { client } of lines) client.destroy() },
    swallow,
    hold: () => { for (const { client, upstream } of lines) upstream.unpipe(client) },
    release: () => { for (const { client, upstream } of lines) upstream.pipe(client) }
  }
}

function stutter ({ url, headers }: IncomingMessage, client: WebSocket, target: string): void {
  const upstream = new WebSocket(`ws://${target}${url}`, headers['sec-websocket-protocol']!.split(',').map(name => name.trim()))
  let first: string | undefined
  upstream.on('message', data => {
    first ??= String(data)
    for (const frame of [String(data), String(data), first]) client.send(frame)
  })
  client.on('message', data => upstream.send(String(data)))
  client.on('close', () => upstream.terminate())
  upstream.on('close', () => client.terminate())
}
