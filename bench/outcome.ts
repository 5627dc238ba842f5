import type { Goal, Plot, Run, Scenario } from './scenario.js'

/** Several values of one figure. */
export interface Spread { median: number, min: number, max: number }

/** What has become of a goal. */
export interface Reached extends Goal {
  /** The median ratio to the yardstick; of an absolute goal, the median of the figure itself. */
  ratio: number
  met: boolean
}

/** What a scenario has come to. */
export interface Outcome {
  scenario: Scenario
  /** Colloquy's and the yardstick's, of each pair in turn. */
  runs: Array<{ colloquy: Run, yardstick: Run }>
  /** Of each figure that both sides have, over the pairs. */
  ratios: Record<string, Spread>
  goals: Reached[]
  plots: Plot[]
  mistakes: string[]
}

const unknown: Spread = { median: NaN, min: NaN, max: NaN }

export type Side = 'colloquy' | 'yardstick'

/** Draws the conclusions of the runs of a scenario. */
export function conclude (scenario: Scenario, runs: Outcome['runs'], mistakes: string[], plots: Plot[]): Outcome {
  const names = Object.keys(runs[0]?.colloquy.figures ?? {})
  const ratios = Object.fromEntries(names.map(name => [name, spreadOf(runs.map(({ colloquy, yardstick }) => ratioOf(colloquy.figures[name], yardstick.figures[name])))]))
  const goals = scenario.goals.map(goal => reach(goal, goal.isAbsolute ? spreadOfFigure(runs, 'colloquy', goal.figure) : ratios[goal.figure]))
  return { scenario, runs, ratios, goals, plots, mistakes }
}

/** One figure of one side, over the pairs. */
export function spreadOfFigure (runs: Outcome['runs'], side: Side, figure: string): Spread {
  return spreadOf(runs.map(run => run[side].figures[figure] ?? NaN))
}

function reach (goal: Goal, { median: ratio }: Spread = unknown): Reached {
  return { ...goal, ratio, met: ratio >= (goal.atLeast ?? -Infinity) && ratio <= (goal.atMost ?? Infinity) }
}

// Where one of them is not known, or nothing, there is none.
function ratioOf (mine = NaN, other = NaN): number {
  return mine > 0 && other > 0 ? mine / other : NaN
}

function spreadOf (values: number[]): Spread {
  const known = values.filter(Number.isFinite)
  return known.length === 0 ? unknown : { median: median(known), min: Math.min(...known), max: Math.max(...known) }
}

/** The middle of some values, or of the two in the middle. */
export function median (values: number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = (sorted.length - 1) / 2
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2
}
