// The chat page in a real browser, which has nothing to complain about.
import { existsSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Locator, type Page, type Request } from 'playwright-core'
import t, { type Test } from 'tap'
import type { Person } from './app.js'
import { listen } from './subscriber.js'

// What is given to the browser runs there.
declare const document: any

const executablePath = '/usr/bin/chromium'
const args = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
  '--disable-sync', '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream',
  // The address bar, which nobody sees, would cost more in each window than the page does. This is in the place of the
  // list of playwright-core, of which the others here are those that would matter.
  '--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,PaintHolding,AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose'
]
const patienceMs = 20_000

export interface VisitOptions extends Pick<BrowserContextOptions, 'locale' | 'viewport' | 'colorScheme'> {
  /** Whose session the browser has; a new one when absent. */
  as?: Pick<Person, 'token'>
  /** Where the server is reached, such as by a proxy: host and port. */
  host?: string
  /** What follows the host: `/` when absent, and the part after the # that says what is shown. */
  path?: string
}

/** Somebody with a browser of their own. */
export interface Visitor {
  page: Page
  context: BrowserContext
  /** Another tab. */
  newTab: (path?: string) => Promise<Page>
  /** The requests of all tabs, in the order in which they began. */
  requests: Request[]
  /** What the browser says in its console may be this from now on; everything else that is wrong there fails the test. */
  expect: (complaint: RegExp) => void
}

export type Visit = (app: FastifyInstance, options?: VisitOptions) => Promise<Visitor>

/**
 * A test with visitors, which fails when a browser reports an error, a violation of the policy, or a request to another host.
 * When something else fails, it says what the pages show.
 */
export function inBrowser (title: string, work: (t: Test, visit: Visit) => Promise<void>): void {
  t.test(title, { timeout: 90_000 }, async t => {
    const complaints: string[] = []
    const contexts: BrowserContext[] = []
    try {
      await work(t, async (app, options) => {
        const visitor = await newVisitor(t, await start(), await listen(app), complaints, options)
        contexts.push(visitor.context)
        return visitor
      })
    } catch (error) {
      const pages = await Promise.all(contexts.flatMap(context => context.pages()).map(page => page.locator('body').ariaSnapshot().catch(String)))
      throw Object.assign(error as Error, { complaints, pages })
    }
    t.same(complaints, [], 'the browser has nothing to complain about')
  })
}

let browser: Promise<Browser> | undefined

/** One for all tests of a file. */
function start (): Promise<Browser> {
  browser ??= launch()
  return browser
}

async function launch (): Promise<Browser> {
  if (!existsSync(executablePath)) throw new Error(`The chat page is tested in Chromium, which is not at ${executablePath}. On Debian: apt-get install chromium`)
  const launched = await chromium.launch({ executablePath, args })
  t.teardown(() => launched.close())
  return launched
}

async function newVisitor (t: Test, browser: Browser, address: string, complaints: string[], { as, host = address, path = '/', ...options }: VisitOptions = {}): Promise<Visitor> {
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1000, height: 700 }, permissions: ['microphone', 'clipboard-write'], ...options })
  t.teardown(() => context.close())
  context.setDefaultTimeout(patienceMs)
  // From the beginning, since a request that follows the first of all routes at once may escape it: the browser confirms a route before its page has heard of it.
  await context.route(/^nothing:/, route => route.abort())
  const requests: Request[] = []
  const expected: RegExp[] = []
  const complain = (complaint: string): void => { if (!expected.some(pattern => pattern.test(complaint))) complaints.push(complaint) }
  context.on('console', message => { if (['error', 'warning'].includes(message.type())) complain(message.text()) })
  context.on('weberror', error => complain(String(error.error())))
  context.on('request', request => {
    requests.push(request)
    if (/^(http|ws)/.test(request.url()) && new URL(request.url()).host !== host) complain(`It asks another host for ${request.url()}`)
  })
  // tsx has functions named by a helper of its own, which the browser lacks.
  await context.addInitScript('globalThis.__name = named => named')
  await context.addInitScript(() => document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }: any) => console.error(`The policy forbids ${violatedDirective}: ${blockedURI}`)))
  if (as !== undefined) await context.addCookies([{ name: 'sessionid', value: as.token, url: `http://${host}` }])

  async function newTab (path = '/'): Promise<Page> {
    const page = await context.newPage()
    const answer = await page.goto(`http://${host}${path}`)
    if (answer?.ok() !== true) throw new Error(`The chat page is answered with ${answer?.status()}. It is built by: npm run bundle:page`)
    return page
  }

  return { page: await newTab(path), context, newTab, requests, expect: pattern => expected.push(pattern) }
}

/** The address of a conversation in the page. */
export function placeOf ({ id }: { id: string }): string {
  return `/#/c/${id}`
}

/** Where somebody writes. */
export function inputOf (page: Page): Locator {
  return page.getByRole('textbox', { name: 'Write a message' })
}

export async function say (page: Page, text: string): Promise<void> {
  await inputOf(page).fill(text)
  await inputOf(page).press('Enter')
}

/** The message with a text, which is there already or will be. */
export function bubble (page: Page, text: string | RegExp): Locator {
  return page.locator('article[data-id]').filter({ has: page.locator('.text', { hasText: typeof text === 'string' ? new RegExp(`^${text.replace(/[^\w ]/g, '\\$&')}$`) : text }) })
}

/** The texts of the messages that are drawn, in order; those on their way are marked by `…`. */
export function textsOf (page: Page): Promise<string[]> {
  return page.locator('article').evaluateAll(articles => articles.map(article => `${article.querySelector('.text')?.textContent ?? ''}${article.matches('.pending') ? '…' : ''}`))
}
