import { heightAxis, widthAxis, type Axis } from './axis.js'
import { show } from './figures.js'
import type { Plot } from './scenario.js'

const WIDTH = 460
const HEIGHT = 240
const LEFT = 58
const RIGHT = 28
const TOP = 14
const BOTTOM = 44

/** A plot as an inline SVG image with a caption; its colours are the page's. */
export function drawPlot ({ title, x, y, spacing, series }: Plot): string {
  const points = series.flatMap(({ points }) => points)
  if (points.length === 0) return ''
  const across = widthAxis(points.map(([x]) => x), spacing)
  const up = heightAxis(points.map(([, y]) => y))
  const heading = y === '' ? title : `${title}, ${y}`
  const legend = series.map(({ name }, index) => `<span class="key s${index}">${escape(name)}</span>`).join(' ')
  return `<figure>
<figcaption>${escape(heading)} ${series.length > 1 ? legend : ''}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escape(`${heading} by ${x}`)}">
${up.ticks.map(({ value, label }) => rule(placeUp(up, value), label)).join('\n')}
${across.ticks.map(({ value, label }) => text(placeAcross(across, value), HEIGHT - BOTTOM + 16, label, 'middle')).join('\n')}
${text(WIDTH - RIGHT, HEIGHT - 8, x, 'end')}
${series.map(({ name, points }, index) => curve(points.map(([x, y]) => ({ left: placeAcross(across, x), top: placeUp(up, y), hint: `${name}: ${show(y)}` })), index)).join('\n')}
</svg>
</figure>`
}

/** Text that cannot be mistaken for markup. */
export function escape (text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

function placeAcross (axis: Axis, value: number): number {
  return round(LEFT + axis.place(value) * (WIDTH - LEFT - RIGHT))
}

function placeUp (axis: Axis, value: number): number {
  return round(HEIGHT - BOTTOM - axis.place(value) * (HEIGHT - TOP - BOTTOM))
}

function rule (top: number, label: string): string {
  return `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${top}" y2="${top}"/>${text(LEFT - 6, top + 4, label, 'end')}`
}

function text (left: number, top: number, content: string, anchor: string): string {
  return `<text x="${left}" y="${top}" text-anchor="${anchor}">${escape(content)}</text>`
}

function curve (points: Array<{ left: number, top: number, hint: string }>, index: number): string {
  const line = `<polyline class="s${index}" points="${points.map(({ left, top }) => `${left},${top}`).join(' ')}"/>`
  return line + points.map(({ left, top, hint }) => `<circle class="s${index}" cx="${left}" cy="${top}" r="3"><title>${escape(hint)}</title></circle>`).join('')
}

function round (value: number): number {
  return Math.round(value * 10) / 10
}
