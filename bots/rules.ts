import type { RuleConfig } from '../config.js'
import type { Message } from '../contract/api.js'
import { nothing, type Bot, type BotMessage, type Delivery } from './bot.js'
import { command } from './commands.js'

type Said = Exclude<Message, { type: 'S' }>

/** A manager that does what the first rule that fits a message says, and nothing when none fits. */
export function rules ({ rules }: { rules: RuleConfig[] }): Bot {
  const compiled = rules.map(({ when, then }) => ({ when, then, regex: when.regex === undefined ? undefined : new RegExp(when.regex, 'u') }))
  return {
    timeoutMs: 1000,
    answer: async delivery => {
      const { message, isWaiting } = delivery
      // What bots have said and does not wait was decided about before.
      if (message.type === 'S' || !(isWaiting || message.sent_by_human)) return nothing
      for (const { when, then, regex } of compiled) {
        if (regex?.test(message.text) !== false && await fits(when, message, delivery)) return { messages: await act(then, message, delivery) }
      }
      return nothing
    }
  }
}

async function fits ({ type, first, from, bot }: RuleConfig['when'], message: Said, { hasBegun, readBots }: Delivery): Promise<boolean> {
  if (type !== undefined && type !== message.type) return false
  if (from !== undefined && (from === 'people') !== message.sent_by_human) return false
  if (bot !== undefined && (await readBots()).find(other => other.id === message.sender_id)?.name !== bot) return false
  return first === undefined || (message.sent_by_human && first === !await hasBegun())
}

async function act (then: RuleConfig['then'], message: Said, { isWaiting, readBots }: Delivery): Promise<BotMessage[]> {
  if (then.action === 'redirect') {
    const names = new Set(then.bots)
    const bots = (await readBots()).filter(bot => names.has(bot.name) && bot.id !== message.sender_id).map(bot => bot.id)
    const overrides = then.text === undefined ? {} : { overrides: { text: then.text } }
    return bots.length === 0 ? [] : [command(message, { action: 'redirect', bots, ...overrides })]
  }
  // What people say needs no approval.
  if (!isWaiting) return []
  return [command(message, then.action === 'reject' ? { action: 'reject', reason: then.reason ?? '' } : { action: 'approve' })]
}
