/**
 * What a message costs the main thread of a page, from Chromium's own trace: it tells of each task how long the thread was at
 * work, also on style, layout and paint, which no script of the page can see. Other ways were left: the time between two
 * moments in the page is mostly waiting for the next frame; `Performance.getMetrics` after each message is a task of the
 * same thread itself, and cannot tell what was done before the message was drawn and what after.
 *
 * It counts the thread's own time, not that of the clock, so that a page is not blamed for what other processes take of the cores;
 * tasks that are long by the clock are counted apart.
 */
import type { CDPSession } from 'playwright-core'

/** An event of the trace, as far as it is needed here; times in µs. */
export interface TraceEvent {
  name: string
  pid: number
  tid: number
  ts: number
  dur?: number
  /** The time of the thread in it. */
  tdur?: number
}

export interface Work {
  /** By the number of the message: from the task in which its frame arrived to the one that gave its drawing to the compositor, in ms. */
  byMessage: Map<number, number>
  /** All that the thread has done, also before and after, in ms. */
  totalMs: number
  /** Of its longest task, in ms. */
  longestMs: number
}

// Tasks and commits are in the first of these, the marks of page-watch.ts in the second.
const CATEGORIES = ['disabled-by-default-devtools.timeline', 'blink.user_timing']

/** Writes down what the page does during some work. */
export async function trace (session: CDPSession, work: () => Promise<void>): Promise<TraceEvent[]> {
  const events: TraceEvent[] = []
  const take = ({ value }: { value: object[] }): void => { for (const event of value) events.push(event as TraceEvent) }
  session.on('Tracing.dataCollected', take)
  await session.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig: { includedCategories: CATEGORIES, excludedCategories: ['*'] } })
  await work()
  const complete = new Promise(resolve => session.once('Tracing.tracingComplete', resolve))
  await session.send('Tracing.end')
  await complete
  session.off('Tracing.dataCollected', take)
  return events
}

/** Adds up what was done for each message; one of which it is not known is missing. */
export function workIn (events: TraceEvent[]): Work {
  const sorted = events.toSorted((one, other) => one.ts - other.ts)
  const { pid, tid } = sorted.find(({ name }) => name.startsWith('arrived ')) ?? { pid: NaN, tid: NaN }
  const own = sorted.filter(event => event.pid === pid && event.tid === tid)
  const tasks = own.filter(({ name }) => name === 'RunTask')
  const commits = own.filter(({ name }) => name === 'Commit')
  const at = new Map(own.map(({ name, ts }) => [name, ts]))
  const byMessage = new Map<number, number>()
  for (const [name, arrived] of at) {
    const number = Number(name.match(/^arrived (\d+)$/)?.[1] ?? NaN)
    const shown = at.get(`shown ${number}`)
    const drawn = shown === undefined ? undefined : commits.find(({ ts }) => ts >= shown)?.ts
    if (drawn !== undefined) byMessage.set(number, sumMs(tasks.filter(({ ts, dur = 0 }) => ts + dur > arrived && ts <= drawn)))
  }
  return { byMessage, totalMs: sumMs(tasks), longestMs: Math.max(0, ...tasks.map(task => sumMs([task]))) }
}

function sumMs (tasks: TraceEvent[]): number {
  return tasks.reduce((sum, { tdur = 0 }) => sum + tdur, 0) / 1000
}
