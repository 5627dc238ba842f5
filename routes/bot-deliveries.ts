import { randomUUID } from 'node:crypto'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { answerDelivery } from '../actions/answer-delivery.js'
import { pauseAfter } from '../actions/fail-delivery.js'
import { changeLease, leaseDeliveries } from '../actions/lease-deliveries.js'
import type { Policy } from '../actions/policy.js'
import type { Config } from '../config.js'
import * as api from '../contract/api.js'
import { findNextDue } from '../db/deliveries.js'
import type { DeliveryRow } from '../db/schema.js'
import { botTopic } from '../db/write.js'
import { problem } from '../errors.js'
import { timeView } from '../views/time.js'

// Workers of one bot that wait at the same time.
const WAITS_MAX = 64

/** How bots without an address take their messages. */
export const botDeliveries: FastifyPluginAsyncTypebox<{ config: Config, policy: Policy }> = async (app, { config, policy }) => {
  const waits = new Map<string, number>()
  const histories = new Map(config.bots.flatMap(bot => bot.kind === 'lease' ? [[bot.name, bot.history]] : []))

  app.route({
    ...api.leaseDeliveries,
    handler: async ({ bot, body: { max = 1, wait_s: wait = 0, lease_s: lease = 60 } }, reply) => {
      const findNext = (): Promise<number | undefined> => findNextDue(app.db, bot!, Date.now())
      const patience = { topic: botTopic(bot!), waitMs: wait * 1000, owner: randomUUID(), findNext }
      const rows = await counted(bot!, () => app.readUntil(reply, patience, () => leaseDeliveries(app.write, bot!, max, lease * 1000), rows => rows.length > 0))
      return { deliveries: await Promise.all(rows.map(row => view(row, histories.get(row.bot)!))) }
    }
  })

  app.route({
    ...api.ackDelivery,
    handler: async ({ loaded: { delivery }, body: { lease_id: leaseId, messages = [] } }) => stateView(await answerDelivery(app.write, policy, delivery, leaseId, { messages }))
  })

  app.route({
    ...api.nackDelivery,
    handler: async ({ loaded: { delivery }, body: { lease_id: leaseId, pause_s: pause, reason } }) => {
      const pauseMs = pause === undefined ? pauseAfter(delivery.attempts) : pause * 1000
      return stateView(await changeLease(app.write, delivery, leaseId, Date.now() + pauseMs, reason || 'It was declined.'))
    }
  })

  app.route({
    ...api.extendDelivery,
    handler: async ({ loaded: { delivery }, body: { lease_id: leaseId, lease_s: lease } }) => stateView(await changeLease(app.write, delivery, leaseId, Date.now() + lease * 1000))
  })

  async function counted<T> (bot: string, work: () => Promise<T>): Promise<T> {
    const count = waits.get(bot) ?? 0
    if (count >= WAITS_MAX) throw problem('rate_limited', { detail: `At most ${WAITS_MAX} workers of a bot lease at the same time.`, limit: WAITS_MAX }, { 'Retry-After': '1' })
    waits.set(bot, count + 1)
    try { return await work() } finally { waits.set(bot, waits.get(bot)! - 1) }
  }

  async function view (row: DeliveryRow, historyMax: number): Promise<api.LeasedDelivery> {
    const { id, conversation, me, message, readHistory } = await app.brief(row)
    const leased = { id, lease_id: row.lease_id!, leased_until: timeView(row.next_at!), attempt: row.attempts }
    return { ...leased, conversation, participant_id: me.id, message, history: await readHistory(historyMax) }
  }
}

function stateView ({ id, state, lease_id: leaseId, next_at: nextAt }: DeliveryRow): api.DeliveryState {
  return { id, state, leased_until: state === 'open' && leaseId !== null && nextAt !== null ? timeView(nextAt) : null }
}
