import { openConversations } from '../client.js'
import { startColloquy } from '../colloquy.js'
import { createLedger } from '../count.js'
import { checkStored } from '../fault.js'
import { loadHttp } from '../http-load.js'
import type { Loaded } from '../measure.js'
import { benchFile } from '../places.js'
import { posts } from '../posting.js'
import { startProcess } from '../processes.js'
import type { Scenario } from '../scenario.js'

const CONVERSATIONS = 100
const SMOKE_CONVERSATIONS = 4

export const post: Scenario = {
  name: 'post',
  title: 'Text messages into 100 conversations, each acknowledged after a durable commit, against a bare Fastify route that stores nothing',
  goals: [{ figure: 'rate_per_s', atLeast: 0.8 }, { figure: 'p99_ms', atMost: 2.5 }],
  open: async extent => {
    const colloquy = await startColloquy(extent)
    const yardstick = await startProcess({ file: benchFile('yardsticks/http') })
    const open = async (server: Loaded) => {
      const members = await openConversations(server.address, extent.isSmoke ? SMOKE_CONVERSATIONS : CONVERSATIONS)
      const ledger = createLedger(members)
      const next = posts(server.address, members, ledger)
      return { ledger, run: () => loadHttp(server, { ...extent, next }) }
    }
    const mine = await open(colloquy)
    const other = await open(yardstick)
    return {
      run: mine.run,
      yardstick: other.run,
      check: () => checkStored(extent, colloquy, mine.ledger),
      close: async () => { await colloquy.close(); await yardstick.stop() }
    }
  }
}
