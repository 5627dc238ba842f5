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
  decisions: DecisionRow
  deliveries: DeliveryRow
  bots: BotRow
  bot_states: BotStateRow
}

/**
 * Who may see something in a conversation: everybody; people, and the bot that manages; who manages; or the one
 * participant with this id.
 */
export type Audience = 'all' | 'people' | 'managers' | (string & {})

export type Role = 'manager' | 'admin'

export interface SessionRow {
  id: string
  /** The last nickname used, the default of the next one. */
  nickname: string | null
  /** Who this is for the host application, when that decides who somebody is. */
  subject: string | null
  /** What it may do beyond taking part; an admin may do what a manager may. */
  role: Role | null
  created_at: number
  expires_at: number
}

export interface ConversationRow {
  id: string
  name: string | null
  created_at: number
  /** The seq of the last event. */
  last_seq: number
  /** The seq of the last event before the jump that the log made when a backup was put to use the last time; null when it never was. */
  restored_seq: number | null
  /** The seq to which it jumped: that of the next event is one more. */
  resumed_seq: number | null
  last_event_at: number
  /** Who approves what bots say: a bot that is in it, people with the role manager, or nobody. */
  approval: 'bot' | 'person' | null
  /** Since when it takes no new messages. */
  ended_at: number | null
}

/** Where a log has jumped. */
export type Jump = Pick<ConversationRow, 'restored_seq' | 'resumed_seq'>

/** A conversation without its log, and without what changes with each event. */
export type ConversationTraits = Omit<ConversationRow, 'last_seq' | 'last_event_at' | keyof Jump>

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
  /** Whether this is the bot that manages the conversation. */
  is_manager: 0 | 1
  /** Whether the others know it as connected; null for who never was. */
  is_present: 0 | 1 | null
  /** Of a bot that reads from a socket: the seq of the last event that it was sent; null before the first. */
  heard_seq: number | null
  /** How far a person has said that it has read; 0 before the first time. */
  read_seq: number
}

/** A participant without what changes though no event tells of it. */
export type Member = Omit<ParticipantRow, 'is_present' | 'heard_seq' | 'read_seq'>

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
  /** Who sees it once it is visible. */
  audience: Audience
  /** How many messages of bots in a row, this one included, have led to it; 0 for people's. */
  hops: number
  /** JSON: what a manager wants done, as it wrote it. */
  command: string | null
  /** The participant for whom a manager speaks. */
  on_behalf_of: string | null
  /** What it said before a manager changed it. */
  original_text: string | null
  /** The seq of the event that told the managers of it; null for what never waited. */
  waiting_seq: number | null
  /** When the configuration decides instead of a manager. */
  deadline_at: number | null
  /** What became of a message that waited; `hide` for one that only carries a command, and for an imported one that was never approved. */
  decision: Decision | 'hide' | null
}

export type Decision = 'approve' | 'reject' | 'redirect'

/** What a manager decided about a message. */
export interface DecisionRow {
  id: string
  conversation_id: string
  message_id: string
  action: Decision
  by_kind: 'bot' | 'person' | 'timeout'
  /** The participant of a bot, the session of a person. */
  by_id: string | null
  time: number
  /** Of a rejection. */
  reason: string | null
  /** What an approved message says instead of what it said. */
  text: string | null
  /** JSON: string[], the participants of a redirection. */
  targets: string | null
  /** JSON: the fields of a redirected message that its receivers see changed. */
  overrides: string | null
}

/** That a bot in a conversation is to be given a message. */
export interface DeliveryRow {
  id: string
  bot: string
  participant_id: string
  conversation_id: string
  message_id: string
  /** The seq of the event that caused it, which orders the deliveries of a participant. */
  seq: number
  /** JSON: fields of the message that this receiver sees changed. */
  overrides: string | null
  /** `done`: acknowledged; `cancelled`: no answer would be taken any more; `dropped`: too old; `failed`: the bot's answer made no sense. */
  state: 'open' | 'done' | 'cancelled' | 'dropped' | 'failed'
  created_at: number
  not_before: number
  /** When it is due; null for those behind another one, and for closed ones. */
  next_at: number | null
  attempts: number
  /** Names the last lease; who holds another one is too late. */
  lease_id: string | null
  last_error: string | null
  closed_at: number | null
}

/** How a configured bot fares. */
export interface BotRow {
  name: string
  /** Since when it wants nothing more (410). */
  disabled_at: number | null
  /** In a row. */
  failures: number
  last_error: string | null
  last_error_at: number | null
  last_done_at: number | null
}

/** What a bot remembers of a conversation. */
export interface BotStateRow {
  participant_id: string
  /** JSON, of the bot's own making. */
  state: string
}

export type EventType =
  | 'conversation.created' | 'conversation.renamed' | 'conversation.ended'
  | 'participant.joined' | 'participant.renamed' | 'participant.left'
  | 'message.created' | 'message.pending' | 'message.decided' | 'message.redirected'
  | 'delivery.dropped'

export interface EventRow {
  conversation_id: string
  /** 1, 2, 3 … without gaps or doubles in each conversation, but for jumps where a backup was put to use. */
  seq: number
  type: EventType
  time: number
  /** The message that the event is about; null for other events. */
  message_id: string | null
  /** JSON: what the event says beyond type, seq, time and its message. */
  data: string | null
  audience: Audience
}

/** An event, with the message that it is about. */
export interface LoggedEvent {
  event: EventRow
  message: MessageRow | undefined
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
export type Reader = Pick<Kysely<Database>, 'selectFrom' | 'with' | 'fn' | 'getExecutor' | 'executeQuery'>

/** A transaction: the permission to write. */
export type Writer = Transaction<Database>
