/** What one run of a load has come to. Names end in the unit: `rate_per_s`, `p99_ms`, `cpu_us` (of the server, each operation), `memory_mib`. */
export type Figures = Record<string, number>

/** One run of a load against one server. */
export interface Run {
  figures: Figures
  /** Latencies in ms, each at its share of the operations (0.5, 0.99 …), for a plot of their distribution. */
  latencies?: Array<[share: number, ms: number]>
  /** What went wrong, in sentences: a run with one is a failure, whatever its speed. */
  mistakes: string[]
}

/** What a figure must come to: against the same figure of the yardstick, or by itself when `isAbsolute`. */
export interface Goal {
  figure: string
  atLeast?: number
  atMost?: number
  isAbsolute?: boolean
}

/** How long and how wide a load is. */
export interface Extent {
  /** Of each run. */
  seconds: number
  connections: number
  /** How many times each side is run, alternately. */
  pairs: number
  /** A server that runs already; absent to start one. */
  url?: string
  /** Goes wrong on purpose, so that it can be tested that the bench notices. */
  fault?: 'drop' | 'double'
  /** A small part of everything, to see that it works. */
  isSmoke: boolean
  /** Called while the scenario is opened, from 0 to 1. */
  onProgress: (part: number) => void
}

/** Curves for the page of the report. */
export interface Plot {
  title: string
  x: string
  /** The unit; empty when the title says it. */
  y: string
  /** How x is spaced: evenly when absent, by its logarithm, or as a share that comes ever closer to 1. */
  spacing?: 'logarithm' | 'share'
  series: Array<{ name: string, points: Array<[x: number, y: number]> }>
}

/** A scenario that is ready to be run: its servers are up, its conversations are there. */
export interface Stage {
  /** Loads Colloquy. */
  run: () => Promise<Run>
  /** Does the same to the yardstick. */
  yardstick: () => Promise<Run>
  /** Reads everything back when all runs are over and says what is lost, doubled or out of order. */
  check?: () => Promise<string[]>
  /** What else the report shows, when all runs are over. */
  plots?: () => Plot[]
  close: () => Promise<void>
}

export interface Scenario {
  name: string
  /** What is loaded, and against what, in a sentence. */
  title: string
  goals: Goal[]
  /** Whether it needs servers that it starts itself, so that it cannot load one that runs already. */
  startsServers?: true
  open: (extent: Extent) => Promise<Stage>
}
