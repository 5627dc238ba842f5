// Reading a long conversation in the chat page.
import type { FastifyInstance } from 'fastify'
import type { Page } from 'playwright-core'
import type { Test } from 'tap'
import { newTalk, startApp, type Person, type Talk } from './support/app.js'
import { bubble, inBrowser, inputOf, placeOf, say, textsOf, type Visit } from './support/browser.js'
import { eventually } from './support/outbox.js'
import { newPeople } from './support/scene.js'

// What is given to the browser runs there.
declare const document: any, requestAnimationFrame: any, sessionStorage: any, history: any, Event: any, KeyboardEvent: any

const COUNT = 400
const DRAWN_MAX = 150

interface Scene { app: FastifyInstance, ana: Person, bia: Person, talk: Talk, ids: string[] }

/** A conversation in which bia has said very much, as the last the text `message 400`. */
async function newScene (t: Test, count = COUNT): Promise<Scene> {
  const app = await startApp(t)
  const [ana, bia] = await newPeople(app, 'ana', 'bia')
  const talk = await newTalk([ana!, bia!])
  const ids: string[] = []
  for (let number = 1; number <= count; number++) ids.push((await sayAs(bia!, talk, { text: textOf(number) })).id)
  return { app, ana: ana!, bia: bia!, talk, ids }
}

async function sayAs (person: Person, { path }: Talk, fields: object): Promise<{ id: string, seq: number }> {
  return (await person.post(`${path}/messages/`, { type: 'T', ...fields })).body
}

/** Of different heights. */
function textOf (number: number): string {
  return `message ${number}${' and more'.repeat(number % 40)}`
}

async function enter (visit: Visit, { app, ana, talk }: Pick<Scene, 'app' | 'ana' | 'talk'>): Promise<Page> {
  const { page } = await visit(app, { as: ana, path: placeOf(talk) })
  await inputOf(page).waitFor()
  return page
}

/** ana, where she sees the last message. */
async function enterAtEnd (visit: Visit, scene: Scene): Promise<Page> {
  const page = await enter(visit, scene)
  await bubble(page, textOf(scene.ids.length)).waitFor()
  await isAtEnd(page)
  return page
}

interface Look {
  /** The ids of the messages that were seen while scrolling, each once. */
  seen: string[]
  /** The most that were drawn at the same time. */
  most: number
  /** By how many points the message that was looked at has moved by itself, at most. */
  jump: number
}

/** Scrolls to the end of the list in one direction, and looks at each step. */
function scroll (page: Page, direction: 'up' | 'down'): Promise<Look> {
  return page.evaluate(async direction => {
    const box = document.querySelector('.messages')
    const frame = (): Promise<void> => new Promise(resolve => requestAnimationFrame(resolve))
    const drawn = (): any[] => [...box.querySelectorAll('article[data-id]')]
    const topOf = (element: any): number => element.getBoundingClientRect().top
    const isSeen = (element: any): boolean => element.getBoundingClientRect().bottom > topOf(box) && topOf(element) < box.getBoundingClientRect().bottom
    const seen = new Set<string>()
    const isOver = (): boolean => direction === 'up'
      ? box.scrollTop === 0 && box.querySelector('.line').textContent === 'This is where it began.'
      : document.querySelector('.to-end') === null
    let [most, jump] = [0, 0]
    do {
      const looked = drawn().find(isSeen)
      for (const element of drawn()) if (isSeen(element)) seen.add(element.dataset.id)
      most = Math.max(most, drawn().length)
      const [scrolled, top] = [box.scrollTop, topOf(looked)]
      box.scrollTop += direction === 'up' ? -500 : 500
      const moved = box.scrollTop - scrolled
      // A hand on the wheel is told of at once.
      box.dispatchEvent(new Event('scroll'))
      for (let count = 0; count < 3; count++) await frame()
      if (looked.isConnected) jump = Math.max(jump, Math.abs(topOf(looked) - (top - moved)))
    } while (!isOver())
    for (const element of drawn()) if (isSeen(element)) seen.add(element.dataset.id)
    return { seen: [...seen], most, jump }
  }, direction)
}

