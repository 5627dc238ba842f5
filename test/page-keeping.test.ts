// What somebody has begun in the chat page is not lost, and not done twice.
import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import type { Settings } from '../config.js'
import { newTalk, startApp, type Person, type Talk } from './support/app.js'
import { bubble, inBrowser, inputOf, placeOf, say, type Visit, type Visitor } from './support/browser.js'
import { eventually } from './support/outbox.js'
import { newPeople } from './support/scene.js'

// What is given to the browser runs there.
declare const document: any, DataTransfer: any, ClipboardEvent: any, window: any

const MIB = 1024 * 1024

interface Scene { app: FastifyInstance, ana: Person, bia: Person, talk: Talk }

async function newScene (t: Test, settings: Settings = {}): Promise<Scene> {
  const app = await startApp(t, settings)
  const [ana, bia] = await newPeople(app, 'ana', 'bia')
  return { app, ana: ana!, bia: bia!, talk: await newTalk([ana!, bia!], { name: 'Tea' }) }
}

async function enter (visit: Visit, { app, ana, talk }: Scene): Promise<Visitor> {
  const visitor = await visit(app, { as: ana, path: placeOf(talk) })
  await inputOf(visitor.page).waitFor()
  return visitor
}

async function storedMessages (person: Person, { path }: Talk): Promise<any[]> {
  return (await person.get(`${path}/messages/?after=0&limit=500`)).body.results.filter(({ type }: { type: string }) => type !== 'S')
}

