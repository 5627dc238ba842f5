import { show } from './figures.js'
import type { Plot } from './scenario.js'

/** An axis of a plot: where values stand on it, from 0 to 1, and what is written at it. */
export interface Axis {
  place: (value: number) => number
  ticks: Array<{ value: number, label: string }>
}

const TICKS_MAX = 6
const SHARE_TICKS = [0, 0.9, 0.99, 0.999, 0.9999]

/** From 0 to a round number that is not less than any of the values. */
export function heightAxis (values: number[]): Axis {
  const step = roundStep(Math.max(0, ...values))
  const end = Math.max(step, Math.ceil(Math.max(0, ...values) / step) * step)
  return { place: value => value / end, ticks: range(0, end, step).map(toTick) }
}

/** From the least value to the greatest. */
export function widthAxis (values: number[], spacing: Plot['spacing']): Axis {
  switch (spacing) {
    case 'share': return shareAxis(values)
    case 'logarithm': return spaced([...new Set(values)].map(toTick), Math.log10)
    default: return spaced(range(Math.min(...values), Math.max(...values), Math.max(1, roundStep(Math.max(...values)))).map(toTick), value => value)
  }
}

/** The nines of a share are equally far from each other. */
function shareAxis (values: number[]): Axis {
  const ticks = SHARE_TICKS.filter(share => share <= Math.max(...values)).map(value => ({ value, label: `${Number((value * 100).toFixed(2))} %` }))
  return spaced(ticks, share => -Math.log10(1 - share), Math.max(...values))
}

function spaced (ticks: Axis['ticks'], measure: (value: number) => number, last = ticks.at(-1)!.value): Axis {
  const start = measure(ticks[0]!.value)
  const length = measure(last) - start || 1
  return { ticks, place: value => (measure(value) - start) / length }
}

function toTick (value: number): Axis['ticks'][number] {
  return { value, label: show(value) }
}

function range (from: number, to: number, step: number): number[] {
  return Array.from({ length: Math.floor((to - from) / step + 1e-9) + 1 }, (_, index) => from + index * step)
}

/** 1, 2 or 5 with zeros: a step with which no more than a few ticks lead from 0 to a value. */
function roundStep (value: number): number {
  const least = (value || 1) / TICKS_MAX
  const decade = 10 ** Math.floor(Math.log10(least))
  return [1, 2, 5, 10].map(factor => factor * decade).find(step => step >= least)!
}