/** Scrolls by some points, of which the list is told at once. */
function scrollBy (page: Page, step: number): Promise<void> {
  return page.locator('.messages').evaluate((box, step) => { box.scrollTop += step; box.dispatchEvent(new Event('scroll')) }, step)
}

/** Where the list is scrolled to, as the text of the first message that is seen and its distance from the top. */
function placeIn (page: Page): Promise<[text: string, top: number]> {
  return page.evaluate(() => {
    const { top } = document.querySelector('.messages').getBoundingClientRect()
    const first = [...document.querySelectorAll('article[data-id]')].find(element => element.getBoundingClientRect().bottom > top)
    return [first.querySelector('.text').textContent, Math.round(first.getBoundingClientRect().top - top)]
  })
}

async function isAtEnd (page: Page): Promise<void> {
  await page.waitForFunction(() => { const { scrollTop, clientHeight, scrollHeight } = document.querySelector('.messages'); return scrollHeight - scrollTop - clientHeight < 5 })
}

inBrowser('who scrolls up through 400 messages sees each once, in order, and nothing jumps', async (t, visit) => {
  const scene = await newScene(t)
  const page = await enter(visit, scene)
  await bubble(page, textOf(COUNT)).waitFor()
  t.ok(await page.locator('[data-id]').count() < DRAWN_MAX)
  const up = await scroll(page, 'up')
  t.same([...up.seen].sort(), [...scene.ids].sort(), 'all are seen')
  t.same(await page.locator('article[data-id]').evaluateAll(articles => articles.map((article: any) => article.dataset.id)), scene.ids.slice(0, await page.locator('article[data-id]').count()), 'they are in order')
  t.ok(up.most < DRAWN_MAX, `${up.most} were drawn`)
  t.ok(up.jump < 3, `the message that was looked at moved by ${up.jump} points`)
  await page.getByText('This is where it began.').waitFor()
  const down = await scroll(page, 'down')
  t.same(down.seen, scene.ids, 'and down again, in order')
  t.ok(down.most < DRAWN_MAX, `${down.most} were drawn`)
  t.ok(down.jump < 3, `the message that was looked at moved by ${down.jump} points`)
})

inBrowser('who goes to a quoted message far up finds the way back, and what comes meanwhile is counted and moves nothing', async (t, visit) => {
  const scene = await newScene(t, 250)
  const { bia, talk, ids } = scene
  await sayAs(bia, talk, { text: 'as I said', quoted_message_id: ids[9] })
  const page = await enter(visit, scene)
  await bubble(page, 'as I said').getByTitle('Message of bia; go there').click()
  await page.waitForFunction(id => document.activeElement?.dataset.id === id, ids[9]!)
  await bubble(page, textOf(10)).waitFor()
  t.ok(await page.locator('[data-id]').count() < DRAWN_MAX)
  const before = await placeIn(page)
  for (const text of ['news', 'more news', 'old hat']) await sayAs(bia, talk, { text })
  const button = page.getByRole('button', { name: 'To the latest message' })
  await button.getByText('3 new').waitFor()
  t.same(await placeIn(page), before)
  t.match(await page.title(), '(3) Tea')
  await button.click()
  await bubble(page, 'old hat').waitFor()
  await button.waitFor({ state: 'detached' })
  t.equal(await page.title(), 'Tea')
  const up = await scroll(page, 'up')
  t.equal(up.seen.length, 254)
})

inBrowser('a message that one sends while reading far up is shown', async (t, visit) => {
  const scene = await newScene(t, 120)
  const page = await enter(visit, scene)
  await scroll(page, 'up')
  t.equal(await bubble(page, textOf(120)).count(), 0)
  await say(page, 'I have read it')
  await bubble(page, 'I have read it').waitFor()
  await isAtEnd(page)
})

