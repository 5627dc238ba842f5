import { createConversation, createMessage, getLimits, listEvents, type Message } from './client.js'
declare const message: Message; declare const id: string
createConversation({ nickname: 5 })
createMessage(id, { type: 'X' })
createMessage(id, { type: 'T', txt: 'hello' })
createMessage({ type: 'T', text: 'hello' })
listEvents(id, { after: 'yesterday' })
getLimits().then(({ status, data }) => status === 200 && data.MAX_NOTHING)
if (message.type === 'S') String(message.text)
if (message.type === 'T') String(message.file_url)
