// The list of what waits for a manager in the chat page: very long, without a network, by keyboard, and when a decision fails.
import type { Page, Request } from 'playwright-core'
import { enter, heardBy, newScene, signIn, waiting } from './support/approvals.js'
import { inBrowser } from './support/browser.js'
import { eventually } from './support/outbox.js'

const texts = (page: Page): Promise<string[]> => page.locator('blockquote').allTextContents()
const press = async (page: Page, ...keys: string[]): Promise<void> => { for (const key of keys) await page.keyboard.press(key) }
const decisionsIn = (requests: Request[]): Request[] => requests.filter(request => /\/(approve|reject|redirect)\/$/.test(request.url()) && request.method() === 'POST')

/** The text of the item that has the focus, or of that in which something has it. */
async function focused (page: Page, text: string): Promise<void> {
  await page.waitForFunction(text => (globalThis as any).document.activeElement.closest('li')?.querySelector('blockquote').textContent === text, text)
}

inBrowser('of very many waiting messages a part is shown, and the server is asked now and then', async (t, visit) => {
  const scene = await newScene(t, Array.from({ length: 60 }, (_, index) => `text ${index}`))
  await eventually(async () => (await scene.maria.get('/api/chat/approvals/?limit=500')).body.results.length === 120, 'all answers wait')
  const { page, requests } = await visit(scene.app)
  const rounds = (): number => requests.filter(request => request.url().includes('/approvals/')).length
  const answers = async (count: number): Promise<void> => { for (let n = 0; n < count; n++) await page.evaluate(() => fetch('/api/chat/limits/')) }
  await page.clock.install()
  await signIn(page, scene.maria.token)
  await page.getByRole('link', { name: 'Waiting messages' }).click()
  await page.getByText('More are waiting.').waitFor()
  t.equal((await texts(page)).length, 100)
  await page.clock.pauseAt(await page.evaluate(() => Date.now() + 5000))
  await answers(5)
  const before = rounds()
  await answers(30)
  t.equal(rounds(), before, 'nothing is asked during a pause')
  const [first] = await texts(page)
  await press(page, 'a')
  await eventually(() => decisionsIn(requests).length === 1, 'the decision is sent')
  await answers(5)
  const next = page.waitForRequest(/approvals/)
  await page.clock.runFor(3000)
  await next
  await page.clock.resume()
  await page.waitForFunction(first => { const all = [...(globalThis as any).document.querySelectorAll('blockquote')]; return all.length === 100 && all[0].textContent !== first }, first)
})

inBrowser('who holds a key decides about one message', async (t, visit) => {
  const scene = await newScene(t, ['one', 'two', 'three'])
  await eventually(async () => (await scene.maria.get('/api/chat/approvals/')).body.results.length === 6, 'all answers wait')
  const { page, requests } = await enter(visit, scene)
  await page.locator('blockquote').nth(5).waitFor()
  const [first, second, third] = await texts(page)
  await focused(page, first!)
  await page.keyboard.down('a')
  await page.locator('blockquote').nth(5).waitFor({ state: 'detached' })
  await focused(page, second!)
  for (let n = 0; n < 10; n++) await page.keyboard.down('a')
  await page.keyboard.up('a')
  await press(page, 'j')
  await focused(page, third!)
  t.equal(decisionsIn(requests).length, 1)
})

inBrowser('keys count only where the list has the focus, which stays there', async (t, visit) => {
  const scene = await newScene(t, ['one', 'two'])
  await eventually(async () => (await scene.maria.get('/api/chat/approvals/')).body.results.length === 4, 'all answers wait')
  const { page, requests } = await enter(visit, scene)
  await page.locator('blockquote').nth(3).waitFor()
  const [first, second, third] = await texts(page)
  await focused(page, first!)
  await page.getByRole('link', { name: 'All conversations' }).focus()
  await press(page, 'a', 'e', 'r', 'd', 'j')
  t.equal(await page.locator('form').count(), 0)
  await page.getByRole('button', { name: 'Approve', exact: true }).first().click()
  await focused(page, second!)
  t.equal(decisionsIn(requests).length, 1)
  const { body: { results: [{ message }] } } = await scene.maria.get('/api/chat/approvals/')
  await scene.maria.post(`${scene.talk.path}/messages/${message.id}/approve/`, {})
  await focused(page, third!)
  await press(page, 'a')
  await page.getByRole('listitem').nth(1).waitFor({ state: 'detached' })
  await press(page, 'a')
  await page.getByText('Nothing waits for a decision.').waitFor()
  t.equal(await page.evaluate(() => (globalThis as any).document.activeElement.tagName), 'H1')
  await scene.ana.post(`${scene.talk.path}/messages/`, { type: 'T', text: 'more' })
  await page.waitForFunction(() => (globalThis as any).document.activeElement.matches('li'))
})