inBrowser('a reload goes on where one was reading and writing', async (t, visit) => {
  const scene = await newScene(t, 120)
  const page = await enter(visit, scene)
  await inputOf(page).fill('not finished')
  await scroll(page, 'up')
  await page.locator('.messages').evaluate(box => { box.scrollTop += 1500 })
  const [kept] = await eventually(async () => { const place = await placeIn(page); return place[0] !== textOf(1) && place }, 'it is scrolled')
  const { body: { results } } = await scene.ana.get(`${scene.talk.path}/messages/?after=0&limit=100`)
  const { seq } = results.find(({ text }: { text: string }) => text === kept)
  await page.waitForFunction(([id, seq]) => sessionStorage.getItem(`colloquy.place.${id}`)?.startsWith(`${seq} `), [scene.talk.id, seq])
  const [, top] = await placeIn(page)
  await page.reload()
  await inputOf(page).waitFor()
  t.equal(await inputOf(page).inputValue(), 'not finished')
  await eventually(async () => (await placeIn(page).catch(() => ['']))[0] === kept, `the first message is again ${kept}`)
  await eventually(async () => Math.abs((await placeIn(page))[1] - top) < 3, `it is again at ${top}`)
  t.equal(await page.getByRole('button', { name: 'To the latest message' }).count(), 1)
})

inBrowser('who reads the end sees what comes, also when the window gets smaller', async (t, visit) => {
  const scene = await newScene(t, 30)
  const page = await enter(visit, scene)
  for (let number = 31; number <= 60; number++) {
    await sayAs(scene.bia, scene.talk, { text: textOf(number) })
  }
  await bubble(page, textOf(60)).waitFor()
  await page.setViewportSize({ width: 500, height: 500 })
  await isAtEnd(page)
  t.equal(await page.getByRole('button', { name: 'To the latest message' }).count(), 0)
})

inBrowser('what grows at the end is not taken for somebody who scrolls', async (t, visit) => {
  const scene = await newScene(t, 10)
  const page = await enterAtEnd(visit, scene)
  // Right before a message is drawn a picture gets its size, and the list is told of an earlier scrolling.
  await page.evaluate(() => {
    const { requestAnimationFrame } = globalThis as any
    ;(globalThis as any).requestAnimationFrame = (work: () => void) => {
      ;(globalThis as any).requestAnimationFrame = requestAnimationFrame
      requestAnimationFrame(() => {
        const last = [...document.querySelectorAll('article')].at(-1)
        last.style.height = `${last.offsetHeight + 300}px`
        document.querySelector('.messages').dispatchEvent(new Event('scroll'))
      })
      return requestAnimationFrame(work)
    }
  })
  await sayAs(scene.bia, scene.talk, { text: 'after it' })
  await bubble(page, 'after it').waitFor()
  await isAtEnd(page)
  t.equal(await page.getByRole('button', { name: 'To the latest message' }).count(), 0)
})

inBrowser('who has scrolled up a little in a short conversation comes to what is new by scrolling', async (t, visit) => {
  const scene = await newScene(t, 12)
  const page = await enterAtEnd(visit, scene)
  await page.locator('.messages').evaluate(box => { box.scrollTop -= 100 })
  await page.getByRole('button', { name: 'To the latest message' }).waitFor()
  await sayAs(scene.bia, scene.talk, { text: 'news' })
  await page.getByRole('button', { name: 'To the latest message' }).getByText('1 new').waitFor()
  await scroll(page, 'down')
  await bubble(page, 'news').waitFor()
  t.equal(await page.title(), 'Tea')
})

inBrowser('who has a message on its way scrolls as always, and the message stays where it is', async (t, visit) => {
  const scene = await newScene(t, 20)
  const { page, context, expect } = await visit(scene.app, { as: scene.ana, path: placeOf(scene.talk) })
  await bubble(page, textOf(20)).waitFor()
  expect(/ERR_INTERNET_DISCONNECTED/)
  await context.setOffline(true)
  for (const text of ['one', 'two', 'three']) await say(page, Array(200).fill(text).join(' '))
  await page.locator('article.pending').nth(2).waitFor()
  // It makes the list smaller.
  await page.getByText('No connection.').waitFor()
  await isAtEnd(page)
  const below = (): Promise<number> => page.locator('.messages').evaluate(({ scrollHeight, scrollTop, clientHeight }) => Math.round(scrollHeight - scrollTop - clientHeight))
  for (const [step, distance] of [[-30, 30], [-100, 130], [-400, 530]] as const) {
    await scrollBy(page, step)
    await eventually(async () => await below() === distance, `one is ${distance} points above the end`)
  }
  t.equal(await page.locator('article.pending').count(), 3)
  await scrollBy(page, 600)
  await isAtEnd(page)
  await page.getByRole('button', { name: 'To the latest message' }).waitFor({ state: 'detached' })
})

