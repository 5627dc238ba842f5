import type { Page } from 'playwright-core'

/** What was seen in a page since the watch began. */
export interface Seen {
  /** The numbers of the messages that were added to the document, as they came. */
  shown: number[]
  /** Those of them that do not stand behind the one that came before. */
  misplaced: number[]
  /** How long the tasks of more than 50 ms were (W3C, Long Tasks API). */
  longTasksMs: number[]
}

/** The text of a message by which it is found in a page again. */
export function numberedText (number: number): string {
  return `The kettle is on, and there is cake enough for everybody who comes before five. No. ${number}`
}

const SCROLLING_MAX_MS = 120_000

/**
 * What a page is given before its own scripts. From the beginning of the watch it marks, in the timeline of the page, when the
 * frame of a message arrives, which the page hears of after it, and when the message is in the document.
 */
export const watchScript = `(() => {
  const watch = window.watch = {}
  const numberIn = text => Number(/No\\. (\\d+)/.exec(text)?.[1] ?? NaN)
  let seen, last

  watch.begin = () => {
    seen = { shown: [], misplaced: [], longTasksMs: [] }
    last = undefined
  }

  watch.see = () => {
    note(tasks.takeRecords())
    return seen
  }

  // Scrolls to an edge again and again, until a message is there, and the page is where new ones come.
  watch.scroll = async (isUp, number) => {
    const list = document.querySelector('[role=log]')
    const frame = () => new Promise(done => requestAnimationFrame(() => setTimeout(done)))
    const isThere = () => [...list.querySelectorAll('article, li')].some(({ textContent }) => numberIn(textContent) === number)
    const end = performance.now() + ${SCROLLING_MAX_MS}
    do {
      if (performance.now() > end) throw new Error('Message ' + number + ' was not found by scrolling.')
      list.scrollTop = isUp ? 0 : list.scrollHeight
      await frame()
    } while (!isThere() || (!isUp && document.querySelector('.to-end')))
  }

  const note = entries => { for (const { duration } of entries) seen?.longTasksMs.push(duration) }
  const tasks = new PerformanceObserver(list => note(list.getEntries()))
  tasks.observe({ type: 'longtask' })

  window.WebSocket = class extends WebSocket {
    constructor (...words) {
      super(...words)
      this.addEventListener('message', ({ data }) => { if (seen) performance.mark('arrived ' + numberIn(data)) })
    }
  }

  new MutationObserver(records => {
    if (seen) for (const { addedNodes } of records) addedNodes.forEach(take)
  }).observe(document, { childList: true, subtree: true })

  function take (node) {
    const number = numberIn(node.textContent)
    if (Number.isNaN(number)) return
    performance.mark('shown ' + number)
    seen.shown.push(number)
    if (last?.isConnected && !(last.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_FOLLOWING)) seen.misplaced.push(number)
    last = node
  }
})()`

/** Begins to watch, or forgets what was seen until now. */
export async function beginWatch (page: Page): Promise<void> {
  await page.evaluate('watch.begin()')
}

export async function seenIn (page: Page): Promise<Seen> {
  return page.evaluate('watch.see()')
}

/**
 * Scrolls the list of messages up or down, until the message with a number is drawn.
 * @throws Error when it is not in two minutes
 */
export async function scrollTo (page: Page, edge: 'top' | 'end', number: number): Promise<void> {
  await page.evaluate(`watch.scroll(${edge === 'top'}, ${number})`)
}

/** What is wrong with what was seen, when these were sent. */
export function judgeSeen ({ shown, misplaced }: Pick<Seen, 'shown' | 'misplaced'>, sent: number[]): string[] {
  const [known, had] = [new Set(sent), new Set<number>()]
  const mistakes = misplaced.map(number => `Out of order: message ${number} does not stand behind the one that came before it.`)
  for (const number of shown) {
    if (!known.has(number)) mistakes.push(`Drawn again: message ${number} is of an earlier time.`)
    else if (had.has(number)) mistakes.push(`Doubled: message ${number} was drawn twice.`)
    had.add(number)
  }
  mistakes.push(...sent.filter(number => !had.has(number)).map(number => `Lost: message ${number} was never drawn.`))
  const order = [...had].filter(number => known.has(number))
  const wrong = order.findIndex((number, index) => index > 0 && number < order[index - 1]!)
  return wrong < 0 ? mistakes : [...mistakes, `Out of order: message ${order[wrong]} was drawn after ${order[wrong - 1]}.`]
}
