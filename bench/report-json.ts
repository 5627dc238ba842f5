import type { Machine } from './machine.js'
import type { Outcome } from './outcome.js'

/** All figures, for programs. What is unknown is null. */
export function reportJson (outcomes: Outcome[], machine: Machine, date: Date): string {
  const scenarios = Object.fromEntries(outcomes.map(outcome => [outcome.scenario.name, scenarioOf(outcome)]))
  return JSON.stringify({ machine, date: date.toISOString(), scenarios }, null, 2) + '\n'
}

/** The first goal stands for the scenario. */
function scenarioOf ({ scenario: { title }, goals, ratios, runs, plots, mistakes }: Outcome) {
  const [first] = goals
  return {
    title,
    ratio: first?.ratio,
    goal: first?.atLeast ?? first?.atMost,
    met: mistakes.length === 0 && goals.every(({ met }) => met),
    goals,
    ratios,
    mistakes,
    plots,
    runs
  }
}
