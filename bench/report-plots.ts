import { labelOf } from './figures.js'
import { median, type Outcome, type Side } from './outcome.js'
import type { Plot, Run } from './scenario.js'

const sides = ['colloquy', 'yardstick'] as const
const names: Record<Side, string> = { colloquy: 'Colloquy', yardstick: 'yardstick' }

/** What is drawn of a scenario: its goals and the memory of each pair, how the latencies are distributed, and what it adds itself. */
export function plotsOf (outcome: Outcome): Plot[] {
  const figures = new Set([...outcome.goals.map(({ figure }) => figure), 'memory_mib'])
  return [...[...figures].map(figure => pairPlot(outcome, figure)), latencyPlot(outcome), ...outcome.plots].map(withoutUnknown)
}

function pairPlot ({ runs }: Outcome, figure: string): Plot {
  return {
    title: labelOf(figure),
    x: 'pair',
    y: '',
    series: sides.map(side => ({ name: names[side], points: runs.map((run, index) => [index + 1, run[side].figures[figure] ?? NaN]) }))
  }
}

/** At each share the median of the runs. */
function latencyPlot ({ runs }: Outcome): Plot {
  return {
    title: 'latency, ms',
    x: 'share of the operations that took no longer',
    y: '',
    spacing: 'share',
    series: sides.map(side => ({ name: names[side], points: medianLatencies(runs.map(run => run[side])) }))
  }
}

function medianLatencies (runs: Run[]): Array<[share: number, ms: number]> {
  const distributions = runs.flatMap(({ latencies }) => latencies === undefined || latencies.length === 0 ? [] : [latencies])
  // The slowest of all, share 1, would be infinitely far to the right.
  return (distributions[0] ?? []).filter(([share]) => share < 1).map(([share], index) => [share, median(distributions.map(latencies => latencies[index]![1]))])
}

function withoutUnknown (plot: Plot): Plot {
  const series = plot.series.map(({ name, points }) => ({ name, points: points.filter(([, y]) => Number.isFinite(y)) }))
  return { ...plot, series: series.filter(({ points }) => points.length > 0) }
}
