import { evaluate } from './arithmetic.js'
import { nothing, reply, type Bot } from './bot.js'

/** Answers with the value of an expression, and `?` everything else. */
export const calculator: Bot = {
  timeoutMs: 1000,
  answer: async ({ message }) => {
    if (message.type === 'S') return nothing
    return { messages: [reply(message, message.type === 'T' ? evaluate(message.text) : '?')] }
  }
}
