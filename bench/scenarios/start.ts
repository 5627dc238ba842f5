import { setTimeout as pause } from 'node:timers/promises'
import { getHealth } from '../../contract/api.js'
import { createFolder, removeFolder, startColloquy } from '../colloquy.js'
import { fill, seed } from '../fill.js'
import { benchFile } from '../places.js'
import { startProcess, type Running } from '../processes.js'
import type { Run, Scenario } from '../scenario.js'

const USUAL = { conversations: 100, messages: 50_000, restMs: 2000 }
const SMOKE = { conversations: 2, messages: 100, restMs: 100 }

export const start: Scenario = {
  name: 'start',
  title: 'From the start of the process to the first 200, on an existing file, and its memory at rest, against bare Fastify',
  goals: [{ figure: 'start_ms', atMost: 3 }, { figure: 'resident_mib', atMost: 1.6 }],
  startsServers: true,
  open: async ({ isSmoke }) => {
    const { conversations, messages, restMs } = isSmoke ? SMOKE : USUAL
    const folder = createFolder()
    await seed(folder, conversations)
    await fill(folder, messages, () => {})
    return {
      run: () => startOnce(async () => (await startColloquy({}, { folder })).running!, getHealth.url, restMs),
      yardstick: () => startOnce(() => startProcess({ file: benchFile('yardsticks/bare') }), '/health', restMs),
      close: async () => removeFolder(folder)
    }
  }
}

async function startOnce (launch: () => Promise<Running>, path: string, restMs: number): Promise<Run> {
  const startMs = performance.now()
  const server = await launch()
  const { status } = await fetch(`${server.address}${path}`)
  const figures = { start_ms: performance.now() - startMs, start_cpu_ms: server.cpuUs() / 1000 }
  await pause(restMs)
  const residentMib = server.residentMib()
  await server.stop()
  return { figures: { ...figures, resident_mib: residentMib }, mistakes: status === 200 ? [] : [`The first answer was ${status}.`] }
}
