// Generated from openapi.yaml by contract/generate.ts. Do not edit.
import { Type, type Static } from '@sinclair/typebox'

export const EntryPoints = Type.Object({
  conversations: Type.String({ format: 'uri' }),
  sessions: Type.String({ format: 'uri' }),
  bots: Type.String({ format: 'uri' }),
  limits: Type.String({ format: 'uri' }),
  openapi: Type.String({ format: 'uri' })
})
export type EntryPoints = Static<typeof EntryPoints>

export const BotNames = Type.Object({ results: Type.Array(Type.String()) })
export type BotNames = Static<typeof BotNames>

export const Bot = Type.Object({ name: Type.String(), description: Type.String(), kind: Type.String(), required: Type.Boolean() })
export type Bot = Static<typeof Bot>

export const BotDetails = Type.Object({ results: Type.Array(Bot) })
export type BotDetails = Static<typeof BotDetails>

export const Limits = Type.Object({
  MAX_ATTACHMENT_SIZE: Type.Integer(),
  MAX_IMAGE_SIZE: Type.Integer(),
  MAX_VIDEO_SIZE: Type.Integer(),
  MAX_AUDIO_SIZE: Type.Integer(),
  MAX_VOICE_SIZE: Type.Integer(),
  MAX_TEXT_LENGTH: Type.Integer(),
  MAX_PAGE_SIZE: Type.Integer(),
  MAX_BODY_SIZE: Type.Integer(),
  MAX_REQUESTS_PER_MINUTE: Type.Integer()
}, { description: 'Sizes in bytes, lengths in code points.' })
export type Limits = Static<typeof Limits>

export const Nickname = Type.Unsafe<string | null>({
  type: ['string', 'null'],
  maxLength: 50,
  'x-trim': true,
  description: 'The name of a participant; absent, null or empty for a default.'
})
export type Nickname = Static<typeof Nickname>

export const SessionInput = Type.Object({
  nickname: Type.Optional(Nickname),
  role: Type.Optional(Type.Unsafe<'manager' | 'admin'>({ type: 'string', enum: ['manager', 'admin'] }))
}, { additionalProperties: false })
export type SessionInput = Static<typeof SessionInput>

export const Session = Type.Object({
  token: Type.String(),
  expires_at: Type.String({ format: 'date-time' }),
  session_id: Type.String({ format: 'uuid' }),
  role: Type.Unsafe<'manager' | 'admin' | null>({ type: ['string', 'null'], enum: ['manager', 'admin', null] })
})
export type Session = Static<typeof Session>

export const SessionState = Type.Object({
  expires_at: Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'date-time' }),
  session_id: Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'uuid' }),
  role: Type.Unsafe<'manager' | 'admin' | null>({ type: ['string', 'null'], enum: ['manager', 'admin', null] }),
  nickname: Type.Unsafe<string | null>({ type: ['string', 'null'] }),
  rooms: Type.Boolean()
})
export type SessionState = Static<typeof SessionState>

export const ConversationName = Type.Unsafe<string | null>({ type: ['string', 'null'], maxLength: 50, 'x-trim': true })
export type ConversationName = Static<typeof ConversationName>

export const ConversationInput = Type.Object({
  nickname: Type.Optional(Nickname),
  name: Type.Optional(ConversationName),
  bots: Type.Optional(Type.Array(Type.String({ maxLength: 200 }), { maxItems: 20 }))
})
export type ConversationInput = Static<typeof ConversationInput>

export const ConversationChange = Type.Object({ name: ConversationName }, { additionalProperties: false })
export type ConversationChange = Static<typeof ConversationChange>

export const JoinInput = Type.Object({ nickname: Type.Optional(Nickname) })
export type JoinInput = Static<typeof JoinInput>

export const LeaveInput = Type.Object({}, { additionalProperties: false, description: 'Nothing is to be said.' })
export type LeaveInput = Static<typeof LeaveInput>

export const ReadInput = Type.Object({ seq: Type.Integer({ minimum: 0, maximum: 9007199254740991 }) }, { additionalProperties: false })
export type ReadInput = Static<typeof ReadInput>

export const ReadState = Type.Object({
  read_seq: Type.Integer({ minimum: 0 }),
  unread_count: Type.Integer({ minimum: 0, maximum: 1000 })
})
export type ReadState = Static<typeof ReadState>

export const Participant = Type.Object({
  id: Type.String({ format: 'uuid' }),
  name: Type.String(),
  type: Type.Unsafe<'H' | 'B'>({ type: 'string', enum: ['H', 'B'] }),
  left_at: Type.Optional(Type.String({ format: 'date-time' }))
})
export type Participant = Static<typeof Participant>

export const Conversation = Type.Object({
  id: Type.String({ format: 'uuid' }),
  name: Type.Unsafe<string | null>({ type: ['string', 'null'] }),
  created_at: Type.String({ format: 'date-time' }),
  participants: Type.Array(Participant),
  my_participant_id: Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'uuid' })
})
export type Conversation = Static<typeof Conversation>

export const ConversationHead = Type.Object({
  id: Type.String({ format: 'uuid' }),
  name: Type.Unsafe<string | null>({ type: ['string', 'null'] }),
  created_at: Type.String({ format: 'date-time' }),
  ended_at: Type.Optional(Type.String({ format: 'date-time' }))
})
export type ConversationHead = Static<typeof ConversationHead>

export const SystemMessageMetadata = Type.Object({ participant_id: Type.Optional(Type.String({ format: 'uuid' })) })
export type SystemMessageMetadata = Static<typeof SystemMessageMetadata>

export const SystemMessage = Type.Object({
  type: Type.Literal('S'),
  time: Type.String({ format: 'date-time' }),
  id: Type.String({ format: 'uuid' }),
  sent_by_human: Type.Boolean(),
  event: Type.Unsafe<
    | 'conversation-created'
    | 'participant-joined'
    | 'participant-left'
    | 'conversation-ended'
  >({
    type: 'string',
    enum: ['conversation-created', 'participant-joined', 'participant-left', 'conversation-ended']
  }),
  additional_metadata: SystemMessageMetadata,
  options: Type.Array(Type.String()),
  seq: Type.Integer({ minimum: 1 })
}, { description: 'Something that happened in the conversation, as its readers are told.' })
export type SystemMessage = Static<typeof SystemMessage>

export const TextMessage = Type.Object({
  type: Type.Literal('T'),
  time: Type.String({ format: 'date-time' }),
  id: Type.String({ format: 'uuid' }),
  sent_by_human: Type.Boolean(),
  quoted_message_id: Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'uuid' }),
  sender_id: Type.String({ format: 'uuid' }),
  local_id: Type.Unsafe<string | null>({ type: ['string', 'null'] }),
  text: Type.String(),
  options: Type.Array(Type.String()),
  seq: Type.Integer({ minimum: 1 })
})
export type TextMessage = Static<typeof TextMessage>

