import { findConversation } from '../db/conversations.js'
import { closeDelivery, listStaleDeliveries } from '../db/deliveries.js'
import { appendEvent } from '../db/events.js'
import { findMessage } from '../db/messages.js'
import type { Audience, DeliveryRow, Writer } from '../db/schema.js'
import type { Write } from '../db/write.js'

// The most that is dropped in one transaction.
const STALE_MAX = 64

/**
 * Drops what could not be given to a bot in time, and tells the readers of it. Gives how many there were.
 * @param isBusy whether a participant of the bot is at work on what it was given
 */
export async function dropStale (write: Write, bot: string, before: number, isBusy: (participantId: string) => boolean): Promise<number> {
  const now = Date.now()
  return write(async db => {
    const stale = (await listStaleDeliveries(db, bot, before, now, STALE_MAX)).filter(delivery => !isBusy(delivery.participant_id))
    for (const delivery of stale) {
      await closeDelivery(db, delivery, 'dropped', now, null)
      const data = { message_id: delivery.message_id, participant_id: delivery.participant_id }
      await appendEvent(db, delivery.conversation_id, { type: 'delivery.dropped', time: now, audience: await audienceOf(db, delivery), data })
    }
    return stale.length
  })
}

/** People are told of what they know: a message that they see, which they have not sent to a manager alone. */
async function audienceOf (db: Writer, { conversation_id: conversationId, message_id: messageId }: DeliveryRow): Promise<Audience> {
  const { approval } = (await findConversation(db, conversationId))!
  const { seq } = (await findMessage(db, conversationId, messageId))!
  return seq === null || approval === 'bot' ? 'managers' : 'people'
}
