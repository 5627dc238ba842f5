import { setTimeout as pause } from 'node:timers/promises'
import type { Member } from './client.js'
import { createLedger, type Ledger } from './count.js'
import { spread } from './latencies.js'
import { measure, type Done, type Loaded } from './measure.js'
import { createConnections, type Connections } from './requests.js'
import type { Extent, Run } from './scenario.js'
import { postSteadily } from './steady-posts.js'

/** How many files are on the way at once. */
export const LANES = 8

/** Files that come or go, while people post beside. */
export interface Transfers {
  server: Loaded
  /** Moves a file; gives its bytes. */
  move: (lane: number, connections: Connections) => Promise<number>
  /** Who posts. */
  members: Member[]
  /** Absent for a server that stores nothing. */
  ledger?: Ledger
}

const MEGABYTE = 1_000_000

/**
 * Moves files for some seconds while people post, who have posted for half as long before, alone. The figure
 * `posts_p99_ratio` is what the files do to the p99 of the posts.
 */
export async function runTransfers ({ seconds }: Extent, { server, move, members, ledger = createLedger(members) }: Transfers): Promise<Run> {
  const connections = createConnections()
  const postBeside = async <Result>(work: () => Promise<Result>) => {
    const posts = postSteadily(connections, server.address, members, ledger)
    const result = await work()
    const { latenciesMs, mistakes } = await posts.stop()
    return { result, mistakes, p99Ms: spread(latenciesMs).figures.p99_ms }
  }
  try {
    const before = await postBeside(() => pause(seconds * 500))
    const { result: { moved, run }, ...beside } = await postBeside(() => measureMoves(server, seconds, lane => move(lane, connections)))
    return {
      ...run,
      figures: { throughput_mb_per_s: moved / MEGABYTE * run.figures.rate_per_s!, ...run.figures, posts_p99_ms: beside.p99Ms, posts_p99_ratio: beside.p99Ms / before.p99Ms },
      mistakes: [...run.mistakes, ...before.mistakes, ...beside.mistakes]
    }
  } finally {
    connections.destroy()
  }
}

/** Gives the bytes of one file, too. */
async function measureMoves (server: Loaded, seconds: number, move: (lane: number) => Promise<number>): Promise<{ moved: number, run: Run }> {
  let moved = 0
  const run = await measure(server, () => moveFor(seconds, async lane => { moved = await move(lane) }))
  return { moved, run }
}

/** In each lane one file after the other. */
async function moveFor (seconds: number, move: (lane: number) => Promise<void>): Promise<Done> {
  const latenciesMs: number[] = []
  const mistakes: string[] = []
  const startMs = performance.now()
  const workOn = async (lane: number): Promise<void> => {
    while (performance.now() < startMs + seconds * 1000) {
      const sinceMs = performance.now()
      await move(lane)
      latenciesMs.push(performance.now() - sinceMs)
    }
  }
  await Promise.all(Array.from({ length: LANES }, (_, lane) => workOn(lane).catch(error => mistakes.push(`A file was lost on its way. ${error.message}`))))
  return { count: latenciesMs.length, seconds: (performance.now() - startMs) / 1000, latenciesMs, mistakes }
}
