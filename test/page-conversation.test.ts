// What somebody does in a conversation of the chat page.
import type { FastifyInstance } from 'fastify'
import type { Locator, Page } from 'playwright-core'
import t, { type Test } from 'tap'
import type { Settings } from '../config.js'
import { piecesOf } from '../web/timeline/links.js'
import { formOf, newTalk, startApp, type Person, type Talk } from './support/app.js'
import { bubble, inBrowser, inputOf, placeOf, say, textsOf, type Visit, type Visitor } from './support/browser.js'
import { film, picture, tone } from './support/files.js'
import { eventually } from './support/outbox.js'
import { newPeople } from './support/scene.js'
import { startBotServer } from './support/stranger.js'
import { subscribe, wsUrl } from './support/subscriber.js'

// What is given to the browser runs there.
declare const document: any, MutationObserver: any, DataTransfer: any, ClipboardEvent: any, DragEvent: any, matchMedia: any, getComputedStyle: any

const MIB = 1024 * 1024

interface Scene { app: FastifyInstance, ana: Person, bia: Person, talk: Talk }

async function newScene (t: Test, settings: Settings = {}, bots: string[] = []): Promise<Scene> {
  const app = await startApp(t, settings)
  const [ana, bia] = await newPeople(app, 'ana', 'bia')
  return { app, ana: ana!, bia: bia!, talk: await newTalk([ana!, bia!], { name: 'Tea', bots }) }
}

/** ana, in the conversation. */
async function enter (visit: Visit, { app, ana, talk }: Scene): Promise<Visitor> {
  const visitor = await visit(app, { as: ana, path: placeOf(talk) })
  await inputOf(visitor.page).waitFor()
  return visitor
}

async function sayAs (person: Person, { path }: Talk, fields: object): Promise<{ id: string, seq: number }> {
  return (await person.post(`${path}/messages/`, { type: 'T', ...fields })).body
}

async function storedTexts (person: Person, { path }: Talk): Promise<string[]> {
  const { body } = await person.get(`${path}/messages/?after=0&limit=100`)
  return body.results.filter(({ type }: { type: string }) => type !== 'S').map(({ text }: { text: string }) => text)
}

const pending = (page: Page): Locator => page.locator('article.pending')
const posts = ({ requests }: Visitor): number => requests.filter(request => request.method() === 'POST' && request.url().endsWith('/messages/')).length

inBrowser('a message shows who said it and when, what it quotes, its options, and what else has happened', async (t, visit) => {
  const scene = await newScene(t)
  const { bia, talk } = scene
  const old = await sayAs(bia, talk, { text: 'an old one' })
  for (let count = 1; count <= 60; count++) await sayAs(bia, talk, { text: `then ${count}` })
  await sayAs(bia, talk, { text: 'as I said', quoted_message_id: old.id })
  await sayAs(bia, talk, { text: 'milk or sugar?', options: ['Milk', 'Sugar'] })
  const { page } = await enter(visit, scene)
  const quoting = bubble(page, 'as I said')
  t.match(await quoting.getAttribute('aria-label'), /^bia, \d\d:\d\d$/)
  await quoting.getByTitle('Message of bia; go there').getByText('an old one').waitFor()
  t.equal(await bubble(page, 'an old one').count(), 0, 'it is not loaded')
  await bubble(page, 'milk or sugar?').getByRole('button', { name: 'Sugar' }).click()
  const answer = bubble(page, 'Sugar')
  await answer.getByText('You', { exact: true }).waitFor()
  await answer.getByTitle('Message of bia; go there').waitFor()
  t.match((await bia.get(`${talk.path}/messages/?limit=1`)).body.results, [{ text: 'Sugar', quoted_message_id: /./ }])
  await bia.post(`${talk.path}/leave/`)
  await page.getByText('bia went away').waitFor()
  await page.locator('.present', { hasText: /^ana$/ }).waitFor()
})

