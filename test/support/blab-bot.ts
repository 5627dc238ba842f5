// How the external bot of the BLAB Controller, which is written in Python, behaves on the wire.
import { randomBytes } from 'node:crypto'
import type { Test } from './app.js'
import { startBotServer, type BotRequest } from './stranger.js'
import { arrivals, subscribe, type Subscriber } from './subscriber.js'

/** The bot in one conversation; its frames are those that it heard. */
export interface BlabConversation extends Subscriber {
  conversationId: string
  participantId: string
  session: string
}

export interface BlabBot {
  readonly port: number
  readonly url: string
  /** The requests to enter a conversation. */
  requests: BotRequest[]
  /** One for each conversation that it was asked to enter, whether its socket is open or not; the reason in `closed` tells why one did not open. */
  bots: BlabConversation[]
  /** Resolves with the first n of the bots when so many have their socket open; rejects after 10 s. */
  until: (n: number) => Promise<BlabConversation[]>
  /** Drops all sockets and listens no more. */
  die: () => Promise<void>
  /** Listens again; at the same port unless another is given. */
  startAt: (port?: number) => Promise<void>
}

export interface BlabOptions {
  /** The host and the port of the chat server. */
  server: () => string
  greeting?: string
  /** What it sends for a text of a human, each with a `local_id` unless it has one. */
  answer?: (message: any) => object[]
  port?: number
}

export async function startBlabBot (t: Pick<Test, 'teardown'>, { server, greeting, answer = echo, port = 0 }: BlabOptions): Promise<BlabBot> {
  const bots: BlabConversation[] = []
  const opened = arrivals<BlabConversation>(({ conversationId }) => conversationId)
  let drops: Array<() => unknown> = []
  let isAlive = true

  async function enter ({ conversation_id: conversationId, bot_participant_id: participantId, session }: Record<string, string>): Promise<void> {
    if (!isAlive) return
    const host = server()
    const subscriber = await subscribe({ teardown: drop => { drops.push(drop) } }, `ws://${host}/ws/chat/${conversationId}/`, {
      headers: { Host: host, Cookie: `sessionid=${session}` },
      origin: `http://${host}`,
      waitOpen: false
    })
    const bot = { ...subscriber, conversationId: conversationId!, participantId: participantId!, session: session! }
    const say = (frame: object): void => bot.send({ local_id: randomBytes(16).toString('hex'), ...frame })
    bots.push(bot)
    bot.socket.once('open', () => {
      if (greeting !== undefined) say({ type: 'T', text: greeting })
      opened.add(bot)
    })
    bot.socket.on('message', () => {
      // The subscriber heard the frame first and has parsed it.
      const message = bot.frames.at(-1)?.message
      if (message?.sent_by_human === true && message.type === 'T') answer(message).forEach(say)
    })
  }

  const http = await startBotServer(t, ({ method, json }) => {
    if (method !== 'POST' || json?.conversation_id === undefined) return { status: 400 }
    // Only when the answer is on its way.
    setImmediate(enter, json)
    return { status: 200 }
  }, { port })

  async function die (): Promise<void> {
    isAlive = false
    const dropped = drops
    drops = []
    await Promise.all([http.stop(), ...dropped.map(drop => drop())])
  }

  t.teardown(die)
  return {
    get port () { return http.port },
    get url () { return http.url },
    requests: http.requests,
    bots,
    until: async n => { if (n > 0) await opened.until(() => true, n - 1, `${n} bots with an open socket`); return opened.items.slice(0, n) },
    die,
    startAt: port => { isAlive = true; return http.startAt(port) }
  }
}

function echo ({ id, text }: { id: string, text: string }): object[] {
  return [{ type: 'T', text: `${text} to you, too`, quoted_message_id: id }]
}
