import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { redeliver } from '../actions/redeliver.js'
import type { Config } from '../config.js'
import * as api from '../contract/api.js'
import { problem } from '../errors.js'
import { readBotStates } from '../views/bot-state.js'

export const botStates: FastifyPluginAsyncTypebox<{ config: Config }> = async (app, { config }) => {
  app.route({ ...api.listBotStates, handler: async () => ({ results: await readBotStates(app.db, config.bots) }) })

  app.route({
    ...api.redeliverToBot,
    handler: async ({ params: { bot } }) => {
      const known = await readBotStates(app.db, config.bots)
      if (!known.some(({ name }) => name === bot)) throw problem('bot_not_found')
      return redeliver(app.write, bot)
    }
  })
}