export const FileMessage = Type.Object({
  type: Type.Unsafe<'A' | 'i' | 'V' | 'a' | 'v'>({ type: 'string', enum: ['A', 'i', 'V', 'a', 'v'] }),
  time: Type.String({ format: 'date-time' }),
  id: Type.String({ format: 'uuid' }),
  sent_by_human: Type.Boolean(),
  quoted_message_id: Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'uuid' }),
  sender_id: Type.String({ format: 'uuid' }),
  local_id: Type.Unsafe<string | null>({ type: ['string', 'null'] }),
  text: Type.String(),
  file_url: Type.String(),
  file_size: Type.Unsafe<number | null>({ type: ['integer', 'null'], minimum: 0 }),
  file_name: Type.Unsafe<string | null>({ type: ['string', 'null'] }),
  options: Type.Array(Type.String()),
  seq: Type.Integer({ minimum: 1 })
})
export type FileMessage = Static<typeof FileMessage>

export const Message = Type.Unsafe<
  | Static<typeof SystemMessage>
  | Static<typeof TextMessage>
  | Static<typeof FileMessage>
>({
  type: 'object',
  required: ['type'],
  oneOf: [SystemMessage, TextMessage, FileMessage],
  discriminator: { propertyName: 'type' },
  description: 'The fields after `sent_by_human` depend on `type`.'
})
export type Message = Static<typeof Message>

export const ConversationEntry = Type.Object({
  id: Type.String({ format: 'uuid' }),
  name: Type.Unsafe<string | null>({ type: ['string', 'null'] }),
  created_at: Type.String({ format: 'date-time' }),
  participant_count: Type.Integer({ minimum: 0 }),
  my_participant_id: Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'uuid' }),
  last_seq: Type.Optional(Type.Integer({ minimum: 1 })),
  unread_count: Type.Optional(Type.Integer({ minimum: 0, maximum: 1000 })),
  last_message: Type.Optional(Message)
}, {
  description: 'The last three fields are given with `mine=true`; `last_message` is what was said last, and absent when nothing was said.'
})
export type ConversationEntry = Static<typeof ConversationEntry>

export const ConversationPage = Type.Object({
  count: Type.Integer({ minimum: 0 }),
  next: Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'uri' }),
  previous: Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'uri' }),
  results: Type.Array(ConversationEntry)
})
export type ConversationPage = Static<typeof ConversationPage>

export const ParticipantList = Type.Object({ results: Type.Array(Participant) })
export type ParticipantList = Static<typeof ParticipantList>

export const ParticipantChange = Type.Object({ name: Type.String({ minLength: 1, maxLength: 50, 'x-trim': true }) })
export type ParticipantChange = Static<typeof ParticipantChange>

export const MessageType = Type.Unsafe<'T' | 'A' | 'i' | 'V' | 'a' | 'v'>({
  type: 'string',
  enum: ['T', 'A', 'i', 'V', 'a', 'v'],
  description: 'T: text; A: attachment; i: image; V: video; a: audio; v: voice.'
})
export type MessageType = Static<typeof MessageType>

export const MessageText = Type.Unsafe<string | null>({
  type: ['string', 'null'],
  maxLength: 4000,
  'x-trim': true,
  description: 'What is said; for other types than T a caption.'
})
export type MessageText = Static<typeof MessageText>

export const LocalId = Type.Unsafe<string | null>({
  type: ['string', 'null'],
  maxLength: 32,
  'x-trim': true,
  description: 'The sender\'s own id of the message, unique among its messages in the conversation; null or empty for none.'
})
export type LocalId = Static<typeof LocalId>

export const QuotedMessageId = Type.Unsafe<string | null>({
  type: ['string', 'null'],
  maxLength: 100,
  description: 'The id of a message of the same conversation; null or empty for none.'
})
export type QuotedMessageId = Static<typeof QuotedMessageId>

export const MessageOptions = Type.Unsafe<Array<string> | null>({
  type: ['array', 'null'],
  items: Type.String({ minLength: 1, maxLength: 4000 }),
  maxItems: 50,
  description: 'Answers that the reader is offered; with the text at most 262,144 bytes.'
})
export type MessageOptions = Static<typeof MessageOptions>

export const ExternalFileUrl = Type.Unsafe<string | null>({
  type: ['string', 'null'],
  maxLength: 1000,
  pattern: '^([hH][tT][tT][pP][sS]?://\\S+)?$',
  'x-trim': true,
  description: 'The address of a file elsewhere, instead of `file`; null or empty for none.'
})
export type ExternalFileUrl = Static<typeof ExternalFileUrl>

export const CommandText = Type.Unsafe<string | null>({
  type: ['string', 'null'],
  maxLength: 20000,
  description: 'What a manager wants done, a `ManagerCommand` as JSON text; null or empty for nothing.'
})
export type CommandText = Static<typeof CommandText>

export const MessageInput = Type.Object({
  type: MessageType,
  text: Type.Optional(MessageText),
  local_id: Type.Optional(LocalId),
  quoted_message_id: Type.Optional(QuotedMessageId),
  options: Type.Optional(MessageOptions),
  external_file_url: Type.Optional(ExternalFileUrl),
  command: Type.Optional(CommandText)
}, { description: 'A message to send. Unknown fields are ignored.' })
export type MessageInput = Static<typeof MessageInput>

export const MessageForm = Type.Object({
  type: MessageType,
  text: Type.Optional(MessageText),
  local_id: Type.Optional(LocalId),
  quoted_message_id: Type.Optional(QuotedMessageId),
  options: Type.Optional(MessageOptions),
  external_file_url: Type.Optional(ExternalFileUrl),
  command: Type.Optional(CommandText),
  file: Type.Optional(Type.String({ format: 'binary' }))
}, { description: 'A message to send, as a form. Unknown fields are ignored.' })
export type MessageForm = Static<typeof MessageForm>

export const BotTargets = Type.Array(Type.String({ minLength: 1, maxLength: 100 }), { minItems: 1, maxItems: 100, description: 'Names or participant ids of bots of the conversation.' })
export type BotTargets = Static<typeof BotTargets>

export const MessageOverrides = Type.Object({
  text: Type.Optional(Type.String({ maxLength: 4000 })),
  options: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 4000 }), { maxItems: 50 })),
  quoted_message_id: Type.Optional(Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'uuid' })),
  sender_id: Type.Optional(Type.String({ format: 'uuid' })),
  local_id: Type.Optional(Type.Unsafe<string | null>({ type: ['string', 'null'], maxLength: 32 })),
  sent_by_human: Type.Optional(Type.Boolean())
}, {
  additionalProperties: false,
  description: 'The fields of the message that the receivers see changed.'
})
export type MessageOverrides = Static<typeof MessageOverrides>

