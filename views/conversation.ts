import type { Conversation, ConversationEntry, ConversationHead, Message } from '../contract/api.js'
import type { ConversationEntryRow } from '../db/conversations.js'
import type { ConversationRow, ConversationTraits, Member } from '../db/schema.js'
import { participantView } from './participant.js'
import { timeView } from './time.js'

export function conversationHeadView (row: Pick<ConversationRow, 'id' | 'name' | 'created_at' | 'ended_at'>): ConversationHead {
  const head = baseView(row)
  return row.ended_at === null ? head : { ...head, ended_at: timeView(row.ended_at) }
}

function baseView (row: Pick<ConversationRow, 'id' | 'name' | 'created_at'>) {
  return { id: row.id, name: row.name, created_at: timeView(row.created_at) }
}

export function conversationView (row: ConversationTraits, participants: Member[], myId: string | null): Conversation {
  return { ...baseView(row), participants: participants.map(participantView), my_participant_id: myId }
}

export function conversationEntryView (row: ConversationEntryRow): ConversationEntry {
  return { ...baseView(row), participant_count: row.participant_count, my_participant_id: row.my_participant_id }
}

/** @param said what was said last */
export function ownEntryView (row: ConversationEntryRow, unreadCount: number, said: Message | undefined): ConversationEntry {
  return { ...conversationEntryView(row), last_seq: row.last_seq, unread_count: unreadCount, ...said && { last_message: said } }
}
