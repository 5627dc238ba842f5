import type { Event } from '../contract/api.js'
import type { Audience, LoggedEvent } from '../db/schema.js'
import { eventView } from './event.js'

/** Something that is written once in each form, for however many readers. */
export interface Written<What> {
  /** @param write makes the form; the same function gives the same form */
  as: <Form>(write: (what: What) => Form) => Form
}

/** An event, ready to be given to any number of readers. */
export interface Item extends Written<Event> {
  seq: number
  audience: Audience
  event: Event
  /** How many messages of bots in a row have led to the message; 0 without one. */
  hops: number
  /** The participant that has sent the message; null without one. */
  senderId: string | null
  /** About how many characters it has. */
  length: number
}

// Of an event without what it says.
const LENGTH_MIN = 512

export function written<What> (what: What): Written<What> {
  const forms = new Map<unknown, unknown>()
  return {
    as: write => {
      if (!forms.has(write)) forms.set(write, write(what))
      return forms.get(write) as never
    }
  }
}

/** @param base the path under which the service is mounted */
export function itemView ({ event: row, message }: LoggedEvent, base: string): Item {
  const event = eventView(row, message, base)
  return {
    ...written(event),
    seq: row.seq,
    audience: row.audience,
    event,
    hops: message?.hops ?? 0,
    senderId: message?.sender_id ?? null,
    length: LENGTH_MIN + (row.data?.length ?? 0) + (message === undefined ? 0 : message.text.length + message.options.length)
  }
}

/** Whether an event changes who is in a conversation. */
export function changesRoster ({ event }: LoggedEvent): boolean {
  return event.type.startsWith('participant.')
}

/** Whether existing clients are to be told anew who is in the conversation. */
export function callsRoster (logged: LoggedEvent): boolean {
  return changesRoster(logged) || (logged.message?.type === 'S' && logged.message.event !== 'conversation-created')
}
