import { createClient } from './client/client/index.js'
import { formDataBodySerializer } from './client/core/bodySerializer.gen.js'
import { createConversation, createMessage, createSession, joinConversation, listEvents, listMessages } from './client/index.js'
import type { Event, Message, TextMessage } from './client/index.js'

const throwOnError = true

export async function talk (baseUrl: string) {
  async function signIn (nickname: string) {
    const { data } = await createSession({ client: createClient({ baseUrl }), body: { nickname }, throwOnError })
    return createClient({ baseUrl, auth: ({ scheme }) => scheme === 'bearer' ? data.token : undefined })
  }
  const ana = await signIn('ana')
  const bia = await signIn('bia')

  const { data: created } = await createConversation({ client: ana, body: { name: 'Tea', bots: ['ECHO'] }, throwOnError })
  const path = { conversation_id: created.id }
  const early = await listMessages({ client: bia, path })
  const refused = `${early.error?.status} ${early.error?.code}`
  const { data: joined } = await joinConversation({ client: bia, path, throwOnError })

  const body = { type: 'T', text: 'hello', local_id: 'l1' } as const
  const first = await createMessage({ client: ana, path, body, throwOnError })
  const again = await createMessage({ client: ana, path, body, throwOnError })
  // The generator takes the first media type of a body; the form is asked for by hand.
  const file = new File(['the bytes of the file'], 'note.txt', { type: 'text/plain' })
  const form = { type: 'A', text: 'with a file', file } as const
  const { data: sent } = await createMessage({ client: ana, path, body: form, ...formDataBodySerializer, headers: { 'Content-Type': null }, throwOnError })
  if (sent.type === 'S' || sent.type === 'T') throw new Error('It is no file.')
  const bytes = await (await fetch(baseUrl + sent.file_url)).text()

  const texts: string[] = []
  for (let after = 0; ;) {
    const { data: page } = await listMessages({ client: bia, path, query: { after, limit: 1 }, throwOnError })
    for (const message of page.results) {
      if (message.type !== 'S') texts.push(message.text)
      after = message.seq
    }
    if (page.next === null) break
  }

  const happened: string[] = []
  for (let after = 0, more = true; more;) {
    const { data: page } = await listEvents({ client: bia, path, query: { after, limit: 3, wait: 1 }, throwOnError })
    happened.push(...page.events.map(tell))
    after = page.events.at(-1)?.seq ?? after
    more = page.has_more
  }
  return {
    participants: joined.participants.map(participant => participant.name),
    texts,
    repeated: first.response.status === 201 && again.response.status === 200 && again.data.id === first.data.id,
    file: bytes,
    happened,
    refused
  }
}

function tell (event: Event): string {
  switch (event.type) {
    case 'conversation.created':
    case 'conversation.renamed': return `${event.type} ${event.conversation.name}`
    case 'message.created': return `${event.type} ${tellMessage(event.message)}`
    case 'participant.joined':
    case 'participant.renamed':
    case 'participant.left': return `${event.type} ${event.participant.name}`
    default: return event.type
  }
}

function tellMessage (message: Message): string {
  if (message.type === 'S') return message.event
  if (message.type === 'T') {
    const { text }: TextMessage = message
    return text
  }
  return String(message.file_name)
}
