import { findConversation, updateConversationName } from '../db/conversations.js'
import { appendEvent } from '../db/events.js'
import { updateParticipantName } from '../db/participants.js'
import type { ConversationRow, Member } from '../db/schema.js'
import type { Write } from '../db/write.js'
import { conversationHeadView } from '../views/conversation.js'
import { participantView } from '../views/participant.js'
import { requirePresent } from './require-present.js'

/**
 * Gives a conversation another name, or none. The name that it has already is no change, and so no event.
 * @throws ProblemError not_a_participant
 */
export async function renameConversation (write: Write, me: Member, name: string | null): Promise<ConversationRow> {
  return write(async db => {
    await requirePresent(db, me)
    const { conversation_id: id } = me
    const conversation = (await findConversation(db, id))!
    if (conversation.name === name) return conversation
    await updateConversationName(db, id, name)
    const data = { conversation: conversationHeadView({ ...conversation, name }) }
    await appendEvent(db, id, { type: 'conversation.renamed', time: Date.now(), data })
    return (await findConversation(db, id))!
  })
}

/**
 * Gives a participant another name. The name that it has already is no change, and so no event.
 * @throws ProblemError not_a_participant
 */
export async function renameParticipant (write: Write, me: Member, name: string): Promise<Member> {
  return write(async db => {
    const participant = await requirePresent(db, me)
    if (participant.name === name) return participant
    const renamed = { ...participant, name }
    await updateParticipantName(db, me.id, name)
    await appendEvent(db, me.conversation_id, { type: 'participant.renamed', time: Date.now(), data: { participant: participantView(renamed) } })
    return renamed
  })
}
