import type { Machine } from './machine.js'
import type { Outcome } from './outcome.js'
import { rowsOf } from './report-rows.js'

const MISTAKES_MAX = 10
const HEAD = ['', 'Colloquy', 'yardstick', 'ratio', 'of the pairs', 'goal', '']

/** A table for each scenario, and what went wrong, for a terminal. */
export function reportText (outcomes: Outcome[], { cores, memory_gib: memory, node }: Machine): string {
  return [`${cores} cores, ${memory} GiB, Node ${node}; the median of the runs of each side, and of the ratios.`, ...outcomes.map(scenarioText)].join('\n\n')
}

function scenarioText (outcome: Outcome): string {
  const { scenario: { name, title }, mistakes } = outcome
  const rows = rowsOf(outcome).map(({ figure, colloquy, yardstick, ratio, spread, goal, result }) => [figure, colloquy, yardstick, ratio, spread, goal, result])
  return [`${name}: ${title}`, ...rows.length === 0 ? [] : table([HEAD, ...rows]), ...mistakesText(mistakes)].join('\n')
}

function mistakesText (mistakes: string[]): string[] {
  if (mistakes.length === 0) return []
  const more = mistakes.length - MISTAKES_MAX
  return [`  FAILED, ${mistakes.length} mistakes:`, ...mistakes.slice(0, MISTAKES_MAX).map(mistake => `  - ${mistake}`), ...more > 0 ? [`  - and ${more} more`] : []]
}

/** Lines with columns; the first one is text, the others are numbers. */
function table (rows: string[][]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map(row => row[column]!.length)))
  return rows.map(row => `  ${row.map((cell, column) => column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)).join('  ')}`.trimEnd())
}
