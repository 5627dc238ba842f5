import type { Message } from '../contract/api.js'
import { nothing, type Bot, type BotMessage, type Delivery } from './bot.js'
import { command } from './commands.js'

// What looks like an expression.
const pattern = /^[\d\s+\-*/().]+$/

/**
 * A manager that gives expressions to one bot and everything else to another. What the first cannot answer, the second
 * is asked.
 */
export function calcOrEcho ({ calculator, echo }: { calculator: string, echo: string }): Bot {
  return {
    timeoutMs: 1000,
    answer: async delivery => {
      const { message, isWaiting } = delivery
      if (message.type === 'S') return nothing
      if (isWaiting) return { messages: await decide(delivery, message) }
      // What bots have said and does not wait was decided about before.
      if (!message.sent_by_human) return nothing
      const isExpression = message.type === 'T' && pattern.test(message.text)
      return { messages: await give(delivery, message, isExpression ? calculator : echo) }
    }
  }

  async function decide (delivery: Delivery, message: Message & { sender_id?: string, text?: string, quoted_message_id?: string | null }): Promise<BotMessage[]> {
    const sender = (await delivery.readBots()).find(bot => bot.id === message.sender_id)
    if (sender?.name !== calculator || message.text !== '?' || !message.quoted_message_id) return [command(message, { action: 'approve' })]
    const original = { ...message, id: message.quoted_message_id }
    return [command(message, { action: 'reject', reason: 'No expression.' }), ...await give(delivery, original, echo)]
  }

  // A conversation may be without the bot.
  async function give ({ readBots }: Delivery, message: Message, name: string): Promise<BotMessage[]> {
    const bot = (await readBots()).find(bot => bot.name === name)
    return bot === undefined ? [] : [command(message, { action: 'redirect', bots: [bot.id] })]
  }
}
