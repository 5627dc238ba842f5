import { uuidv7 } from 'uuidv7'
import { appendEvent } from '../db/events.js'
import { insertParticipant } from '../db/participants.js'
import { updateNickname } from '../db/sessions.js'
import type { ParticipantRow, SessionRow, Writer } from '../db/schema.js'
import { problem } from '../errors.js'
import { participantView } from '../views/participant.js'
import { announce } from './announce.js'
import { openBotSession } from './open-session.js'
import type { Policy } from './policy.js'
import { queueJoining } from './queue-deliveries.js'

/**
 * Refuses one more participant where there are as many as there may be.
 * @throws ProblemError conversation_full
 */
export function requireRoom (present: number, participantsMax: number): void {
  if (present < participantsMax) return
  throw problem('conversation_full', { detail: `A conversation has at most ${participantsMax} participants.`, limit: participantsMax })
}

/** A person takes part. Without a nickname it is the one last used in the session, or made from the participant's id. */
export async function addPerson (db: Writer, conversationId: string, time: number, session: SessionRow, nickname: string | null): Promise<ParticipantRow> {
  const id = uuidv7()
  if (nickname !== null && nickname !== session.nickname) await updateNickname(db, session.id, nickname)
  const name = nickname ?? session.nickname ?? `ANON_${id}`
  return addParticipant(db, time, { id, conversation_id: conversationId, session_id: session.id, type: 'H', name, bot: null, left_at: null, is_manager: 0, is_present: null, heard_seq: null, read_seq: 0 })
}

/** A bot takes part, and the readers are told so, and the bot if it wants to know. */
export async function addBot (db: Writer, policy: Policy, conversationId: string, time: number, bot: string, isManager: boolean): Promise<ParticipantRow> {
  const session = policy.bots.get(bot)?.hasSession ? await openBotSession(db) : null
  const fields = { id: uuidv7(), conversation_id: conversationId, session_id: session?.id ?? null, type: 'B', name: bot, bot, left_at: null, is_manager: isManager ? 1 : 0, is_present: null, heard_seq: null, read_seq: 0 } as const
  const participant = await addParticipant(db, time, fields)
  const announced = await announce(db, conversationId, time, 'participant-joined', { participant_id: participant.id })
  await queueJoining(db, policy, participant, announced)
  return participant
}

async function addParticipant (db: Writer, time: number, fields: Omit<ParticipantRow, 'joined_seq'>): Promise<ParticipantRow> {
  const data = { participant: participantView({ ...fields, joined_seq: 0 }) }
  const seq = await appendEvent(db, fields.conversation_id, { type: 'participant.joined', time, data })
  const participant = { ...fields, joined_seq: seq }
  await insertParticipant(db, participant)
  return participant
}