inBrowser('pictures, sounds and films are shown where they were sent, and read in parts; another file is downloaded by its name', async (t, visit) => {
  const scene = await newScene(t)
  const { bia, talk } = scene
  const visitor = await enter(visit, scene)
  const { page } = visitor
  const ranges: string[] = []
  page.on('response', response => { if (response.url().includes('/media/')) ranges.push(`${response.status()} ${response.request().resourceType()}`) })
  const files = [['i', picture(), 'cup.png'], ['a', tone(), 'bell.wav'], ['V', await film(page), 'tea.webm'], ['A', Buffer.from('a recipe'), 'receita é.txt']] as const
  for (const [type, bytes, name] of files) await bia.post(`${talk.path}/messages/`, formOf([['type', type], ['text', `the ${name}`], ['file', [bytes, name]]]))
  await sayAs(bia, talk, { type: 'i', text: 'elsewhere', external_file_url: 'https://example.org/cup.png' })
  await bubble(page, 'elsewhere').getByRole('link', { name: 'cup.png on another server' }).waitFor()
  await page.waitForFunction(() => document.querySelector('article img')?.naturalWidth > 0)
  await page.waitForFunction(() => document.querySelector('article audio')?.duration > 0 && document.querySelector('article video')?.videoWidth > 0)
  t.same(ranges.filter(range => range.endsWith('media')).map(range => range.split(' ')[0]), ['206', '206'])
  const downloading = page.waitForEvent('download')
  await page.getByTitle('Download receita é.txt').click()
  const download = await downloading
  t.equal(download.suggestedFilename(), 'receita é.txt')
  t.equal(await readAll(await download.createReadStream()), 'a recipe')
})

inBrowser('the arrow keys go from message to message, but not in what is played', async (t, visit) => {
  const scene = await newScene(t)
  const { bia, talk } = scene
  const { page } = await enter(visit, scene)
  for (const name of ['one', 'two']) await bia.post(`${talk.path}/messages/`, formOf([['type', 'a'], ['text', name], ['file', [tone(), `${name}.wav`]]]))
  const focused = (): Promise<string> => page.evaluate(() => document.activeElement.matches('audio') ? document.activeElement.getAttribute('aria-label') : document.activeElement.querySelector('.text').textContent)
  await bubble(page, 'two').focus()
  await page.keyboard.press('ArrowUp')
  t.equal(await focused(), 'one')
  for (const [name, key] of [['one', 'ArrowDown'], ['two', 'ArrowUp']] as const) {
    await bubble(page, name).locator('audio').focus()
    await page.keyboard.press(key)
    t.equal(await focused(), `${name}.wav`)
  }
})

inBrowser('who goes to a message without seeing it hears who said it, when, and what', async (t, visit) => {
  const scene = await newScene(t)
  const { bia, talk } = scene
  const { id } = await sayAs(bia, talk, { text: 'tea?' })
  await sayAs(bia, talk, { text: 'or coffee?', quoted_message_id: id })
  await bia.post(`${talk.path}/messages/`, formOf([['type', 'A'], ['file', [Buffer.from('a recipe'), 'cup.txt']]]))
  const { page, context } = await enter(visit, scene)
  // It is on its way for ever.
  await page.route('**/messages/', route => route.request().method() === 'POST' ? undefined : route.fallback())
  await say(page, 'milk')
  await pending(page).waitFor()
  const session = await context.newCDPSession(page)
  const { nodes } = await session.send('Accessibility.getFullAXTree')
  const heard = nodes.filter(({ role }) => role?.value === 'article').map(({ name, description }) => `${name?.value} ${description?.value}`.replace(/\d\d:\d\d/, 'now'))
  t.same(heard, ['bia, now tea?', 'bia, now bia tea? or coffee?', 'bia, now cup.txt 8 B', 'You milk'])
  const ids = await page.locator('[id]').evaluateAll(elements => elements.map(({ id }: any) => id))
  t.equal(new Set(ids).size, ids.length, 'no two have the same id')
})

