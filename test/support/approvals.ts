// What waits for a manager, and the manager in front of the chat page.
import type { FastifyInstance } from 'fastify'
import type { Locator, Page } from 'playwright-core'
import type { Test } from 'tap'
import type { Settings } from '../../config.js'
import { newPerson, newTalk, startApp, type Person, type Talk } from './app.js'
import type { Visit, Visitor } from './browser.js'
import { adminKey, newManager } from './scene.js'

export interface Scene { app: FastifyInstance, ana: Person, maria: Person, talk: Talk }

const usual: NonNullable<Settings['bots']> = [{ name: 'ECHO', kind: 'echo', delay_ms: 0 }, { name: 'Calculator', kind: 'calculator', delay_ms: 0 }]

/** ana talks with bots whose answers wait for maria. */
export async function newScene (t: Test, says: string[], { bots = usual, ...settings }: Settings = {}): Promise<Scene> {
  const app = await startApp(t, { ...settings, bots, manager: { role: 'person' } }, { adminKey })
  const [ana, maria] = [await newPerson(app, 'ana'), await newManager(app, 'maria')]
  const talk = await newTalk([ana], { name: 'Tea', bots: bots.map(({ name }) => name) })
  for (const text of says) await ana.post(`${talk.path}/messages/`, { type: 'T', text })
  return { app, ana, maria, talk }
}

export async function signIn (page: Page, token: string): Promise<void> {
  await page.getByText('Sign in with a token').first().click()
  await page.getByLabel('Token').fill(token)
  await page.getByRole('button', { name: 'Sign in with a token' }).click()
}

/** maria, where she sees what waits. */
export async function enter (visit: Visit, { app, maria }: Scene): Promise<Visitor> {
  const visitor = await visit(app)
  await signIn(visitor.page, maria.token)
  await visitor.page.getByRole('link', { name: 'Waiting messages' }).click()
  return visitor
}

/** The message with a text among those that wait. */
export const waiting = (page: Page, text: string): Locator => page.getByRole('listitem').filter({ has: page.locator('blockquote', { hasText: new RegExp(`^${text.replace(/[?+]/g, '\\$&')}$`) }) })

export async function heardBy ({ ana, talk }: Scene, text: string): Promise<boolean> {
  const { body } = await ana.get(`${talk.path}/messages/?after=0&limit=100`)
  return body.results.some((message: any) => message.text === text)
}
