import type { Event } from '../contract/api.js'
import type { LoggedEvent } from '../db/schema.js'
import { eventView } from './event.js'

/** An event, ready to be given to any number of readers. */
export interface Item {
  seq: number
  event: Event
  /** How many messages of bots in a row have led to the message; 0 without one. */
  hops: number
  /** The participant that has sent the message; null without one. */
  senderId: string | null
  /** The text in a form; made once for all readers who want the same. */
  text: (form: string, make: (event: Event) => string) => string
}

/** @param base the path under which the service is mounted */
export function itemView ({ event, message }: LoggedEvent, base: string): Item {
  const texts = new Map<string, string>()
  const view = eventView(event, message, base)
  return {
    seq: event.seq,
    event: view,
    hops: message?.hops ?? 0,
    senderId: message?.sender_id ?? null,
    text: (form, make) => {
      const text = texts.get(form) ?? make(view)
      texts.set(form, text)
      return text
    }
  }
}

/** Whether existing clients are to be told anew who is in the conversation. */
export function changesRoster ({ event, message }: LoggedEvent): boolean {
  return event.type.startsWith('participant.') || (message?.type === 'S' && message.event !== 'conversation-created')
}
