// What somebody has begun in the chat page is not lost, and not done twice.
import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import type { Settings } from '../config.js'
import { newTalk, startApp, type Person, type Talk } from './support/app.js'
import { bubble, inBrowser, inputOf, placeOf, say, type Visit, type Visitor } from './support/browser.js'
import { eventually } from './support/outbox.js'
import { newPeople } from './support/scene.js'

// What is given to the browser runs there.
declare const document: any, navigator: any, DOMException: any, DataTransfer: any, ClipboardEvent: any, window: any, sessionStorage: any

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
  await set(MIB / 32)
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

inBrowser('what is chosen and quoted is still there for who goes away and comes back, and goes nowhere else', async (t, visit) => {
  const scene = await newScene(t)
  await scene.bia.post(`${scene.talk.path}/messages/`, { type: 'T', text: 'more tea?' })
  await newTalk([scene.ana], { name: 'Coffee' })
  const { page } = await enter(visit, scene)
  await bubble(page, 'more tea?').hover()
  await bubble(page, 'more tea?').getByRole('button', { name: 'Reply' }).click()
  await page.locator('input[type=file]').setInputFiles({ name: 'cup.bin', mimeType: 'application/octet-stream', buffer: Buffer.from('cup') })
  const chips = page.locator('.chip')
  await chips.filter({ hasText: 'cup.bin' }).waitFor()
  await page.getByRole('link', { name: 'All conversations' }).click()
  await page.goBack()
  await chips.filter({ hasText: 'cup.bin' }).waitFor()
  await chips.filter({ hasText: 'bia: more tea?' }).waitFor()
  await page.getByRole('link', { name: 'All conversations' }).click()
  await page.getByRole('link', { name: 'Coffee' }).click()
  await inputOf(page).waitFor()
  t.equal(await chips.count(), 0)
  await page.goBack()
  await page.getByRole('link', { name: 'Tea' }).click()
  await say(page, 'yes')
  await bubble(page, 'yes').getByTitle('Message of bia; go there').waitFor()
  t.equal(await chips.count(), 0)
  t.match((await storedMessages(scene.bia, scene.talk)).at(-1), { type: 'A', file_name: 'cup.bin', text: 'yes' })
})

inBrowser('what is quoted outlives a reload as the text does, until it is sent or given up', async (t, visit) => {
  const scene = await newScene(t)
  await scene.bia.post(`${scene.talk.path}/messages/`, { type: 'T', text: 'more tea?' })
  const { page } = await enter(visit, scene)
  const chip = page.locator('.chip').filter({ hasText: 'Reply to bia: more tea?' })
  const reply = async (): Promise<void> => {
    await bubble(page, 'more tea?').hover()
    await bubble(page, 'more tea?').getByRole('button', { name: 'Reply' }).click()
    await chip.waitFor()
  }
  const reload = async (): Promise<void> => {
    await page.reload()
    await inputOf(page).waitFor()
  }
  await reply()
  await reload()
  await chip.waitFor()
  await say(page, 'yes')
  await bubble(page, 'yes').getByTitle('Message of bia; go there').waitFor()
  await reload()
  t.equal(await chip.count(), 0, 'it is sent')
  await reply()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await reload()
  t.equal(await chip.count(), 0, 'it is given up')
  await reply()
  for (const nonsense of ['{', 'null', '7', '{"id":"1"}', '{"id":"1","text":"","type":"S"}']) {
    await page.evaluate(nonsense => { for (const key of Object.keys(sessionStorage)) if (key.startsWith('colloquy.quoted.')) sessionStorage.setItem(key, nonsense) }, nonsense)
    await reload()
    t.equal(await page.locator('.chip').count(), 0, nonsense)
  }
})

inBrowser('a file that is being sent can be thrown away, and the next message goes', async (t, visit) => {
  const scene = await newScene(t)
  const { page } = await chooseLongFile(await enter(visit, scene))
  await say(page, 'too long')
  await say(page, 'short')
  await page.locator('article.sending').getByRole('button', { name: 'Discard' }).click()
  await bubble(page, 'short').and(page.locator('[data-id]')).waitFor()
  t.same((await storedMessages(scene.bia, scene.talk)).map(({ text }) => text), ['short'])
})