export const ManagerCommand = Type.Object({
  action: Type.Optional(Type.Unsafe<'approve' | 'reject' | 'redirect'>({ type: 'string', enum: ['approve', 'reject', 'redirect'] })),
  bots: Type.Optional(BotTargets),
  overrides: Type.Optional(MessageOverrides),
  text: Type.Optional(Type.String({ minLength: 1, maxLength: 4000, 'x-trim': true })),
  reason: Type.Optional(Type.String({ maxLength: 1000 })),
  self_approve: Type.Optional(Type.Boolean()),
  self_redirect: Type.Optional(Type.Boolean()),
  on_behalf_of: Type.Optional(Type.String({ maxLength: 100 }))
}, {
  description: 'What a bot that manages a conversation wants done, together or alone, all of it or nothing:\n\n- `action`: what becomes of the quoted message. `approve` (with `text`, changed) and `reject` (with `reason`) are\n  about one that waits, `redirect` gives it to `bots`, with `overrides`.\n- `self_approve`: this message itself is shown to people; `on_behalf_of` a participant, if one is named.\n- `self_redirect`: this message itself is given to `bots`, with `overrides`.\n'
})
export type ManagerCommand = Static<typeof ManagerCommand>

export const BotMessage = Type.Object({
  type: MessageType,
  text: Type.Optional(MessageText),
  quoted_message_id: Type.Optional(QuotedMessageId),
  options: Type.Optional(MessageOptions),
  external_file_url: Type.Optional(ExternalFileUrl),
  command: Type.Optional(CommandText)
}, { additionalProperties: false, description: 'A message that a bot answers with.' })
export type BotMessage = Static<typeof BotMessage>

export const BotAnswer = Type.Object({ messages: Type.Optional(Type.Array(BotMessage, { maxItems: 20 })) }, { description: 'What a bot may answer a delivery with.' })
export type BotAnswer = Static<typeof BotAnswer>

export const MessagePage = Type.Object({
  count: Type.Optional(Type.Integer({ minimum: 0 })),
  next: Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'uri' }),
  previous: Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'uri' }),
  results: Type.Array(Message)
})
export type MessagePage = Static<typeof MessagePage>

export const ConversationCreated = Type.Object({
  type: Type.Literal('conversation.created'),
  seq: Type.Integer({ minimum: 1 }),
  time: Type.String({ format: 'date-time' }),
  conversation: ConversationHead
})
export type ConversationCreated = Static<typeof ConversationCreated>

export const ConversationRenamed = Type.Object({
  type: Type.Literal('conversation.renamed'),
  seq: Type.Integer({ minimum: 1 }),
  time: Type.String({ format: 'date-time' }),
  conversation: ConversationHead
})
export type ConversationRenamed = Static<typeof ConversationRenamed>

export const ConversationEnded = Type.Object({
  type: Type.Literal('conversation.ended'),
  seq: Type.Integer({ minimum: 1 }),
  time: Type.String({ format: 'date-time' }),
  conversation: ConversationHead
}, { description: 'The conversation takes no new messages any more.' })
export type ConversationEnded = Static<typeof ConversationEnded>

export const ParticipantJoined = Type.Object({
  type: Type.Literal('participant.joined'),
  seq: Type.Integer({ minimum: 1 }),
  time: Type.String({ format: 'date-time' }),
  participant: Participant
})
export type ParticipantJoined = Static<typeof ParticipantJoined>

export const ParticipantRenamed = Type.Object({
  type: Type.Literal('participant.renamed'),
  seq: Type.Integer({ minimum: 1 }),
  time: Type.String({ format: 'date-time' }),
  participant: Participant
})
export type ParticipantRenamed = Static<typeof ParticipantRenamed>

export const ParticipantLeft = Type.Object({
  type: Type.Literal('participant.left'),
  seq: Type.Integer({ minimum: 1 }),
  time: Type.String({ format: 'date-time' }),
  participant: Participant
})
export type ParticipantLeft = Static<typeof ParticipantLeft>

export const MessageCreated = Type.Object({
  type: Type.Literal('message.created'),
  seq: Type.Integer({ minimum: 1 }),
  time: Type.String({ format: 'date-time' }),
  message: Message
})
export type MessageCreated = Static<typeof MessageCreated>

export const Deadline = Type.Unsafe<string | null>({
  type: ['string', 'null'],
  format: 'date-time',
  description: 'When the configuration decides instead of a manager; null for never.'
})
export type Deadline = Static<typeof Deadline>

export const MessagePending = Type.Object({
  type: Type.Literal('message.pending'),
  seq: Type.Integer({ minimum: 1 }),
  time: Type.String({ format: 'date-time' }),
  message: Message,
  deadline: Deadline
}, { description: 'A message of a bot waits for a decision. For managers.' })
export type MessagePending = Static<typeof MessagePending>

export const Decider = Type.Object({
  kind: Type.Unsafe<'bot' | 'person' | 'timeout'>({ type: 'string', enum: ['bot', 'person', 'timeout'] }),
  id: Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'uuid' })
})
export type Decider = Static<typeof Decider>

export const Decision = Type.Object({
  action: Type.Unsafe<'approve' | 'reject' | 'redirect'>({ type: 'string', enum: ['approve', 'reject', 'redirect'] }),
  message_id: Type.String({ format: 'uuid' }),
  time: Type.String({ format: 'date-time' }),
  by: Decider,
  reason: Type.Unsafe<string | null>({ type: ['string', 'null'] }),
  text: Type.Unsafe<string | null>({ type: ['string', 'null'] }),
  targets: Type.Unsafe<Array<string> | null>({ type: ['array', 'null'], items: Type.String({ format: 'uuid' }) }),
  overrides: Type.Unsafe<string | null>({ type: ['string', 'null'] })
})
export type Decision = Static<typeof Decision>

export const MessageDecided = Type.Object({
  type: Type.Literal('message.decided'),
  seq: Type.Integer({ minimum: 1 }),
  time: Type.String({ format: 'date-time' }),
  decision: Decision
}, { description: 'Somebody has decided about a message. For managers.' })
export type MessageDecided = Static<typeof MessageDecided>

export const MessageRedirected = Type.Object({
  type: Type.Literal('message.redirected'),
  seq: Type.Integer({ minimum: 1 }),
  time: Type.String({ format: 'date-time' }),
  message: Message
}, { description: 'A message is given to a bot by the manager. For this bot.' })
export type MessageRedirected = Static<typeof MessageRedirected>

