import { conclude, type Outcome } from './outcome.js'
import type { Extent, Scenario, Stage } from './scenario.js'

type Tell = (what: string, part: number) => void

/** Runs a scenario: both sides in turn, a first time that does not count, then as often as asked. What throws is a mistake. */
export async function perform (scenario: Scenario, extent: Omit<Extent, 'onProgress'>, tell: Tell): Promise<Outcome> {
  try {
    const stage = await scenario.open({ ...extent, onProgress: part => tell(`${scenario.name}: preparing`, part) })
    try {
      requireHarm(stage, extent)
      return await runStage(scenario, stage, extent, tell)
    } finally {
      await stage.close()
    }
  } catch (error) {
    return conclude(scenario, [], [`It broke off: ${error instanceof Error ? error.stack : String(error)}`], [])
  }
}

/** Who asks for a fault wants to see it noticed. */
function requireHarm ({ check }: Stage, { fault }: Pick<Extent, 'fault'>): void {
  if (fault !== undefined && check === undefined) throw new Error('It stores nothing that a fault could harm.')
}

async function runStage (scenario: Scenario, stage: Stage, { pairs, isSmoke }: Pick<Extent, 'pairs' | 'isSmoke'>, tell: Tell): Promise<Outcome> {
  // Code that was never run is slow, on both sides.
  const idle = isSmoke ? 0 : 1
  const runs: Outcome['runs'] = []
  for (let pair = 0; pair < pairs + idle; pair++) {
    const turn = pair < idle ? 'to get warm' : `pair ${pair + 1 - idle} of ${pairs}`
    tell(`${scenario.name}: Colloquy, ${turn}`, pair / (pairs + idle))
    const colloquy = await stage.run()
    tell(`${scenario.name}: yardstick, ${turn}`, (pair + 0.5) / (pairs + idle))
    runs.push({ colloquy, yardstick: await stage.yardstick() })
  }
  tell(`${scenario.name}: counting`, 1)
  const mistakes = [...runs.flatMap(mistakesOf), ...await stage.check?.() ?? []]
  return conclude(scenario, runs.slice(idle), mistakes, stage.plots?.() ?? [])
}

function mistakesOf ({ colloquy, yardstick }: Outcome['runs'][number]): string[] {
  return [...colloquy.mistakes, ...yardstick.mistakes.map(mistake => `The yardstick: ${mistake}`)]
}
