import { setTimeout as pause } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import plugin from 'fastify-plugin'
import { answerDelivery } from '../actions/answer-delivery.js'
import { dropStale } from '../actions/drop-deliveries.js'
import { failDelivery, PAUSE_FIRST_MS, pauseAfter, postponeDelivery } from '../actions/fail-delivery.js'
import type { Policy } from '../actions/policy.js'
import { BadAnswer, Gone, TryLater, type Bot } from '../bots/bot.js'
import { createBot } from '../bots/kinds.js'
import type { BotConfig } from '../config.js'
import { findBot, upsertBot } from '../db/bots.js'
import { deleteClosedDeliveries, findNextDue, listBotsWithWork, listDueDeliveries } from '../db/deliveries.js'
import type { DeliveryRow } from '../db/schema.js'
import { botTopic } from '../db/write.js'
import { ProblemError } from '../errors.js'

// Conversations in which one bot is at work at the same time.
const AT_ONCE = 32
// How often a bot is looked at though nothing has rung: another process may have put something back.
const LOOK_MS = 5000
const SWEEP_MAX_MS = 10_000
// An acknowledgement may come again; what was not delivered may be wanted again.
const DONE_KEPT_MS = 3600 * 1000
const OTHERS_KEPT_MS = 30 * 24 * 3600 * 1000
const DELETED_AT_ONCE = 500
// Of bots that are configured no longer.
const AGE_MAX_MS = 3600 * 1000

/** A bot that this process calls, and what it is at work on. */
interface Worker { name: string, bot: Bot, /** Its participants. */ atWork: Set<string>, isLooking: boolean, mustLook: boolean, nextAt: number, timer?: NodeJS.Timeout }

/** Gives bots their messages: of each conversation one at a time, in order, and again until they are acknowledged. */
export default plugin<{ bots: BotConfig[], policy: Policy }>(async (app, { bots, policy }) => {
  const workers = new Map<string, Worker>()
  const works = new Map<Promise<void>, AbortController>()
  app.addHook('onClose', async () => { await Promise.all([...workers.values()].map(({ bot }) => bot.close?.())) })
  await Promise.all(bots.map(async config => {
    const bot = await createBot(config)
    if (bot !== undefined) workers.set(botTopic(config.name), { name: config.name, bot, atWork: new Set(), isLooking: false, mustLook: false, nextAt: Infinity })
  }))

  function look (worker: Worker): void {
    worker.mustLook = true
    if (worker.isLooking || app.isDraining()) return
    worker.isLooking = true
    clearTimeout(worker.timer)
    lookOnce(worker)
      .catch(error => app.log.error(error, 'The messages of a bot cannot be read.'))
      .finally(() => {
        worker.isLooking = false
        // Also when nothing could be read.
        const pauseMs = Math.min(LOOK_MS, Math.max(1, worker.nextAt - Date.now()))
        if (!app.isDraining()) worker.timer = setTimeout(() => look(worker), pauseMs).unref()
        if (worker.mustLook) look(worker)
      })
  }

  async function lookOnce (worker: Worker): Promise<void> {
    worker.mustLook = false
    worker.nextAt = Infinity
    const { name, atWork } = worker
    const now = Date.now()
    const isDisabled = (await findBot(app.db, name))?.disabled_at != null
    const due = isDisabled ? [] : await listDueDeliveries(app.db, name, now, AT_ONCE + atWork.size)
    for (const delivery of due.filter(({ participant_id: id }) => !atWork.has(id)).slice(0, Math.max(0, AT_ONCE - atWork.size))) start(worker, delivery)
    if (!isDisabled) worker.nextAt = await findNextDue(app.db, name, now) ?? Infinity
  }

  function start (worker: Worker, delivery: DeliveryRow): void {
    worker.atWork.add(delivery.participant_id)
    const closing = new AbortController()
    const work = deliver(app, policy, worker.bot, delivery, closing)
      .catch(error => {
        app.log.error(error, 'What became of a message for a bot cannot be stored.')
        // The same message is still due.
        return pause(PAUSE_FIRST_MS, undefined, { ref: false, signal: closing.signal }).catch(() => {})
      })
      .finally(() => {
        works.delete(work)
        worker.atWork.delete(delivery.participant_id)
        look(worker)
      })
    works.set(work, closing)
  }

  const isBusy = (participantId: string): boolean => [...workers.values()].some(({ atWork }) => atWork.has(participantId))

  app.doorbell.listen(growths => {
    for (const { topic } of growths) {
      const worker = workers.get(topic)
      if (worker !== undefined) look(worker)
    }
  })
  const sweepMs = Math.min(SWEEP_MAX_MS, ...[...policy.bots.values()].map(({ maxAgeMs }) => maxAgeMs))
  const sweeping = setInterval(() => sweep(app, policy, isBusy).catch(error => app.log.error(error)), sweepMs).unref()
  app.addHook('onReady', async () => {
    // What has become too old while no process was there is not given any more.
    await sweep(app, policy, isBusy)
    // Who has said that it is gone may be back, or be another one now.
    for (const { name } of workers.values()) await app.write(db => upsertBot(db, name, { disabled_at: null }))
    for (const worker of workers.values()) look(worker)
  })
  app.addHook('preClose', async () => {
    clearInterval(sweeping)
    for (const { timer } of workers.values()) clearTimeout(timer)
    for (const closing of works.values()) closing.abort()
    await Promise.all(works.keys())
  })
}, { name: 'deliveries', dependencies: ['doorbell', 'database', 'briefing'] })

