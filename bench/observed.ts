import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import type { Question } from './observe.js'
import { benchFile } from './places.js'
import type { Program, Running } from './processes.js'
import type { Extent } from './scenario.js'

/** With this a server is started that can be asked. */
export const observed: Pick<Program, 'nodeWords' | 'hasChannel'> = {
  nodeWords: ['--expose-gc', '--import', pathToFileURL(benchFile('observe')).href],
  hasChannel: true
}

const LOOK_MS = 300
const SMOKE_LOOK_MS = 50
const LOOKS_MAX = 100
// What a server that does nothing takes: timers.
const QUIET_US = 10_000

export async function ask ({ child }: Pick<Running, 'child'>, question: Question): Promise<number> {
  const answered = once(child, 'message')
  child.send(question)
  const [answer] = await answered
  return answer
}

/** Waits until a server has worked off what it was asked for, half a minute at most. */
export async function settle ({ cpuUs }: Pick<Running, 'cpuUs'>, { isSmoke }: Pick<Extent, 'isSmoke'>): Promise<void> {
  for (let look = 0; look < LOOKS_MAX; look++) {
    const before = cpuUs()
    await pause(isSmoke ? SMOKE_LOOK_MS : LOOK_MS)
    // Not of a server elsewhere, either, of which nothing is known.
    if (!(cpuUs() - before > QUIET_US)) return
  }
}
