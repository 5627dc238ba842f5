// The chat page while the network is not what it should be, and in several tabs.
import type { FastifyInstance } from 'fastify'
import type { Page } from 'playwright-core'
import type { Test } from 'tap'
import { newTalk, startApp, type Person, type Talk } from './support/app.js'
import { bubble, inBrowser, inputOf, placeOf, say, textsOf, type Visit, type VisitOptions, type Visitor } from './support/browser.js'
import { eventually } from './support/outbox.js'
import { startProxy } from './support/proxy.js'
import { newPeople } from './support/scene.js'
import { listen } from './support/subscriber.js'

interface Scene { app: FastifyInstance, ana: Person, bia: Person, talk: Talk }

// What is given to the browser runs there.
declare const document: any

// What the console says when the server is not reached.
const unreachable = /ERR_INTERNET_DISCONNECTED|ERR_CONNECTION|ERR_EMPTY_RESPONSE|ERR_FAILED|ERR_NETWORK|WebSocket/
const banner = 'No connection. What you write is kept and sent when it is back.'

async function newScene (t: Test): Promise<Scene> {
  const app = await startApp(t, { data: t.testdir(), grace: { close_s: 1 } })
  await listen(app)
  const [ana, bia] = await newPeople(app, 'ana', 'bia')
  return { app, ana: ana!, bia: bia!, talk: await newTalk([ana!, bia!]) }
}

/** ana, in the conversation, whose network may fail. */
async function enter (visit: Visit, { app, ana, talk }: Scene, options: VisitOptions = {}): Promise<Visitor> {
  const visitor = await visit(app, { as: ana, path: placeOf(talk), ...options })
  visitor.expect(unreachable)
  await inputOf(visitor.page).waitFor()
  await say(visitor.page, 'before')
  await bubble(visitor.page, 'before').waitFor()
  return visitor
}

function sayAs (person: Person, { path }: Talk, text: string): Promise<unknown> {
  return person.post(`${path}/messages/`, { type: 'T', text })
}

async function stored (person: Person, { path }: Talk): Promise<string[]> {
  const { body } = await person.get(`${path}/messages/?after=0&limit=100`)
  return body.results.filter(({ type }: { type: string }) => type !== 'S').map(({ text }: { text: string }) => text)
}

/** Everything that was said is shown, once and in the order of the log, and nothing is on its way any more. */
async function agree (t: Test, page: Page, person: Person, talk: Talk, count: number): Promise<void> {
  const texts = await eventually(async () => { const texts = await textsOf(page); return texts.length >= count && !texts.some(text => text.endsWith('…')) && texts }, `${count} messages are shown`)
  t.same(texts, await stored(person, talk))
  t.equal(texts.length, count)
  t.equal(new Set(texts).size, count)
  await page.getByText(banner).waitFor({ state: 'hidden' })
}

inBrowser('without a network one goes on writing, and when it is back everything is there once', async (t, visit) => {
  const scene = await newScene(t)
  const { page, context } = await enter(visit, scene)
  await context.setOffline(true)
  await page.getByText(banner).waitFor()
  for (const text of ['mine 1', 'mine 2']) await say(page, text)
  await page.locator('article.pending', { hasText: 'mine 2' }).getByText('Waiting to be sent').waitFor()
  for (const text of ['hers 1', 'hers 2', 'hers 3']) await sayAs(scene.bia, scene.talk, text)
  t.same(await textsOf(page), ['before', 'mine 1…', 'mine 2…'])
  await context.setOffline(false)
  await agree(t, page, scene.bia, scene.talk, 6)
})

inBrowser('a server that starts again at the same place is found again', async (t, visit) => {
  const scene = await newScene(t)
  const { app, ana, bia, talk } = scene
  const { page } = await enter(visit, scene)
  const { port } = app.server.address() as { port: number }
  const data = t.testdirName
  await app.close()
  await page.getByText(banner).waitFor()
  for (const text of ['mine 1', 'mine 2']) await say(page, text)
  const again = await startApp(t, { data })
  await again.listen({ host: '127.0.0.1', port })
  const later = { ...bia, post: (url: string, body: unknown) => again.inject({ method: 'POST', url, payload: body as object, headers: { authorization: `Bearer ${bia.token}` } }) }
  await later.post(`${talk.path}/messages/`, { type: 'T', text: 'hers' })
  const reader = { ...ana, get: async (url: string) => ({ body: (await again.inject({ url, headers: { authorization: `Bearer ${ana.token}` } })).json() }) }
  await agree(t, page, reader as unknown as Person, talk, 4)
})

inBrowser('a connection that is cut again and again loses and doubles nothing', async (t, visit) => {
  const scene = await newScene(t)
  const { port } = scene.app.server.address() as { port: number }
  const proxy = await startProxy(t, { host: '127.0.0.1', port }, { seed: 7, cutAfterBytes: [300, 2500], cutTimes: 0 })
  const { page } = await enter(visit, scene, { host: `127.0.0.1:${proxy.port}` })
  for (let round = 1; round <= 4; round++) {
    await say(page, `mine ${round}`)
    proxy.cutAll()
    await sayAs(scene.bia, scene.talk, `hers ${round}`)
    await bubble(page, `hers ${round}`).waitFor()
  }
  await agree(t, page, scene.bia, scene.talk, 9)
})

