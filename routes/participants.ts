import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { renameParticipant } from '../actions/rename.js'
import * as api from '../contract/api.js'
import { listParticipants, listParticipantsEver } from '../db/participants.js'
import { problem } from '../errors.js'
import { participantView } from '../views/participant.js'

const LEFT_MAX = 1000

export const participants: FastifyPluginAsyncTypebox = async app => {
  app.route({
    ...api.listParticipants,
    handler: async request => {
      const { id } = request.loaded.conversation
      const rows = request.query.left ? await listParticipantsEver(app.db, id, LEFT_MAX) : await listParticipants(app.db, id)
      return { results: rows.map(participantView) }
    }
  })

  app.route({
    ...api.getParticipant,
    handler: async request => participantView(request.loaded.participant)
  })

  app.route({
    ...api.renameParticipant,
    handler: async request => {
      const { me, participant } = request.loaded
      if (participant.id !== me.id) throw problem('participant_not_yours')
      return participantView(await renameParticipant(app.write, me, request.body.name))
    }
  })
}