export const DeliveryDropped = Type.Object({
  type: Type.Literal('delivery.dropped'),
  seq: Type.Integer({ minimum: 1 }),
  time: Type.String({ format: 'date-time' }),
  message_id: Type.String({ format: 'uuid' }),
  participant_id: Type.String({ format: 'uuid' })
}, { description: 'A message could not be given to a bot in time.' })
export type DeliveryDropped = Static<typeof DeliveryDropped>

export const Event = Type.Unsafe<
  | Static<typeof ConversationCreated>
  | Static<typeof ConversationRenamed>
  | Static<typeof ConversationEnded>
  | Static<typeof ParticipantJoined>
  | Static<typeof ParticipantRenamed>
  | Static<typeof ParticipantLeft>
  | Static<typeof MessageCreated>
  | Static<typeof MessagePending>
  | Static<typeof MessageDecided>
  | Static<typeof MessageRedirected>
  | Static<typeof DeliveryDropped>
>({
  type: 'object',
  required: ['type'],
  oneOf: [
    ConversationCreated,
    ConversationRenamed,
    ConversationEnded,
    ParticipantJoined,
    ParticipantRenamed,
    ParticipantLeft,
    MessageCreated,
    MessagePending,
    MessageDecided,
    MessageRedirected,
    DeliveryDropped
  ],
  discriminator: { propertyName: 'type' },
  description: 'Something visible that happened in a conversation.'
})
export type Event = Static<typeof Event>

export const EventStream = Type.String({ description: 'Server-Sent Events.' })
export type EventStream = Static<typeof EventStream>

export const DecisionList = Type.Object({ original_text: Type.String(), results: Type.Array(Decision) })
export type DecisionList = Static<typeof DecisionList>

export const Approving = Type.Object({ text: Type.Optional(Type.String({ minLength: 1, maxLength: 4000, 'x-trim': true })) }, { additionalProperties: false })
export type Approving = Static<typeof Approving>

export const Rejecting = Type.Object({ reason: Type.Optional(Type.String({ maxLength: 1000 })) }, { additionalProperties: false })
export type Rejecting = Static<typeof Rejecting>

export const Redirecting = Type.Object({ bots: BotTargets, overrides: Type.Optional(MessageOverrides) }, { additionalProperties: false })
export type Redirecting = Static<typeof Redirecting>

export const Approval = Type.Object({ conversation: ConversationHead, message: Message, deadline: Deadline })
export type Approval = Static<typeof Approval>

export const ApprovalPage = Type.Object({
  results: Type.Array(Approval),
  next: Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'uuid' })
})
export type ApprovalPage = Static<typeof ApprovalPage>

export const Leasing = Type.Object({
  max: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 1 })),
  wait_s: Type.Optional(Type.Integer({ minimum: 0, maximum: 60, default: 0 })),
  lease_s: Type.Optional(Type.Integer({ minimum: 1, maximum: 3600, default: 60 }))
}, { additionalProperties: false })
export type Leasing = Static<typeof Leasing>

export const LeasedDelivery = Type.Object({
  id: Type.String({ format: 'uuid' }),
  lease_id: Type.String({ format: 'uuid' }),
  leased_until: Type.String({ format: 'date-time' }),
  attempt: Type.Integer({ minimum: 1 }),
  conversation: ConversationHead,
  participant_id: Type.String({ format: 'uuid' }),
  message: Message,
  history: Type.Array(Message)
})
export type LeasedDelivery = Static<typeof LeasedDelivery>

export const LeasedDeliveries = Type.Object({ deliveries: Type.Array(LeasedDelivery) })
export type LeasedDeliveries = Static<typeof LeasedDeliveries>

export const BotDelivery = Type.Object({
  id: Type.String({ format: 'uuid' }),
  attempt: Type.Integer({ minimum: 1 }),
  conversation: ConversationHead,
  participant_id: Type.String({ format: 'uuid' }),
  session: Type.String(),
  message: Message,
  history: Type.Array(Message)
}, { description: 'What is posted to a bot of the kind `webhook`, signed as Standard Webhooks says.' })
export type BotDelivery = Static<typeof BotDelivery>

export const Acking = Type.Object({
  lease_id: Type.String({ format: 'uuid' }),
  messages: Type.Optional(Type.Array(BotMessage, { maxItems: 20 }))
}, { additionalProperties: false })
export type Acking = Static<typeof Acking>

export const Nacking = Type.Object({
  lease_id: Type.String({ format: 'uuid' }),
  pause_s: Type.Optional(Type.Integer({ minimum: 0, maximum: 3600 })),
  reason: Type.Optional(Type.String({ maxLength: 1000 }))
}, { additionalProperties: false })
export type Nacking = Static<typeof Nacking>

export const Extending = Type.Object({ lease_id: Type.String({ format: 'uuid' }), lease_s: Type.Integer({ minimum: 1, maximum: 3600 }) }, { additionalProperties: false })
export type Extending = Static<typeof Extending>

export const DeliveryState = Type.Object({
  id: Type.String({ format: 'uuid' }),
  state: Type.Unsafe<'open' | 'done' | 'cancelled' | 'dropped' | 'failed'>({ type: 'string', enum: ['open', 'done', 'cancelled', 'dropped', 'failed'] }),
  leased_until: Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'date-time' })
})
export type DeliveryState = Static<typeof DeliveryState>

export const BotState = Type.Object({
  name: Type.String(),
  kind: Type.Unsafe<string | null>({ type: ['string', 'null'] }),
  state: Type.Unsafe<'working' | 'failing' | 'disabled' | 'unconfigured'>({ type: 'string', enum: ['working', 'failing', 'disabled', 'unconfigured'] }),
  open: Type.Integer({ minimum: 0 }),
  oldest_open_at: Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'date-time' }),
  dropped: Type.Integer({ minimum: 0 }),
  failed: Type.Integer({ minimum: 0 }),
  failures: Type.Integer({ minimum: 0 }),
  last_error: Type.Unsafe<string | null>({ type: ['string', 'null'] }),
  last_error_at: Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'date-time' }),
  last_done_at: Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'date-time' })
})
export type BotState = Static<typeof BotState>

export const BotStateList = Type.Object({ results: Type.Array(BotState) })
export type BotStateList = Static<typeof BotStateList>

export const Redelivering = Type.Object({}, { additionalProperties: false, description: 'Nothing is to be said.' })
export type Redelivering = Static<typeof Redelivering>

export const Redelivered = Type.Object({ reopened: Type.Integer({ minimum: 0 }), hastened: Type.Integer({ minimum: 0 }) })
export type Redelivered = Static<typeof Redelivered>

export const TypingInput = Type.Object({ active: Type.Boolean() })
export type TypingInput = Static<typeof TypingInput>

export const ClientFrameTyping = Type.Object({ typing: TypingInput }, { description: 'A frame to the server. The sender is writing something, or no longer.' })
export type ClientFrameTyping = Static<typeof ClientFrameTyping>

