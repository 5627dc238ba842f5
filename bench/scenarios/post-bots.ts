import { setTimeout as pause } from 'node:timers/promises'
import type { BotStateList, Event } from '../../contract/api.js'
import { fire } from '../cannon.js'
import { call, inParallel, openConversations, type Member } from '../client.js'
import { startColloquy, type Colloquy } from '../colloquy.js'
import { createLedger, readLog } from '../count.js'
import { checkStored } from '../fault.js'
import { measure } from '../measure.js'
import { posts } from '../posting.js'
import type { Extent, Run, Scenario } from '../scenario.js'

const CONVERSATIONS = 100
const SMOKE_CONVERSATIONS = 4
const ADMIN_KEY = 'a key that only this load test needs to know'
const ANSWERS_MAX_MS = 60_000
const LOOK_MS = 20
const BOT = { name: 'ECHO', kind: 'echo', delay_ms: 0 } as const

export const postBots: Scenario = {
  name: 'post-bots',
  title: 'The same posts with ECHO in each conversation, until every answer is there, against Colloquy without bots; the rate counts messages stored',
  goals: [{ figure: 'stored_per_s', atLeast: 0.9 }],
  startsServers: true,
  open: async extent => {
    const withBot = await openSide(extent, [BOT.name])
    const without = await openSide(extent, [])
    return {
      run: withBot.run,
      yardstick: without.run,
      check: async () => [...await withBot.check(), ...await withBot.checkAnswers()],
      close: async () => { await withBot.close(); await without.close() }
    }
  }
}

async function openSide (extent: Extent, bots: string[]) {
  const colloquy = await startColloquy(extent, { settings: { bots: [BOT] }, env: { COLLOQUY_ADMIN_KEY: ADMIN_KEY } })
  const members = await openConversations(colloquy.address, extent.isSmoke ? SMOKE_CONVERSATIONS : CONVERSATIONS, bots)
  const ledger = createLedger(members)
  const next = posts(colloquy.address, members, ledger)
  return {
    run: () => postUntilAnswered(colloquy, members, { ...extent, next }),
    check: () => checkStored(extent, colloquy, ledger),
    checkAnswers: async () => (await inParallel(members.length, async index => checkAnswers(await readLog(colloquy.address, members[index]!)))).flat(),
    close: colloquy.close
  }
}

/** Posts, and goes on until the bot has answered everything; the time of both counts. */
async function postUntilAnswered (colloquy: Colloquy, members: Member[], volley: Parameters<typeof fire>[1]): Promise<Run> {
  const before = await countEvents(colloquy.address, members)
  const { figures: { rate_per_s: storedPerS, ...figures }, ...run } = await measure(colloquy, async () => {
    const startMs = performance.now()
    const { latenciesMs, mistakes } = await fire(colloquy.address, volley)
    const late = await untilAnswered(colloquy.address)
    const seconds = (performance.now() - startMs) / 1000
    return { count: await countEvents(colloquy.address, members) - before, seconds, latenciesMs, mistakes: [...mistakes, ...late] }
  })
  return { ...run, figures: { stored_per_s: storedPerS!, ...figures } }
}

async function untilAnswered (address: string): Promise<string[]> {
  const endMs = performance.now() + ANSWERS_MAX_MS
  for (;;) {
    const { results } = await call<BotStateList>(address, 'GET', '/api/chat/admin/bots/', ADMIN_KEY)
    const open = results.reduce((sum, state) => sum + state.open, 0)
    if (open === 0) return []
    if (performance.now() > endMs) return [`Unanswered: after ${ANSWERS_MAX_MS / 1000} s, ${open} messages still wait for the bot.`]
    await pause(LOOK_MS)
  }
}

/** How much has happened; all that happens while posts are sent is that messages are stored. */
async function countEvents (address: string, members: Member[]): Promise<number> {
  const seqs = await inParallel(members.length, async index => {
    const { conversationId, token } = members[index]!
    const path = `/api/chat/conversations/${conversationId}/events/?after=${Number.MAX_SAFE_INTEGER}&limit=1`
    return (await call<{ last_seq: number }>(address, 'GET', path, token)).last_seq
  })
  return seqs.reduce((sum, seq) => sum + seq, 0)
}

/** Each message of a person has one answer. */
function checkAnswers (events: Event[]): string[] {
  const said = events.flatMap(event => event.type === 'message.created' && event.message.type === 'T' ? [event.message] : [])
  const answers = new Map<string, number>()
  for (const { quoted_message_id: quoted } of said) if (quoted !== null) answers.set(quoted, (answers.get(quoted) ?? 0) + 1)
  return said.filter(message => message.sent_by_human && answers.get(message.id) !== 1)
    .map(({ id, seq }) => `Answered ${answers.get(id) ?? 0} times: the message ${id} at seq ${seq}.`)
}
