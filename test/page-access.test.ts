// The chat page by the keyboard alone, on small and large screens, light and dark, and for assistive technology.
import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { FastifyInstance } from 'fastify'
import type { Locator, Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { formOf, newTalk, startApp, type Person, type Talk } from './support/app.js'
import { bubble, inBrowser, inputOf, placeOf, type Visit } from './support/browser.js'
import { picture, tone } from './support/files.js'
import { adminKey, newManager, newPeople } from './support/scene.js'

// What is given to the browser runs there.
declare const document: any, axe: any, getComputedStyle: any

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
// Where a person can look at the pages; none are written when it is empty.
const screenshots = process.env.SCREENSHOTS ?? ''
const word = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft'.repeat(3)
const name = 'Maria Aparecida dos Santos de Albuquerque Pereira'

interface Scene { app: FastifyInstance, people: Record<'ana' | 'maria' | 'caio', Person>, talk: Talk }

/** Everything that may be too wide. */
async function newScene (t: Test): Promise<Scene> {
  const bots = [{ name: 'ECHO', kind: 'echo', delay_ms: 0, description: `Answers in capitals. ${word}` }, { name: 'Calculator', kind: 'calculator', delay_ms: 0 }] as const
  const app = await startApp(t, { bots: [...bots], manager: { role: 'person' } }, { adminKey })
  const [ana, bia, caio] = await newPeople(app, 'ana', name, 'caio')
  const maria = await newManager(app, 'maria')
  await newTalk([bia!], { name: `Room ${word.slice(0, 45)}` })
  const talk = await newTalk([ana!, bia!], { name: `Tea ${word.slice(0, 46)}`, bots: ['ECHO', 'Calculator'] })
  const say = async (person: Person, fields: object): Promise<string> => (await person.post(`${talk.path}/messages/`, { type: 'T', ...fields })).body.id
  const first = await say(bia!, { text: `What do you think of this? ${word}` })
  await say(ana!, { text: `Very long. Is it https://example.org/${word}?`, quoted_message_id: first })
  await say(bia!, { text: 'Is it?', options: ['Yes', 'No', `Perhaps, but ${word}`], quoted_message_id: first })
  for (const [type, bytes, file] of [['i', picture(900, 500), 'cup.png'], ['a', tone(), 'bell.wav'], ['A', Buffer.from('recipe'), `${word}.txt`]] as const) {
    await bia!.post(`${talk.path}/messages/`, formOf([['type', type], ['file', [bytes, file]]]))
  }
  return { app, people: { ana: ana!, maria, caio: caio! }, talk }
}

type View = (page: Page, scene: Scene) => Promise<void>

/** What there is to see, and who is there. */
const views: Record<string, [who: keyof Scene['people'], show: View]> = {
  lobby: ['ana', async page => { await page.getByRole('region', { name: 'Rooms' }).getByRole('link').first().waitFor() }],
  stranger: ['caio', async (page, { talk }) => {
    await page.goto(`${new URL(page.url()).origin}${placeOf(talk)}`)
    await page.getByRole('button', { name: 'Join' }).waitFor()
  }],
  conversation: ['ana', async (page, { talk }) => {
    await page.goto(`${new URL(page.url()).origin}${placeOf(talk)}`)
    await page.waitForFunction(() => document.querySelector('article img')?.naturalWidth > 0)
    await page.getByText('bell.wav').waitFor()
  }],
  details: ['ana', async page => {
    await page.getByRole('button', { name: 'Details' }).click()
    await page.getByRole('dialog').waitFor()
  }],
  approvals: ['maria', async page => {
    await page.goto(`${new URL(page.url()).origin}/#/approvals`)
    await page.getByRole('button', { name: 'Edit and approve' }).first().click()
    await page.getByRole('textbox').waitFor()
  }]
}

for (const [width, height] of [[360, 740], [1600, 900]] as const) {
  inBrowser(`at ${width} points nothing is too wide, and nothing keeps anybody out, light and dark`, async (t, visit) => {
    const scene = await newScene(t)
    const pages = new Map<string, Page>()
    for (const [name, [who, show]] of Object.entries(views)) {
      const page = pages.get(who) ?? await enter(visit, scene, who, { width, height })
      pages.set(who, page)
      await show(page, scene)
      t.same(await excessOf(page), [], `the ${name} is not too wide`)
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        t.same(await faultsOf(page, colorScheme), [], `the ${name} keeps nobody out, ${colorScheme}`)
        await draw(page, `${name}-${width}-${colorScheme}`)
      }
    }
  })
}

