import type { FastifyInstance, FastifyRequest } from 'fastify'
import plugin from 'fastify-plugin'
import type { Decider } from '../actions/decide.js'
import { findDelivery } from '../db/deliveries.js'
import { findMessage, findVisibleMessage } from '../db/messages.js'
import { findParticipant, listBots } from '../db/participants.js'
import type { ConversationTraits, DeliveryRow, Member, MessageRow, ParticipantRow } from '../db/schema.js'
import { problem } from '../errors.js'
import { viewerOf, type Viewer } from '../views/viewer.js'
import type { Membership } from './memberships.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** What the gate has loaded because the caller may see it. */
    loaded: Loaded
  }
}

/** What the path of an operation names. Each is there when the path names it; `me` for operations of participants. */
interface Loaded {
  conversation: ConversationTraits
  /** The caller's participant; absent for a manager who is not in the conversation. */
  me: Member
  /** What the caller may see of the conversation. */
  viewer: Viewer
  /** As whom the caller decides; for operations of managers. */
  decider: Decider
  /** The participant that the path names. */
  participant: ParticipantRow
  message: MessageRow
  /** Of the bot that calls. */
  delivery: DeliveryRow
}

interface Names { conversation_id?: string, participant_id?: string, message_id?: string, delivery_id?: string }

/**
 * The gate of every operation: loading is the permission check. It stands before the body is read, so that a refusal
 * is cheap. Where rooms are disabled, a conversation of others looks like none.
 */
export default plugin<{ rooms: boolean }>(async (app, { rooms }) => {
  app.decorateRequest('loaded', null as unknown as Loaded)
  // Waits only for what is not remembered.
  app.addHook('onRequest', (request, _reply, done) => {
    requireCaller(request)
    const membership = recallMembership(app, request)
    if (membership === undefined) {
      load(request).then(() => done(), done)
      return
    }
    request.loaded = conversationOf(request, membership, rooms) as Loaded
    done()
  })

  async function load (request: FastifyRequest): Promise<void> {
    const names = request.params as Names
    if (names.delivery_id !== undefined) request.loaded = await loadDelivery(app, request, names.delivery_id) as Loaded
    if (names.conversation_id === undefined) return
    const loaded = conversationOf(request, await findMembership(app, request, names.conversation_id), rooms)
    request.loaded = { ...loaded, ...await loadParts(app, request, loaded, names) } as Loaded
  }
}, { name: 'access', dependencies: ['problems', 'database', 'sessions', 'memberships'] })

/** What can be said of a caller before anything is loaded. */
function requireCaller ({ sessionId, role, bot, tokenProblem, params, routeOptions: { config: { access, session } } }: FastifyRequest): void {
  if (tokenProblem !== null) throw tokenProblem
  if (access === 'bot' && bot === null) throw problem('bot_token_required')
  if (session === 'required' && sessionId === null && role === null && bot === null) throw problem('session_required')
  if (access === 'admin' && role !== 'admin') throw problem('admin_required')
  if (access === 'manager' && role === null && (params as Names).conversation_id === undefined) throw problem('manager_required')
}

async function loadDelivery (app: FastifyInstance, { bot }: FastifyRequest, id: string): Promise<Partial<Loaded>> {
  const delivery = await findDelivery(app.db, id)
  if (delivery === undefined || delivery.bot !== bot) throw problem('delivery_not_found')
  return { delivery }
}

/** The membership of a request that names nothing but a conversation, when it is remembered. */
function recallMembership (app: FastifyInstance, { params, sessionId, bot }: FastifyRequest): Membership | undefined {
  const { conversation_id: id, participant_id: participantId, message_id: messageId, delivery_id: deliveryId } = params as Names
  const isPlain = id !== undefined && participantId === undefined && messageId === undefined && deliveryId === undefined
  return isPlain && bot === null ? app.memberships.recall(id, sessionId) : undefined
}

async function findMembership (app: FastifyInstance, { sessionId, bot }: FastifyRequest, id: string): Promise<Membership | undefined> {
  const membership = app.memberships.recall(id, sessionId) ?? await app.memberships.find(id, sessionId)
  if (membership === undefined || bot === null) return membership
  return { ...membership, me: (await listBots(app.db, id)).find(participant => participant.bot === bot) }
}

/** What the caller may have of a conversation. */
function conversationOf (request: FastifyRequest, { conversation, me }: Partial<Membership> = {}, rooms: boolean): Pick<Loaded, 'conversation' | 'viewer'> & Partial<Loaded> {
  const { role, routeOptions: { config: { access, observers, rooms: isForRooms } } } = request
  if (me === undefined && !rooms && (role === null || isForRooms)) throw problem(isForRooms ? 'rooms_disabled' : 'conversation_not_found')
  if (conversation === undefined) throw problem('conversation_not_found')
  if (access === 'manager' && role === null && me?.is_manager !== 1) throw problem('manager_required')
  if (access === 'participant' && me === undefined && !(observers && role !== null)) throw problem('not_a_participant')
  return { conversation, viewer: viewerOf(me, role), decider: deciderOf(request, me), ...me && { me } }
}

function deciderOf ({ sessionId }: FastifyRequest, me: Member | undefined): Decider {
  return me?.type === 'B' ? { kind: 'bot', id: me.id } : { kind: 'person', id: sessionId }
}

async function loadParts (app: FastifyInstance, { routeOptions: { config } }: FastifyRequest, { viewer }: Pick<Loaded, 'viewer'>, names: Names): Promise<Partial<Loaded>> {
  const { conversation_id: id, participant_id: participantId, message_id: messageId } = names
  const participant = participantId === undefined ? undefined : await findParticipant(app.db, id!, participantId)
  if (participantId !== undefined && participant === undefined) throw problem('participant_not_found')
  const find = config.access === 'manager' ? findMessage : findVisibleMessage
  const message = messageId === undefined ? undefined : await find(app.db, id!, messageId, viewer.audiences)
  if (messageId !== undefined && message === undefined) throw problem('message_not_found')
  return { ...participant && { participant }, ...message && { message } }
}
