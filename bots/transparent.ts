import { nothing, type Bot } from './bot.js'
import { command } from './commands.js'

/** A manager that gives every message of people to all bots, and approves all answers. */
export const transparent: Bot = {
  timeoutMs: 1000,
  answer: async ({ message, isWaiting, readBots }) => {
    if (isWaiting) return { messages: [command(message, { action: 'approve' })] }
    // What bots have said and does not wait was decided about before.
    if (!message.sent_by_human) return nothing
    const bots = await readBots()
    return bots.length === 0 ? nothing : { messages: [command(message, { action: 'redirect', bots: bots.map(bot => bot.id) })] }
  }
}
