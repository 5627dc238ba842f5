// People who follow a conversation by the client that is part of the package.
import type { Test } from 'tap'
import { WebSocket } from 'ws'
import { createClient, type Live, type LiveEvents, type LiveOptions, type MessageInput } from '../../client/index.js'
import { createLive } from '../../client/live.js'
import { usualPace, type Pace } from '../../client/pace.js'
import { placeOf } from '../../client/place.js'
import type { Settings } from '../../config.js'
import { newPerson, newTalk, startApp, type Person, type Talk } from './app.js'
import { eventually } from './outbox.js'
import { startProxy, type Proxy, type ProxyPlan } from './proxy.js'
import { arrivals, listen, type Arrivals } from './subscriber.js'

export const quick = { pauseMs: () => 1 }
// Longer than any test.
export const never = { pauseMs: () => 1_000_000 }

export interface Place { host: string, ana: Person, bia: Person, talk: Talk }

export async function newPlace (t: Test, settings: Settings = {}): Promise<Place> {
  const app = await startApp(t, { ...settings, limits: { frames_per_second: 10_000, ...settings.limits } })
  const host = await listen(app)
  const [ana, bia] = [await newPerson(app, 'ana'), await newPerson(app, 'bia')]
  return { host, ana, bia, talk: await newTalk([ana, bia]) }
}

export async function through (t: Test, { host }: Pick<Place, 'host'>, plan: ProxyPlan): Promise<{ host: string, proxy: Proxy }> {
  const proxy = await startProxy(t, { host: '127.0.0.1', port: Number(host.split(':')[1]) }, plan)
  return { host: `127.0.0.1:${proxy.port}`, proxy }
}

export interface Told { name: keyof LiveEvents, what: any }
export interface Item { seq: number, message?: any, event?: any }

/** Somebody who follows a conversation, and what was told so far. */
export interface Follower { live: Live, told: Arrivals<Told> }

export interface FollowOptions extends LiveOptions {
  /** Otherwise it is as patient as usual, and made by the public function alone. */
  pace?: Partial<Pace>
  WebSocket?: typeof WebSocket
}

const names = ['message', 'event', 'state', 'typing', 'error', 'status', 'outbox', 'reset', 'end'] as const

export function follow (t: Pick<Test, 'teardown'>, host: string, { token }: Pick<Person, 'token'>, { id }: Pick<Talk, 'id'>, { pace, WebSocket: Socket = WebSocket, ...options }: FollowOptions = {}): Follower {
  const place = { url: `http://${host}`, token, WebSocket: Socket }
  const client = createClient(place)
  const live = pace === undefined ? client.live(id, options) : createLive({ ...placeOf(place), pace: { ...usualPace, ...pace } }, client, id, options)
  const told = arrivals<Told>(({ name, what }) => `${name} ${JSON.stringify(what).slice(0, 150)}`)
  for (const name of names) live.on(name, what => told.add({ name, what }))
  t.teardown(live.close)
  return { live, told }
}

/** Resolves with the first thing of a name, from a place on, for which the test is true. */
export async function untilTold (told: Arrivals<Told>, name: keyof LiveEvents, test: (what: any) => boolean = () => true, from = 0): Promise<any> {
  return (await told.until(one => one.name === name && test(one.what), from, name)).what
}

export function hears ({ told }: Follower, text: string): Promise<{ message: any, seq: number }> {
  return untilTold(told, 'message', ({ message }) => message.text === text)
}

export function isLive ({ told }: Follower, from = 0): Promise<any> {
  return untilTold(told, 'status', status => status === 'live', from)
}

export function allOf ({ told }: Follower, ...wanted: Array<keyof LiveEvents>): any[] {
  return told.items.filter(({ name }) => wanted.includes(name)).map(({ what }) => what)
}

export function text (content: string, more: Partial<MessageInput> = {}): MessageInput {
  return { type: 'T', text: content, ...more }
}

export type Get = (path: string) => Promise<{ body: any }>

/** The log, as everybody reads it. */
export async function readLog (get: Get, { path }: Pick<Talk, 'path'>): Promise<Item[]> {
  const items: Item[] = []
  for (let hasMore = true; hasMore;) {
    const { body } = await get(`${path}/events/?after=${items.at(-1)?.seq ?? 0}&limit=500`)
    for (const event of body.events) items.push({ ...event.type === 'message.created' ? { message: event.message } : { event }, seq: event.seq })
    hasMore = body.has_more
  }
  return items
}

export async function textsIn (get: Get, talk: Talk): Promise<string[]> {
  return (await readLog(get, talk)).flatMap(({ message }) => message?.text ?? [])
}

/** Everybody was told the log, each event once and in order, up to its last message. */
export async function requireWhole (t: Test, get: Get, talk: Pick<Talk, 'path'>, followers: Record<string, Follower>): Promise<Item[]> {
  const log = await readLog(get, talk)
  const last = log.findLast(({ message }) => message?.text !== undefined)!.seq
  const wanted = log.filter(({ seq }) => seq <= last)
  for (const [who, { told }] of Object.entries(followers)) {
    await told.until(({ what }) => what.seq >= last)
    t.strictSame(allOf({ told } as Follower, 'message', 'event').filter(({ seq }) => seq <= last), wanted, who)
  }
  return wanted
}

export function emptied ({ live }: Follower): Promise<unknown> {
  return eventually(() => live.outbox.length === 0, 'everything is sent')
}

/** What browsers have, and Node has not: a global thing that tells of the network. */
export function newNetwork (t: Pick<Test, 'teardown'>): { say: (name: string) => void, count: () => number } {
  const listeners = new Map<() => void, string>()
  const network = globalThis as any
  network.addEventListener = (name: string, listener: () => void) => listeners.set(listener, name)
  network.removeEventListener = (_name: string, listener: () => void) => listeners.delete(listener)
  t.teardown(() => {
    delete network.addEventListener
    delete network.removeEventListener
  })
  return {
    say: wanted => { for (const [listener, name] of listeners) if (name === wanted) listener() },
    count: () => listeners.size
  }
}
