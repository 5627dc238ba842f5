import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { startBrowser } from '../bench/browser.js'
import { beginWatch, judgeSeen, numberedText, scrollTo, seenIn, watchScript } from '../bench/page-watch.js'
import { trace, workIn } from '../bench/page-work.js'

t.setTimeout(120_000)

const browser = await startBrowser()
t.teardown(() => browser.close())

/** A page with a list that is watched. */
async function openPage (t: Pick<Test, 'teardown'>): Promise<Page> {
  const context = await browser.newContext()
  t.teardown(() => context.close())
  const page = await context.newPage()
  await page.addInitScript(watchScript)
  await page.goto('data:text/html,<ol role="log" style="height: 9em; overflow: auto"></ol>')
  return page
}

/** Adds messages to the list, each by itself, at its end or at its beginning; arrived as by a socket. */
async function add (page: Page, numbers: number[], where: 'append' | 'prepend' = 'append'): Promise<void> {
  for (const number of numbers) {
    await page.evaluate(`{
      performance.mark('arrived ${number}')
      const item = document.createElement('li')
      item.textContent = ${JSON.stringify(numberedText(number))}
      document.querySelector('ol').${where}(item)
    }`)
  }
}

t.test('messages that a page shows once and in order are without mistakes', async t => {
  const page = await openPage(t)
  await add(page, [1, 2])
  await beginWatch(page)
  await add(page, [3, 4])
  t.same(judgeSeen(await seenIn(page), [3, 4]), [])
})

t.test('a page that loses, doubles or disorders a message is found out', async t => {
  for (const [shown, mistake] of [
    [[1, 3], 'Lost: message 2 was never drawn.'],
    [[1, 2, 2, 3], 'Doubled: message 2 was drawn twice.'],
    [[1, 3, 2], 'Out of order: message 2 was drawn after 3.'],
    [[1, 2, 3, 0], 'Drawn again: message 0 is of an earlier time.']
  ] as Array<[number[], string]>) {
    const page = await openPage(t)
    await beginWatch(page)
    await add(page, shown)
    t.same(judgeSeen(await seenIn(page), [1, 2, 3]), [mistake])
  }
})

t.test('a page that puts a message before others is found out', async t => {
  const page = await openPage(t)
  await beginWatch(page)
  await add(page, [1, 2])
  await add(page, [3], 'prepend')
  t.same(judgeSeen(await seenIn(page), [1, 2, 3]), ['Out of order: message 3 does not stand behind the one that came before it.'])
})

t.test('a list is scrolled to either edge, where the message is', async t => {
  const page = await openPage(t)
  await add(page, Array.from({ length: 50 }, (_, index) => index))
  const position = (): Promise<number> => page.evaluate('document.querySelector("ol").scrollTop')
  await scrollTo(page, 'end', 49)
  t.ok(await position() > 0)
  await scrollTo(page, 'top', 0)
  t.equal(await position(), 0)
})

t.test('the browser tells what its main thread does for a message that is drawn', async t => {
  const page = await openPage(t)
  const session = await page.context().newCDPSession(page)
  await beginWatch(page)
  const events = await trace(session, async () => {
    await add(page, [1])
    await page.evaluate('performance.mark("arrived 2")')
    await page.evaluate('new Promise(done => requestAnimationFrame(() => setTimeout(done)))')
  })
  const { byMessage, totalMs } = workIn(events)
  t.same([...byMessage.keys()], [1], 'the second one never came')
  t.ok(byMessage.get(1)! > 0 && byMessage.get(1)! <= totalMs)
})

t.test('the work of a message is that of the tasks from its arrival to the next commit after it is shown', async t => {
  const [pid, tid] = [1, 2]
  const { byMessage, totalMs, longestMs } = workIn([
    { name: 'RunTask', pid, tid, ts: 0, dur: 900, tdur: 900 },
    { name: 'RunTask', pid, tid, ts: 1000, dur: 2000, tdur: 1000 },
    { name: 'arrived 7', pid, tid, ts: 1100 },
    { name: 'Commit', pid, tid, ts: 2900 },
    { name: 'RunTask', pid, tid: 3, ts: 3000, dur: 5000, tdur: 5000 },
    { name: 'RunTask', pid, tid, ts: 4000, dur: 5000, tdur: 4000 },
    { name: 'shown 7', pid, tid, ts: 4500 },
    { name: 'Commit', pid, tid, ts: 8000 },
    { name: 'RunTask', pid, tid, ts: 9500, dur: 300, tdur: 200 }
  ])
  t.same([...byMessage], [[7, 5]])
  t.equal(totalMs, 6.1)
  t.equal(longestMs, 4)
})

t.test('a machine without Chromium is told in a sentence', async t => {
  await t.rejects(startBrowser('/nowhere/chromium'), { message: /^There is no Chromium at \/nowhere\/chromium, .*apt-get install chromium$/ })
})
