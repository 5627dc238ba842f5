import { execFileSync } from 'node:child_process'

export type Core = number

/** The core of the servers, the one of the load, and all of them; none where there is one core, or no `taskset`. */
export const cores: { server?: Core, load?: Core, all?: Core[] } = divide(listCores())

function divide (allowed: Core[]): typeof cores {
  return allowed.length < 2 ? {} : { server: allowed[0]!, load: allowed.at(-1)!, all: allowed }
}

function listCores (): Core[] {
  try {
    const said = execFileSync('taskset', ['-cp', String(process.pid)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    return said.replace(/^.*: /, '').trim().split(',').flatMap(expand)
  } catch {
    return []
  }
}

/** The numbers that `3` or `0-2` stands for. */
function expand (range: string): Core[] {
  const [first = 0, last = first] = range.split('-').map(Number)
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}
