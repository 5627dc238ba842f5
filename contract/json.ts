import { isUtf8 } from 'node:buffer'
import { bodyProblem, pointerTo, problem } from '../errors.js'

// Deeper or wider bodies than any operation takes.
const DEPTH_MAX = 32
const VALUES_MAX = 5000

/**
 * A JSON body; undefined for none.
 * @throws ProblemError body_malformed, body_invalid
 */
export function readJson (bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined
  if (!isUtf8(bytes)) throw problem('body_malformed', { detail: 'The body is not UTF-8.' })
  const value = parse(bytes.toString('utf8'))
  requireStorable(value)
  return value
}

function parse (text: string): unknown {
  try { return JSON.parse(text) } catch (error) {
    throw problem('body_malformed', { detail: `The body is not JSON: ${(error as Error).message}.` })
  }
}

/**
 * Refuses what no database and no other client could take: NUL, halves of surrogate pairs, and endless structures.
 * @throws ProblemError body_malformed, body_invalid
 */
export function requireStorable (body: unknown): void {
  const open = [{ value: body, pointer: '', depth: 0 }]
  for (let count = 0; open.length > 0; count++) {
    const { value, pointer, depth } = open.pop()!
    if (depth > DEPTH_MAX) throw bodyProblem('body_malformed', pointer, 'max_depth', `The body is nested deeper than ${DEPTH_MAX} levels.`)
    if (typeof value === 'string' && !isStorable(value)) throw bodyProblem('body_invalid', pointer, 'characters', `${pointer} must not have NUL or half a surrogate pair.`)
    if (typeof value !== 'object' || value === null) continue
    const keys = Object.keys(value)
    if (count + open.length + keys.length > VALUES_MAX) throw bodyProblem('body_malformed', pointer, 'max_values', `The body has more than ${VALUES_MAX} values.`)
    for (const key of keys) open.push({ value: value[key as keyof typeof value] as unknown, pointer: pointerTo(pointer, key), depth: depth + 1 })
  }
}

function isStorable (text: string): boolean {
  return !text.includes('\0') && text.isWellFormed()
}
