import { randomUUID } from 'node:crypto'
import type { FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify'
import { WebSocket } from 'ws'
import type { Policy } from '../../actions/policy.js'
import type { Config } from '../../config.js'
import { findConversation } from '../../db/conversations.js'
import { findMember, findParticipant } from '../../db/participants.js'
import type { ParticipantRow } from '../../db/schema.js'
import type { CloseReason } from '../../plugins/sockets/sockets.js'
import { timeView } from '../../views/time.js'
import { viewerOf, type Viewer } from '../../views/viewer.js'
import { createEar } from './ear.js'
import { callAt } from './expiry.js'
import { textFrame } from './frames.js'
import type { Guest } from './guest.js'
import { createInbox } from './inbox.js'
import { SocketReader } from './reader.js'

interface Params { conversation_id: string }
type Request = FastifyRequest<{ Params: Params, Querystring: { after?: string } }>

/** Somebody who has opened a socket, and may. */
interface Entrance { me: ParticipantRow | undefined, conversationId: string, after: number | null }

/** The log of a conversation as it grows, and messages in the other direction. */
export const socketRoute: FastifyPluginAsync<{ config: Config, policy: Policy }> = async (app, { config, policy }) => {
  const { ignoreTrailingSlash, routerOptions } = app.initialConfig
  const isOne = routerOptions?.ignoreTrailingSlash ?? ignoreTrailingSlash
  for (const url of ['/ws/chat/:conversation_id/', ...isOne ? [] : ['/ws/chat/:conversation_id']]) {
    app.route<{ Params: Params, Querystring: { after?: string } }>({
      method: 'GET',
      url,
      config: { session: 'optional' },
      // Otherwise the answer to the handshake, and with it the request, would be kept as long as the socket.
      preHandler: (request, reply, done) => {
        if (request.ws) reply.raw.detachSocket(request.raw.socket)
        done()
      },
      handler: (_request, reply) => reply.callNotFound(),
      wsHandler: (socket, request) => open(socket, request as Request)
    })
  }

  function open (socket: WebSocket, request: Request): void {
    const guest: Guest = { socket, stream: request.raw.socket, expiresAt: request.sessionExpiresAt }
    hear(guest)
    enter(guest, request).catch(error => {
      app.problemOf(error, request)
      app.sockets.close(socket, 'failed')
    })
  }

  // From the start: frames may come before it is known who sends them.
  function hear (guest: Guest): void {
    guest.socket.on('message', (data, isBinary) => {
      guest.inbox ??= createInbox(app, guest, { policy, ...config.limits })
      guest.inbox.take(data as Buffer, isBinary)
    })
    guest.socket.on('close', () => leave(guest))
  }

  async function enter (guest: Guest, request: Request): Promise<void> {
    const { socket } = guest
    const entrance = await admit(app, request, config.rooms)
    if (socket.readyState !== WebSocket.OPEN) return
    const refusal = typeof entrance === 'string' ? entrance : app.sockets.admit(socket, request.sessionId!)
    if (typeof entrance === 'string' || refusal !== undefined) return app.sockets.close(socket, refusal!)
    guest.callOff = callAt(guest.expiresAt, () => app.sockets.close(socket, 'no_session'))
    await join(guest, viewerOf(entrance.me, request.role), entrance)
  }

  async function join (guest: Guest, viewer: Viewer, { me, conversationId, after }: Entrance): Promise<void> {
    const { socket } = guest
    const reader = new SocketReader(app, guest, viewer, me && createEar(app, policy, me))
    guest.seat = { conversationId, reader }
    const { isKnown, lastSeq } = await app.feed.follow(conversationId, after, reader)
    if (!isKnown) {
      app.sockets.send(guest, textFrame(JSON.stringify({ reset: { last_seq: lastSeq } })))
      return app.sockets.close(socket, 'reset')
    }
    // Who has left before the feed was followed is not told so by it.
    const now = me && await findParticipant(app.db, conversationId, me.id)
    if (me !== undefined && now?.left_at !== null) return app.sockets.close(socket, 'forbidden')
    if (socket.readyState !== WebSocket.OPEN) return
    const isNews = now !== undefined && await arrive(guest, now, after)
    guest.hasEntered = true
    guest.inbox?.open()
    // What is news brings the state with it.
    if (!isNews) app.sockets.send(guest, (await app.feed.readState(conversationId)).as(textFrame))
  }

  /** Notes that somebody is connected. Gives whether the others were told now. */
  async function arrive (guest: Guest, me: ParticipantRow, after: number | null): Promise<boolean> {
    guest.me = me
    const isNews = await app.presence.enter(me)
    // Existing front-ends load what was said before when their first message arrives.
    if (!isNews && after === null && me.type === 'H') app.sockets.send(guest, textFrame(JSON.stringify({ message: passingMessage(me.id) })))
    return isNews
  }

  function leave ({ me, seat, inbox, callOff }: Guest): void {
    callOff?.()
    inbox?.close()
    if (seat !== undefined) app.feed.leave(seat.conversationId, seat.reader)
    if (me !== undefined) app.presence.exit(me)
  }
}

/** Who opens a socket, or why it is closed at once. */
async function admit (app: FastifyInstance, request: Request, rooms: boolean): Promise<Entrance | CloseReason> {
  if (app.isDraining()) return 'draining'
  if (!app.sockets.isFromHere(request)) return 'bad_origin'
  if (request.tokenProblem?.body.code === 'rate_limited') return 'too_many'
  if (request.tokenProblem !== null || request.sessionId === null) return 'no_session'
  const { conversation_id: id } = request.params
  const { after } = request.query
  if (after !== undefined && !/^\d{1,20}$/.test(after)) return 'bad_frame'
  const me = await findMember(app.db, id, request.sessionId)
  if (me === undefined && !rooms && request.role === null) return 'not_found'
  if (me === undefined && await findConversation(app.db, id) === undefined) return 'not_found'
  if (me === undefined && request.role === null) return 'forbidden'
  return { me, conversationId: id, after: after === undefined ? missedBy(app, me) : Number(after) }
}

// Existing bots know no seq: what was said while a bot was away, or before it came, is for it, too.
function missedBy (app: FastifyInstance, me: ParticipantRow | undefined): number | null {
  return me?.type === 'B' && !app.presence.isConnected(me.id) ? me.heard_seq ?? me.joined_seq + 1 : null
}

function passingMessage (participantId: string) {
  return {
    type: 'S',
    time: timeView(Date.now()),
    id: randomUUID(),
    sent_by_human: false,
    event: 'participant-joined',
    additional_metadata: { participant_id: participantId },
    options: []
  }
}
