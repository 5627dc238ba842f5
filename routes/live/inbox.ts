import type { FastifyInstance } from 'fastify'
import { WebSocket } from 'ws'
import type { Policy } from '../../actions/policy.js'
import { postMessage, toNewMessage } from '../../actions/post-message.js'
import { judgeOf, type Judge } from '../../contract/ajv.js'
import { ClientFrameTyping, MessageInput } from '../../contract/api.js'
import { readJson } from '../../contract/json.js'
import type { MessageRow, ParticipantRow } from '../../db/schema.js'
import { problem } from '../../errors.js'
import type { Reader } from '../../plugins/feed/feed.js'
import { messageView } from '../../views/message.js'
import type { Viewer } from '../../views/viewer.js'
import { textFrame } from './frames.js'
import type { Guest, Inbox } from './guest.js'
import { createTyping, type Typing } from './typing.js'

interface InboxOptions {
  policy: Policy
  framesPerSecond: number
  /** Of one frame. */
  frameBytes: number
}

// A burst may be so many times the frames of a second.
const BURST_S = 2
// Frames that are refused because there are too many, or make no sense, one after the other.
const REFUSED_MAX = 100
const REFUSED_READ_BYTES = 16 * 1024
const BAD_MAX = 20
const EARLY_MAX = 100

const isMessage = judgeOf<MessageInput>(MessageInput)
const isTyping = judgeOf<ClientFrameTyping>(ClientFrameTyping)

export function createInbox (app: FastifyInstance, guest: Guest, { policy, framesPerSecond, frameBytes }: InboxOptions): Inbox {
  const { socket } = guest
  const early: Buffer[] = []
  const bucket = { left: framesPerSecond * BURST_S, filledAt: Date.now() }
  let typing: Typing | undefined
  let [refused, bad] = [0, 0]

  function take (bytes: Buffer, isBinary: boolean): void {
    if (socket.readyState !== WebSocket.OPEN) return
    // The library refuses it already, unless a host application has settings of its own.
    if (bytes.length > frameBytes) return app.sockets.close(socket, 'too_large')
    if (!spend(bucket, framesPerSecond)) return refuse(isBinary ? Buffer.alloc(0) : bytes)
    refused = 0
    // Existing clients send empty frames to see whether the connection holds.
    if (isBinary || bytes.length === 0) return
    if (guest.hasEntered) work(bytes)
    else keep(bytes)
  }

  // No more until it is known who sends; what comes in the same moment is not taken back.
  function keep (bytes: Buffer): void {
    socket.pause()
    if (early.push(bytes) > EARLY_MAX) app.sockets.close(socket, 'too_many')
  }

  function open (): void {
    early.splice(0).forEach(work)
    socket.resume()
  }

  function refuse (bytes: Buffer): void {
    if (++refused > REFUSED_MAX) return app.sockets.close(socket, 'too_many')
    answer(problem('rate_limited', { detail: `At most ${framesPerSecond} frames a second. Send this one again later.`, limit: framesPerSecond }), localIdIn(bytes))
  }

  function answer (error: unknown, localId: string | null): number {
    const { body } = app.problemOf(error, app)
    app.sockets.send(guest, textFrame(JSON.stringify({ error: { ...body, local_id: localId } })))
    return body.status
  }

  async function work (bytes: Buffer): Promise<void> {
    // On a busy server the timer that closes the socket is late.
    if (Date.now() >= guest.expiresAt) return app.sockets.close(socket, 'no_session')
    let frame: unknown
    try {
      frame = readJson(bytes)
      await obey(frame)
      bad = 0
    } catch (error) {
      const makesNoSense = answer(error, localIdOf(frame)) === 400
      if (makesNoSense && ++bad > BAD_MAX) app.sockets.close(socket, 'bad_frame')
    }
  }

  async function obey (frame: unknown): Promise<void> {
    const { me, seat } = guest
    if (me === undefined) throw problem('not_a_participant')
    if (!isTypingFrame(frame)) return post(me, requireValid(isMessage, frame), seat!.reader)
    typing ??= createTyping(app, me, seat!.reader)
    typing.set(requireValid(isTyping, frame).typing.active)
  }

  async function post (me: ParticipantRow, input: MessageInput, { viewer }: Reader): Promise<void> {
    const { message, isNew } = await postMessage(app.write, policy, me, toNewMessage(input))
    // What is new comes by the log, to those who may see it; its sender hears of everything that it has sent.
    if (!isNew || !isSeen(message, viewer)) app.sockets.send(guest, textFrame(JSON.stringify({ message: messageView(message, app.base) })))
  }

  return { take, open, close: () => typing?.stop() }
}

/** Whether the log tells a reader of a message. */
function isSeen ({ seq, audience, decision }: MessageRow, { audiences }: Viewer): boolean {
  return seq === null ? decision === null && audiences.includes('managers') : audiences.includes(audience)
}

function spend (bucket: { left: number, filledAt: number }, perSecond: number): boolean {
  const now = Date.now()
  bucket.left = Math.min(perSecond * BURST_S, bucket.left + (now - bucket.filledAt) / 1000 * perSecond)
  bucket.filledAt = now
  if (bucket.left < 1) return false
  bucket.left--
  return true
}

function isTypingFrame (frame: unknown): frame is object {
  return typeof frame === 'object' && frame !== null && 'typing' in frame && !('type' in frame)
}

function requireValid<T> (judge: Judge<T>, frame: unknown): T {
  if (judge(frame)) return frame
  throw Object.assign(new Error('The frame is invalid.'), { validation: judge.errors, validationContext: 'body' })
}

// Reading what is refused must cost little.
function localIdIn (bytes: Buffer): string | null {
  if (bytes.length > REFUSED_READ_BYTES) return null
  try { return localIdOf(JSON.parse(bytes.toString('utf8'))) } catch { return null }
}

function localIdOf (frame: unknown): string | null {
  const localId = (frame as { local_id?: unknown } | null | undefined)?.local_id
  return typeof localId === 'string' ? localId.slice(0, 100) : null
}