export const ServerFrameMessage = Type.Object({ message: Message, seq: Type.Optional(Type.Integer({ minimum: 1 })) }, {
  description: 'A frame from the server. With a `seq` it is the next of the log that the client may see; without one it is for this connection alone, such as the answer to a message that was sent again.'
})
export type ServerFrameMessage = Static<typeof ServerFrameMessage>

export const PassingMessage = Type.Object({
  type: Type.Literal('S'),
  time: Type.String({ format: 'date-time' }),
  id: Type.String({ format: 'uuid' }),
  sent_by_human: Type.Boolean(),
  event: Type.Literal('participant-joined'),
  additional_metadata: SystemMessageMetadata,
  options: Type.Array(Type.String())
})
export type PassingMessage = Static<typeof PassingMessage>

export const ServerFramePassing = Type.Object({ message: PassingMessage }, {
  description: 'A frame from the server that tells a client, which has come back, that it is connected. It is not stored.'
})
export type ServerFramePassing = Static<typeof ServerFramePassing>

export const ServerFrameEvent = Type.Object({ event: Event, seq: Type.Integer({ minimum: 1 }) }, { description: 'A frame from the server. An event of the log that is no message to be shown.' })
export type ServerFrameEvent = Static<typeof ServerFrameEvent>

export const LiveState = Type.Object({ participants: Type.Array(Participant) })
export type LiveState = Static<typeof LiveState>

export const ServerFrameState = Type.Object({ state: LiveState }, { description: 'A frame from the server. Who is in the conversation.' })
export type ServerFrameState = Static<typeof ServerFrameState>

export const Typing = Type.Object({ participant_id: Type.String({ format: 'uuid' }), active: Type.Boolean() })
export type Typing = Static<typeof Typing>

export const ServerFrameTyping = Type.Object({ typing: Typing }, { description: 'A frame from the server. Another participant is writing something, or no longer.' })
export type ServerFrameTyping = Static<typeof ServerFrameTyping>

export const ProblemCode = Type.Unsafe<
  | 'internal_error'
  | 'server_busy'
  | 'server_draining'
  | 'rate_limited'
  | 'request_malformed'
  | 'request_timeout'
  | 'headers_too_large'
  | 'route_not_found'
  | 'method_not_allowed'
  | 'token_invalid'
  | 'token_expired'
  | 'session_not_found'
  | 'session_required'
  | 'body_missing'
  | 'body_malformed'
  | 'body_invalid'
  | 'body_too_large'
  | 'media_type_unsupported'
  | 'query_invalid'
  | 'rooms_disabled'
  | 'not_a_participant'
  | 'participant_not_yours'
  | 'manager_required'
  | 'admin_required'
  | 'people_only'
  | 'bot_token_required'
  | 'conversation_not_found'
  | 'participant_not_found'
  | 'message_not_found'
  | 'media_not_found'
  | 'delivery_not_found'
  | 'page_not_found'
  | 'conversation_full'
  | 'conversation_ended'
  | 'local_id_conflict'
  | 'already_decided'
  | 'lease_lost'
  | 'file_too_large'
  | 'range_not_satisfiable'
  | 'bot_not_found'
  | 'quoted_message_not_found'
  | 'command_invalid'
  | 'file_missing'
  | 'file_unexpected'
>({
  type: 'string',
  enum: [
    'internal_error',
    'server_busy',
    'server_draining',
    'rate_limited',
    'request_malformed',
    'request_timeout',
    'headers_too_large',
    'route_not_found',
    'method_not_allowed',
    'token_invalid',
    'token_expired',
    'session_not_found',
    'session_required',
    'body_missing',
    'body_malformed',
    'body_invalid',
    'body_too_large',
    'media_type_unsupported',
    'query_invalid',
    'rooms_disabled',
    'not_a_participant',
    'participant_not_yours',
    'manager_required',
    'admin_required',
    'people_only',
    'bot_token_required',
    'conversation_not_found',
    'participant_not_found',
    'message_not_found',
    'media_not_found',
    'delivery_not_found',
    'page_not_found',
    'conversation_full',
    'conversation_ended',
    'local_id_conflict',
    'already_decided',
    'lease_lost',
    'file_too_large',
    'range_not_satisfiable',
    'bot_not_found',
    'quoted_message_not_found',
    'command_invalid',
    'file_missing',
    'file_unexpected'
  ],
  description: 'A stable name of the kind of problem.'
})
export type ProblemCode = Static<typeof ProblemCode>

export const FieldError = Type.Object({
  in: Type.Unsafe<'body' | 'query' | 'header'>({ type: 'string', enum: ['body', 'query', 'header'] }),
  pointer: Type.String(),
  code: Type.String(),
  detail: Type.String()
})
export type FieldError = Static<typeof FieldError>

export const FrameProblem = Type.Object({
  type: Type.String({ format: 'uri-reference' }),
  title: Type.String(),
  status: Type.Integer({ minimum: 400, maximum: 599 }),
  code: ProblemCode,
  detail: Type.String(),
  errors: Type.Optional(Type.Array(FieldError)),
  limit: Type.Optional(Type.Integer({ minimum: 0 })),
  local_id: Type.Unsafe<string | null>({ type: ['string', 'null'] })
}, { description: 'A problem (RFC 9457), and the `local_id` of the message that it is about.' })
export type FrameProblem = Static<typeof FrameProblem>

export const ServerFrameError = Type.Object({ error: FrameProblem }, { description: 'A frame from the server. What the client has sent is refused.' })
export type ServerFrameError = Static<typeof ServerFrameError>

export const Reset = Type.Object({ last_seq: Type.Integer({ minimum: 0 }) })
export type Reset = Static<typeof Reset>

export const ServerFrameReset = Type.Object({ reset: Reset }, {
  description: 'A frame from the server, the last one. `after` is not in the log; start again from a snapshot.'
})
export type ServerFrameReset = Static<typeof ServerFrameReset>

export const EventPage = Type.Object({ events: Type.Array(Event), last_seq: Type.Integer({ minimum: 0 }), has_more: Type.Boolean() })
export type EventPage = Static<typeof EventPage>

export const Snapshot = Type.Object({
  conversation: ConversationHead,
  participants: Type.Array(Participant),
  my_participant_id: Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'uuid' }),
  messages: Type.Array(Message),
  last_seq: Type.Integer({ minimum: 1 })
})
export type Snapshot = Static<typeof Snapshot>

export const FileContent = Type.String({ format: 'binary', description: 'The bytes of a file.' })
export type FileContent = Static<typeof FileContent>

export const Health = Type.Object({ status: Type.Literal('ok') })
export type Health = Static<typeof Health>

