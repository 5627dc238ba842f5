// A bot that runs in the server, in a thread of its own. It counts the words of what people say. In the configuration:
//
//   bots:
//     - { name: Words, kind: module, path: ./examples/module-bot.js }
//
// The server loads it: COLLOQUY_CONFIG=config.yaml npm start
import { defineBot } from 'colloquy'

export default defineBot({
  onJoin: ({ me }) => `I am ${me.name}. I count.`,
  onMessage: (message, { state = 0 }) => {
    const words = message.text.match(/\S+/g)?.length ?? 0
    const text = `${words} now, ${state + words} in all.`
    return {
      messages: [{ type: 'T', text, quoted_message_id: message.id }],
      state: state + words
    }
  }
})