async function readAll (stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

inBrowser('files are picked, pasted and dropped, and a voice is recorded', async (t, visit) => {
  const scene = await newScene(t)
  const { page } = await enter(visit, scene)
  const choosing = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Attach a file' }).click()
  await (await choosing).setFiles([{ name: 'cup.png', mimeType: 'image/png', buffer: picture() }, { name: 'more.txt', mimeType: 'text/plain', buffer: Buffer.from('more') }])
  await page.getByText('cup.png').waitFor()
  await say(page, 'picked')
  await bubble(page, 'picked').getByRole('img', { name: 'cup.png' }).waitFor()
  await page.getByTitle('Download more.txt').waitFor()
  await offer(page, 'paste', 'pasted.txt')
  await page.getByText('pasted.txt').waitFor()
  await inputOf(page).press('Enter')
  await page.getByTitle('Download pasted.txt').waitFor()
  await offer(page, 'drop', 'dropped.txt')
  await page.getByRole('button', { name: 'Remove dropped.txt' }).waitFor()
  await page.getByRole('button', { name: 'Send', exact: true }).click()
  await page.getByTitle('Download dropped.txt').waitFor()
  await page.getByRole('button', { name: 'Record your voice' }).click()
  await page.getByText('Recording 0:01').waitFor()
  await page.getByRole('button', { name: 'Send the recording' }).click()
  await page.locator('article[data-id] audio').waitFor()
  const { body: { results } } = await scene.bia.get(`${scene.talk.path}/messages/?after=0&limit=100`)
  const sent = results.filter(({ type }: { type: string }) => type !== 'S').map(({ type, file_name: name, file_size: size, text }: any) => [type, name, text, size > 0])
  t.same(sent, [['i', 'cup.png', 'picked', true], ['A', 'more.txt', '', true], ['A', 'pasted.txt', '', true], ['A', 'dropped.txt', '', true], ['v', 'voice.webm', '', true]])
})

/** Pastes or drops a file, as the browser tells the page of it. */
async function offer (page: Page, kind: 'paste' | 'drop', name: string): Promise<void> {
  await inputOf(page).evaluate((input, { kind, name }) => {
    const data = new DataTransfer()
    data.items.add(new File(['something'], name, { type: 'text/plain' }))
    const options = { clipboardData: data, dataTransfer: data, bubbles: true, cancelable: true }
    input.dispatchEvent(kind === 'paste' ? new ClipboardEvent(kind, options) : new DragEvent(kind, options))
  }, { kind, name })
}

inBrowser('what the server would not take is refused beforehand, in a sentence', async (t, visit) => {
  const scene = await newScene(t, { limits: { attachment_bytes: 20, image_bytes: 0, voice_bytes: 0 } })
  const visitor = await enter(visit, scene)
  const { page } = visitor
  const pick = (name: string, mimeType: string, size: number) => page.locator('input[type=file]').setInputFiles({ name, mimeType, buffer: Buffer.alloc(size, 1) })
  const alert = page.getByRole('alert')
  await eventually(async () => { await pick('big.txt', 'text/plain', 2048); return await alert.isVisible() }, 'it is refused')
  t.equal(await alert.textContent(), 'big.txt has 2 KiB; at most 20 B can be sent.')
  await pick('cup.png', 'image/png', 21)
  await page.getByText('cup.png has 21 B; at most 20 B can be sent.').waitFor()
  t.equal(await page.getByRole('button', { name: 'Record your voice' }).count(), 0, 'nobody is offered to record what cannot be sent')
  await inputOf(page).fill('x'.repeat(4001))
  await page.getByText('Characters too many: 1.').waitFor()
  await inputOf(page).press('Enter')
  t.ok(await page.getByRole('button', { name: 'Send', exact: true }).isDisabled())
  t.equal(posts(visitor), 0, 'nothing is sent')
  // Where pictures are disabled one is sent as any file.
  await pick('cup.png', 'image/png', 20)
  await say(page, 'small enough')
  await bubble(page, 'small enough').getByTitle('Download cup.png').waitFor()
})

inBrowser('where files are disabled none is sent, in a sentence', async (t, visit) => {
  const scene = await newScene(t, { limits: { attachment_bytes: 0 } })
  const visitor = await enter(visit, scene)
  const alert = visitor.page.getByRole('alert')
  await eventually(async () => { await visitor.page.locator('input[type=file]').setInputFiles({ name: 'tea.txt', mimeType: 'text/plain', buffer: Buffer.from('tea') }); return await alert.isVisible() }, 'it is refused')
  t.equal(await alert.textContent(), 'tea.txt cannot be sent: files of this kind are disabled here.')
  await say(visitor.page, 'hello')
  await bubble(visitor.page, 'hello').waitFor()
  t.equal(posts(visitor), 1)
})

inBrowser('a message is on its way, and then it is there; a large file shows how far it is', async (t, visit) => {
  const scene = await newScene(t)
  const { page, context } = await enter(visit, scene)
  const session = await context.newCDPSession(page)
  await session.send('Network.enable')
  await session.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 2 * MIB })
  await page.evaluate(() => {
    const seen = { states: new Set<string>(), parts: new Set<number>() }
    document.seen = seen
    new MutationObserver(() => {
      for (const { className } of document.querySelectorAll('article.pending')) seen.states.add(className.split(' ').at(-1)!)
      for (const { value } of document.querySelectorAll('progress')) seen.parts.add(value)
    }).observe(document.body, { subtree: true, childList: true, attributes: true })
  })
  await page.locator('input[type=file]').setInputFiles({ name: 'long.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(2 * MIB, 1) })
  await say(page, 'here it is')
  await bubble(page, 'here it is').waitFor()
  t.equal(await pending(page).count(), 0)
  const { states, parts } = await page.evaluate(() => ({ states: [...document.seen.states], parts: [...document.seen.parts] })) as { states: string[], parts: number[] }
  t.ok(states.includes('sending'), states.join())
  t.ok(parts.filter(part => part > 0 && part < 1).length >= 2, `${parts.length} steps of the bar`)
})

inBrowser('a message that is refused says why, and is sent again as the same one or thrown away', async (t, visit) => {
  const scene = await newScene(t)
  const visitor = await enter(visit, scene)
  const { page } = visitor
  visitor.expect(/status of 422/)
  const localIds: string[] = []
  let refusals = 2
  await page.route('**/messages/', async route => {
    if (route.request().method() !== 'POST') return route.fallback()
    localIds.push(route.request().postDataJSON().local_id)
    const problem = { type: 'about:blank', title: 'No', status: 422, code: 'quoted_message_not_found', detail: 'Not at this hour.' }
    await (refusals-- > 0 ? route.fulfill({ status: 422, contentType: 'application/problem+json', json: problem }) : route.fallback())
  })
  for (const text of ['hello', 'nonsense']) {
    await say(page, text)
    await pending(page).filter({ hasText: text }).getByText('Not sent: The message that it replies to is not in this conversation.').waitFor()
  }
  await pending(page).filter({ hasText: 'nonsense' }).getByRole('button', { name: 'Discard' }).click()
  await pending(page).filter({ hasText: 'hello' }).getByRole('button', { name: 'Retry' }).click()
  await bubble(page, 'hello').waitFor()
  t.same(await textsOf(page), ['hello'])
  t.same([localIds.length, localIds[0]], [3, localIds[2]])
  t.same(await storedTexts(scene.bia, scene.talk), ['hello'])
})

inBrowser('who writes is seen writing by the others', async (t, visit) => {
  const scene = await newScene(t)
  const [ana, bia] = [await enter(visit, scene), await enter(visit, { ...scene, ana: scene.bia })]
  await inputOf(bia.page).pressSequentially('hel')
  await ana.page.getByText('bia is writing…').waitFor()
  await inputOf(bia.page).fill('')
  await ana.page.getByText('bia is writing…').waitFor({ state: 'detached' })
  await inputOf(ana.page).pressSequentially('hello')
  await bia.page.getByText('ana is writing…').waitFor()
  await inputOf(ana.page).press('Enter')
  await bubble(bia.page, 'hello').waitFor()
  await bia.page.getByText('ana is writing…').waitFor({ state: 'detached' })
})

inBrowser('somebody looks who is here, renames the conversation and themselves, and leaves', async (t, visit) => {
  const scene = await newScene(t)
  const { page } = await enter(visit, scene)
  const bia = await enter(visit, { ...scene, ana: scene.bia })
  await say(page, 'hello')
  await page.getByRole('button', { name: 'Details' }).click()
  const dialog = page.getByRole('dialog', { name: 'Details' })
  t.same(await dialog.getByRole('listitem').allTextContents(), ['ana ', 'bia '])
  await dialog.getByRole('textbox', { name: 'Name of the conversation' }).fill('Coffee')
  await dialog.getByRole('button', { name: 'Rename' }).nth(1).click()
  await bia.page.getByRole('heading', { name: 'Coffee' }).waitFor()
  await dialog.getByRole('textbox', { name: 'Your name' }).fill('Ana Maria')
  await dialog.getByRole('button', { name: 'Rename' }).first().click()
  await bubble(bia.page, 'hello').getByText('Ana Maria').waitFor()
  await dialog.getByRole('button', { name: 'Copy the link' }).click()
  await dialog.getByRole('button', { name: 'Copied' }).waitFor()
  page.once('dialog', dialog => {
    t.equal(dialog.message(), 'Leave? You will not see it any more, unless you can join it again.')
    dialog.accept()
  })
  await dialog.getByRole('button', { name: 'Leave the conversation' }).click()
  await page.getByText('None yet. Start one here.').waitFor()
  await bia.page.getByText('Ana Maria went away').waitFor()
})

inBrowser('a conversation that has ended says so and takes no text', async (t, visit) => {
  const starts = await startBotServer(t, () => ({}))
  const scene = await newScene(t, { bots: [{ name: 'Guest', kind: 'websocket', url: starts.url, required: true }], grace: { presence_s: 0 } }, ['Guest'])
  const { page } = await enter(visit, scene)
  const { json: { session } } = await starts.nextRequest()
  const guest = await subscribe(t, wsUrl(scene.app, scene.talk.id), { cookie: session })
  guest.send({ type: 'T', text: 'Bye!' })
  await bubble(page, 'Bye!').waitFor()
  await guest.close()
  await page.locator('.over').getByText('The conversation has ended. It takes no new messages.').waitFor()
  t.equal(await inputOf(page).count(), 0)
  t.equal(await page.getByRole('button', { name: 'Reply' }).count(), 0)
})

t.test('what begins as an address of the web is a link, without what belongs to the sentence around it', async t => {
  const links: Array<[text: string, ...links: string[]]> = [
    ['see https://example.org/tea?cup=1#milk for it', 'https://example.org/tea?cup=1#milk'],
    ['http://a.example and\nHTTPS://B.example:8080/', 'http://a.example', 'HTTPS://B.example:8080/'],
    ['https://a.example, https://b.example; https://c.example.', 'https://a.example', 'https://b.example', 'https://c.example'],
    ['Is it https://a.example/?!', 'https://a.example/'],
    ['(https://a.example/)', 'https://a.example/'],
    ['(see https://en.wikipedia.org/wiki/Tea_(meal)).', 'https://en.wikipedia.org/wiki/Tea_(meal)'],
    ['[tea](https://a.example/x[1])', 'https://a.example/x[1]'],
    ['"https://a.example/" \'https://b.example\' “https://c.example” «https://d.example»', 'https://a.example/', 'https://b.example', 'https://c.example', 'https://d.example'],
    ['<https://a.example/>', 'https://a.example/'],
    ['ראה https://a.example/תה, תודה', 'https://a.example/תה'],
    ['お茶（https://a.example/茶）。', 'https://a.example/茶'],
    ['https://a.example/\u202Egnp.exe', 'https://a.example/'],
    ['javascript:alert(1) data:text/html,x ftp://a.example //a.example www.a.example a.example mailto:a@a.example'],
    ['https:// http://. https:///a xhttps://a.example https:a.example']
  ]
  for (const [text, ...expected] of links) {
    const pieces = piecesOf(text)
    t.same(pieces.filter(({ isLink }) => isLink).map(({ text }) => text), expected, text)
    t.equal(pieces.map(({ text }) => text).join(''), text, 'nothing is lost')
  }
})

inBrowser('an address in a message leads there in another tab, and the text around it stays as it is', async (t, visit) => {
  const scene = await newScene(t)
  await sayAs(scene.bia, scene.talk, { text: 'first https://a.example/' })
  await sayAs(scene.bia, scene.talk, { text: 'https://b.example/  שלום\n<b>javascript:alert(1)</b>' })
  const { page } = await enter(visit, scene)
  const links = page.locator('.text a')
  await links.nth(1).waitFor()
  const attributes = ['href', 'target', 'rel', 'tabindex']
  const found = await links.evaluateAll((links, attributes) => links.map(link => attributes.map(name => link.getAttribute(name))), attributes)
  t.same(found, [['https://a.example/', '_blank', 'noreferrer nofollow', '-1'], ['https://b.example/', '_blank', 'noreferrer nofollow', '0']])
  const text = page.locator('.text').nth(1)
  t.equal(await text.textContent(), 'https://b.example/  שלום\n<b>javascript:alert(1)</b>')
  t.same(await text.evaluate(element => [getComputedStyle(element).direction, getComputedStyle(element).whiteSpace]), ['rtl', 'pre-wrap'])
})

inBrowser('where somebody writes by touch, Enter breaks the line and the button sends', async (t, visit) => {
  const scene = await newScene(t)
  const { page, context } = await enter(visit, scene)
  t.equal(await inputOf(page).getAttribute('enterkeyhint'), 'send')
  const session = await context.newCDPSession(page)
  await session.send('Emulation.setTouchEmulationEnabled', { enabled: true })
  await page.waitForFunction(() => matchMedia('(pointer: coarse) and (hover: none)').matches)
  await page.reload()
  await inputOf(page).pressSequentially('one\ntwo')
  t.equal(await inputOf(page).inputValue(), 'one\ntwo')
  t.equal(await inputOf(page).getAttribute('enterkeyhint'), 'enter')
  await page.getByRole('button', { name: 'Send', exact: true }).click()
  await bubble(page, 'one\ntwo').waitFor()
  t.same(await storedTexts(scene.bia, scene.talk), ['one\ntwo'])
})

inBrowser('the place of a picture fits it, and who reads below it goes on where they were', async (t, visit) => {
  const scene = await newScene(t)
  const { bia, talk } = scene
  const sizes = [[2000, 100], [100, 2000], [40, 30]] as const
  const { page } = await enter(visit, scene)
  let release!: () => void
  const isReleased = new Promise<void>(resolve => { release = resolve })
  await page.route('**/media/**', route => isReleased.then(() => route.fallback()))
  for (const [width, height] of sizes) await bia.post(`${talk.path}/messages/`, formOf([['type', 'i'], ['file', [picture(width, height), `${width}.png`]]]))
  for (let count = 1; count <= 40; count++) await sayAs(bia, talk, { text: `then ${count}` })
  await bubble(page, 'then 40').waitFor()
  await page.getByRole('log').evaluate(box => { box.querySelectorAll('article')[5].scrollIntoView() })
  const topOf = async (): Promise<number> => Math.round((await bubble(page, 'then 3').boundingBox())!.y)
  const places = page.locator('.picture')
  const placesOf = (): Promise<number[][]> => places.evaluateAll(places => places.map(({ offsetWidth, offsetHeight }: any) => [offsetWidth, offsetHeight]))
  await page.getByRole('button', { name: 'To the latest message' }).waitFor()
  t.same(await placesOf(), sizes.map(() => [320, 240]))
  const top = await topOf()
  release()
  const fitting = JSON.stringify([[320, 16], [12, 240], [40, 30]])
  await eventually(async () => JSON.stringify(await placesOf()) === fitting && await topOf() === top, 'each place fits, and nothing else has moved')
})

inBrowser('all messages that are drawn are printed, and nothing that only works on the screen', async (t, visit) => {
  const scene = await newScene(t)
  for (let count = 1; count <= 60; count++) await sayAs(scene.bia, scene.talk, { text: `message ${count}`, options: count === 60 ? ['Yes'] : [] })
  const { page } = await enter(visit, scene)
  await bubble(page, 'message 60').waitFor()
  const sheets = (await page.pdf({ format: 'A4' })).toString('latin1').match(/\/Type \/Page\b/g)
  t.ok(sheets!.length > 2, `${sheets!.length} sheets of paper`)
  await page.emulateMedia({ media: 'print' })
  t.notOk(await inputOf(page).isVisible())
  t.same(await page.getByRole('button').allTextContents(), ['Yes'])
  t.ok(await page.getByRole('heading', { name: 'Tea' }).isVisible())
})

inBrowser('a file that is dropped where it cannot be sent is not opened in the place of the page', async (t, visit) => {
  const scene = await newScene(t)
  const { page, expect } = await enter(visit, scene)
  // How far one has read may be told when one has left already.
  expect(/status of 403/)
  await scene.ana.post(`${scene.talk.path}/leave/`)
  await inputOf(page).waitFor({ state: 'detached' })
  const isRefused = (kind: 'file' | 'text'): Promise<boolean[]> => page.locator('.messages').evaluate((list, kind) => {
    const dataTransfer = new DataTransfer()
    if (kind === 'file') dataTransfer.items.add(new File(['something'], 'tea.txt'))
    else dataTransfer.setData('text/plain', 'tea')
    return ['dragover', 'drop'].map(name => !list.dispatchEvent(new DragEvent(name, { dataTransfer, bubbles: true, cancelable: true })))
  }, kind)
  t.same(await isRefused('file'), [true, true])
  t.same(await isRefused('text'), [false, false])
})
