import type { Run } from './scenario.js'

/** At which shares of the operations a distribution is told: close together where it is of interest, at its end. */
const SHARES = [0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975, 0.99, 0.995, 0.9975, 0.999, 0.9995, 0.9999, 1]

/** How long operations took: the figures that tables show, and the distribution for plots. In ms; NaN when there were none. */
export function spread (latenciesMs: number[]): Required<Pick<Run, 'latencies'>> & { figures: { p50_ms: number, p99_ms: number, p999_ms: number } } {
  const sorted = Float64Array.from(latenciesMs).sort()
  return {
    figures: { p50_ms: at(sorted, 0.5), p99_ms: at(sorted, 0.99), p999_ms: at(sorted, 0.999) },
    latencies: sorted.length === 0 ? [] : SHARES.map(share => [share, at(sorted, share)])
  }
}

// The nearest rank: the least value that so large a share does not exceed.
function at (sorted: Float64Array, share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? NaN
}
