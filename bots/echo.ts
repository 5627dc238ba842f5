import { nothing, reply, type Bot } from './bot.js'

/** Answers in capitals, and `?` what is no text. */
export const echo: Bot = {
  timeoutMs: 1000,
  answer: async ({ message }) => {
    if (message.type === 'S') return nothing
    return { messages: [reply(message, message.type === 'T' ? message.text.toUpperCase() : '?')] }
  }
}
