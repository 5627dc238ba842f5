// The chat page where a browser keeps nothing, and with tokens and names that are out of the ordinary.
import type { Page } from 'playwright-core'
import { newPerson, startApp } from './support/app.js'
import { inBrowser } from './support/browser.js'

// What is given to the browser runs there.
declare const sessionStorage: any, Storage: any, DOMException: any

async function signIn (page: Page, token: string, words = ['Sign in with a token', 'Token']): Promise<void> {
  await page.locator('summary', { hasText: words[0]! }).click()
  await page.getByLabel(words[1]!, { exact: true }).fill(token)
  await page.getByRole('button', { name: words[0]! }).click()
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
