import type { Machine } from './machine.js'
import type { Outcome } from './outcome.js'
import { style } from './page-style.js'
import { plotsOf } from './report-plots.js'
import { rowsOf, type Row } from './report-rows.js'
import { drawPlot, escape } from './svg.js'

/** All figures and their plots as one page that needs nothing else. */
export function reportHtml (outcomes: Outcome[], { cores, memory_gib: memory, node }: Machine, date: Date): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Colloquy under load</title>
<style>${style}</style>
<h1>Colloquy under load</h1>
<p>${cores} cores, ${memory} GiB, Node ${escape(node)}, ${date.toISOString().slice(0, 10)}. Both sides were run in turn; the figures are medians of
their runs, the ratio is the median of the ratios of the pairs.</p>
${outcomes.map(section).join('\n')}
</html>
`
}

function section (outcome: Outcome): string {
  const { scenario: { name, title }, mistakes } = outcome
  return `<section>
<h2>${escape(name)}</h2>
<p>${escape(title)}.</p>
${mistakes.length === 0 ? '' : `<p class="missed">Failed, ${mistakes.length} mistakes:</p><ul>${mistakes.map(mistake => `<li>${escape(mistake)}`).join('')}</ul>`}
${table(rowsOf(outcome))}
<div class="plots">
${plotsOf(outcome).map(drawPlot).join('\n')}
</div>
</section>`
}

function table (rows: Row[]): string {
  if (rows.length === 0) return ''
  return `<div class="scroll"><table>
<tr><th><th>Colloquy<th>yardstick<th>ratio<th>of the pairs<th>goal<th></tr>
${rows.map(tableRow).join('\n')}
</table></div>`
}

function tableRow ({ figure, colloquy, yardstick, ratio, spread, goal, result }: Row): string {
  const cells = [colloquy, yardstick, ratio, spread, goal].map(cell => `<td>${escape(cell)}`).join('')
  return `<tr><th>${escape(figure)}${cells}<td class="${result}">${result}</tr>`
}
