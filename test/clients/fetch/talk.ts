import createClient from 'openapi-fetch'
import type { components, paths } from './schema.js'

type Event = components['schemas']['Event']

function orThrow<T> (answer: { data?: T, error?: components['schemas']['Problem'] }): T {
  if (answer.error) throw new Error(answer.error.detail)
  return answer.data!
}

export async function talk (baseUrl: string) {
  const nobody = createClient<paths>({ baseUrl })
  async function signIn (nickname: string) {
    const { token } = orThrow(await nobody.POST('/api/chat/sessions/', { body: { nickname } }))
    return createClient<paths>({ baseUrl, headers: { authorization: `Bearer ${token}` } })
  }
  const ana = await signIn('ana')
  const bia = await signIn('bia')

  const created = orThrow(await ana.POST('/api/chat/conversations/', { body: { name: 'Tea', bots: ['ECHO'] } }))
  const path = { conversation_id: created.id }
  const early = await bia.GET('/api/chat/conversations/{conversation_id}/messages/', { params: { path } })
  const refused = `${early.error?.status} ${early.error?.code}`
  const joined = orThrow(await bia.POST('/api/chat/conversations/{conversation_id}/join/', { params: { path } }))

  const body = { type: 'T', text: 'hello', local_id: 'l1' } as const
  const first = await ana.POST('/api/chat/conversations/{conversation_id}/messages/', { params: { path }, body })
  const again = await ana.POST('/api/chat/conversations/{conversation_id}/messages/', { params: { path }, body })
  const file = new File(['the bytes of the file'], 'note.txt', { type: 'text/plain' })
  const sent = orThrow(await ana.POST('/api/chat/conversations/{conversation_id}/messages/', {
    params: { path },
    body: { type: 'A', text: 'with a file', file: file as unknown as string },
    bodySerializer: fields => {
      const form = new FormData()
      for (const [name, value] of Object.entries(fields)) form.append(name, value as string | Blob)
      return form
    }
  }))
  if (sent.type === 'S' || sent.type === 'T') throw new Error('It is no file.')
  const bytes = await (await fetch(baseUrl + sent.file_url)).text()

  const texts: string[] = []
  for (let after = 0; ;) {
    const page = orThrow(await bia.GET('/api/chat/conversations/{conversation_id}/messages/', { params: { path, query: { after, limit: 1 } } }))
    for (const message of page.results) {
      if (message.type !== 'S') texts.push(message.text)
      after = message.seq
    }
    if (page.next === null) break
  }

  const happened: string[] = []
  for (let after = 0, more = true; more;) {
    const page = orThrow(await bia.GET('/api/chat/conversations/{conversation_id}/events/', { params: { path, query: { after, limit: 3, wait: 1 } } }))
    happened.push(...page.events.map(tell))
    after = page.events.at(-1)?.seq ?? after
    more = page.has_more
  }
  return {
    participants: joined.participants.map(participant => participant.name),
    texts,
    repeated: first.response.status === 201 && again.response.status === 200 && again.data?.id === first.data?.id,
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

function tellMessage (message: components['schemas']['Message']): string {
  if (message.type === 'S') return message.event
  if (message.type === 'T') {
    const { text }: components['schemas']['TextMessage'] = message
    return text
  }
  return String(message.file_name)
}
