// The chat page where a browser keeps nothing, and with tokens and names that are out of the ordinary.
import type { Page } from 'playwright-core'
import { newPerson, newTalk, startApp, type Person, type Talk } from './support/app.js'
import { bubble, inBrowser, inputOf, placeOf, say } from './support/browser.js'
import { eventually } from './support/outbox.js'
import { newPeople } from './support/scene.js'

// What is given to the browser runs there.
declare const sessionStorage: any, Storage: any, DOMException: any

async function signIn (page: Page, token: string, words = ['Sign in with a token', 'Token']): Promise<void> {
  await page.locator('summary', { hasText: words[0]! }).click()
  await page.getByLabel(words[1]!, { exact: true }).fill(token)
  await page.getByRole('button', { name: words[0]! }).click()
}

/** What people have said, as `name: text`. */
async function saidIn (reader: Person, { path }: Talk): Promise<string[]> {
  const [{ body: page }, { body: people }] = await Promise.all([reader.get(`${path}/messages/`), reader.get(`${path}/participants/?left=true`)])
  const nameOf = (id: string): string => people.results.find((one: { id: string }) => one.id === id).name
  return page.results.filter(({ type }: { type: string }) => type === 'T').map(({ sender_id: sender, text }: { sender_id: string, text: string }) => `${nameOf(sender)}: ${text}`)
}

const denials: Record<string, () => void> = {
  'denies its storage': () => {
    for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(globalThis, name, { get () { throw new DOMException('denied', 'SecurityError') } })
  },
  'has no room to keep anything': () => {
    Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') }
  }
}

for (const [what, deny] of Object.entries(denials)) {
  inBrowser(`a browser that ${what} shows the page, which remembers the language and the token while it is open`, async (t, visit) => {
    const app = await startApp(t)
    const { token } = await newPerson(app, 'ana')
    const { page, context } = await visit(app)
    await context.addInitScript(deny)
    await page.reload()
    await page.getByRole('combobox', { name: 'Language' }).selectOption('Português (Brasil)')
    await signIn(page, token, ['Entrar com um token', 'Token'])
    await page.getByText('Você entrou como participante').waitFor()
    await page.getByRole('button', { name: 'Sair' }).click()
    await page.getByRole('heading', { name: 'Nova conversa' }).waitFor()
    await page.locator('summary', { hasText: 'Entrar com um token' }).waitFor()
  })
}

inBrowser('a wrong token is refused in the language of the page, and in words for people', async (t, visit) => {
  const { page, expect } = await visit(await startApp(t), { locale: 'pt-BR' })
  expect(/status of 401/)
  await signIn(page, 'no-token-at-all', ['Entrar com um token', 'Token'])
  await page.getByRole('alert').getByText('Este token não vale aqui, ou não vale mais.').waitFor()
})

inBrowser('a token that no header can carry is refused, and forgotten where it was kept', async (t, visit) => {
  const { page } = await visit(await startApp(t))
  await signIn(page, 'a漢b')
  await page.getByRole('alert').getByText('This token is not valid here').waitFor()
  for (const token of ['漢', 'one\ntwo', '']) {
    await page.evaluate(token => sessionStorage.setItem('colloquy.token', token), token)
    await page.reload()
    await page.getByRole('checkbox', { name: 'ECHO' }).waitFor()
    t.equal(await page.evaluate(() => sessionStorage.getItem('colloquy.token')), null)
  }
})

inBrowser('a name that turns the direction of writing turns nothing but itself', async (t, visit) => {
  const name = '\u202Eohce'
  const { page } = await visit(await startApp(t, { bots: [{ name, kind: 'echo', description: 'Answers in capitals.' }] }))
  const choice = page.locator('.choice')
  const [ofName, ofDescription] = [await choice.locator('b').boundingBox(), await choice.locator('span').boundingBox()]
  t.ok(ofName!.x + ofName!.width <= ofDescription!.x, 'the description follows the name')
})

inBrowser('what somebody has written is not sent by who comes after them in the same browser', async (t, visit) => {
  const app = await startApp(t)
  const [carla, dora] = await newPeople(app, 'carla', 'dora') as [Person, Person]
  const talk = await newTalk([carla, dora])
  const { page, expect } = await visit(app, { as: carla, path: placeOf(talk) })
  expect(/ERR_FAILED/)
  await page.route('**/messages/', route => route.abort())
  await say(page, 'private of carla')
  await inputOf(page).fill('a draft of carla')
  await page.getByRole('link', { name: 'All conversations' }).click()
  await signIn(page, dora.token)
  await page.getByText('Signed in as').waitFor()
  await page.getByRole('link', { name: 'Tea' }).click()
  await inputOf(page).waitFor()
  t.equal(await inputOf(page).inputValue(), '')
  t.equal(await page.locator('article.pending').count(), 0)
  await page.unrouteAll()
  await say(page, 'of dora')
  await eventually(async () => (await saidIn(dora, talk)).length === 2, 'both have come')
  t.same((await saidIn(dora, talk)).sort(), ['carla: private of carla', 'dora: of dora'])
  await page.route('**/messages/', route => route.abort())
  await say(page, 'later of dora')
  await bubble(page, 'later of dora').or(page.locator('article.pending')).waitFor()
  await page.getByRole('link', { name: 'All conversations' }).click()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.reload()
  await page.unrouteAll()
  await page.getByRole('link', { name: 'Tea' }).click()
  await say(page, 'carla again')
  await bubble(page, 'carla again').waitFor()
  t.notOk((await saidIn(carla, talk)).includes('carla: later of dora'))
})

