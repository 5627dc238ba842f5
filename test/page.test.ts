// The chat page as it is served, and its lobby.
import { readdirSync, readFileSync } from 'node:fs'
import { fastify } from 'fastify'
import t from 'tap'
import { colloquy, configure } from '../app.js'
import { texts } from '../web/texts.js'
import { newPeople } from './support/scene.js'
import { newPerson, newTalk, startApp } from './support/app.js'
import { bubble, inBrowser, placeOf, say } from './support/browser.js'
import { call } from './support/call.js'

const KIB = 1024

t.test('every text of the page is used, and says the same with the same gaps in each language', async t => {
  const folder = new URL('../web/', import.meta.url)
  const source = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name => /\.tsx?$/.test(name) && name !== 'texts.ts').map(name => readFileSync(new URL(name, folder), 'utf8')).join('\n')
  // Those that are said by what they are about: the role of a session, the state of a message on its way.
  const named = ['manager', 'admin', 'waiting', 'sending', 'sent']
  const gapsOf = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(([gap]) => gap).sort()
  for (const [key, text] of Object.entries(texts.en)) {
    const translated = texts.pt[key as keyof typeof texts.en]
    t.ok(named.includes(key) || source.includes(`'${key}'`), `${key} is used`)
    t.same(gapsOf(translated), gapsOf(text), `${key} has the same gaps`)
    t.ok(translated.trim() !== '' && text.trim() !== '', `${key} says something`)
  }
  t.same(Object.keys(texts.pt), Object.keys(texts.en))
})

t.test('the page is served with a strict policy, and what it names may be kept', async t => {
  const app = await startApp(t)
  const page = await call(app, 'GET', '/')
  t.match(page, { status: 200, headers: { 'content-type': /html/, 'x-content-type-options': 'nosniff', 'cache-control': 'no-cache' } })
  const policy = page.headers['content-security-policy']
  t.match(policy, /default-src 'none'/)
  t.notMatch(policy, /unsafe|\*|https?:|data:/)
  const names = [...page.body.matchAll(/(?:src|href)="(page\/[^"]+)"/g)].map(([, name]) => name)
  t.equal(names.length, 3)
  for (const name of names) {
    const { status, headers } = await call(app, 'GET', `/${name}`, { headers: { 'accept-encoding': 'br' } })
    t.match({ status, headers }, { status: 200, headers: { 'content-encoding': 'br', 'cache-control': name.endsWith('.svg') ? 'no-cache' : /immutable/ } }, name)
  }
  t.match(await call(app, 'GET', '/page/nothing.js'), { status: 404, body: { code: 'route_not_found' } })
})

t.test('without the page the address is unknown, and a host keeps a page of its own', async t => {
  const without = await startApp(t, { page: false })
  t.match(await call(without, 'GET', '/'), { status: 404, body: { code: 'route_not_found' }, headers: { 'content-type': /^application\/problem\+json/ } })
  const host = fastify()
  t.teardown(() => host.close())
  host.get('/', async () => ({ page: 'of the host' }))
  await host.register(colloquy, { config: configure({ data: t.testdir() }) })
  t.same((await host.inject('/')).json(), { page: 'of the host' })
  t.match((await host.inject('/api/chat/limits/')).json(), { MAX_TEXT_LENGTH: 4000 })
})

inBrowser('the page is loaded with less than 100 kB, from one host', async (t, visit) => {
  const { page, requests } = await visit(await startApp(t))
  await page.getByRole('checkbox', { name: 'ECHO' }).waitFor()
  const sizes = await Promise.all(requests.map(async request => (await request.sizes()).responseBodySize))
  const sum = sizes.reduce((sum, size) => sum + size, 0)
  t.ok(requests.length >= 5 && sum > 10 * KIB, `${requests.length} requests`)
  t.ok(sum < 100 * 1000, `${sum} bytes`)
})

