import { createConversation, createMessage, getLimits, listEvents, type Message } from './client/index.js'
const path = { conversation_id: 'x' }; declare const message: Message
createConversation({ body: { nickname: 5 } })
createMessage({ path, body: { type: 'X' } })
createMessage({ path, body: { type: 'T', txt: 'hello' } })
createMessage({ body: { type: 'T', text: 'hello' } })
listEvents({ path, query: { after: 'yesterday' } })
getLimits().then(({ data }) => data!.MAX_NOTHING)
if (message.type === 'S') String(message.text)
if (message.type === 'T') String(message.file_url)