export const Problem = Type.Object({
  type: Type.String({ format: 'uri-reference' }),
  title: Type.String(),
  status: Type.Integer({ minimum: 400, maximum: 599 }),
  code: ProblemCode,
  detail: Type.String(),
  errors: Type.Optional(Type.Array(FieldError)),
  limit: Type.Optional(Type.Integer({ minimum: 0 }))
}, { description: 'An error (RFC 9457).' })
export type Problem = Static<typeof Problem>

export const getEntryPoints = {
  method: 'GET',
  url: '/api/chat/',
  schema: { response: { 200: EntryPoints, '4xx': Problem, '5xx': Problem } },
  config: {
    operationId: 'getEntryPoints',
    access: 'public',
    session: 'none',
    consumes: [],
    bodyRequired: false,
    rooms: false,
    observers: false
  }
} as const

export const listBots = {
  method: 'GET',
  url: '/api/chat/bots/',
  schema: {
    querystring: Type.Object({ details: Type.Optional(Type.Boolean({ default: false })) }),
    response: { 200: BotNames, '4xx': Problem, '5xx': Problem }
  },
  config: {
    operationId: 'listBots',
    access: 'public',
    session: 'none',
    consumes: [],
    bodyRequired: false,
    rooms: false,
    observers: false
  }
} as const

export const listBotDetails = {
  method: 'GET',
  url: '/api/chat/bots/details/',
  schema: { response: { 200: BotDetails, '4xx': Problem, '5xx': Problem } },
  config: {
    operationId: 'listBotDetails',
    access: 'public',
    session: 'none',
    consumes: [],
    bodyRequired: false,
    rooms: false,
    observers: false
  }
} as const

export const getLimits = {
  method: 'GET',
  url: '/api/chat/limits/',
  schema: { response: { 200: Limits, '4xx': Problem, '5xx': Problem } },
  config: {
    operationId: 'getLimits',
    access: 'public',
    session: 'none',
    consumes: [],
    bodyRequired: false,
    rooms: false,
    observers: false
  }
} as const

export const createSession = {
  method: 'POST',
  url: '/api/chat/sessions/',
  schema: { body: SessionInput, response: { 201: Session, '4xx': Problem, '5xx': Problem } },
  config: {
    operationId: 'createSession',
    access: 'public',
    session: 'none',
    consumes: ['application/json'],
    bodyRequired: false,
    rooms: false,
    observers: false
  }
} as const

export const getCurrentSession = {
  method: 'GET',
  url: '/api/chat/sessions/current/',
  schema: { response: { 200: SessionState, '4xx': Problem, '5xx': Problem } },
  config: {
    operationId: 'getCurrentSession',
    access: 'public',
    session: 'optional',
    consumes: [],
    bodyRequired: false,
    rooms: false,
    observers: false
  }
} as const

export const listConversations = {
  method: 'GET',
  url: '/api/chat/conversations/',
  schema: {
    querystring: Type.Object({ page: Type.Optional(Type.String()), mine: Type.Optional(Type.Boolean({ default: false })) }),
    response: { 200: ConversationPage, '4xx': Problem, '5xx': Problem }
  },
  config: {
    operationId: 'listConversations',
    access: 'public',
    session: 'optional',
    consumes: [],
    bodyRequired: false,
    rooms: false,
    observers: false
  }
} as const

export const createConversation = {
  method: 'POST',
  url: '/api/chat/conversations/',
  schema: { body: ConversationInput, response: { 201: Conversation, '4xx': Problem, '5xx': Problem } },
  config: {
    operationId: 'createConversation',
    access: 'public',
    session: 'optional',
    consumes: ['application/json'],
    bodyRequired: false,
    rooms: false,
    observers: false
  }
} as const

export const getConversation = {
  method: 'GET',
  url: '/api/chat/conversations/:conversation_id/',
  schema: {
    params: Type.Object({ conversation_id: Type.String({ format: 'uuid' }) }),
    response: { 200: Conversation, '4xx': Problem, '5xx': Problem }
  },
  config: {
    operationId: 'getConversation',
    access: 'public',
    session: 'optional',
    consumes: [],
    bodyRequired: false,
    rooms: false,
    observers: false
  }
} as const

export const renameConversation = {
  method: 'PATCH',
  url: '/api/chat/conversations/:conversation_id/',
  schema: {
    params: Type.Object({ conversation_id: Type.String({ format: 'uuid' }) }),
    body: ConversationChange,
    response: { 200: Conversation, '4xx': Problem, '5xx': Problem }
  },
  config: {
    operationId: 'renameConversation',
    access: 'participant',
    session: 'required',
    consumes: ['application/json'],
    bodyRequired: true,
    rooms: false,
    observers: false
  }
} as const

export const joinConversation = {
  method: 'POST',
  url: '/api/chat/conversations/:conversation_id/join/',
  schema: {
    params: Type.Object({ conversation_id: Type.String({ format: 'uuid' }) }),
    body: JoinInput,
    response: { 200: Conversation, '4xx': Problem, '5xx': Problem }
  },
  config: {
    operationId: 'joinConversation',
    access: 'public',
    session: 'optional',
    consumes: ['application/json'],
    bodyRequired: false,
    rooms: true,
    observers: false
  }
} as const

export const leaveConversation = {
  method: 'POST',
  url: '/api/chat/conversations/:conversation_id/leave/',
  schema: {
    params: Type.Object({ conversation_id: Type.String({ format: 'uuid' }) }),
    body: LeaveInput,
    response: { 200: Participant, '4xx': Problem, '5xx': Problem }
  },
  config: {
    operationId: 'leaveConversation',
    access: 'participant',
    session: 'required',
    consumes: ['application/json'],
    bodyRequired: false,
    rooms: false,
    observers: false
  }
} as const

export const markRead = {
  method: 'POST',
  url: '/api/chat/conversations/:conversation_id/read/',
  schema: {
    params: Type.Object({ conversation_id: Type.String({ format: 'uuid' }) }),
    body: ReadInput,
    response: { 200: ReadState, '4xx': Problem, '5xx': Problem }
  },
  config: {
    operationId: 'markRead',
    access: 'participant',
    session: 'required',
    consumes: ['application/json'],
    bodyRequired: true,
    rooms: false,
    observers: false
  }
} as const

export const listParticipants = {
  method: 'GET',
  url: '/api/chat/conversations/:conversation_id/participants/',
  schema: {
    params: Type.Object({ conversation_id: Type.String({ format: 'uuid' }) }),
    querystring: Type.Object({ left: Type.Optional(Type.Boolean({ default: false })) }),
    response: { 200: ParticipantList, '4xx': Problem, '5xx': Problem }
  },
  config: {
    operationId: 'listParticipants',
    access: 'participant',
    session: 'required',
    consumes: [],
    bodyRequired: false,
    rooms: false,
    observers: true
  }
} as const

