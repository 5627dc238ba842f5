import { parseArgs } from 'node:util'
import type { Extent, Scenario } from './scenario.js'

export interface Options extends Omit<Extent, 'onProgress'> {
  scenarios: Scenario[]
  /** Files to write. */
  json?: string
  html?: string
  isHelp: boolean
}

/** That the bench was called wrongly, in a sentence. */
export class UsageError extends Error {}

type Kind = NonNullable<Extent['fault']>

const words = {
  seconds: { type: 'string' },
  connections: { type: 'string' },
  pairs: { type: 'string' },
  url: { type: 'string' },
  json: { type: 'string' },
  html: { type: 'string' },
  smoke: { type: 'boolean', default: false },
  fault: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false }
} as const

/**
 * What the command line asks for.
 * @throws UsageError
 */
export function readOptions (args: string[], known: Scenario[]): Options {
  const { values, positionals } = parse(args)
  const { smoke: isSmoke, url, json, html, fault, help: isHelp } = values
  const usual = isSmoke ? { seconds: 0.2, connections: 8, pairs: 1 } : { seconds: 5, connections: 64, pairs: 5 }
  return {
    scenarios: choose(positionals, known, url !== undefined),
    seconds: readNumber('seconds', values.seconds, 0.1, 600) ?? usual.seconds,
    connections: readWhole('connections', values.connections, 10_000) ?? usual.connections,
    pairs: readWhole('pairs', values.pairs, 1000) ?? usual.pairs,
    isSmoke,
    isHelp,
    ...url !== undefined && { url: readUrl(url) },
    ...json !== undefined && { json },
    ...html !== undefined && { html },
    ...fault !== undefined && { fault: readFault(fault, url) }
  }
}

export function help (known: Scenario[]): string {
  const width = Math.max(...known.map(({ name }) => name.length))
  return [
    'Usage: npm run bench -- [scenario…] [options]',
    '',
    ...known.map(({ name, title }) => `  ${name.padEnd(width)}  ${title}`),
    '',
    '  --seconds N      how long each run takes (5)',
    '  --connections N  how many connections load by HTTP (64)',
    '  --pairs N        how often both sides are run in turn (5)',
    '  --url ADDRESS    a server that runs already, on this machine',
    '  --json FILE      writes all figures',
    '  --html FILE      writes a page with plots',
    '  --smoke          a little of everything, only to see that it works',
    '  --fault KIND     drop or double: harms a message on purpose, which the bench must notice'
  ].join('\n')
}

function parse (args: string[]) {
  try {
    return parseArgs({ args, options: words, allowPositionals: true })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

function choose (names: string[], known: Scenario[], isElsewhere: boolean): Scenario[] {
  const unknown = names.find(name => !known.some(scenario => scenario.name === name))
  if (unknown !== undefined) throw new UsageError(`There is no scenario "${unknown}". There are ${known.map(({ name }) => name).join(', ')}.`)
  const bound = names.find(name => isElsewhere && known.some(scenario => scenario.name === name && scenario.startsServers))
  if (bound !== undefined) throw new UsageError(`The scenario ${bound} starts its servers itself. Leave out --url.`)
  return known.filter(({ name, startsServers }) => names.length === 0 ? !(isElsewhere && startsServers) : names.includes(name))
}

function readNumber (name: string, text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined) return undefined
  if (/^\d+(\.\d+)?$/.test(text) && Number(text) >= least && Number(text) <= most) return Number(text)
  throw new UsageError(`--${name} must be a number from ${least} to ${most}.`)
}

function readWhole (name: string, text: string | undefined, most: number): number | undefined {
  const number = readNumber(name, text, 1, most)
  if (number !== undefined && !Number.isInteger(number)) throw new UsageError(`--${name} must be a whole number.`)
  return number
}

// Loads are for the own machine alone.
function readUrl (text: string): string {
  const { protocol, hostname, origin } = URL.canParse(text) ? new URL(text) : { protocol: '', hostname: '', origin: '' }
  if (protocol === 'http:' && /^(127(\.\d+){3}|\[::1\]|localhost)$/.test(hostname)) return origin
  throw new UsageError('--url must be the address of a server on this machine, such as http://127.0.0.1:8000.')
}

function readFault (text: string, url: string | undefined): Kind {
  if (url !== undefined) throw new UsageError('--fault harms the file of a server, which must be one that the bench starts. Leave out --url.')
  if (text === 'drop' || text === 'double') return text
  throw new UsageError('--fault must be drop or double.')
}