inBrowser('what is on its way outlives a reload and is sent once', async (t, visit) => {
  const scene = await newScene(t)
  const { page, context } = await enter(visit, scene)
  // The server stores the first, but its answer is lost.
  let [isCut, isLost] = [true, false]
  await page.route('**/messages/', async route => {
    if (route.request().method() !== 'POST') return route.fallback()
    if (!isLost) await route.fetch()
    isLost = true
    await route.abort()
  })
  await context.routeWebSocket('**/ws/chat/**', socket => { if (isCut) socket.close(); else socket.connectToServer() })
  await page.reload()
  await inputOf(page).waitFor()
  for (const text of ['mine 1', 'mine 2', 'mine 3']) await say(page, text)
  await eventually(() => isLost, 'the answer is lost')
  await page.locator('article.pending', { hasText: 'mine 1' }).getByText('Waiting to be sent').waitFor()
  await page.unroute('**/messages/')
  isCut = false
  await page.reload()
  await agree(t, page, scene.bia, scene.talk, 4)
})

inBrowser('two tabs of one person agree about what was said and what is unread', async (t, visit) => {
  const scene = await newScene(t)
  const { page, newTab, context } = await enter(visit, scene)
  const other = await newTab(placeOf(scene.talk))
  await inputOf(other).waitFor()
  await say(other, 'from the other tab')
  await bubble(page, 'from the other tab').getByText('You').waitFor()
  await context.setOffline(true)
  for (const [index, tab] of [page, other].entries()) {
    await tab.getByText(banner).waitFor()
    for (const count of [1, 2]) await say(tab, `tab ${index + 1}, message ${count}`)
  }
  for (const [index, tab] of [page, other].entries()) {
    await tab.locator('article.pending').nth(1).waitFor()
    t.same((await textsOf(tab)).slice(2), [1, 2].map(count => `tab ${index + 1}, message ${count}…`), 'each tab sends what was written there')
  }
  await context.setOffline(false)
  for (const tab of [page, other]) await agree(t, tab, scene.bia, scene.talk, 6)
  await other.goto(other.url().replace(/#.*/, '#/'))
  const entry = other.getByRole('region', { name: 'Your conversations' }).getByRole('link', { name: 'Tea' })
  await entry.waitFor()
  await page.bringToFront()
  await sayAs(scene.bia, scene.talk, 'read in the first tab')
  await bubble(page, 'read in the first tab').waitFor()
  await other.bringToFront()
  await entry.getByText('read in the first tab').waitFor()
  await entry.getByText(/unread/).waitFor({ state: 'detached' })
})

inBrowser('what is new while one reads far up is so no more when another tab has shown it', async (t, visit) => {
  const scene = await newScene(t)
  for (let count = 0; count < 40; count++) await sayAs(scene.bia, scene.talk, `long ago ${count}`)
  const { page, newTab } = await enter(visit, scene)
  await bubble(page, 'long ago 39').waitFor()
  await page.locator('.messages').evaluate((box: any) => { box.scrollTop = 0 })
  const button = page.getByRole('button', { name: 'To the latest message' })
  await button.waitFor()
  await sayAs(scene.bia, scene.talk, 'news')
  await button.getByText('1 new').waitFor()
  const other = await newTab(placeOf(scene.talk))
  await bubble(other, 'news').waitFor()
  await isAllRead(scene.ana)
  await page.evaluate(() => document.dispatchEvent(new (globalThis as any).Event('visibilitychange')))
  await button.getByText('1 new').waitFor({ state: 'detached' })
  await eventually(async () => await page.title() === 'Tea', 'the title tells of nothing new')
  t.equal(await bubble(page, 'news').count(), 0)
})

async function isAllRead (person: Person): Promise<void> {
  await eventually(async () => (await person.get('/api/chat/conversations/?mine=true')).body.results[0].unread_count === 0, 'everything is read')
}

inBrowser('what is read is told again when the server has refused to note it', async (t, visit) => {
  const { app, ana, bia, talk } = await newScene(t)
  await sayAs(bia, talk, 'hello')
  const { page, expect } = await visit(app, { as: ana })
  expect(/status of 503/)
  let count = 0
  await page.route('**/read/', route => route.request().postDataJSON().seq > 0 && count++ === 0 ? route.fulfill({ status: 503 }) : route.fallback())
  await page.getByRole('link', { name: 'Tea' }).click()
  await isAllRead(ana)
  t.ok(count > 1)
})

inBrowser('what was read right before the page went away is read', async (t, visit) => {
  const { app, ana, bia, talk } = await newScene(t)
  await sayAs(bia, talk, 'hello')
  const { page, context } = await visit(app, { as: ana })
  // The pause before it is told takes for ever.
  await context.addInitScript(() => {
    const { setTimeout } = globalThis as any
    ;(globalThis as any).setTimeout = (work: () => void, ms: number) => {
      if (ms === 400) document.isPausing = true
      return setTimeout(work, ms === 400 ? 1e9 : ms)
    }
  })
  await page.reload()
  await page.getByRole('link', { name: 'Tea' }).click()
  await page.waitForFunction(() => document.isPausing)
  await page.goto('about:blank')
  await isAllRead(ana)
})

inBrowser('a tab in which one is no more in a conversation goes on when one is in it again, or lets one join', async (t, visit) => {
  const scene = await newScene(t)
  const { ana, talk } = scene
  const { page, context, expect } = await enter(visit, scene)
  expect(/status of 40[13]/)
  const leave = () => ana.post(`${talk.path}/leave/`)
  const goOn = async (text: string): Promise<void> => {
    await page.getByRole('status').getByText(text).waitFor()
    await page.getByRole('button', { name: 'Try again' }).click()
  }
  await leave()
  await page.getByRole('status').getByText('You are not in this conversation any more.').waitFor()
  await ana.post(`${talk.path}/join/`)
  await goOn('You are not in this conversation any more.')
  await inputOf(page).waitFor()
  t.equal(await page.getByRole('button', { name: 'Try again' }).count(), 0)
  await say(page, 'again')
  await sayAs(scene.bia, talk, 'welcome')
  for (const text of ['again', 'welcome']) await bubble(page, text).waitFor()
  await leave()
  await goOn('You are not in this conversation any more.')
  await page.getByRole('button', { name: 'Join' }).click()
  await say(page, 'joined')
  await bubble(page, 'joined').waitFor()
  await context.clearCookies()
  await context.setOffline(true)
  await page.getByText(banner).waitFor()
  await context.setOffline(false)
  await goOn('Your session is over.')
  await page.getByRole('button', { name: 'Join' }).waitFor()
})

/** What is above the message with which the new ones begin. */
const newFromHere = (page: Page) => page.locator('.line', { hasText: /^New messages$/ })

inBrowser('what was unread when a conversation was opened begins below a line, until it is left', async (t, visit) => {
  const { app, ana, bia, talk } = await newScene(t)
  await sayAs(bia, talk, 'known')
  await ana.post(`${talk.path}/read/`, { seq: 1000 })
  await sayAs(ana, talk, 'mine')
  for (let count = 1; count <= 60; count++) await sayAs(bia, talk, `news ${count}`)
  const { page } = await visit(app, { as: ana })
  await page.getByRole('link', { name: 'Tea' }).getByText('60 unread').click()
  await bubble(page, 'news 60').waitFor()
  await isAllRead(ana)
  await eventually(async () => {
    await page.locator('.messages').evaluate((box: any) => { box.scrollTop = 0 })
    return await newFromHere(page).isVisible()
  }, 'the line is there')
  const next = newFromHere(page).locator('xpath=following-sibling::*[1]')
  t.equal(await next.locator('.text').textContent(), 'news 1')
  await page.getByRole('button', { name: 'To the latest message' }).click()
  await sayAs(bia, talk, 'while she looks')
  await bubble(page, 'while she looks').waitFor()
  await isAllRead(ana)
  await page.getByRole('link', { name: 'All conversations' }).click()
  await sayAs(bia, talk, 'later 1')
  await sayAs(bia, talk, 'later 2')
  await page.getByRole('link', { name: 'Tea' }).getByText('2 unread').click()
  t.equal(await next.locator('.text').textContent(), 'later 1')
  await isAllRead(ana)
  await page.getByRole('link', { name: 'All conversations' }).click()
  await page.getByRole('link', { name: 'Tea' }).click()
  await bubble(page, 'later 2').waitFor()
  t.equal(await newFromHere(page).count(), 0)
})

inBrowser('a conversation is shown, without such a line, also when nobody can say what was unread', async (t, visit) => {
  const { app, ana, bia, talk } = await newScene(t)
  await sayAs(bia, talk, 'hello')
  const { page, expect } = await visit(app, { as: ana })
  expect(unreachable)
  await page.route('**/read/', route => route.request().postDataJSON().seq === 0 ? route.abort() : route.fallback())
  await page.getByRole('link', { name: 'Tea' }).click()
  await bubble(page, 'hello').waitFor()
  await isAllRead(ana)
  t.equal(await newFromHere(page).count(), 0)
})

inBrowser('who comes back to a conversation that was sending meanwhile sees the line where it is now', async (t, visit) => {
  const { app, ana, bia, talk } = await newScene(t)
  await sayAs(bia, talk, 'hello')
  const { page, expect } = await visit(app, { as: ana, path: placeOf(talk) })
  expect(unreachable)
  await page.route('**/messages/', route => route.abort())
  await newFromHere(page).waitFor()
  await isAllRead(ana)
  await say(page, 'on its way')
  await page.locator('article.pending').waitFor()
  await page.getByRole('link', { name: 'All conversations' }).click()
  await sayAs(bia, talk, 'hello again')
  await page.getByRole('link', { name: 'Tea' }).getByText('1 unread').click()
  t.equal(await newFromHere(page).locator('xpath=following-sibling::*[1]').locator('.text').textContent(), 'hello again')
})
