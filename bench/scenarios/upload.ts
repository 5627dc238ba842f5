import { upload as send } from '../files.js'
import type { Scenario } from '../scenario.js'
import { openShelf } from '../shelf.js'
import { runTransfers } from '../transfers.js'

export const upload: Scenario = {
  name: 'upload',
  title: '8 files of 10 MB at once, while people post, against a bare @fastify/multipart that reads them to nowhere',
  goals: [{ figure: 'throughput_mb_per_s', atLeast: 0.4 }, { figure: 'posts_p99_ratio', atMost: 3, isAbsolute: true }],
  open: async extent => {
    const { colloquy, yardstick, members, ledger, files, store, check, close } = await openShelf(extent)
    return {
      run: () => runTransfers(extent, {
        server: colloquy,
        members,
        ledger,
        move: async (lane, connections) => {
          await store(lane, connections)
          return files[lane]!.content.length
        }
      }),
      yardstick: () => runTransfers(extent, {
        server: yardstick,
        members,
        move: async (lane, connections) => {
          await send(connections, yardstick.address, members[lane]!, 'unused', files[lane]!)
          return files[lane]!.content.length
        }
      }),
      check,
      close
    }
  }
}
