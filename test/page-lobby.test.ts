// The lobby of the chat page when something is in the way: haste, long lists, a server that is away.
import type { Page } from 'playwright-core'
import { newPerson, newTalk, startApp } from './support/app.js'
import { inBrowser, inputOf, placeOf } from './support/browser.js'
import { eventually } from './support/outbox.js'
import { newPeople } from './support/scene.js'

const start = (page: Page) => page.getByRole('button', { name: 'Start' })
const outage = (page: Page) => page.getByRole('status').getByText('The server cannot be reached at the moment.')

inBrowser('who clicks twice starts one conversation', async (t, visit) => {
  const app = await startApp(t)
  const { page, requests } = await visit(app)
  let open = (): void => {}
  const gate = new Promise<void>(resolve => { open = resolve })
  await page.route('**/api/chat/conversations/', async route => {
    if (route.request().method() === 'POST') await gate
    await route.continue()
  })
  await start(page).and(page.locator(':enabled')).waitFor()
  await page.locator('form').first().evaluate((form: any) => { form.requestSubmit(); form.requestSubmit() })
  await start(page).and(page.locator(':disabled')).waitFor()
  await start(page).dblclick({ force: true })
  open()
  await inputOf(page).waitFor()
  t.equal(requests.filter(request => request.method() === 'POST' && request.url().endsWith('/conversations/')).length, 1)
  const ana = await newPerson(app, 'ana')
  t.equal((await ana.get('/api/chat/conversations/')).body.count, 1)
})

inBrowser('a form that is refused can be sent again, and the focus stays there', async (t, visit) => {
  const { page, expect } = await visit(await startApp(t))
  expect(/ERR_FAILED/)
  await page.route('**/api/chat/conversations/', route => route.request().method() === 'POST' ? route.abort() : route.continue())
  await start(page).and(page.locator(':enabled')).focus()
  await page.keyboard.press('Enter')
  await page.getByRole('alert').getByText('The server cannot be reached.').waitFor()
  await page.unroute('**/api/chat/conversations/')
  await page.keyboard.press('Enter')
  await inputOf(page).waitFor()
})

inBrowser('many conversations of one\'s own come in pages', async (t, visit) => {
  const app = await startApp(t, { rooms: false })
  const ana = await newPerson(app, 'ana')
  const names = Array.from({ length: 105 }, (_, index) => `Tea ${index + 1}`)
  for (const name of names) await newTalk([ana], { name })
  const { page } = await visit(app, { as: ana })
  const own = page.getByRole('region', { name: 'Your conversations' })
  await own.getByRole('link', { name: 'Tea 105' }).waitFor()
  t.equal(await own.getByRole('link').count(), 100)
  await own.getByRole('button', { name: 'More' }).click()
  await own.getByRole('link').nth(104).waitFor()
  t.same((await own.locator('b').allTextContents()).sort(), [...names].sort())
  await own.getByRole('button', { name: 'More' }).waitFor({ state: 'detached' })
})

inBrowser('while the server is away the lists keep what they had, and go on when it is back', async (t, visit) => {
  const app = await startApp(t)
  const [ana, bia] = await newPeople(app, 'ana', 'bia')
  const tea = await newTalk([ana!, bia!])
  await newTalk([bia!], { name: 'Coffee' })
  const { page, context, expect } = await visit(app, { as: ana! })
  expect(/ERR_INTERNET_DISCONNECTED/)
  await page.getByRole('link', { name: 'Coffee' }).waitFor()
  await page.getByRole('link', { name: 'Tea' }).waitFor()
  await context.setOffline(true)
  await outage(page).waitFor()
  t.equal(await page.getByRole('link', { name: /Tea|Coffee/ }).count(), 2)
  await bia!.post(`${tea.path}/messages/`, { type: 'T', text: 'milk?' })
  await context.setOffline(false)
  await page.getByRole('link', { name: 'Tea' }).getByText('milk?').waitFor()
  await outage(page).waitFor({ state: 'hidden' })
})

