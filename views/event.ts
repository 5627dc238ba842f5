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
  const about = message === undefined ? JSON.parse(row.data!) : { message: messageView(message, base) }
  return { type: row.type, seq: row.seq, time: timeView(row.time), ...about }
}