inBrowser('a text behind a file waits for it, also when another tab is opened', async (t, visit) => {
  const scene = await newScene(t)
  const visitor = await enter(visit, scene)
  const { page, hurry } = await chooseLongFile(visitor)
  await say(page, 'the file')
  await say(page, 'after the file')
  await page.locator('article.pending').nth(1).waitFor()
  const other = await visitor.newTab()
  await other.getByRole('link', { name: 'Tea' }).waitFor()
  t.same(await storedMessages(scene.bia, scene.talk), [])
  await hurry()
  await bubble(page, 'after the file').and(page.locator('[data-id]')).waitFor()
  t.same((await storedMessages(scene.bia, scene.talk)).map(({ text }) => text), ['the file', 'after the file'])
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

inBrowser('a recording that is as long as it may be ends, says so, and can be sent or thrown away', async (t, visit) => {
  const bytesMax = 40_000
  const scene = await newScene(t, { limits: { voice_bytes: bytesMax } })
  const { page } = await enter(visit, scene)
  const record = page.getByRole('button', { name: 'Record your voice' })
  const ended = page.getByRole('status').getByText('The recording has ended: it is as long as it may be.')
  await record.click()
  await page.getByText('Recording 0:01').waitFor()
  await ended.waitFor()
  t.equal(await page.getByText(/^Recording/).count(), 0, 'nothing is counted any more')
  await page.getByRole('button', { name: 'Throw the recording away' }).click()
  await ended.waitFor({ state: 'detached' })
  await record.click()
  await page.getByText('Recording 0:01').waitFor()
  await ended.waitFor()
  await page.getByRole('button', { name: 'Send the recording' }).click()
  await page.locator('article[data-id] audio').waitFor()
  await record.waitFor()
  t.equal(await ended.count(), 0)
  const sent = await storedMessages(scene.bia, scene.talk)
  t.same(sent.map(({ type }) => type), ['v'])
  t.ok(sent[0].file_size > bytesMax / 2 && sent[0].file_size <= bytesMax, `${sent[0].file_size} bytes`)
})

inBrowser('a microphone that cannot be used is told of in the language of the page', async (t, visit) => {
  const scene = await newScene(t)
  const { page } = await visit(scene.app, { as: scene.ana, path: placeOf(scene.talk), locale: 'pt-BR' })
  for (const [name, sentence] of [['NotAllowedError', 'Seu navegador não permite que esta página use o microfone.'], ['NotFoundError', 'Nenhum microfone pode ser usado.']]) {
    await page.evaluate(name => { navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('In English', name) } }, name)
    await page.getByRole('button', { name: 'Gravar sua voz' }).click()
    await page.getByRole('alert').getByText(sentence!, { exact: true }).waitFor()
  }
})

inBrowser('a connection that the server ends is told of in the language of the page', async (t, visit) => {
  const scene = await newScene(t)
  const { page } = await visit(scene.app, { as: scene.ana, path: placeOf(scene.talk), locale: 'pt-BR' })
  await page.routeWebSocket(/./, socket => { socket.close({ code: 4400, reason: 'In English' }) })
  await page.reload()
  await page.getByRole('status').getByText('O servidor encerrou a conexão. Recarregue a página.', { exact: true }).waitFor()
})

inBrowser('a file whose name is too long is refused beforehand', async (t, visit) => {
  const scene = await newScene(t)
  const visitor = await enter(visit, scene)
  const { page } = visitor
  // The names of this file system are not so long.
  const offer = (length: number) => inputOf(page).evaluate((input: any, length) => {
    const clipboardData = new DataTransfer()
    clipboardData.items.add(new window.File(['x'], '🍵'.repeat(length), { type: 'text/plain' }))
    input.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
  }, length)
  await eventually(async () => { await offer(256); return await page.getByText('The name of the file is too long.').isVisible() }, 'it is refused')
  t.equal(await page.locator('.chip').count(), 0)
  await offer(255)
  await say(page, 'tea')
  await bubble(page, 'tea').getByTitle('🍵'.repeat(255)).waitFor()
  t.equal(visitor.requests.filter(request => request.method() === 'POST' && request.url().endsWith('/messages/')).length, 1)
})

inBrowser('a name that is being written is kept while somebody else renames the conversation', async (t, visit) => {
  const scene = await newScene(t)
  const { page } = await enter(visit, scene)
  await page.getByRole('button', { name: 'Details' }).click()
  const field = page.getByRole('textbox', { name: 'Name of the conversation' })
  const rename = async (name: string): Promise<void> => {
    await scene.bia.patch(`${scene.talk.path}/`, { name })
    await page.locator('.talk h1').getByText(name, { exact: true }).waitFor({ state: 'attached' })
  }
  await rename('Coffee')
  t.equal(await field.inputValue(), 'Coffee', 'nobody was writing')
  await field.focus()
  await rename('Milk')
  t.equal(await field.inputValue(), 'Coffee')
  await field.blur()
  t.equal(await field.inputValue(), 'Milk', 'nothing was written')
  await field.fill('  Green t')
  await rename('Water')
  await field.pressSequentially('ea')
  t.equal(await field.inputValue(), '  Green tea')
  await field.press('Enter')
  await page.locator('.talk h1').getByText('Green tea', { exact: true }).waitFor({ state: 'attached' })
  await field.blur()
  await rename('Juice')
  t.equal(await field.inputValue(), 'Juice', 'what was written has become the name')
})

inBrowser('a name of blanks is not sent, and what the server refuses is told in the language of the page', async (t, visit) => {
  const scene = await newScene(t)
  const { page, requests, expect } = await visit(scene.app, { as: scene.ana, path: placeOf(scene.talk), locale: 'pt-BR' })
  expect(/status of 400/)
  await page.getByRole('button', { name: 'Detalhes' }).click()
  const field = page.getByRole('textbox', { name: 'Seu nome' })
  const changes = () => requests.filter(request => request.method() === 'PATCH').length
  await field.fill('')
  await field.pressSequentially('   ')
  await field.press('Enter')
  await page.getByRole('button', { name: 'Renomear' }).first().click()
  t.ok(await field.evaluate((input: any) => input.validity.valueMissing && input === document.activeElement), 'the browser asks for it')
  t.equal(changes(), 0)
  await field.evaluate((input: any) => input.removeAttribute('maxlength'))
  await field.fill('x'.repeat(51))
  await field.press('Enter')
  await page.getByRole('dialog').getByRole('alert').getByText('O servidor não aceita isto assim. Mude algo e tente de novo.', { exact: true }).waitFor()
  t.equal(changes(), 1)
})

inBrowser('a link that the browser does not let the page copy is shown', async (t, visit) => {
  const scene = await newScene(t)
  const refuse = async (clipboard: 'none' | 'denied'): Promise<void> => {
    const { page } = await enter(visit, scene)
    await page.evaluate(clipboard => {
      const value = clipboard === 'none' ? undefined : { writeText: async () => { throw new DOMException('Denied', 'NotAllowedError') } }
      window.Object.defineProperty(navigator, 'clipboard', { value })
    }, clipboard)
    await page.getByRole('button', { name: 'Details' }).click()
    await page.getByRole('button', { name: 'Copy the link' }).click()
    const field = page.getByRole('textbox', { name: 'It could not be copied. This is the link:' })
    await field.waitFor()
    t.equal(await field.inputValue(), page.url())
    t.equal(await page.evaluate(() => String(document.getSelection())), page.url(), 'it is selected')
    t.ok(await field.evaluate((input: any) => input.readOnly && input === document.activeElement))
  }
  await refuse('none')
  await refuse('denied')
})