inBrowser('a host application has the page under its prefix', async (t, visit) => {
  const host = fastify()
  t.teardown(() => host.close())
  await host.register(colloquy, { prefix: '/chat', config: configure({ data: t.testdir() }) })
  const { page } = await visit(host, { path: '/chat' })
  t.equal(new URL(page.url()).pathname, '/chat/')
  await page.getByRole('button', { name: 'Start' }).click()
  await say(page, 'hello')
  await bubble(page, 'HELLO').waitFor()
  t.match(new URL(page.url()), { pathname: '/chat/', hash: /^#\/c\// })
})

inBrowser('a newcomer opens the page, starts, and talks with two bots', async (t, visit) => {
  const { page } = await visit(await startApp(t))
  for (const bot of ['ECHO', 'Calculator']) t.ok(await page.getByRole('checkbox', { name: bot }).isChecked(), `${bot} is chosen`)
  await page.getByRole('button', { name: 'Start' }).click()
  await say(page, '2*21')
  await bubble(page, '42').getByText('Calculator').waitFor()
  await bubble(page, '2*21').getByText('ECHO').waitFor()
})

inBrowser('somebody starts a conversation with the bots that are chosen, and finds it in the lobby', async (t, visit) => {
  const { page } = await visit(await startApp(t))
  await page.getByRole('textbox', { name: 'Your name' }).fill('ana')
  await page.getByRole('textbox', { name: 'Name of the conversation' }).fill('Tea')
  await page.getByRole('checkbox', { name: 'Calculator' }).uncheck()
  await page.getByRole('button', { name: 'Start' }).click()
  await page.getByRole('heading', { name: 'Tea' }).waitFor()
  await page.locator('.present', { hasText: /^(ana, ECHO|ECHO, ana)$/ }).waitFor()
  await say(page, 'hello')
  await bubble(page, 'HELLO').waitFor()
  await page.getByRole('link', { name: 'All conversations' }).click()
  await page.getByRole('region', { name: 'Your conversations' }).getByRole('link', { name: /Tea.*HELLO/ }).waitFor()
})

inBrowser('the list of conversations tells the last message, its time and how many are unread, and follows', async (t, visit) => {
  const app = await startApp(t)
  const [ana, bia] = await newPeople(app, 'ana', 'bia')
  const [tea, coffee] = [await newTalk([ana!, bia!], { name: 'Tea' }), await newTalk([ana!, bia!], { name: 'Coffee' })]
  await bia!.post(`${tea.path}/messages/`, { type: 'T', text: 'milk?' })
  const { page } = await visit(app, { as: ana! })
  const own = page.getByRole('region', { name: 'Your conversations' })
  const entry = own.getByRole('link', { name: 'Tea' })
  await entry.getByText('milk?').waitFor()
  t.match(await entry.locator('time').textContent(), /^\d\d:\d\d$/)
  const unread = Number((await entry.getByText(/unread/).textContent())!.match(/^\d+/)![0])
  await bia!.post(`${tea.path}/messages/`, { type: 'T', text: 'or sugar?' })
  await entry.getByText('or sugar?').waitFor()
  await entry.getByText(`${unread + 1} unread`).waitFor()
  t.equal(await own.getByRole('listitem').count(), 2)
  await entry.click()
  await bubble(page, 'or sugar?').waitFor()
  await page.waitForResponse(response => response.url().endsWith('/read/') && response.ok())
  await page.getByRole('link', { name: 'All conversations' }).click()
  await own.getByText('or sugar?').waitFor()
  t.equal(await entry.getByText(/unread/).count(), 0)
  t.ok(await own.getByRole('link', { name: 'Coffee' }).isVisible(), coffee.id)
})

inBrowser('where rooms are enabled somebody finds one and joins it', async (t, visit) => {
  const app = await startApp(t)
  const ana = await newPerson(app, 'ana')
  const tea = await newTalk([ana])
  await ana.post(`${tea.path}/messages/`, { type: 'T', text: 'hello' })
  const { page, expect } = await visit(app)
  expect(/status of 401/)
  await page.getByRole('region', { name: 'Rooms' }).getByRole('link', { name: /Tea.*1 taking part/ }).click()
  await page.getByRole('textbox', { name: 'Your name' }).fill('bia')
  await page.getByRole('button', { name: 'Join' }).click()
  await bubble(page, 'hello').waitFor()
  await say(page, 'hello, ana')
  await bubble(page, 'hello, ana').waitFor()
  t.match((await ana.get(`${tea.path}/messages/?limit=1`)).body.results, [{ text: 'hello, ana' }])
})

inBrowser('many rooms come in pages', async (t, visit) => {
  const app = await startApp(t)
  const ana = await newPerson(app, 'ana')
  const { body: { results } } = await ana.get('/api/chat/conversations/')
  t.same(results, [])
  for (let count = 1; count <= 120; count++) await newTalk([ana], { name: `Room ${count}` })
  const { page } = await visit(app)
  const rooms = page.getByRole('region', { name: 'Rooms' })
  await rooms.getByRole('link').first().waitFor()
  const first = await rooms.getByRole('link').count()
  t.ok(first < 120, `${first} at first`)
  while (await rooms.getByRole('button', { name: 'More' }).isVisible()) {
    const count = await rooms.getByRole('link').count()
    await rooms.getByRole('button', { name: 'More' }).click()
    await rooms.getByRole('link').nth(count).waitFor()
  }
  const names = await rooms.getByRole('link').locator('b').allTextContents()
  t.same(names.sort(), Array.from({ length: 120 }, (_, index) => `Room ${index + 1}`).sort())
})

inBrowser('where rooms are not enabled there is no word of them, and no way into a conversation of others', async (t, visit) => {
  const app = await startApp(t, { rooms: false })
  const ana = await newPerson(app, 'ana')
  const tea = await newTalk([ana])
  const { page, newTab, expect } = await visit(app, { as: await newPerson(app, 'bia') })
  await page.getByText('None yet. Start one here.').waitFor()
  t.equal(await page.getByText('Rooms').count(), 0)
  expect(/status of 404/)
  const other = await newTab(placeOf(tea))
  await other.getByText('There is no such conversation, or it is not yours.').waitFor()
})

inBrowser('Portuguese is chosen and kept, and comes by itself where the browser speaks it', async (t, visit) => {
  const app = await startApp(t)
  const ana = await visit(app)
  await ana.page.getByRole('combobox', { name: 'Language' }).selectOption('Português (Brasil)')
  await ana.page.getByRole('heading', { name: 'Nova conversa' }).waitFor()
  await ana.page.reload()
  await ana.page.getByRole('heading', { name: 'Nova conversa' }).waitFor()
  t.equal(await ana.page.locator('html').getAttribute('lang'), 'pt-BR')
  const bia = await visit(app, { locale: 'pt-BR' })
  await bia.page.getByRole('button', { name: 'Começar' }).click()
  await bia.page.getByRole('textbox', { name: 'Escreva uma mensagem' }).waitFor()
})