inBrowser('whoever has lost their session is told so, until they have another', async (t, visit) => {
  const app = await startApp(t)
  const ana = await newPerson(app, 'ana')
  const talk = await newTalk([ana])
  const { page, context, expect } = await visit(app, { as: ana })
  expect(/status of 401/)
  const notice = page.getByText('Your session is over.')
  await page.getByRole('link', { name: 'Tea' }).waitFor()
  t.equal(await notice.count(), 0)
  await context.clearCookies()
  await page.reload()
  await notice.waitFor()
  await page.goto(page.url().replace(/#.*|$/, placeOf(talk).slice(1)))
  await page.getByRole('button', { name: 'Join' }).waitFor()
  await notice.waitFor()
  await page.getByRole('button', { name: 'Join' }).click()
  await inputOf(page).waitFor()
  await page.getByRole('link', { name: 'All conversations' }).click()
  await page.getByRole('link', { name: 'Tea' }).waitFor()
  t.equal(await notice.count(), 0)
})

inBrowser('a text is sent though its tab was closed and nobody opens its conversation again, once', async (t, visit) => {
  const app = await startApp(t)
  const ana = await newPerson(app, 'ana')
  const [tea, coffee] = [await newTalk([ana]), await newTalk([ana], { name: 'Coffee' })]
  const { page, context, newTab, expect } = await visit(app, { as: ana, path: placeOf(tea) })
  expect(/ERR_FAILED/)
  await context.route('**/messages/', route => route.abort())
  for (const text of ['one', 'two', 'three']) await say(page, text)
  await page.getByRole('link', { name: 'All conversations' }).click()
  await page.getByRole('link', { name: 'Coffee' }).click()
  await say(page, 'four')
  await page.locator('article.pending').waitFor()
  await page.close()
  await context.unrouteAll()
  await Promise.all([newTab(), newTab(placeOf(coffee))])
  await eventually(async () => (await saidIn(ana, tea)).length + (await saidIn(ana, coffee)).length >= 4, 'all have come')
  t.same(await saidIn(ana, tea), ['ana: one', 'ana: two', 'ana: three'])
  t.same(await saidIn(ana, coffee), ['ana: four'])
})

inBrowser('a conversation that cannot be read says why, and is shown by itself as soon as it can', async (t, visit) => {
  const app = await startApp(t)
  const ana = await newPerson(app, 'ana')
  const talk = await newTalk([ana])
  const { page, context, expect } = await visit(app, { as: ana, locale: 'pt-BR' })
  expect(/ERR_INTERNET_DISCONNECTED|status of 429/)
  await page.getByRole('link', { name: 'Tea' }).waitFor()
  await context.setOffline(true)
  await page.getByRole('link', { name: 'Tea' }).click()
  await page.getByRole('alert').getByText('Não é possível falar com o servidor').waitFor()
  await context.setOffline(false)
  await page.getByRole('textbox', { name: 'Escreva uma mensagem' }).waitFor()
  await page.route('**/snapshot/*', route => route.fulfill({ status: 429, contentType: 'application/problem+json', body: '{"type":"about:blank","title":"Too Many Requests","status":429,"code":"rate_limited","detail":"Wait."}' }), { times: 1 })
  await page.reload()
  await page.getByRole('alert').getByText('Foi demais em pouco tempo').waitFor()
  await page.getByRole('textbox', { name: 'Escreva uma mensagem' }).waitFor()
  t.equal(page.url().split('#')[1], `/c/${talk.id}`)
})

inBrowser('who leaves a conversation leaves what could not be sent there, and can join it again', async (t, visit) => {
  const app = await startApp(t)
  const [ana, bia] = await newPeople(app, 'ana', 'bia') as [Person, Person]
  const talk = await newTalk([ana, bia])
  const { page, expect } = await visit(app, { as: ana, path: placeOf(talk) })
  expect(/status of (422|403)/)
  const refusal = '{"type":"about:blank","title":"Unprocessable Content","status":422,"code":"invalid_request","detail":"No."}'
  await page.route('**/messages/', route => route.fulfill({ status: 422, contentType: 'application/problem+json', body: refusal }), { times: 1 })
  // As soon as it is known what may be sent.
  await page.getByRole('button', { name: 'Record your voice' }).waitFor()
  await page.locator('input[type=file]').setInputFiles({ name: 'tea.txt', mimeType: 'text/plain', buffer: Buffer.from('tea') })
  await page.getByRole('button', { name: 'Send', exact: true }).click()
  await page.getByRole('button', { name: 'Discard' }).waitFor()
  page.once('dialog', dialog => dialog.accept())
  await page.getByRole('button', { name: 'Details' }).click()
  await page.getByRole('button', { name: 'Leave the conversation' }).click()
  await page.getByRole('region', { name: 'Rooms' }).getByRole('link', { name: 'Tea' }).click()
  await page.getByRole('button', { name: 'Join' }).click()
  await say(page, 'here again')
  await bubble(page, 'here again').waitFor()
  t.equal(await page.locator('article', { hasText: 'tea.txt' }).count(), 0)
  t.equal(await page.getByText('You are not in this conversation any more.').count(), 0)
  t.same(await saidIn(bia, talk), ['ana: here again'])
})
