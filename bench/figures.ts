// What figures end in, and how it is read; a longer ending comes before a shorter one.
const endings: Array<[ending: string, text: string]> = [
  ['p999_ms', 'p99.9, ms'],
  ['cpu_us', 'CPU of the server, each operation, µs'],
  ['load_share', 'CPU of the load, share of its core'],
  ['_mib_per_s', ', MiB per s'],
  ['_mb_per_s', ', MB per s'],
  ['_per_s', ', per s'],
  ['_ms', ', ms'],
  ['_us', ', µs'],
  ['_kb', ', kB'],
  ['_kib', ', KiB'],
  ['_mib', ', MiB']
]

/** How a figure is called where people read it. */
export function labelOf (figure: string): string {
  const [ending, text] = endings.find(([ending]) => figure.endsWith(ending)) ?? ['', '']
  return figure.slice(0, figure.length - ending.length).replaceAll('_', ' ') + text
}

/** A number with three digits that count, more when it is large; – for one that is not known. */
export function show (value: number): string {
  if (!Number.isFinite(value)) return '–'
  return value >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)))
}

export function showRatio (value: number): string {
  return Number.isFinite(value) ? value.toFixed(2) : '–'
}