export const getParticipant = {
  method: 'GET',
  url: '/api/chat/conversations/:conversation_id/participants/:participant_id/',
  schema: {
    params: Type.Object({
      conversation_id: Type.String({ format: 'uuid' }),
      participant_id: Type.String({ format: 'uuid' })
    }),
    response: { 200: Participant, '4xx': Problem, '5xx': Problem }
  },
  config: {
    operationId: 'getParticipant',
    access: 'participant',
    session: 'required',
    consumes: [],
    bodyRequired: false,
    rooms: false,
    observers: true
  }
} as const

export const renameParticipant = {
  method: 'PATCH',
  url: '/api/chat/conversations/:conversation_id/participants/:participant_id/',
  schema: {
    params: Type.Object({
      conversation_id: Type.String({ format: 'uuid' }),
      participant_id: Type.String({ format: 'uuid' })
    }),
    body: ParticipantChange,
    response: { 200: Participant, '4xx': Problem, '5xx': Problem }
  },
  config: {
    operationId: 'renameParticipant',
    access: 'participant',
    session: 'required',
    consumes: ['application/json'],
    bodyRequired: true,
    rooms: false,
    observers: false
  }
} as const

export const listMessages = {
  method: 'GET',
  url: '/api/chat/conversations/:conversation_id/messages/',
  schema: {
    params: Type.Object({ conversation_id: Type.String({ format: 'uuid' }) }),
    querystring: Type.Object({
      since: Type.Optional(Type.String({ maxLength: 40 })),
      until: Type.Optional(Type.String({ maxLength: 40 })),
      limit: Type.Optional(Type.Integer({ minimum: 0, maximum: 9007199254740991 })),
      page: Type.Optional(Type.String()),
      after: Type.Optional(Type.Integer({ minimum: 0, maximum: 9007199254740991 })),
      before: Type.Optional(Type.Integer({ minimum: 0, maximum: 9007199254740991 })),
      around: Type.Optional(Type.Integer({ minimum: 0, maximum: 9007199254740991 }))
    }),
    response: { 200: MessagePage, '4xx': Problem, '5xx': Problem }
  },
  config: {
    operationId: 'listMessages',
    access: 'participant',
    session: 'required',
    consumes: [],
    bodyRequired: false,
    rooms: false,
    observers: true
  }
} as const

export const createMessage = {
  method: 'POST',
  url: '/api/chat/conversations/:conversation_id/messages/',
  schema: {
    params: Type.Object({ conversation_id: Type.String({ format: 'uuid' }) }),
    body: { content: { 'application/json': { schema: MessageInput } } },
    response: { 200: Message, 201: Message, '4xx': Problem, '5xx': Problem }
  },
  config: {
    operationId: 'createMessage',
    access: 'participant',
    session: 'required',
    consumes: ['application/json', 'multipart/form-data'],
    bodyRequired: true,
    rooms: false,
    observers: false
  }
} as const

export const getMessage = {
  method: 'GET',
  url: '/api/chat/conversations/:conversation_id/messages/:message_id/',
  schema: {
    params: Type.Object({ conversation_id: Type.String({ format: 'uuid' }), message_id: Type.String({ format: 'uuid' }) }),
    response: { 200: Message, '4xx': Problem, '5xx': Problem }
  },
  config: {
    operationId: 'getMessage',
    access: 'participant',
    session: 'required',
    consumes: [],
    bodyRequired: false,
    rooms: false,
    observers: true
  }
} as const

export const approveMessage = {
  method: 'POST',
  url: '/api/chat/conversations/:conversation_id/messages/:message_id/approve/',
  schema: {
    params: Type.Object({ conversation_id: Type.String({ format: 'uuid' }), message_id: Type.String({ format: 'uuid' }) }),
    body: Approving,
    response: { 200: Decision, '4xx': Problem, '5xx': Problem }
  },
  config: {
    operationId: 'approveMessage',
    access: 'manager',
    session: 'required',
    consumes: ['application/json'],
    bodyRequired: false,
    rooms: false,
    observers: false
  }
} as const

export const rejectMessage = {
  method: 'POST',
  url: '/api/chat/conversations/:conversation_id/messages/:message_id/reject/',
  schema: {
    params: Type.Object({ conversation_id: Type.String({ format: 'uuid' }), message_id: Type.String({ format: 'uuid' }) }),
    body: Rejecting,
    response: { 200: Decision, '4xx': Problem, '5xx': Problem }
  },
  config: {
    operationId: 'rejectMessage',
    access: 'manager',
    session: 'required',
    consumes: ['application/json'],
    bodyRequired: false,
    rooms: false,
    observers: false
  }
} as const

export const redirectMessage = {
  method: 'POST',
  url: '/api/chat/conversations/:conversation_id/messages/:message_id/redirect/',
  schema: {
    params: Type.Object({ conversation_id: Type.String({ format: 'uuid' }), message_id: Type.String({ format: 'uuid' }) }),
    body: Redirecting,
    response: { 200: Decision, '4xx': Problem, '5xx': Problem }
  },
  config: {
    operationId: 'redirectMessage',
    access: 'manager',
    session: 'required',
    consumes: ['application/json'],
    bodyRequired: true,
    rooms: false,
    observers: false
  }
} as const

export const listDecisions = {
  method: 'GET',
  url: '/api/chat/conversations/:conversation_id/messages/:message_id/decisions/',
  schema: {
    params: Type.Object({ conversation_id: Type.String({ format: 'uuid' }), message_id: Type.String({ format: 'uuid' }) }),
    response: { 200: DecisionList, '4xx': Problem, '5xx': Problem }
  },
  config: {
    operationId: 'listDecisions',
    access: 'manager',
    session: 'required',
    consumes: [],
    bodyRequired: false,
    rooms: false,
    observers: false
  }
} as const

export const listApprovals = {
  method: 'GET',
  url: '/api/chat/approvals/',
  schema: {
    querystring: Type.Object({
      after: Type.Optional(Type.String({ format: 'uuid' })),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 100 })),
      wait: Type.Optional(Type.Integer({ minimum: 0, maximum: 60, default: 0 }))
    }),
    response: { 200: ApprovalPage, '4xx': Problem, '5xx': Problem }
  },
  config: {
    operationId: 'listApprovals',
    access: 'manager',
    session: 'required',
    consumes: [],
    bodyRequired: false,
    rooms: false,
    observers: false
  }
} as const

export const leaseDeliveries = {
  method: 'POST',
  url: '/api/chat/bot/deliveries/lease/',
  schema: { body: Leasing, response: { 200: LeasedDeliveries, '4xx': Problem, '5xx': Problem } },
  config: {
    operationId: 'leaseDeliveries',
    access: 'bot',
    session: 'none',
    consumes: ['application/json'],
    bodyRequired: false,
    rooms: false,
    observers: false
  }
} as const