/** Chooses a file whose upload takes seconds, until it is hurried. */
async function chooseLongFile ({ page, context }: Visitor): Promise<Pick<Visitor, 'page'> & { hurry: () => Promise<unknown> }> {
  const session = await context.newCDPSession(page)
  await session.send('Network.enable')
  const set = (uploadThroughput: number) => session.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput })
  await set(MIB / 4)
  await page.locator('input[type=file]').setInputFiles({ name: 'long.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(MIB, 1) })
  return { page, hurry: () => set(-1) }
}

inBrowser('a file on its way goes on while its sender looks at something else, and asks before the page is left', async (t, visit) => {
  const scene = await newScene(t)
  const { page, hurry } = await chooseLongFile(await enter(visit, scene))
  await say(page, 'here it is')
  await page.locator('article.sending').waitFor()
  await page.getByRole('link', { name: 'All conversations' }).click()
  await page.getByRole('heading', { name: 'New conversation' }).waitFor()
  const asked = new Promise<string>(resolve => page.once('dialog', dialog => { resolve(dialog.type()); dialog.dismiss() }))
  page.evaluate(() => document.defaultView.location.reload()).catch(() => {})
  t.equal(await asked, 'beforeunload')
  await page.locator('.entries a', { hasText: 'Tea' }).click()
  await page.locator('article.pending').waitFor()
  await hurry()
  await bubble(page, 'here it is').waitFor()
  t.equal(await page.locator('article.pending').count(), 0)
  t.same((await storedMessages(scene.bia, scene.talk)).map(({ text, file_size: size }) => [text, size]), [['here it is', MIB]])
})

inBrowser('a file that is being sent can be thrown away, and the next message goes', async (t, visit) => {
  const scene = await newScene(t)
  const { page, hurry } = await chooseLongFile(await enter(visit, scene))
  await say(page, 'too long')
  await say(page, 'short')
  await page.locator('article.sending').getByRole('button', { name: 'Discard' }).click()
  await hurry()
  await bubble(page, 'short').waitFor()
  t.same((await storedMessages(scene.bia, scene.talk)).map(({ text }) => text), ['short'])
})

inBrowser('who clicks twice on an option chooses once', async (t, visit) => {
  const scene = await newScene(t)
  await scene.bia.post(`${scene.talk.path}/messages/`, { type: 'T', text: 'Tea?', options: ['Yes', 'No'] })
  const { page } = await enter(visit, scene)
  await page.getByRole('button', { name: 'Yes' }).dblclick()
  await say(page, 'and then')
  await bubble(page, 'and then').waitFor()
  t.same((await storedMessages(scene.bia, scene.talk)).map(({ text }) => text), ['Tea?', 'Yes', 'and then'])
})

inBrowser('what is unread is counted over a reload', async (t, visit) => {
  const scene = await newScene(t)
  const { ana, bia, talk } = scene
  for (let count = 1; count <= 60; count++) await bia.post(`${talk.path}/messages/`, { type: 'T', text: `message ${count}`, local_id: `${count}` })
  const { page } = await enter(visit, scene)
  await bubble(page, 'message 60').waitFor()
  await eventually(async () => (await ana.get('/api/chat/conversations/?mine=true')).body.results[0].unread_count === 0, 'everything is read')
  const list = page.getByRole('log')
  await list.evaluate((element: any) => { element.scrollTop = 0 })
  await page.getByRole('button', { name: 'To the latest message' }).waitFor()
  for (const text of ['one more', 'two more']) await bia.post(`${talk.path}/messages/`, { type: 'T', text })
  await page.getByText('2 new').waitFor()
  await page.reload()
  await page.getByText('2 new').waitFor()
  await page.getByRole('button', { name: 'To the latest message' }).click()
  await bubble(page, 'two more').waitFor()
  await page.getByText('2 new').waitFor({ state: 'detached' })
  await eventually(async () => (await ana.get('/api/chat/conversations/?mine=true')).body.results[0].unread_count === 0, 'everything is read')
})

inBrowser('a recording goes on when something is written, and many files leave room for the rest', async (t, visit) => {
  const scene = await newScene(t)
  const { page } = await enter(visit, scene)
  await page.getByRole('button', { name: 'Record your voice' }).click()
  await page.getByText(/^Recording/).waitFor()
  await inputOf(page).pressSequentially('hm')
  await page.getByRole('button', { name: 'Send the recording' }).click()
  await page.locator('article[data-id] audio').waitFor()
  const files = Array.from({ length: 30 }, (_, index) => ({ name: `${index}.txt`, mimeType: 'text/plain', buffer: Buffer.from('x') }))
  await page.locator('input[type=file]').setInputFiles(files)
  await page.getByText('At most 20 files at once.').waitFor()
  t.equal(await page.locator('.chip').count(), 20)
  t.ok((await page.getByRole('log').boundingBox())!.height > 200)
  t.ok(await inputOf(page).isVisible())
})

inBrowser('cells of a table are pasted as text, and an empty file is refused beforehand', async (t, visit) => {
  const scene = await newScene(t)
  const visitor = await enter(visit, scene)
  const { page } = visitor
  const taken = await inputOf(page).evaluate((input: any) => {
    const clipboardData = new DataTransfer()
    clipboardData.setData('text/plain', '1\t2')
    clipboardData.items.add(new window.File(['x'], 'cells.png', { type: 'image/png' }))
    return !input.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
  })
  t.equal(taken, false, 'the browser pastes the text itself')
  t.equal(await page.locator('.chip').count(), 0)
  await page.locator('input[type=file]').setInputFiles({ name: 'nothing.txt', mimeType: 'text/plain', buffer: Buffer.alloc(0) })
  await page.getByText('The file is empty.').waitFor()
  t.equal(visitor.requests.filter(request => request.method() === 'POST' && request.url().endsWith('/messages/')).length, 0)
})

inBrowser('names and texts that are written from right to left turn nothing but themselves', async (t, visit) => {
  const scene = await newScene(t)
  const { bia, talk } = scene
  await bia.patch(`${talk.path}/participants/${(await bia.get(`${talk.path}/`)).body.my_participant_id}/`, { name: '\u202Egnp.tob' })
  await bia.post(`${talk.path}/messages/`, { type: 'T', text: 'שלום!' })
  const { page } = await enter(visit, scene)
  const text = bubble(page, /שלום/).locator('.text')
  t.equal(await text.evaluate((element: any) => document.defaultView.getComputedStyle(element).direction), 'rtl')
  t.equal(await bubble(page, /שלום/).locator('header bdi').count(), 1)
  t.equal(await page.locator('.present bdi').count(), 2)
  await bubble(page, /שלום/).hover()
  await bubble(page, /שלום/).getByRole('button', { name: 'Reply' }).click()
  t.match(await page.locator('.chip').textContent(), 'Reply to \u2068\u202Egnp.tob\u2069: שלום!')
})
