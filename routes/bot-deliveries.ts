import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { answerDelivery, changeLease, leaseDeliveries } from '../actions/deliver.js'
import type { Policy } from '../actions/policy.js'
import type { Config } from '../config.js'
import * as api from '../contract/api.js'
import { findNextDue } from '../db/deliveries.js'
import type { DeliveryRow } from '../db/schema.js'
import { botTopic } from '../db/write.js'
import { timeView } from '../views/time.js'

const PAUSE_MAX_MS = 300_000

/** How bots without an address take their messages. */
export const botDeliveries: FastifyPluginAsyncTypebox<{ config: Config, policy: Policy }> = async (app, { config, policy }) => {
  const histories = new Map(config.bots.flatMap(bot => bot.kind === 'lease' ? [[bot.name, bot.history]] : []))

  app.route({
    ...api.leaseDeliveries,
    handler: async (request, reply) => {
      const { max = 1, wait_s: wait = 0, lease_s: lease = 60 } = request.body
      const patience = new AbortController()
      reply.raw.once('close', () => patience.abort())
      try {
        const rows = await leaseSoon(request.bot!, max, lease * 1000, Date.now() + wait * 1000, patience.signal)
        return { deliveries: await Promise.all(rows.map(row => view(row, histories.get(row.bot)!))) }
      } finally {
        patience.abort()
      }
    }
  })

  app.route({
    ...api.ackDelivery,
    handler: async ({ loaded: { delivery }, body: { lease_id: leaseId, messages = [] } }) => stateView(await answerDelivery(app.write, policy, delivery, leaseId, { messages }))
  })

  app.route({
    ...api.nackDelivery,
    handler: async ({ loaded: { delivery }, body: { lease_id: leaseId, pause_s: pause, reason } }) => {
      const pauseMs = pause === undefined ? Math.min(PAUSE_MAX_MS, 1000 * 2 ** delivery.attempts) : pause * 1000
      return stateView(await changeLease(app.write, delivery, leaseId, Date.now() + pauseMs, reason || 'It was declined.'))
    }
  })

  app.route({
    ...api.extendDelivery,
    handler: async ({ loaded: { delivery }, body: { lease_id: leaseId, lease_s: lease } }) => stateView(await changeLease(app.write, delivery, leaseId, Date.now() + lease * 1000))
  })

  /** What can be leased, as soon as there is something; nothing when the time is over. */
  async function leaseSoon (bot: string, max: number, leaseMs: number, until: number, signal: AbortSignal): Promise<DeliveryRow[]> {
    for (;;) {
      const turn = new AbortController()
      // Listens before it looks, so that nothing is queued unnoticed in between.
      const growth = app.doorbell.wait(botTopic(bot), `${bot} ${Math.random()}`, until - Date.now(), AbortSignal.any([signal, turn.signal]))
      const rows = signal.aborted ? [] : await leaseDeliveries(app.write, bot, max, leaseMs)
      if (rows.length > 0 || signal.aborted) {
        turn.abort()
        return rows
      }
      // Nothing rings when a lease or a pause ends.
      const next = await findNextDue(app.db, bot, Date.now())
      const timer = next === undefined ? undefined : setTimeout(() => turn.abort(), Math.max(1, next - Date.now()))
      const outcome = await growth
      clearTimeout(timer)
      if (outcome === 'over' && !turn.signal.aborted) return []
    }
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
