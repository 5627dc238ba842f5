import type { Event } from '../contract/api.js'
import type { EventRow, MessageRow } from '../db/schema.js'
import { messageView } from './message.js'
import { timeView } from './time.js'

/**
 * An event of the log.
 * @param message the message that it is about
 * @param base the path under which the service is mounted
 */
export function eventView (row: EventRow, message: MessageRow | undefined, base: string): Event {
  const data = row.data === null ? {} : JSON.parse(row.data)
  return { type: row.type, seq: row.seq, time: timeView(row.time), ...message === undefined ? data : aboutMessage(row, message, base, data) }
}

// Each reader is told of a message at an own place of the log.
function aboutMessage ({ type, seq }: EventRow, message: MessageRow, base: string, { overrides }: { overrides?: object }) {
  switch (type) {
    case 'message.pending': return { message: messageView({ ...message, seq, text: message.original_text ?? message.text }, base), deadline: deadlineView(message) }
    case 'message.redirected': return { message: { ...messageView({ ...message, seq }, base), ...overrides } }
    default: return { message: messageView(message, base) }
  }
}

/** When the configuration decides about a message; null for never. */
export function deadlineView ({ deadline_at: deadline }: MessageRow): string | null {
  return deadline === null ? null : timeView(deadline)
}
