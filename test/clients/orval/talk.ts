import { createConversation, createMessage, createSession, getCreateMessageUrl, joinConversation, listEvents, listMessages } from './client.js'
import type { Event, Message, MessageForm, MessageInput, Problem, TextMessage } from './client.js'

function orThrow<T extends { status: number, data: unknown }> (answer: T): Extract<T, { status: 200 | 201 }>['data'] {
  if (answer.status > 299) throw new Error((answer.data as Problem).detail)
  return answer.data
}

async function signIn (nickname: string): Promise<RequestInit> {
  const { token } = orThrow(await createSession({ nickname }))
  return { headers: { authorization: `Bearer ${token}` } }
}

export async function talk (address: string) {
  const ana = await signIn('ana')
  const bia = await signIn('bia')

  const { id } = orThrow(await createConversation({ name: 'Tea', bots: ['ECHO'] }, ana))
  const early = await listMessages(id, {}, bia)
  const refused = early.status === 200 ? 'not' : `${early.data.status} ${early.data.code}`
  const joined = orThrow(await joinConversation(id, {}, bia))

  // Of a body of two media types the client names none.
  const asJson: RequestInit = { headers: { ...ana.headers, 'content-type': 'application/json' } }
  const body: MessageInput = { type: 'T', text: 'hello', local_id: 'l1' }
  const first = await createMessage(id, body, asJson)
  const again = await createMessage(id, body, asJson)
  const sent = await upload(id, { type: 'A', text: 'with a file', file: new File(['the bytes of the file'], 'note.txt', { type: 'text/plain' }) }, ana)
  if (sent.type === 'S' || sent.type === 'T') throw new Error('It is no file.')
  const bytes = await (await fetch(address + sent.file_url)).text()

  const texts: string[] = []
  for (let after = 0; ;) {
    const page = orThrow(await listMessages(id, { after, limit: 1 }, bia))
    for (const message of page.results) {
      if (message.type !== 'S') texts.push(message.text)
      after = message.seq
    }
    if (page.next === null) break
  }

  const happened: string[] = []
  for (let after = 0, more = true; more;) {
    const page = orThrow(await listEvents(id, { after, limit: 3, wait: 1 }, bia))
    happened.push(...page.events.map(tell))
    after = page.events.at(-1)?.seq ?? after
    more = page.has_more
  }
  return {
    participants: joined.participants.map(participant => participant.name),
    texts,
    repeated: first.status === 201 && again.status === 200 && again.data.id === first.data.id,
    file: bytes,
    happened,
    refused
  }
}

/** The client writes every body as JSON; the form is sent by hand, in its types. */
async function upload (id: string, fields: MessageForm, options: RequestInit): Promise<Message> {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.append(name, value)
  const response = await fetch(getCreateMessageUrl(id), { ...options, method: 'POST', body: form })
  return await response.json() as Message
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
