import type { Browser } from 'playwright-core'
import type { Message } from '../../contract/api.js'
import { startBrowser } from '../browser.js'
import { call, inParallel, type Member } from '../client.js'
import { startColloquy } from '../colloquy.js'
import { createLedger, type Ledger } from '../count.js'
import { checkStored } from '../fault.js'
import { frameOf, inputOf } from '../message-frames.js'
import { numberedText } from '../page-watch.js'
import { visitPage, type Side } from '../page-visit.js'
import { benchFile } from '../places.js'
import { startProcess } from '../processes.js'
import type { Extent, Scenario, Stage } from '../scenario.js'
import { inhabit } from '../talks.js'

const MESSAGES = 2000
const SMOKE_MESSAGES = 200

export const chatPage: Scenario = {
  name: 'chat-page',
  title: 'The chat page in Chromium with 2,000 messages loaded, to which 25 a second come, against a bare page that appends each to a list; work is what its main thread does until a message is drawn',
  goals: [
    { figure: 'work_p50_ms', atMost: 1 },
    { figure: 'work_p99_ms', atMost: 16.7, isAbsolute: true },
    { figure: 'long_tasks', atMost: 0, isAbsolute: true },
    { figure: 'transfer_kb', atMost: 100, isAbsolute: true }
  ],
  open
}

async function open (extent: Extent): Promise<Stage> {
  const browser = await startBrowser()
  const colloquy = await startColloquy(extent, { settings: { rooms: true } })
  const yardstick = await startProcess({ file: benchFile('yardsticks/bare-page') })
  const [[ana, bia]] = await inhabit(colloquy.address, 1, 2) as [[Member, Member]]
  const ledger = createLedger([ana])
  const mine = await prepare({ browser, url: `${colloquy.address}/#/c/${ana.conversationId}`, token: ana.token, post: poster(colloquy.address, bia, ledger) }, extent)
  const other = await prepare({ browser, url: `${yardstick.address}/`, post: relayer(yardstick.address, ledger) }, { ...extent, onProgress: () => {} })
  return {
    run: () => visitPage(mine, extent),
    yardstick: () => visitPage(other, extent),
    check: () => checkStored(extent, colloquy, ledger),
    close: async () => {
      await browser.close()
      await Promise.all([colloquy.close(), yardstick.stop()])
    }
  }
}

/** Somebody who posts to Colloquy. */
function poster (address: string, { conversationId, token }: Member, ledger: Ledger): Side['post'] {
  return async () => {
    const localId = ledger.nextLocalId()
    const number = Number(localId)
    const { seq } = await call<Message>(address, 'POST', `/api/chat/conversations/${conversationId}/messages/`, token, inputOf(localId, numberedText(number)))
    ledger.acknowledge(conversationId, { seq, localId })
    return number
  }
}

/** The same for the yardstick, which is given the frame itself. */
function relayer (address: string, ledger: Ledger): Side['post'] {
  return async () => {
    const localId = ledger.nextLocalId()
    const number = Number(localId)
    await call(address, 'POST', '/', undefined, frameOf(localId, numberedText(number)))
    return number
  }
}

/** Fills a side with messages, of which the first is the first for certain. */
async function prepare (side: { browser: Browser, url: string, token?: string, post: Side['post'] }, { isSmoke, onProgress }: Extent): Promise<Side> {
  const first = await side.post()
  const more = (isSmoke ? SMOKE_MESSAGES : MESSAGES) - 1
  await inParallel(more, async index => {
    await side.post()
    onProgress(index / more)
  })
  return { ...side, first, last: await side.post() }
}
