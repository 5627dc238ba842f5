import type { Event } from '../../contract/api.js'
import type { Item } from '../../views/item.js'
import type { Viewer } from '../../views/viewer.js'

/** The frame in which a socket gets an event. */
export function frameOf (item: Item, { isBot }: Viewer): string {
  return item.text(isBot ? 'bot frame' : 'frame', event => JSON.stringify(isMessage(event, isBot) ? { message: event.message, seq: event.seq } : { event, seq: event.seq }))
}

// For a bot that manages, what waits is a message like others, as existing ones know it.
function isMessage (event: Event, isBot: boolean): event is Event & { type: 'message.created' | 'message.redirected' | 'message.pending' } {
  return event.type === 'message.created' || event.type === 'message.redirected' || (isBot && event.type === 'message.pending')
}
