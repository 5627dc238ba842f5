import { setTimeout as pause } from 'node:timers/promises'
import type { Message } from '../contract/api.js'
import type { Member } from './client.js'
import type { Ledger } from './count.js'
import { inputFrame } from './message-frames.js'
import { readText, send, type Connections } from './requests.js'

/** What has become of posts; they run until they are stopped. */
export interface SteadyPosts { stop: () => Promise<{ latenciesMs: number[], mistakes: string[] }> }

const PERIOD_MS = 5
const ON_THE_WAY_MAX = 1000

/** Posts text messages to one conversation after the other at a fixed rate, however long each takes. */
export function postSteadily (connections: Connections, address: string, members: Member[], ledger: Ledger): SteadyPosts {
  const latenciesMs: number[] = []
  const mistakes = new Set<string>()
  const onTheWay = new Set<Promise<void>>()
  const over = new AbortController()

  async function post (member: Member): Promise<void> {
    const start = performance.now()
    await postOne(connections, address, member, ledger).catch(error => mistakes.add(`A post failed. ${error.message}`))
    latenciesMs.push(performance.now() - start)
  }

  async function run (): Promise<void> {
    const start = performance.now()
    for (let count = 0; !over.signal.aborted; count++) {
      await pause(start + count * PERIOD_MS - performance.now())
      if (onTheWay.size >= ON_THE_WAY_MAX) continue
      const posting: Promise<void> = post(members[count % members.length]!).finally(() => onTheWay.delete(posting))
      onTheWay.add(posting)
    }
    await Promise.all(onTheWay)
  }

  const running = run()
  return {
    stop: async () => {
      over.abort()
      await running
      return { latenciesMs, mistakes: [...mistakes] }
    }
  }
}

async function postOne (agent: Connections, address: string, { conversationId, token }: Member, ledger: Ledger): Promise<void> {
  const localId = ledger.nextLocalId()
  const body = Buffer.from(inputFrame(localId))
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'content-length': body.length }
  const url = `${address}/api/chat/conversations/${conversationId}/messages/`
  const response = await send(agent, url, { method: 'POST', headers, expected: 201 }, [body])
  const { seq } = JSON.parse(await readText(response)) as Message
  ledger.acknowledge(conversationId, { seq, localId })
}
