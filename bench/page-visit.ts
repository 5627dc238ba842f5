import { setTimeout as pause } from 'node:timers/promises'
import type { Browser, CDPSession, Page } from 'playwright-core'
import { spread } from './latencies.js'
import { beginWatch, judgeSeen, scrollTo, seenIn, watchScript, type Seen } from './page-watch.js'
import { trace, workIn, type Work } from './page-work.js'
import type { Extent, Run } from './scenario.js'

/** A page with a list of messages, and who adds to it. */
export interface Side {
  browser: Browser
  url: string
  /** Of whoever looks at the page. */
  token?: string
  /** Posts one message after those before it, and gives its number. */
  post: () => Promise<number>
  /** The numbers of the first and the last message that are there. */
  first: number
  last: number
}

interface Visit {
  page: Page
  session: CDPSession
  /** What has been received since the page was opened. */
  receivedBytes: () => number
  close: () => Promise<void>
}

// Two frames and a half of a screen: the work of one message is over before the next one comes, also where it takes long.
const PERIOD_MS = 40
// What Chromium keeps of a trace is limited.
const TRACED_MAX = 250
const PATIENCE_MS = 10_000
const LOOK_MS = 50
const KB = 1000
const MIB = 1024 * 1024

/** Opens a page anew, loads all of its messages by scrolling, goes back to the end, and lets messages come. */
export async function visitPage (side: Side, { seconds }: Pick<Extent, 'seconds'>): Promise<Run> {
  const visit = await openPage(side)
  const { page, session } = visit
  try {
    const transferKb = visit.receivedBytes() / KB
    await scrollTo(page, 'top', side.first)
    await scrollTo(page, 'end', side.last)
    const heapMib = await weighHeap(session)
    await beginWatch(page)
    const sent: number[] = []
    const work: Work[] = []
    for (let left = Math.ceil(seconds * 1000 / PERIOD_MS); left > 0; left -= TRACED_MAX) {
      work.push(workIn(await trace(session, async () => {
        sent.push(...await postEvenly(side, Math.min(left, TRACED_MAX)))
        await waitUntilShown(page, sent.length)
      })))
    }
    return conclude(sent, await seenIn(page), work, { transferKb, heapMib })
  } finally {
    await visit.close()
  }
}

async function openPage ({ browser, url, token }: Side): Promise<Visit> {
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1000, height: 700 } })
  if (token !== undefined) await context.addCookies([{ name: 'sessionid', value: token, url: new URL(url).origin }])
  const page = await context.newPage()
  await page.addInitScript(watchScript)
  const session = await context.newCDPSession(page)
  let bytes = 0
  session.on('Network.loadingFinished', ({ encodedDataLength }) => { bytes += encodedDataLength })
  await session.send('Network.enable')
  await page.goto(url, { waitUntil: 'networkidle' })
  return { page, session, receivedBytes: () => bytes, close: () => context.close() }
}

/** What the scripts of a page hold when the garbage is collected, in MiB. */
async function weighHeap (session: CDPSession): Promise<number> {
  await session.send('Performance.enable')
  await session.send('HeapProfiler.collectGarbage')
  const { metrics } = await session.send('Performance.getMetrics')
  await session.send('Performance.disable')
  return metrics.find(({ name }) => name === 'JSHeapUsedSize')!.value / MIB
}

async function postEvenly (side: Side, count: number): Promise<number[]> {
  const start = performance.now()
  const sent: number[] = []
  for (let index = 0; index < count; index++) {
    await pause(start + index * PERIOD_MS - performance.now())
    sent.push(side.last = await side.post())
  }
  return sent
}

/** Waits until so many messages are there, and what the last one has brought about is over; not for ever. */
async function waitUntilShown (page: Page, count: number): Promise<void> {
  const end = performance.now() + PATIENCE_MS
  do await pause(LOOK_MS); while ((await seenIn(page)).shown.length < count && performance.now() < end)
  await pause(LOOK_MS)
}

function conclude (sent: number[], { longTasksMs, ...seen }: Seen, work: Work[], { transferKb, heapMib }: { transferKb: number, heapMib: number }): Run {
  const byMessage = new Map(work.flatMap(({ byMessage }) => [...byMessage]))
  const { figures, latencies } = spread(sent.flatMap(number => byMessage.get(number) ?? []))
  const untold = sent.filter(number => !byMessage.has(number)).length
  return {
    figures: {
      work_p50_ms: figures.p50_ms,
      work_p99_ms: figures.p99_ms,
      thread_ms: work.reduce((sum, { totalMs }) => sum + totalMs, 0) / sent.length,
      longest_task_ms: Math.max(...work.map(({ longestMs }) => longestMs)),
      long_tasks: longTasksMs.length,
      transfer_kb: transferKb,
      heap_mib: heapMib
    },
    latencies,
    mistakes: [...judgeSeen(seen, sent), ...untold === 0 ? [] : [`The browser did not tell what ${untold} of ${sent.length} messages took.`]]
  }
}
