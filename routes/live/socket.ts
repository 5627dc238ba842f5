import { randomUUID } from 'node:crypto'
import type { FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify'
import { WebSocket } from 'ws'
import type { Policy } from '../../actions/policy.js'
import type { Config } from '../../config.js'
import { findConversation } from '../../db/conversations.js'
import { findMember, hasLeft } from '../../db/participants.js'
import type { ParticipantRow } from '../../db/schema.js'
import type { CloseReason } from '../../plugins/sockets.js'
import type { Reader } from '../../plugins/feed.js'
import { timeView } from '../../views/time.js'
import { endsViewing, viewerOf } from '../../views/viewer.js'
import { createEar, type Ear } from './ear.js'
import { frameOf } from './frames.js'
import { createInbox, type Inbox } from './inbox.js'

interface Params { conversation_id: string }
type Request = FastifyRequest<{ Params: Params, Querystring: { after?: string } }>

/** Somebody who has opened a socket, and may. */
interface Entrance { me: ParticipantRow | undefined, conversationId: string, after: number | null }

// From here on, the past is given only as fast as it is taken.
const ROOM_BYTES = 64 * 1024
const ROOM_POLL_MS = 10
const STALL_MS = 30_000

/** The log of a conversation as it grows, and messages in the other direction. */
export const socketRoute: FastifyPluginAsync<{ config: Config, policy: Policy }> = async (app, { config, policy }) => {
  const { ignoreTrailingSlash, routerOptions } = app.initialConfig
  const isOne = routerOptions?.ignoreTrailingSlash ?? ignoreTrailingSlash
  for (const url of ['/ws/chat/:conversation_id/', ...isOne ? [] : ['/ws/chat/:conversation_id']]) {
    app.route<{ Params: Params, Querystring: { after?: string } }>({
      method: 'GET',
      url,
      config: { session: 'optional' },
      handler: (_request, reply) => reply.callNotFound(),
      wsHandler: (socket, request) => open(socket, request as Request)
    })
  }

  function open (socket: WebSocket, request: Request): void {
    const inbox = createInbox(app, request, socket, { policy, ...config.limits })
    // Listens from the start: frames may come before it is known who sends them.
    socket.on('message', (data, isBinary) => inbox.take(data as Buffer, isBinary))
    enter(socket, request, inbox).catch(error => {
      app.problemOf(error, request)
      app.sockets.close(socket, 'failed')
    })
  }

  async function enter (socket: WebSocket, request: Request, inbox: Inbox): Promise<void> {
    const entrance = await admit(app, request, config.rooms)
    if (socket.readyState !== WebSocket.OPEN) return
    const refusal = typeof entrance === 'string' ? entrance : app.sockets.admit(socket, request.sessionId!)
    if (typeof entrance === 'string' || refusal !== undefined) return app.sockets.close(socket, refusal!)
    await join(socket, request, inbox, entrance)
  }

  async function join (socket: WebSocket, request: Request, inbox: Inbox, { me, conversationId, after }: Entrance): Promise<void> {
    const reader = createReader(app, socket, viewerOf(me, request.role), me && createEar(app, policy, me))
    socket.once('close', () => app.feed.leave(conversationId, reader))
    const { isKnown, lastSeq } = await app.feed.follow(conversationId, after, reader)
    if (!isKnown) {
      app.sockets.send(socket, JSON.stringify({ reset: { last_seq: lastSeq } }))
      return app.sockets.close(socket, 'reset')
    }
    // Who has left before the feed was followed is not told so by it.
    if (me !== undefined && await hasLeft(app.db, me)) return app.sockets.close(socket, 'forbidden')
    if (socket.readyState !== WebSocket.OPEN) return
    const isNews = me !== undefined && await arrive(socket, me, after)
    inbox.open(me, reader)
    // What is news brings the state with it.
    if (isNews) return
    app.sockets.send(socket, await app.feed.readState(conversationId))
  }

  /** Notes that somebody is connected. Gives whether the others were told now. */
  async function arrive (socket: WebSocket, me: ParticipantRow, after: number | null): Promise<boolean> {
    socket.once('close', () => app.presence.exit(me))
    const isNews = await app.presence.enter(me)
    // Existing front-ends load what was said before when their first message arrives.
    if (!isNews && after === null && me.type === 'H') app.sockets.send(socket, JSON.stringify({ message: passingMessage(me.id) }))
    return isNews
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

function createReader (app: FastifyInstance, socket: WebSocket, viewer: Reader['viewer'], ear: Ear | undefined): Reader {
  return {
    viewer,
    give: item => {
      if (ear?.hears(item) !== false) app.sockets.send(socket, frameOf(item, viewer))
      ear?.note(item.seq)
      if (endsViewing(item.event, viewer)) app.sockets.close(socket, 'forbidden')
    },
    tell: text => app.sockets.send(socket, text),
    hasRoom: () => waitForRoom(app, socket)
  }
}

/** Waits until a slow reader has taken what it was sent; one that takes nothing at all for long is dropped. */
async function waitForRoom (app: FastifyInstance, socket: WebSocket): Promise<void> {
  let last = socket.bufferedAmount
  let movedAt = Date.now()
  while (socket.readyState === WebSocket.OPEN && socket.bufferedAmount > ROOM_BYTES) {
    await new Promise(resolve => setTimeout(resolve, ROOM_POLL_MS))
    if (socket.bufferedAmount < last) movedAt = Date.now()
    last = socket.bufferedAmount
    if (Date.now() - movedAt > STALL_MS) app.sockets.close(socket, 'too_slow')
  }
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
