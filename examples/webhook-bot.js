// A bot with an address: the server posts each message to it, signed. The library standardwebhooks checks the signature.
//
//   bots:
//     - { name: Node, kind: webhook, url: 'http://localhost:8081/', secrets: [whsec_c3VycHJpc2Ugc3VycHJpc2Ugc3VycHJpc2U=] }
//
// SECRET=whsec_c3VycHJpc2Ugc3VycHJpc2Ugc3VycHJpc2U= PORT=8081 node examples/webhook-bot.js
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { Webhook } from 'standardwebhooks'

const webhook = new Webhook(process.env.SECRET)

const server = createServer(async (request, response) => {
  try {
    const { message } = webhook.verify(await text(request), request.headers)
    const answer = { type: 'T', text: `You said: ${message.text}`, quoted_message_id: message.id }
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ messages: [answer] }))
  } catch {
    response.writeHead(401).end()
  }
})

server.listen(process.env.PORT, '127.0.0.1', () => console.log(`Listening on http://127.0.0.1:${server.address().port}/`))
