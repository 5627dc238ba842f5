import { inParallel } from '../client.js'
import { receive } from '../receive.js'
import { createConnections } from '../requests.js'
import type { Scenario } from '../scenario.js'
import { openShelf } from '../shelf.js'
import { LANES, runTransfers } from '../transfers.js'

export const download: Scenario = {
  name: 'download',
  title: '8 files of 10 MB at once, while people post, against a bare Fastify that sends as many bytes from memory',
  goals: [{ figure: 'throughput_mb_per_s', atLeast: 0.4 }, { figure: 'posts_p99_ratio', atMost: 3, isAbsolute: true }],
  open: async extent => {
    const { colloquy, yardstick, members, ledger, store, check, close } = await openShelf(extent)
    const connections = createConnections()
    const urls = await inParallel(LANES, lane => store(lane, connections))
    connections.destroy()
    return {
      run: () => runTransfers(extent, { server: colloquy, members, ledger, move: lane => receive(urls[lane]!) }),
      yardstick: () => runTransfers(extent, { server: yardstick, members, move: () => receive(`${yardstick.address}/file`) }),
      check,
      close
    }
  }
}
