import type { Kysely, Transaction } from 'kysely'

/** The tables. Ids are UUIDv7 text, times are milliseconds since 1970, booleans are 0 or 1, JSON is text. */
export interface Database {
  sessions: SessionRow
  conversations: ConversationRow
  participants: ParticipantRow
  messages: MessageRow
  events: EventRow
  files: FileRow
  file_chunks: FileChunkRow
}

export interface SessionRow {
  id: string
  /** The last nickname used, the default of the next one. */
  nickname: string | null
  /** Who this is for the host application, when that decides who somebody is. */
  subject: string | null
  created_at: number
  expires_at: number
}

export interface ConversationRow {
  id: string
  name: string | null
  created_at: number
  /** The seq of the last event. */
  last_seq: number
  last_event_at: number
}

export interface ParticipantRow {
  id: string
  conversation_id: string
  /** Whose participant this is; null for bots. */
  session_id: string | null
  type: 'H' | 'B'
  name: string
  /** The configured name of a bot; null for people. */
  bot: string | null
  /** The seq of the event of joining, which orders the participants. */
  joined_seq: number
  left_at: number | null
}

export type MessageType = 'S' | 'T' | 'A' | 'i' | 'V' | 'a' | 'v'
export type SystemEvent = 'conversation-created' | 'participant-joined' | 'participant-left' | 'conversation-ended'

export interface MessageRow {
  id: string
  conversation_id: string
  /** The seq of the event that made the message visible; null as long as it waits for approval. */
  seq: number | null
  type: MessageType
  time: number
  /** Null for system messages. */
  sender_id: string | null
  sent_by_human: 0 | 1
  local_id: string | null
  text: string
  /** JSON: string[]. */
  options: string
  quoted_message_id: string | null
  /** Of system messages. */
  event: SystemEvent | null
  /** JSON: an object. Of system messages. */
  metadata: string | null
  /** The file in `files`; null for other types and for a file elsewhere. */
  file_key: string | null
  file_name: string | null
  file_size: number | null
  external_file_url: string | null
  /** 0: waits; 1: needs no approval; 2: approved. */
  approval_status: 0 | 1 | 2
}

export type EventType =
  | 'conversation.created' | 'conversation.renamed'
  | 'participant.joined' | 'participant.renamed' | 'participant.left'
  | 'message.created'

export interface EventRow {
  conversation_id: string
  /** 1, 2, 3 … without gaps or doubles in each conversation. */
  seq: number
  type: EventType
  time: number
  /** The message that the event is about; null for other events. */
  message_id: string | null
  /** JSON: what the event says beyond type, seq and time; null for events about a message. */
  data: string | null
}

export interface FileRow {
  /** 32 random hex digits: who knows them may read the file. */
  key: string
  /** Hex. */
  sha256: string
  size: number
  /** What the sender said that it is. */
  declared_type: string
  /** What its first bytes say that it is. */
  sniffed_type: string
  created_at: number
}

export interface FileChunkRow {
  file_key: string
  /** 0, 1, 2 …; each chunk but the last has CHUNK_BYTES. */
  position: number
  data: Uint8Array
}

/** A database to read from. */
export type Reader = Pick<Kysely<Database>, 'selectFrom' | 'with' | 'fn' | 'getExecutor'>

/** A transaction: the permission to write. */
export type Writer = Transaction<Database>
