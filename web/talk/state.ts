import type { Event, FileMessage, LiveEnd, LiveStatus, Message, Outgoing, Participant, Snapshot, TextMessage } from '../../client/index.js'
import type { Unread } from './unread.js'
import { append, emptyStretch, type Stretch } from './window.js'

/** A message that somebody has said. */
export type Said = TextMessage | FileMessage

/** What is known of a conversation. */
export interface TalkState {
  /** `stranger`: who is not in it, but may join. */
  phase: 'loading' | 'ready' | 'stranger' | 'missing' | 'broken'
  /** Why it is not ready. */
  error: unknown
  conversation: Snapshot['conversation'] | undefined
  myId: string | null
  /** Everybody who is or was in it, by id. */
  people: ReadonlyMap<string, Participant>
  /** Those who are in it now. */
  present: readonly Participant[]
  /** The messages that are looked at. */
  stretch: Stretch
  /** The last messages, while others are looked at; undefined when those are the last ones. */
  tail: Stretch | undefined
  /** How many messages have come that are not in the stretch, or have not been looked at. */
  fresh: number
  /** What was unread when somebody came; undefined when nothing was. */
  unread: Unread | undefined
  /** How often one went to the end. */
  returns: number
  /** Who is writing something. */
  writing: readonly string[]
  status: LiveStatus
  outbox: readonly Outgoing[]
  /** Why there is no connection any more. */
  end: LiveEnd | undefined
  /** The bot that could not be given a message. */
  dropped: string | undefined
}

export const unknownTalk: TalkState = {
  phase: 'loading',
  error: undefined,
  conversation: undefined,
  myId: null,
  people: new Map(),
  present: [],
  stretch: emptyStretch,
  tail: undefined,
  fresh: 0,
  unread: undefined,
  returns: 0,
  writing: [],
  status: 'connecting',
  outbox: [],
  end: undefined,
  dropped: undefined
}

/** What a message that has just come changes. */
export function afterMessage (message: Message, { stretch, tail, myId, writing, fresh, dropped }: TalkState, isLookedAt: boolean): Partial<TalkState> {
  const changes = { stretch: append(stretch, message), tail: tail && append(tail, message) }
  if (message.type === 'S') return changes
  const { sender_id: sender } = message
  return {
    ...changes,
    writing: writing.filter(one => one !== sender),
    fresh: sender === myId || isLookedAt ? fresh : fresh + 1,
    // The bot is back, or one has seen it and goes on.
    ...(sender === dropped || sender === myId) && { dropped: undefined }
  }
}

/** What an event of the log, other than a message, changes. */
export function afterEvent (event: Event, { people, conversation }: TalkState): Partial<TalkState> {
  switch (event.type) {
    case 'conversation.renamed':
    case 'conversation.ended': return { conversation: { ...conversation, ...event.conversation } }
    case 'participant.joined':
    case 'participant.renamed':
    case 'participant.left': return { people: withPeople(people, [event.participant]) }
    case 'delivery.dropped': return { dropped: event.participant_id }
    default: return {}
  }
}

/** The same people with some more, or other names; the same map when nothing is new, so that nothing is drawn again. */
export function withPeople (people: TalkState['people'], some: readonly Participant[]): TalkState['people'] {
  const news = some.filter(one => JSON.stringify(people.get(one.id)) !== JSON.stringify(one))
  return news.length === 0 ? people : new Map([...people, ...news.map(one => [one.id, one] as const)])
}
