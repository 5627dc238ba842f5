import { availableParallelism, totalmem } from 'node:os'

/** What the figures depend on; nothing that would tell whose machine it is. */
export interface Machine {
  cores: number
  memory_gib: number
  node: string
}

const GIB = 1024 ** 3

// Asked before the load keeps itself to one core.
export const machine: Machine = { cores: availableParallelism(), memory_gib: Math.round(totalmem() / GIB), node: process.versions.node }
