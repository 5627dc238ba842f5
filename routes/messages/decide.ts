import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { approveMessage, redirectMessage, rejectMessage } from '../../actions/decide-message.js'
import type { Policy } from '../../actions/policy.js'
import * as api from '../../contract/api.js'
import { listDecisions } from '../../db/decisions.js'
import { decisionView } from '../../views/decision.js'

const DECISIONS_MAX = 100

export const decisions: FastifyPluginAsyncTypebox<{ policy: Policy }> = async (app, { policy }) => {
  app.route({
    ...api.approveMessage,
    handler: async ({ loaded: { message, decider }, body }) => decisionView(await approveMessage(app.write, policy, message, decider, body.text))
  })

  app.route({
    ...api.rejectMessage,
    handler: async ({ loaded: { message, decider }, body }) => decisionView(await rejectMessage(app.write, message, decider, body.reason))
  })

  app.route({
    ...api.redirectMessage,
    handler: async ({ loaded: { message, decider }, body }) => decisionView(await redirectMessage(app.write, policy, message, decider, body))
  })

  app.route({
    ...api.listDecisions,
    handler: async ({ loaded: { message } }) => {
      const rows = await listDecisions(app.db, message.id, DECISIONS_MAX)
      return { original_text: message.original_text ?? message.text, results: rows.map(decisionView) }
    }
  })
}