for (const [width, height, count] of [[360, 330, 3], [640, 300, 5]] as const) {
  inBrowser(`a long text with ${count} files leaves the conversation and the button in sight at ${width} by ${height} points`, async (t, visit) => {
    const app = await startApp(t)
    const [ana] = await newPeople(app, 'ana')
    const { page } = await visit(app, { as: ana!, path: placeOf(await newTalk([ana!])), viewport: { width, height } })
    // What may be sent is known.
    await page.getByRole('button', { name: 'Record your voice' }).waitFor()
    await inputOf(page).fill('A line of a long text.\n'.repeat(30))
    // The server takes no empty files: the page says so, once for each.
    const files = Array.from({ length: 2 * count }, (_, index) => ({ name: `${word}${index}.txt`, mimeType: 'text/plain', buffer: Buffer.alloc(index % 2) }))
    await page.locator('input[type=file]').setInputFiles(files)
    await page.locator('.chip').nth(count - 1).waitFor()
    await page.getByRole('alert').waitFor()
    const sizes = await page.evaluate(() => [document.querySelector('.messages').clientHeight, document.querySelector('button[type=submit]').getBoundingClientRect().bottom, document.scrollingElement.scrollHeight])
    t.ok(sizes[0] >= height / 5, `${sizes[0]} points of the conversation`)
    t.ok(sizes[1] <= height, `the button ends at ${sizes[1]}`)
    t.ok(sizes[2] <= height, `the page is ${sizes[2]} points high`)
  })
}

async function enter (visit: Visit, { app, people }: Scene, who: keyof Scene['people'], viewport: { width: number, height: number }): Promise<Page> {
  const { page, context, expect } = await visit(app, { as: people[who], viewport })
  expect(/status of 40[13]/)
  await context.addInitScript({ path: axePath })
  await page.reload()
  return page
}

async function draw (page: Page, name: string): Promise<void> {
  if (screenshots === '') return
  mkdirSync(screenshots, { recursive: true })
  await page.screenshot({ path: `${screenshots}/${name}.png` })
}

/** What is wider than the page, or than the message that it is in. Quotations are cut off. */
function excessOf (page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const right = (element: any): number => element.getBoundingClientRect().right
    const parts = [...document.querySelectorAll('article :not(.quote > *)')].filter(part => right(part) > right(part.closest('article')) + 1)
    const areas = [document.scrollingElement, ...document.querySelectorAll('.messages, dialog')].filter(area => area.scrollWidth > area.clientWidth)
    return [...parts, ...areas].map(({ outerHTML }) => outerHTML.slice(0, 200))
  })
}

/** What axe finds that is serious or worse, with the first place of each; in the dark only what differs from the light. */
function faultsOf (page: Page, colorScheme: 'light' | 'dark'): Promise<string[]> {
  return page.evaluate(async colorScheme => {
    const { violations } = await axe.run(document, colorScheme === 'dark' ? { runOnly: ['color-contrast'] } : {})
    return violations.filter(({ impact }: any) => ['serious', 'critical'].includes(impact)).map(({ id, nodes }: any) => `${id}: ${nodes[0].html} ${nodes[0].failureSummary}`)
  }, colorScheme)
}

/** What has the focus: its name and role, and whether one sees that it has. */
async function focused (page: Page): Promise<{ what: string, isSeen: boolean }> {
  return page.evaluate(() => {
    const element = document.activeElement
    const { outlineStyle, outlineWidth } = getComputedStyle(element)
    const { width, height, bottom, top } = element.getBoundingClientRect()
    const what = element.getAttribute('aria-label') ?? element.labels?.[0]?.textContent.trim() ?? element.textContent
    const isShown = outlineStyle !== 'none' && parseFloat(outlineWidth) > 0 && width > 0 && height > 0 && bottom > 0 && top < document.documentElement.clientHeight
    return { what: `${element.tagName.toLowerCase()} ${what}`, isSeen: element !== document.body && isShown }
  })
}

/** Presses a key until something has the focus. Whatever has it on the way there is seen to have it. */
async function walk (t: Test, page: Page, key: string, target: RegExp): Promise<void> {
  const way: string[] = []
  for (let count = 0; count < 40; count++) {
    const { what, isSeen } = await focused(page)
    if (way.length > 0 && !isSeen) t.fail(`${what} does not show that it has the focus`)
    if (target.test(what)) return
    way.push(what)
    await page.keyboard.press(key)
  }
  throw new Error(`${target} is not reached by ${key}: ${way.join(', ')}`)
}