async function deliver (app: FastifyInstance, policy: Policy, bot: Bot, delivery: DeliveryRow, closing: AbortController): Promise<void> {
  let isTooLate = false
  const patience = new AbortController()
  const timer = setTimeout(() => { isTooLate = true; patience.abort() }, bot.timeoutMs).unref()
  closing.signal.addEventListener('abort', () => patience.abort())
  try {
    const answer = await bot.answer(await app.brief(delivery), patience.signal)
    await answerDelivery(app.write, policy, delivery, null, answer)
  } catch (error) {
    // Given again when the process is back.
    if (closing.signal.aborted) return
    await giveUp(app, delivery, error, isTooLate ? `It did not answer within ${bot.timeoutMs / 1000} s.` : undefined)
  } finally {
    clearTimeout(timer)
  }
}

async function giveUp (app: FastifyInstance, delivery: DeliveryRow, error: unknown, tooLate: string | undefined): Promise<void> {
  const text = tooLate ?? (error instanceof Error ? error.message : String(error))
  app.log.warn({ bot: delivery.bot, delivery: delivery.id, reason: text }, 'A bot has not taken a message.')
  const isSenseless = error instanceof BadAnswer || (error instanceof ProblemError && error.body.status < 500)
  if (isSenseless) return failDelivery(app.write, delivery, text)
  const asked = error instanceof TryLater ? error.pauseMs : undefined
  const nextAt = Date.now() + (asked === undefined ? pauseAfter(delivery.attempts) : Math.max(asked, PAUSE_FIRST_MS))
  await postponeDelivery(app.write, delivery, { error: text, nextAt, isGone: error instanceof Gone })
}

/** Drops what is too old, and forgets what ended long ago. */
async function sweep (app: FastifyInstance, policy: Policy, isBusy: (participantId: string) => boolean): Promise<void> {
  const now = Date.now()
  for (const name of await listBotsWithWork(app.db)) {
    const before = now - (policy.bots.get(name)?.maxAgeMs ?? AGE_MAX_MS)
    while (!app.isDraining() && await dropStale(app.write, name, before, isBusy) > 0);
  }
  while (!app.isDraining() && await app.write(db => deleteClosedDeliveries(db, now - DONE_KEPT_MS, now - OTHERS_KEPT_MS, DELETED_AT_ONCE)));
}
