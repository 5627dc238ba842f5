import type { FastifyInstance, FastifyRequest } from 'fastify'
import plugin from 'fastify-plugin'
import { findConversation } from '../db/conversations.js'
import { findMessage } from '../db/messages.js'
import { findMember, findParticipant } from '../db/participants.js'
import type { ConversationRow, MessageRow, ParticipantRow } from '../db/schema.js'
import { problem } from '../errors.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** What the gate has loaded because the caller may see it. */
    loaded: Loaded
  }
}

/** What the path of an operation names. Each is there when the path names it; `me` for operations of participants. */
interface Loaded {
  conversation: ConversationRow
  /** The caller's participant. */
  me: ParticipantRow
  /** The participant that the path names. */
  participant: ParticipantRow
  message: MessageRow
}

interface Names { conversation_id?: string, participant_id?: string, message_id?: string }

/**
 * The gate of every operation: loading is the permission check. It stands before the body is read, so that a refusal
 * is cheap. Where rooms are disabled, a conversation of others looks like none.
 */
export default plugin<{ rooms: boolean }>(async (app, { rooms }) => {
  app.decorateRequest('loaded', null as unknown as Loaded)
  app.addHook('onRequest', async request => {
    if (request.tokenProblem !== null) throw request.tokenProblem
    if (request.routeOptions.config.session === 'required' && request.sessionId === null) throw problem('session_required')
    const names = request.params as Names
    if (names.conversation_id === undefined) return
    const conversation = await loadConversation(app, request, names.conversation_id, rooms)
    request.loaded = { ...conversation, ...await loadParts(app, names) } as Loaded
  })
}, { name: 'access', dependencies: ['problems', 'database', 'sessions'] })

async function loadConversation (app: FastifyInstance, { sessionId, routeOptions: { config } }: FastifyRequest, id: string, rooms: boolean): Promise<Partial<Loaded>> {
  const me = sessionId === null ? undefined : await findMember(app.db, id, sessionId)
  if (me === undefined && !rooms) throw problem(config.rooms ? 'rooms_disabled' : 'conversation_not_found')
  const conversation = await findConversation(app.db, id)
  if (conversation === undefined) throw problem('conversation_not_found')
  if (me === undefined && config.access === 'participant') throw problem('not_a_participant')
  return me === undefined ? { conversation } : { conversation, me }
}

async function loadParts (app: FastifyInstance, names: Names): Promise<Partial<Loaded>> {
  const { conversation_id: id, participant_id: participantId, message_id: messageId } = names
  const participant = participantId === undefined ? undefined : await findParticipant(app.db, id!, participantId)
  if (participantId !== undefined && participant === undefined) throw problem('participant_not_found')
  const message = messageId === undefined ? undefined : await findMessage(app.db, id!, messageId)
  if (messageId !== undefined && message === undefined) throw problem('message_not_found')
  return { ...participant && { participant }, ...message && { message } }
}
