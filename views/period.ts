import { problem } from '../errors.js'

// ISO 8601 as people write it: a date, or a date and a time with or without seconds, fractions and a zone.
const pattern = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(Z|[+-](?:[01]\d|2[0-3])(?::?[0-5]\d)?)?)?$/i

/**
 * The milliseconds of a date-time, UTC when it names no zone, or of `now`. Fractions of a millisecond stay.
 * @throws ProblemError query_invalid
 */
export function readDateTime (name: 'since' | 'until', text: string): number {
  if (text === 'now') return Date.now()
  const match = text.match(pattern)
  const time = match === null ? NaN : toTime(match)
  if (!Number.isNaN(time)) return time
  const detail = 'must be an ISO 8601 date-time or now'
  throw problem('query_invalid', {
    detail: `Invalid date-time string: ${text}. ${name} ${detail}; write a plus sign as %2B.`,
    errors: [{ in: 'query', pointer: `/${name}`, code: 'date_time', detail }]
  })
}

function toTime (match: RegExpMatchArray): number {
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(part => Number(part ?? 0)) as [number, number, number, number, number, number]
  const time = Date.UTC(year, month - 1, day, hour, minute, second)
  const isReal = new Date(time).getUTCMonth() === month - 1 && new Date(time).getUTCDate() === day && hour < 24 && minute < 60 && second < 60
  return isReal ? time + Number(`0.${match[7] ?? 0}`) * 1000 - zoneMs(match[8]) : NaN
}

function zoneMs (zone: string | undefined): number {
  if (zone === undefined || zone.toUpperCase() === 'Z') return 0
  const digits = zone.replace(/\D/g, '').padEnd(4, '0')
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2))
  return minutes * 60_000 * (zone.startsWith('-') ? -1 : 1)
}