inBrowser('a text whose decision fails is kept until it is taken', async (t, visit) => {
  const scene = await newScene(t, ['one'])
  const { page, requests, expect } = await enter(visit, scene)
  await waiting(page, 'ONE').getByRole('button', { name: 'Edit and approve' }).click()
  const area = page.getByRole('textbox', { name: 'Edit and approve' })
  await area.fill('')
  await press(page, 'Enter')
  await area.fill('One, said calmly')
  await area.evaluate((area: any) => area.dispatchEvent(new (globalThis as any).KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true, isComposing: true })))
  t.same(decisionsIn(requests), [])
  expect(/net::ERR_FAILED/)
  await page.route('**/approve/', route => route.abort())
  await press(page, 'Enter')
  await page.getByRole('alert').getByText('The server cannot be reached.').waitFor()
  t.equal(await area.inputValue(), 'One, said calmly')
  await page.unroute('**/approve/')
  await press(page, 'Enter')
  await waiting(page, 'ONE').waitFor({ state: 'detached' })
  t.ok(await heardBy(scene, 'One, said calmly'))
  t.equal(await page.getByRole('alert').count(), 0)
})

inBrowser('without a network the list says that it is not up to date', async (t, visit) => {
  const scene = await newScene(t, ['one'])
  const { page, context, expect } = await enter(visit, scene)
  await waiting(page, 'ONE').waitFor()
  const banner = page.getByRole('status').getByText('This list is not up to date')
  t.equal(await banner.count(), 0)
  expect(/net::ERR_INTERNET_DISCONNECTED/)
  await context.setOffline(true)
  await banner.waitFor()
  await scene.ana.post(`${scene.talk.path}/messages/`, { type: 'T', text: 'meanwhile' })
  await context.setOffline(false)
  await banner.waitFor({ state: 'detached' })
  await waiting(page, 'MEANWHILE').waitFor()
})

inBrowser('a manager whose session is over is told so, and keeps what is written', async (t, visit) => {
  const scene = await newScene(t, ['one'])
  const { page, requests, expect } = await enter(visit, scene)
  await waiting(page, 'ONE').getByRole('button', { name: 'Reject' }).click()
  await page.keyboard.type('Too loud')
  expect(/status of 401/)
  await page.route('**/reject/', route => route.continue({ headers: { ...route.request().headers(), authorization: 'Bearer no-token' } }))
  await press(page, 'Enter')
  await page.getByRole('status').getByText('Your session is over.').waitFor()
  t.equal(await page.getByRole('textbox', { name: 'Reason' }).inputValue(), 'Too loud')
  t.equal(decisionsIn(requests).length, 1)
})

inBrowser('the people of a conversation are asked for once, and again when the view is opened again', async (t, visit) => {
  const scene = await newScene(t, ['one', 'two'])
  const { page, requests } = await enter(visit, scene)
  const asked = (): number => requests.filter(request => request.url().includes('/participants/')).length
  await waiting(page, 'ONE').getByRole('link', { name: 'ECHO in Tea' }).waitFor()
  await waiting(page, 'TWO').getByRole('link', { name: 'ECHO in Tea' }).waitFor()
  t.equal(asked(), 1)
  await page.getByRole('link', { name: 'All conversations' }).click()
  await page.getByRole('link', { name: 'Waiting messages' }).click()
  await waiting(page, 'ONE').getByRole('link', { name: 'ECHO in Tea' }).waitFor()
  t.equal(asked(), 2)
})
