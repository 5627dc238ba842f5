import { labelOf, show, showRatio } from './figures.js'
import { spreadOfFigure, type Outcome, type Reached } from './outcome.js'

/** One figure of a scenario, as reports show it. */
export interface Row {
  figure: string
  colloquy: string
  yardstick: string
  ratio: string
  /** The least and the greatest ratio of a pair. */
  spread: string
  goal: string
  result: '' | 'met' | 'missed' | 'unknown'
}

/** A row for each figure, and one more for each further goal of the same figure. */
export function rowsOf (outcome: Outcome): Row[] {
  const names = new Set(outcome.runs.flatMap(({ colloquy, yardstick }) => [...Object.keys(colloquy.figures), ...Object.keys(yardstick.figures)]))
  return [...names].flatMap(name => {
    const goals = outcome.goals.filter(({ figure }) => figure === name)
    return goals.length === 0 ? [rowOf(outcome, name)] : goals.map(goal => rowOf(outcome, name, goal))
  })
}

function rowOf (outcome: Outcome, name: string, goal?: Reached): Row {
  const { median, min, max } = outcome.ratios[name] ?? { median: NaN, min: NaN, max: NaN }
  return {
    figure: labelOf(name),
    colloquy: show(spreadOfFigure(outcome.runs, 'colloquy', name).median),
    yardstick: show(spreadOfFigure(outcome.runs, 'yardstick', name).median),
    ratio: showRatio(median),
    spread: Number.isFinite(median) ? `${showRatio(min)} to ${showRatio(max)}` : '',
    goal: goal === undefined ? '' : goalOf(goal),
    result: goal === undefined ? '' : resultOf(goal)
  }
}

function resultOf ({ ratio, met }: Reached): Row['result'] {
  if (!Number.isFinite(ratio)) return 'unknown'
  return met ? 'met' : 'missed'
}

function goalOf ({ atLeast, atMost, isAbsolute }: Reached): string {
  const bound = atLeast === undefined ? `≤ ${showRatio(atMost!)}` : `≥ ${showRatio(atLeast)}`
  return isAbsolute ? bound : `${bound} ×`
}
