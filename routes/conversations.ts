import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { createConversation, type Entry } from '../actions/create-conversation.js'
import { joinConversation } from '../actions/join-conversation.js'
import { leaveConversation } from '../actions/leave-conversation.js'
import type { Policy } from '../actions/policy.js'
import { renameConversation } from '../actions/rename.js'
import * as api from '../contract/api.js'
import { listParticipants } from '../db/participants.js'
import { bodyProblem, problem } from '../errors.js'
import { conversationView } from '../views/conversation.js'
import { participantView } from '../views/participant.js'

export const conversations: FastifyPluginAsyncTypebox<{ policy: Policy }> = async (app, { policy }) => {
  app.route({
    ...api.createConversation,
    handler: async (request, reply) => {
      const { nickname, name, bots = [] } = request.body
      requirePerson(request)
      requireBots(bots)
      const entry = await createConversation(app.write, policy, { sessionId: request.sessionId ?? undefined, nickname: nickname || null, name: name || null, bots })
      if (entry.session.id !== request.sessionId) reply.setSessionCookie(entry.session)
      reply.code(201)
      return entryView(entry)
    }
  })

  app.route({
    ...api.getConversation,
    handler: async request => {
      const { conversation, me } = request.loaded
      return conversationView(conversation, await listParticipants(app.db, conversation.id), me?.id ?? null)
    }
  })

  app.route({
    ...api.renameConversation,
    handler: async request => {
      const { conversation, me } = request.loaded
      const renamed = await renameConversation(app.write, me, request.body.name || null)
      return conversationView(renamed, await listParticipants(app.db, conversation.id), me.id)
    }
  })

  app.route({
    ...api.joinConversation,
    handler: async (request, reply) => {
      requirePerson(request)
      const entry = await joinConversation(app.write, {
        conversationId: request.loaded.conversation.id,
        sessionId: request.sessionId ?? undefined,
        nickname: request.body.nickname || null,
        participantsMax: policy.participantsMax
      })
      if (entry.session.id !== request.sessionId) reply.setSessionCookie(entry.session)
      return entryView(entry)
    }
  })

  app.route({
    ...api.leaveConversation,
    handler: async request => participantView(await leaveConversation(app.write, request.loaded.me))
  })

  function requireBots (names: string[]): void {
    const index = names.findIndex(name => !policy.bots.has(name))
    if (index >= 0) throw bodyProblem('bot_not_found', `/bots/${index}`, 'not_found', `There is no bot "${names[index]}". Use names from /api/chat/bots/.`)
  }
}

function requirePerson ({ bot }: FastifyRequest): void {
  if (bot !== null) throw problem('people_only')
}

function entryView ({ conversation, participants, me }: Entry): api.Conversation {
  return conversationView(conversation, participants, me.id)
}
