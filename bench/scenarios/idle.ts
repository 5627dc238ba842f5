import { setTimeout as pause } from 'node:timers/promises'
import { createFolder, removeFolder, startColloquy } from '../colloquy.js'
import { gather } from '../crowd.js'
import { ask, observed, settle } from '../observed.js'
import { benchFile } from '../places.js'
import { startProcess, type Running } from '../processes.js'
import { visit } from '../reconnect.js'
import type { Extent, Run, Scenario, Stage } from '../scenario.js'
import type { Place } from '../socket-client.js'
import { inhabit, placeOf, socketLimits } from '../talks.js'

const CONVERSATIONS = 500
const PEOPLE = 2
const SOCKETS = 5
const KIB = 1024

export const idle: Scenario = {
  name: 'idle',
  title: '5,000 sockets in 500 conversations, of which none says anything, against `ws` alone',
  goals: [{ figure: 'memory_per_socket_kib', atMost: 1.3 }],
  startsServers: true,
  open
}

async function open (extent: Extent): Promise<Stage> {
  const folder = createFolder()
  const start = () => startColloquy({}, { folder, settings: { rooms: true, limits: socketLimits }, ...observed })
  const first = await start()
  const members = (await inhabit(first.address, extent.isSmoke ? 5 : CONVERSATIONS, PEOPLE)).flat()
  await first.close()

  const placesAt = (address: string): Place[] => members.flatMap(member => Array<Place>(SOCKETS).fill(placeOf(address, member, null)))
  return {
    run: async () => weigh((await start()).running!, placesAt, extent),
    yardstick: async () => weigh(await startProcess({ file: benchFile('yardsticks/sockets'), ...observed }), placesAt, extent),
    close: async () => removeFolder(folder)
  }
}

/** What sockets cost a server that has done nothing before and is stopped afterwards: memory that was used once is seldom given back. */
async function weigh (server: Running, placesAt: (address: string) => Place[], extent: Extent): Promise<Run> {
  const places = placesAt(server.address)
  try {
    // Loads the code that sockets need.
    await visit(places.slice(0, places.length / 50), () => settle(server, extent))
    const before = await weighNow(server, extent)
    const crowd = await gather(places)
    const after = await weighNow(server, extent)
    const idleUs = await spendIdle(server, extent)
    crowd.close()
    return {
      figures: {
        memory_per_socket_kib: (after.residentMib - before.residentMib) * KIB / places.length,
        heap_per_socket_kib: (after.heapMib - before.heapMib) * KIB / places.length,
        cpu_us: (after.cpuUs - before.cpuUs) / places.length,
        memory_mib: after.residentMib,
        idle_cpu_share: idleUs / extent.seconds / 1_000_000
      },
      mistakes: crowd.takeMistakes()
    }
  } finally {
    await server.stop()
  }
}

/** What a server holds and has spent, when it is quiet and its garbage is collected. */
async function weighNow (server: Running, extent: Extent): Promise<{ cpuUs: number, heapMib: number, residentMib: number }> {
  await settle(server, extent)
  const cpuUs = server.cpuUs()
  const heapMib = await ask(server, 'weigh heap')
  await settle(server, extent)
  return { cpuUs, heapMib, residentMib: server.residentMib() }
}

async function spendIdle ({ cpuUs }: Running, { seconds }: Extent): Promise<number> {
  const before = cpuUs()
  await pause(seconds * 1000)
  return cpuUs() - before
}
