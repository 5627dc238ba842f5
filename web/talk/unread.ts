import type { components } from '../../client/index.js'
import type { Stretch } from './window.js'

/** What was unread when somebody came: the messages of others after one seq, up to another. */
export interface Unread { after: number, upTo: number }

/** @param upTo the last seq when somebody came */
export function unreadOf (read: components['schemas']['ReadState'] | undefined, upTo: number): Unread | undefined {
  return read !== undefined && read.unread_count > 0 ? { after: read.read_seq, upTo } : undefined
}

/** The id of the message with which the unread ones begin; undefined when there are none, or they begin before what is known. */
export function firstUnread (unread: Unread | undefined, { items, hasOlder }: Stretch, myId: string | null): string | undefined {
  if (unread === undefined || (hasOlder && items[0]!.seq > unread.after + 1)) return
  return items.find(message => message.seq > unread.after && message.seq <= unread.upTo && message.type !== 'S' && message.sender_id !== myId)?.id
}
