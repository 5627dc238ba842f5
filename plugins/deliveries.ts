import type { FastifyInstance } from 'fastify'
import plugin from 'fastify-plugin'
import { answerDelivery, dropStale, failDelivery, postponeDelivery } from '../actions/deliver.js'
import type { Policy } from '../actions/policy.js'
import { BadAnswer, Gone, TryLater, type Bot } from '../bots/bot.js'
import { createBot } from '../bots/kinds.js'
import type { BotConfig } from '../config.js'
import { deleteClosedDeliveries, findBot, findNextDue, listBotsWithWork, listDueDeliveries } from '../db/deliveries.js'
import type { DeliveryRow } from '../db/schema.js'
import { botTopic } from '../db/write.js'
import { ProblemError } from '../errors.js'

// Conversations in which one bot is at work at the same time.
const AT_ONCE = 32
const PAUSE_FIRST_MS = 1000
const PAUSE_MAX_MS = 300_000
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
interface Worker { name: string, bot: Bot, /** Its participants. */ atWork: Set<string>, isLooking: boolean, mustLook: boolean, timer?: NodeJS.Timeout }

/** Gives bots their messages: of each conversation one at a time, in order, and again until they are acknowledged. */
export default plugin<{ bots: BotConfig[], policy: Policy }>(async (app, { bots, policy }) => {
  const workers = new Map<string, Worker>()
  const atWork = new Set<Promise<void>>()
  const closing = new AbortController()
  for (const config of bots) {
    const bot = await createBot(config)
    if (bot !== undefined) workers.set(botTopic(config.name), { name: config.name, bot, atWork: new Set(), isLooking: false, mustLook: false })
  }

  function look (worker: Worker): void {
    worker.mustLook = true
    if (worker.isLooking || app.isDraining()) return
    worker.isLooking = true
    lookOnce(worker)
      .catch(error => app.log.error(error, 'The messages of a bot cannot be read.'))
      .finally(() => {
        worker.isLooking = false
        if (worker.mustLook) look(worker)
      })
  }

  async function lookOnce (worker: Worker): Promise<void> {
    worker.mustLook = false
    clearTimeout(worker.timer)
    const { name, atWork } = worker
    const now = Date.now()
    const isDisabled = (await findBot(app.db, name))?.disabled_at != null
    const due = isDisabled ? [] : await listDueDeliveries(app.db, name, now, AT_ONCE + atWork.size)
    for (const delivery of due.filter(({ participant_id: id }) => !atWork.has(id)).slice(0, Math.max(0, AT_ONCE - atWork.size))) start(worker, delivery)
    const next = isDisabled ? undefined : await findNextDue(app.db, name, now)
    worker.timer = setTimeout(() => look(worker), Math.min(LOOK_MS, Math.max(1, (next ?? Infinity) - Date.now()))).unref()
  }

  function start (worker: Worker, delivery: DeliveryRow): void {
    worker.atWork.add(delivery.participant_id)
    const work = deliver(app, policy, worker.bot, delivery, closing.signal)
      .catch(error => app.log.error(error, 'A message cannot be given to a bot.'))
      .finally(() => {
        atWork.delete(work)
        worker.atWork.delete(delivery.participant_id)
        look(worker)
      })
    atWork.add(work)
  }

  app.doorbell.listen(topic => {
    const worker = workers.get(topic)
    if (worker !== undefined) look(worker)
  })
  const sweepMs = Math.min(SWEEP_MAX_MS, ...[...policy.bots.values()].map(({ maxAgeMs }) => maxAgeMs))
  const sweeping = setInterval(() => sweep(app, policy).catch(error => app.log.error(error)), sweepMs).unref()
  app.addHook('onReady', async () => {
    // What has become too old while no process was there is not given any more.
    await sweep(app, policy)
    for (const worker of workers.values()) look(worker)
  })
  app.addHook('preClose', async () => {
    clearInterval(sweeping)
    for (const { timer } of workers.values()) clearTimeout(timer)
    closing.abort()
    await Promise.all(atWork)
  })
}, { name: 'deliveries', dependencies: ['doorbell', 'database', 'briefing'] })

async function deliver (app: FastifyInstance, policy: Policy, bot: Bot, delivery: DeliveryRow, closing: AbortSignal): Promise<void> {
  const signal = AbortSignal.timeout(bot.timeoutMs)
  try {
    const answer = await bot.answer(await app.brief(delivery), AbortSignal.any([signal, closing]))
    await answerDelivery(app.write, policy, delivery, null, answer)
  } catch (error) {
    // Given again when the process is back.
    if (closing.aborted) return
    await giveUp(app, delivery, error, signal.aborted ? `It did not answer within ${bot.timeoutMs / 1000} s.` : undefined)
  }
}

async function giveUp (app: FastifyInstance, delivery: DeliveryRow, error: unknown, tooLate: string | undefined): Promise<void> {
  const text = tooLate ?? (error instanceof Error ? error.message : String(error))
  app.log.warn({ bot: delivery.bot, delivery: delivery.id, reason: text }, 'A bot has not taken a message.')
  const isSenseless = error instanceof BadAnswer || (error instanceof ProblemError && error.body.status < 500)
  if (isSenseless) return failDelivery(app.write, delivery, text)
  const asked = error instanceof TryLater ? error.pauseMs : undefined
  // Who asks for no pause at all would be asked again at once, and again.
  const nextAt = Date.now() + (asked === undefined ? pauseAfter(delivery.attempts) : Math.max(asked, PAUSE_FIRST_MS))
  await postponeDelivery(app.write, delivery, { error: text, nextAt, isGone: error instanceof Gone })
}

/** Pauses that double, each between half of it and all of it, so that bots which failed together do not come together. */
function pauseAfter (attempts: number): number {
  const pause = Math.min(PAUSE_MAX_MS, PAUSE_FIRST_MS * 2 ** attempts)
  return Math.round(pause * (0.5 + Math.random() / 2))
}

/** Drops what is too old, and forgets what ended long ago. */
async function sweep (app: FastifyInstance, policy: Policy): Promise<void> {
  const now = Date.now()
  for (const name of await listBotsWithWork(app.db)) {
    const before = now - (policy.bots.get(name)?.maxAgeMs ?? AGE_MAX_MS)
    while (!app.isDraining() && await dropStale(app.write, name, before) > 0);
  }
  await app.write(db => deleteClosedDeliveries(db, now - DONE_KEPT_MS, now - OTHERS_KEPT_MS, DELETED_AT_ONCE))
}
