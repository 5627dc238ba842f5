import { nothing, type Answer, type Bot, type Delivery } from './bot.js'
import { command, say } from './commands.js'

interface Phrases { greeting: string, after_choice: string, exit_word: string, bots: string[] }

/** The participant id of the chosen bot; null when there is none. */
interface State { chosen: string | null }

/** A manager that lets people choose a bot, and gives it what they say until they say the exit word. */
export function preSelect ({ greeting, after_choice: afterChoice, exit_word: exitWord, bots: names }: Phrases): Bot {
  return {
    timeoutMs: 1000,
    answer: async delivery => {
      const { message, isWaiting, state, me } = delivery
      const isOwnJoining = message.type === 'S' && message.additional_metadata.participant_id === me.id
      if (isOwnJoining) return ask(delivery, false)
      if (isWaiting) return { messages: [command(message, { action: 'approve' })] }
      // What bots have said and does not wait was decided about before.
      if (!message.sent_by_human) return nothing
      const { chosen } = (state ?? { chosen: null }) as State
      return chosen === null ? choose(delivery) : pass(delivery, chosen)
    }
  }

  async function ask (delivery: Delivery, isAnswer = true): Promise<Answer> {
    const choices = (await readChoices(delivery)).map(bot => bot.name)
    return { messages: [say(greeting, choices, isAnswer ? delivery.message : undefined)], state: { chosen: null } satisfies State }
  }

  async function choose (delivery: Delivery): Promise<Answer> {
    const text = textOf(delivery)
    const bot = (await readChoices(delivery)).find(bot => bot.name === text)
    if (bot === undefined) return ask(delivery)
    return { messages: [say(afterChoice, [], delivery.message)], state: { chosen: bot.id } satisfies State }
  }

  async function pass (delivery: Delivery, chosen: string): Promise<Answer> {
    const isThere = (await delivery.readBots()).some(bot => bot.id === chosen)
    if (!isThere || textOf(delivery).toLowerCase() === exitWord.trim().toLowerCase()) return ask(delivery)
    return { messages: [command(delivery.message, { action: 'redirect', bots: [chosen] })] }
  }

  async function readChoices ({ readBots }: Delivery): Promise<Array<{ id: string, name: string }>> {
    const present = await readBots()
    return names.length === 0 ? present : present.filter(bot => names.includes(bot.name))
  }
}

function textOf ({ message }: Delivery): string {
  return message.type === 'S' ? '' : message.text.trim()
}
