import { prepare } from './prepare.js'
import type { ConversationRow, Member, Reader, Writer } from './schema.js'

/** A row of a list of conversations, as one session sees it. */
export interface ConversationEntryRow {
  id: string
  name: string | null
  created_at: number
  participant_count: number
  my_participant_id: string | null
  last_seq: number
  /** Of the session's participant; null without one. */
  read_seq: number | null
}

export interface Slice { offset: number, limit: number }

const byId = prepare((db, { id }: { id: string }) => db.selectFrom('conversations').selectAll().where('id', '=', id))

export async function findConversation (db: Reader, id: string): Promise<ConversationRow | undefined> {
  return byId.find(db, { id })
}

const byMember = prepare((db, { conversationId, id }: { conversationId: string, id: string }) => db.selectFrom('conversations').selectAll('conversations')
  .innerJoin('participants', 'participants.conversation_id', 'conversations.id')
  .where('conversations.id', '=', conversationId).where('participants.id', '=', id).where('participants.left_at', 'is', null))

/** The conversation of a participant, if it is still in it. */
export async function findConversationOf (db: Reader, { conversation_id: conversationId, id }: Pick<Member, 'conversation_id' | 'id'>): Promise<ConversationRow | undefined> {
  return byMember.find(db, { conversationId, id })
}

const lastSeqOf = prepare((db, { id }: { id: string }) => db.selectFrom('conversations').select('last_seq').where('id', '=', id))

/** The seq of the last event of a conversation, which exists. */
export async function findLastSeq (db: Reader, id: string): Promise<number> {
  return (await lastSeqOf.find(db, { id }))!.last_seq
}

export async function countConversations (db: Reader): Promise<number> {
  const { count } = await db.selectFrom('conversations').select(({ fn }) => fn.countAll<number>().as('count')).executeTakeFirstOrThrow()
  return Number(count)
}

/** All conversations by name (those without one first), then id. */
export async function listConversations (db: Reader, sessionId: string | null, { offset, limit }: Slice): Promise<ConversationEntryRow[]> {
  return selectEntries(db, sessionId).orderBy('conversations.name').orderBy('conversations.id').offset(offset).limit(limit).execute()
}

export async function countConversationsOf (db: Reader, sessionId: string): Promise<number> {
  const { count } = await db.selectFrom('participants')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('session_id', '=', sessionId).where('left_at', 'is', null)
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** The conversations that a session is in, newest activity first. */
export async function listConversationsOf (db: Reader, sessionId: string, { offset, limit }: Slice): Promise<ConversationEntryRow[]> {
  return selectEntries(db, sessionId)
    .where('me.id', 'is not', null)
    .orderBy('conversations.last_event_at', 'desc').orderBy('conversations.id', 'desc')
    .offset(offset).limit(limit).execute()
}

export async function insertConversation (db: Writer, conversation: Pick<ConversationRow, 'id' | 'name' | 'created_at' | 'approval'>): Promise<void> {
  await db.insertInto('conversations').values({ ...conversation, last_seq: 0, restored_seq: null, resumed_seq: null, last_event_at: conversation.created_at, ended_at: null }).execute()
}

export async function updateConversationEnded (db: Writer, id: string, endedAt: number): Promise<void> {
  await db.updateTable('conversations').set({ ended_at: endedAt }).where('id', '=', id).execute()
}

export async function updateConversationName (db: Writer, id: string, name: string | null): Promise<void> {
  await db.updateTable('conversations').set({ name }).where('id', '=', id).execute()
}

function selectEntries (db: Reader, sessionId: string | null) {
  return db.selectFrom('conversations')
    .leftJoin('participants as me', join => join
      .onRef('me.conversation_id', '=', 'conversations.id')
      .on('me.session_id', '=', sessionId)
      .on('me.left_at', 'is', null))
    .select(({ selectFrom }) => [
      'conversations.id', 'conversations.name', 'conversations.created_at', 'conversations.last_seq', 'me.id as my_participant_id', 'me.read_seq',
      selectFrom('participants')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .whereRef('participants.conversation_id', '=', 'conversations.id')
        .where('participants.left_at', 'is', null)
        .$asScalar().$notNull().as('participant_count')
    ])
}