async function isFocused (page: Page, locator: Locator): Promise<void> {
  await locator.waitFor()
  await page.waitForFunction(element => document.activeElement === element, await locator.elementHandle())
}

inBrowser('everything is done by the keyboard alone, and the focus is always somewhere and seen', async (t, visit) => {
  const data = t.testdir({ 'waiter.mjs': waiter })
  const app = await startApp(t, { data, bots: [{ name: 'Waiter', kind: 'module', path: `${data}/waiter.mjs` }] })
  const { page } = await visit(app)
  const press = (key: string) => page.keyboard.press(key)
  await page.getByRole('checkbox', { name: 'Waiter' }).waitFor()
  await walk(t, page, 'Tab', /^input Your name/)
  await page.keyboard.type('ana')
  await press('Tab')
  await page.keyboard.type('Tea')
  await walk(t, page, 'Tab', /^button Start/)
  await press('Enter')
  await isFocused(page, inputOf(page))
  await page.keyboard.type('hello')
  await press('Enter')
  await bubble(page, 'Milk or sugar?').waitFor()
  await isFocused(page, inputOf(page))
  await page.keyboard.type('by the button')
  await walk(t, page, 'Tab', /^button Send/)
  await press('Enter')
  await bubble(page, 'by the button').waitFor()
  await isFocused(page, inputOf(page))
  await walk(t, page, 'Shift+Tab', /^div Messages/)
  await walk(t, page, 'ArrowUp', /^article Waiter/)
  await walk(t, page, 'ArrowUp', /^article You/)
  await press('ArrowDown')
  await walk(t, page, 'Tab', /^button Reply/)
  await press('Enter')
  await isFocused(page, inputOf(page))
  await page.getByText('Reply to Waiter').waitFor()
  await walk(t, page, 'Shift+Tab', /^button Cancel/)
  await press('Enter')
  await isFocused(page, inputOf(page))
  await walk(t, page, 'Shift+Tab', /^button Sugar/)
  await press('Space')
  await bubble(page, 'Sugar').first().waitFor()
  t.match(await focused(page), { what: 'button Sugar' })
  await walk(t, page, 'Shift+Tab', /^button Details/)
  await press('Enter')
  await page.getByRole('dialog').waitFor()
  await walk(t, page, 'Tab', /^input Your name/)
  await press('Escape')
  t.match(await focused(page), { what: 'button Details', isSeen: true })
  await walk(t, page, 'Shift+Tab', /^a All conversations/)
  await press('Enter')
  await isFocused(page, page.getByRole('heading', { name: 'Colloquy' }))
  await walk(t, page, 'Tab', /^a Tea/)
})

inBrowser('from where one writes, Tab goes back past all messages but the last, and into that which has the focus', async (t, visit) => {
  const app = await startApp(t)
  const [ana, bia] = await newPeople(app, 'ana', 'bia')
  const talk = await newTalk([ana!, bia!])
  for (const options of [['Milk', 'Sugar'], ['Lemon'], ['Honey']]) await bia!.post(`${talk.path}/messages/`, { type: 'T', text: 'with this?', options })
  const { page } = await visit(app, { as: ana!, path: placeOf(talk) })
  await bubble(page, 'with this?').nth(2).waitFor()
  await isFocused(page, inputOf(page))
  const stops = async (key: string, count: number): Promise<string[]> => {
    const stops: string[] = []
    for (let press = 0; press < count; press++) {
      await page.keyboard.press(key)
      stops.push((await focused(page)).what)
    }
    return stops
  }
  t.same(await stops('Shift+Tab', 3), ['button Attach a file', 'button Honey', 'div Messages'])
  t.match(await stops('ArrowUp', 3), ['article bia', 'article bia', 'article bia'])
  t.same(await stops('Tab', 3), ['button Milk', 'button Sugar', 'button Reply'])
  t.same(await stops('Tab', 1), ['button Attach a file'])
  t.same(await stops('Shift+Tab', 2), ['button Honey', 'div Messages'])
})

const waiter = 'export default { onMessage: () => ({ messages: [{ type: \'T\', text: \'Milk or sugar?\', options: [\'Milk\', \'Sugar\'] }] }) }'

t.comment(screenshots === '' ? 'With SCREENSHOTS=folder the pages are written there as pictures.' : `The pages are in ${screenshots} as pictures.`)