export const ackDelivery = {
  method: 'POST',
  url: '/api/chat/bot/deliveries/:delivery_id/ack/',
  schema: {
    params: Type.Object({ delivery_id: Type.String({ format: 'uuid' }) }),
    body: Acking,
    response: { 200: DeliveryState, '4xx': Problem, '5xx': Problem }
  },
  config: {
    operationId: 'ackDelivery',
    access: 'bot',
    session: 'none',
    consumes: ['application/json'],
    bodyRequired: true,
    rooms: false,
    observers: false
  }
} as const

export const nackDelivery = {
  method: 'POST',
  url: '/api/chat/bot/deliveries/:delivery_id/nack/',
  schema: {
    params: Type.Object({ delivery_id: Type.String({ format: 'uuid' }) }),
    body: Nacking,
    response: { 200: DeliveryState, '4xx': Problem, '5xx': Problem }
  },
  config: {
    operationId: 'nackDelivery',
    access: 'bot',
    session: 'none',
    consumes: ['application/json'],
    bodyRequired: true,
    rooms: false,
    observers: false
  }
} as const

export const extendDelivery = {
  method: 'POST',
  url: '/api/chat/bot/deliveries/:delivery_id/extend/',
  schema: {
    params: Type.Object({ delivery_id: Type.String({ format: 'uuid' }) }),
    body: Extending,
    response: { 200: DeliveryState, '4xx': Problem, '5xx': Problem }
  },
  config: {
    operationId: 'extendDelivery',
    access: 'bot',
    session: 'none',
    consumes: ['application/json'],
    bodyRequired: true,
    rooms: false,
    observers: false
  }
} as const

export const listBotStates = {
  method: 'GET',
  url: '/api/chat/admin/bots/',
  schema: { response: { 200: BotStateList, '4xx': Problem, '5xx': Problem } },
  config: {
    operationId: 'listBotStates',
    access: 'admin',
    session: 'required',
    consumes: [],
    bodyRequired: false,
    rooms: false,
    observers: false
  }
} as const

export const redeliverToBot = {
  method: 'POST',
  url: '/api/chat/admin/bots/:bot/redeliver/',
  schema: {
    params: Type.Object({ bot: Type.String() }),
    body: Redelivering,
    response: { 200: Redelivered, '4xx': Problem, '5xx': Problem }
  },
  config: {
    operationId: 'redeliverToBot',
    access: 'admin',
    session: 'required',
    consumes: ['application/json'],
    bodyRequired: false,
    rooms: false,
    observers: false
  }
} as const

export const listEvents = {
  method: 'GET',
  url: '/api/chat/conversations/:conversation_id/events/',
  schema: {
    params: Type.Object({ conversation_id: Type.String({ format: 'uuid' }) }),
    querystring: Type.Object({
      after: Type.Optional(Type.Integer({ minimum: 0, maximum: 9007199254740991, default: 0 })),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 100 })),
      wait: Type.Optional(Type.Integer({ minimum: 0, maximum: 60, default: 0 }))
    }),
    response: { 200: EventPage, '4xx': Problem, '5xx': Problem }
  },
  config: {
    operationId: 'listEvents',
    access: 'participant',
    session: 'required',
    consumes: [],
    bodyRequired: false,
    rooms: false,
    observers: true
  }
} as const

export const streamEvents = {
  method: 'GET',
  url: '/api/chat/conversations/:conversation_id/events/stream/',
  schema: {
    params: Type.Object({ conversation_id: Type.String({ format: 'uuid' }) }),
    querystring: Type.Object({ after: Type.Optional(Type.Integer({ minimum: 0, maximum: 9007199254740991 })) }),
    headers: Type.Object({ 'last-event-id': Type.Optional(Type.String()) }),
    response: { '4xx': Problem, '5xx': Problem }
  },
  config: {
    operationId: 'streamEvents',
    access: 'participant',
    session: 'required',
    consumes: [],
    bodyRequired: false,
    rooms: false,
    observers: true
  }
} as const

export const getSnapshot = {
  method: 'GET',
  url: '/api/chat/conversations/:conversation_id/snapshot/',
  schema: {
    params: Type.Object({ conversation_id: Type.String({ format: 'uuid' }) }),
    querystring: Type.Object({ messages: Type.Optional(Type.Integer({ minimum: 0, maximum: 500, default: 50 })) }),
    response: { 200: Snapshot, '4xx': Problem, '5xx': Problem }
  },
  config: {
    operationId: 'getSnapshot',
    access: 'participant',
    session: 'required',
    consumes: [],
    bodyRequired: false,
    rooms: false,
    observers: true
  }
} as const

export const getMedia = {
  method: 'GET',
  url: '/media/chat/:folder/:file',
  schema: {
    params: Type.Object({ folder: Type.String(), file: Type.String() }),
    headers: Type.Object({
      range: Type.Optional(Type.String()),
      'if-none-match': Type.Optional(Type.String()),
      'if-range': Type.Optional(Type.String())
    }),
    response: { '4xx': Problem, '5xx': Problem }
  },
  config: {
    operationId: 'getMedia',
    access: 'public',
    session: 'none',
    consumes: [],
    bodyRequired: false,
    rooms: false,
    observers: false
  }
} as const

export const getHealth = {
  method: 'GET',
  url: '/healthz',
  schema: { response: { 200: Health, '4xx': Problem, '5xx': Problem } },
  config: {
    operationId: 'getHealth',
    access: 'public',
    session: 'none',
    consumes: [],
    bodyRequired: false,
    rooms: false,
    observers: false
  }
} as const

export const getReadiness = {
  method: 'GET',
  url: '/readyz',
  schema: { response: { 200: Health, '4xx': Problem, '5xx': Problem } },
  config: {
    operationId: 'getReadiness',
    access: 'public',
    session: 'none',
    consumes: [],
    bodyRequired: false,
    rooms: false,
    observers: false
  }
} as const

export const operations = {
  getEntryPoints,
  listBots,
  listBotDetails,
  getLimits,
  createSession,
  getCurrentSession,
  listConversations,
  createConversation,
  getConversation,
  renameConversation,
  joinConversation,
  leaveConversation,
  markRead,
  listParticipants,
  getParticipant,
  renameParticipant,
  listMessages,
  createMessage,
  getMessage,
  approveMessage,
  rejectMessage,
  redirectMessage,
  listDecisions,
  listApprovals,
  leaseDeliveries,
  ackDelivery,
  nackDelivery,
  extendDelivery,
  listBotStates,
  redeliverToBot,
  listEvents,
  streamEvents,
  getSnapshot,
  getMedia,
  getHealth,
  getReadiness
} as const