inBrowser('what one says without a network while reading far up is shown', async (t, visit) => {
  const scene = await newScene(t, 150)
  const { bia, talk, ids } = scene
  await sayAs(bia, talk, { text: 'as I said', quoted_message_id: ids[2] })
  const { page, context, expect } = await visit(scene.app, { as: scene.ana, path: placeOf(talk) })
  await bubble(page, 'as I said').getByTitle('Message of bia; go there').click()
  await bubble(page, textOf(3)).waitFor()
  await sayAs(bia, talk, { text: 'and more' })
  await page.getByRole('button', { name: 'To the latest message' }).getByText('1 new').waitFor()
  expect(/ERR_INTERNET_DISCONNECTED/)
  await context.setOffline(true)
  await say(page, 'I see')
  await page.locator('article.pending', { hasText: 'I see' }).waitFor()
  await isAtEnd(page)
  t.same(await textsOf(page).then(texts => texts.slice(-3)), ['as I said', 'and more', 'I see…'])
})

inBrowser('who goes up by very little leaves the end, though messages come all the time, and comes back by going down', async (t, visit) => {
  const scene = await newScene(t, 30)
  const page = await enterAtEnd(visit, scene)
  await scrollBy(page, -8)
  const button = page.getByRole('button', { name: 'To the latest message' })
  await button.waitFor()
  const before = await placeIn(page)
  await sayAs(scene.bia, scene.talk, { text: 'news' })
  await button.getByText('1 new').waitFor()
  t.same(await placeIn(page), before)
  await scrollBy(page, 8)
  await bubble(page, 'news').waitFor()
  await scrollBy(page, 500)
  await button.waitFor({ state: 'detached' })
})

inBrowser('the arrow keys begin with what is seen', async (t, visit) => {
  const scene = await newScene(t, 60)
  const page = await enter(visit, scene)
  await bubble(page, textOf(60)).waitFor()
  await page.locator('.messages').evaluate(box => { box.scrollTop -= 1200 })
  await page.getByRole('button', { name: 'To the latest message' }).waitFor()
  const seen = await page.locator('article').evaluateAll(articles => {
    const { top, bottom } = document.querySelector('.messages').getBoundingClientRect()
    return articles.filter((article: any) => article.getBoundingClientRect().bottom > top && article.getBoundingClientRect().top < bottom).map((article: any) => article.dataset.id)
  })
  const focusedBy = async (key: string): Promise<string> => {
    await page.locator('.messages').focus()
    await page.keyboard.press(key)
    return page.evaluate(() => document.activeElement.dataset.id)
  }
  t.equal(await focusedBy('ArrowUp'), seen.at(-1))
  await inputOf(page).focus()
  t.ok(seen.includes(await focusedBy('ArrowDown')))
})

inBrowser('who goes back right after sending leaves nothing behind that looks at the messages', async (t, visit) => {
  const scene = await newScene(t, 40)
  const { page } = await visit(scene.app, { as: scene.ana })
  for (let round = 1; round <= 10; round++) {
    await page.getByRole('link', { name: 'Tea' }).click()
    await bubble(page, textOf(40)).waitFor()
    await inputOf(page).fill(`round ${round}`)
    await inputOf(page).evaluate(input => {
      input.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }))
      history.back()
    })
    await page.getByRole('heading', { name: 'Colloquy' }).waitFor()
  }
})

inBrowser('an option that one chooses while reading far up is shown as an answer', async (t, visit) => {
  const app = await startApp(t)
  const [ana, bia] = await newPeople(app, 'ana', 'bia')
  const talk = await newTalk([ana!, bia!])
  await sayAs(bia!, talk, { text: 'milk or sugar?', options: ['Milk', 'Sugar'] })
  for (let number = 1; number <= 60; number++) await sayAs(bia!, talk, { text: textOf(number) })
  const page = await enter(visit, { app, ana: ana!, talk })
  await scroll(page, 'up')
  await bubble(page, 'milk or sugar?').getByRole('button', { name: 'Sugar' }).click()
  await bubble(page, 'Sugar').waitFor()
  await isAtEnd(page)
})
