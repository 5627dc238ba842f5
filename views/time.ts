/**
 * A time as the API writes it: ISO 8601, UTC, three digits of a second. Clients in Python before 3.11 read three or
 * six digits and no other number of them.
 */
export function timeView (ms: number): string {
  return new Date(ms).toISOString()
}
