import { call, inParallel, openConversations, openSession, type Member } from '../client.js'
import { startColloquy } from '../colloquy.js'
import { loadHttp } from '../http-load.js'
import { pagePath, pages } from '../paging.js'
import { benchFile } from '../places.js'
import { startProcess } from '../processes.js'
import type { Scenario } from '../scenario.js'

const CONVERSATIONS = 100
const MESSAGES_EACH = 200
const SMOKE = { conversations: 3, messagesEach: 60 }

export const page: Scenario = {
  name: 'page',
  title: 'The last 50 messages of 100 conversations, against bare Fastify that checks the token and sends the same bytes from memory',
  goals: [{ figure: 'rate_per_s', atLeast: 0.8 }],
  open: async extent => {
    const { conversations, messagesEach } = extent.isSmoke ? SMOKE : { conversations: CONVERSATIONS, messagesEach: MESSAGES_EACH }
    const colloquy = await startColloquy(extent)
    const yardstick = await startProcess({ file: benchFile('yardsticks/http') })
    const members = await openConversations(colloquy.address, conversations)
    await talk(colloquy.address, members, messagesEach, extent.onProgress)
    const bodies = await Promise.all(members.map(member => readPage(colloquy.address, member)))
    const copies = await inParallel(members.length, index => copyPage(yardstick.address, members[index]!, bodies[index]!))
    return {
      run: () => loadHttp(colloquy, { ...extent, next: pages(colloquy.address, members, bodies) }),
      yardstick: () => loadHttp(yardstick, { ...extent, next: pages(yardstick.address, copies, bodies) }),
      close: async () => { await colloquy.close(); await yardstick.stop() }
    }
  }
}

async function talk (address: string, members: Member[], messagesEach: number, onProgress: (part: number) => void): Promise<void> {
  const total = members.length * messagesEach
  await inParallel(total, async index => {
    const { conversationId, token } = members[index % members.length]!
    await call(address, 'POST', `/api/chat/conversations/${conversationId}/messages/`, token, { type: 'T', text: `The tea is ready, and there is cake for ${index}.`, local_id: String(index) })
    if (index % members.length === 0) onProgress(index / total)
  })
}

async function readPage (address: string, { conversationId, token }: Member): Promise<string> {
  const response = await fetch(address + pagePath(conversationId), { headers: { authorization: `Bearer ${token}` } })
  return response.text()
}

/** Lets the yardstick answer the same, to somebody whom it knows. */
async function copyPage (address: string, member: Member, body: string): Promise<Member> {
  await fetch(address + pagePath(member.conversationId), { method: 'PUT', headers: { 'content-type': 'application/octet-stream' }, body })
  return { ...member, token: await openSession(address) }
}
