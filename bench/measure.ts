import { spread } from './latencies.js'
import type { Running } from './processes.js'
import type { Run } from './scenario.js'

// A server that refuses everything would fill the report.
const MISTAKES_MAX = 100

/** Who is loaded, and tells what that costs it. */
export type Loaded = Pick<Running, 'address' | 'cpuUs' | 'residentMib'>

/** What a load has done to a server. */
export interface Done {
  /** Operations. */
  count: number
  seconds: number
  latenciesMs: number[]
  mistakes: string[]
}

/**
 * Loads a server and tells what it cost. The figure `load_share` is the part of its core that the load itself took: near 1
 * it was the load, not the server, that was the limit.
 */
export async function measure (server: Pick<Loaded, 'cpuUs' | 'residentMib'>, load: () => Promise<Done>): Promise<Run> {
  const before = { serverUs: server.cpuUs(), loadUs: ownCpuUs(), ms: performance.now() }
  const { count, seconds, latenciesMs, mistakes } = await load()
  const loadShare = (ownCpuUs() - before.loadUs) / (performance.now() - before.ms) / 1000
  const serverUs = server.cpuUs() - before.serverUs
  const { figures, latencies } = spread(latenciesMs)
  return {
    figures: { rate_per_s: count / seconds, ...figures, cpu_us: serverUs / count, memory_mib: server.residentMib(), load_share: loadShare },
    latencies,
    mistakes: count === 0 ? ['Nothing was answered.', ...listed(mistakes)] : listed(mistakes)
  }
}

/** The first mistakes, and how many more there were. */
function listed (mistakes: string[]): string[] {
  const more = mistakes.length - MISTAKES_MAX
  return more > 0 ? [...mistakes.slice(0, MISTAKES_MAX), `And ${more} more in the same run.`] : mistakes
}

function ownCpuUs (): number {
  const { user, system } = process.cpuUsage()
  return user + system
}