inBrowser('what could not be read at first is read later, and nothing is said to be missing before', async (t, visit) => {
  const app = await startApp(t)
  const { page, expect } = await visit(app, { as: await newPerson(app, 'ana') })
  expect(/ERR_FAILED/)
  for (const path of ['bots/details/', 'conversations/?*']) await page.route(`**/api/chat/${path}`, route => route.abort())
  await page.reload()
  await outage(page).waitFor()
  t.equal(await page.getByText(/This server has no bots|None yet|no rooms yet/).count(), 0)
  t.ok(await start(page).isDisabled(), 'nobody starts without the bots that were not shown')
  await page.unrouteAll()
  await page.getByRole('checkbox', { name: 'ECHO' }).waitFor()
  await page.getByText('There are no rooms yet.').waitFor()
  await outage(page).waitFor({ state: 'hidden' })
})

inBrowser('a page that is opened while the server is away goes on by itself when it is back', async (t, visit) => {
  const { page, requests, expect } = await visit(await startApp(t))
  expect(/ERR_FAILED/)
  await page.route('**/api/chat/sessions/current/', route => route.abort())
  await page.reload()
  await page.getByRole('alert').getByText('The server cannot be reached.').waitFor()
  const asked = requests.length
  await page.getByRole('button', { name: 'Try again' }).click()
  await eventually(() => requests.length > asked, 'it is asked at once')
  await page.unrouteAll()
  await page.getByRole('checkbox', { name: 'ECHO' }).waitFor()
})

inBrowser('who asks too much is told so, and the lists stay', async (t, visit) => {
  const app = await startApp(t, { limits: { requests_per_minute: 60 } })
  const ana = await newPerson(app, 'ana')
  await newTalk([ana])
  const { page, expect } = await visit(app, { as: ana })
  expect(/status of 429/)
  await page.getByRole('link', { name: 'Tea' }).waitFor()
  while ((await ana.get('/api/chat/conversations/')).status !== 429);
  await page.getByRole('status').getByText('That was too much in a short time.').waitFor()
  t.ok(await page.getByRole('link', { name: 'Tea' }).isVisible())
})

inBrowser('what is unread is counted in words that are right for one, too', async (t, visit) => {
  const app = await startApp(t)
  const [ana, bia] = await newPeople(app, 'ana', 'bia')
  const tea = await newTalk([ana!, bia!])
  await ana!.post(`${tea.path}/read/`, { seq: 1000 })
  await bia!.post(`${tea.path}/messages/`, { type: 'T', text: 'milk?' })
  const { page } = await visit(app, { as: ana!, locale: 'pt-BR' })
  await page.getByRole('link', { name: 'Tea' }).getByText('não lidas: 1', { exact: true }).waitFor()
})

inBrowser('a file that cannot be sent while one is in the lobby is told of there', async (t, visit) => {
  const app = await startApp(t)
  const ana = await newPerson(app, 'ana')
  const tea = await newTalk([ana])
  await newTalk([ana], { name: 'Coffee' })
  const { page, expect } = await visit(app, { as: ana, path: placeOf(tea) })
  expect(/status of 422/)
  let answer = (): void => {}
  const gate = new Promise<void>(resolve => { answer = resolve })
  await page.route('**/messages/', async route => {
    await gate
    await route.fulfill({ status: 422, contentType: 'application/problem+json', body: '{"type":"about:blank","title":"Unprocessable Content","status":422,"code":"invalid_request","detail":"No."}' })
  })
  // As soon as it is known what may be sent.
  await page.getByRole('button', { name: 'Record your voice' }).waitFor()
  await page.locator('input[type=file]').setInputFiles({ name: 'tea.txt', mimeType: 'text/plain', buffer: Buffer.from('tea') })
  await page.getByRole('button', { name: 'Send', exact: true }).click()
  await page.locator('article.pending').waitFor()
  await page.getByRole('link', { name: 'All conversations' }).click()
  const statusOf = (name: string) => page.getByRole('link', { name }).getByRole('status')
  await statusOf('Tea').getByText('Sending').waitFor()
  answer()
  await statusOf('Tea').getByText('Something could not be sent').waitFor()
  t.equal(await statusOf('Coffee').textContent(), '')
  await page.getByRole('link', { name: 'Tea' }).click()
  await page.getByRole('button', { name: 'Discard' }).click()
  await page.getByRole('link', { name: 'All conversations' }).click()
  await page.getByRole('link', { name: 'Tea' }).waitFor()
  t.equal(await statusOf('Tea').textContent(), '')
})
