import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http'
import { createServer as createTcpServer, type AddressInfo } from 'node:net'
import type { Test } from './app.js'
import { arrivals } from './subscriber.js'

export interface BotRequest {
  method: string
  url: string
  headers: IncomingHttpHeaders
  body: string
  /** The parsed body; undefined when it is not JSON. */
  json: any
  /** 1 for the first request. */
  count: number
}

export interface BotAnswer {
  /** 200 when not given. */
  status?: number
  headers?: OutgoingHttpHeaders
  /** A string and a Buffer are sent as they are, anything else as JSON. */
  body?: unknown
  /** Never answers. */
  hang?: boolean
  /** Drops the connection instead of an answer. */
  destroy?: boolean
}

export interface BotServer {
  readonly port: number
  readonly url: string
  requests: BotRequest[]
  /** Resolves with the first n requests when so many have come; rejects after 10 s. */
  until: (n: number) => Promise<BotRequest[]>
  /** Resolves with the first request that it has not given yet, which may have come before. */
  nextRequest: () => Promise<BotRequest>
  /** Drops the connections and listens no more. */
  stop: () => Promise<void>
  /** Listens again; at the same port unless another is given. */
  startAt: (port?: number) => Promise<void>
}

/** An HTTP server of somebody else, stopped with the test. It listens at once, at the given port or a free one. */
export async function startBotServer (t: Pick<Test, 'teardown'>, answer: (request: BotRequest) => BotAnswer | Promise<BotAnswer>, { port = 0 }: { port?: number } = {}): Promise<BotServer> {
  const came = arrivals<BotRequest>()
  let given = 0
  const server = createServer((incoming, response) => {
    // The other side may go away before its body is here.
    serve(incoming, response).catch(() => incoming.destroy())
  })

  async function serve (incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = (await incoming.setEncoding('utf8').toArray()).join('')
    const { method, url, headers } = incoming
    const request = { method: method!, url: url!, headers, body, json: parse(body), count: came.items.length + 1 }
    came.add(request)
    send(response, await Promise.resolve(request).then(answer).catch((error: Error) => ({ status: 500, body: error.stack })))
  }

  async function startAt (wanted = port): Promise<void> {
    server.listen(wanted, '127.0.0.1')
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
  }

  async function stop (): Promise<void> {
    const stopped = new Promise<void>(resolve => server.close(() => resolve()))
    server.closeAllConnections()
    await stopped
  }

  t.teardown(stop)
  await startAt()
  return {
    get port () { return port },
    get url () { return `http://127.0.0.1:${port}/` },
    requests: came.items,
    until: async n => { if (n > 0) await came.until(() => true, n - 1, `${n} requests`); return came.items.slice(0, n) },
    nextRequest: () => came.until(() => true, given++),
    stop,
    startAt
  }
}

/** A port at which nobody listens. It is below those that the system gives to clients, so that no client has it, or calls itself there, meanwhile. */
export async function reservePort (): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    const server = createTcpServer().listen(port, '127.0.0.1')
    const isFree = await once(server, 'listening').then(() => true, () => false)
    if (!isFree) continue
    server.close()
    await once(server, 'close')
    return port
  }
}

function send (response: ServerResponse, { status = 200, headers = {}, body, hang = false, destroy = false }: BotAnswer): void {
  if (destroy) response.destroy()
  if (destroy || hang) return
  const isRaw = body === undefined || typeof body === 'string' || Buffer.isBuffer(body)
  response.writeHead(status, { ...!isRaw && { 'content-type': 'application/json' }, ...headers })
  response.end(isRaw ? body : JSON.stringify(body))
}

function parse (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
