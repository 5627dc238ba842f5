import type { Event, Message, Snapshot } from '../../contract/api.js'

/** What a client knows of a conversation: a snapshot without what only concerns the client itself. */
export type State = Omit<Snapshot, 'my_participant_id'>

/** What a client knows before the first event. */
export const nothing: State = { conversation: { id: '', name: null, created_at: '' }, participants: [], messages: [], last_seq: 0 }

/**
 * The state after one more event. With it a snapshot at one seq and the events after it give the snapshot at any later
 * seq, which is all that a client has to do to stay up to date. A client is not shown the events that are for others,
 * so that the seqs it sees may have gaps; its `last_seq` is then that of the last event that it has seen.
 * @param state is left as it is
 * @param messagesMax how many of the last messages the state keeps, as in the snapshot's `messages` parameter
 * @throws when the event is not a later one: then a client should start again from a snapshot
 */
export function applyEvent (state: State, event: Event, messagesMax: number): State {
  if (event.seq <= state.last_seq) throw new Error(`Event ${event.seq} does not follow ${state.last_seq}.`)
  return { ...state, ...changeOf(state, event, messagesMax), last_seq: event.seq }
}

function changeOf ({ participants, messages }: State, event: Event, messagesMax: number): Partial<State> {
  switch (event.type) {
    case 'conversation.created':
    case 'conversation.renamed':
    case 'conversation.ended':
      return { conversation: event.conversation }
    // The participants are in the order in which they joined. Who comes back is a new participant, at the end.
    case 'participant.joined':
      return { participants: [...participants, event.participant] }
    case 'participant.renamed':
      return { participants: participants.map(other => other.id === event.participant.id ? event.participant : other) }
    case 'participant.left':
      return { participants: participants.filter(other => other.id !== event.participant.id) }
    case 'message.created':
      return { messages: lastOf([...messages, event.message], messagesMax) }
    // For managers, for one bot, or only a remark: what people see of the conversation stays.
    case 'message.pending':
    case 'message.decided':
    case 'message.redirected':
    case 'delivery.dropped':
      return {}
  }
}

// Not slice(-count): -0 would keep everything.
function lastOf (messages: Message[], count: number): Message[] {
  return messages.slice(Math.max(0, messages.length - count))
}
