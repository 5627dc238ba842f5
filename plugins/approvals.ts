import plugin from 'fastify-plugin'
import { decideOverdue } from '../actions/decide-message.js'
import type { Policy } from '../actions/policy.js'
import { findNextDeadline } from '../db/decisions.js'

const LOOK_MS = 1000

/** Decides about messages that no manager has decided about in time, when the configuration says how. */
export default plugin<{ policy: Policy }>(async (app, { policy }) => {
  if (policy.approval === null || policy.approval.onTimeout === 'wait') return

  async function decide (): Promise<void> {
    const deadline = await findNextDeadline(app.db)
    if (deadline === undefined || deadline > Date.now()) return
    while (!app.isDraining() && await decideOverdue(app.write, policy) > 0);
  }

  const looking = setInterval(() => decide().catch(error => app.log.error(error, 'Overdue messages cannot be decided about.')), LOOK_MS).unref()
  app.addHook('preClose', async () => clearInterval(looking))
}, { name: 'approvals', dependencies: ['database', 'doorbell'] })
