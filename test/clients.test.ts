import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createClient } from '@hey-api/openapi-ts'
import openapiTS, { astToString } from 'openapi-typescript'
import t, { type Test } from 'tap'
import { startApp } from './support/app.js'
import { compile } from './support/command.js'

const versions = { 'OpenAPI 3.1': 'openapi.json', 'OpenAPI 3.0': 'openapi-3.0.json' }

// What every client does: ana and bia talk, with a file; bia reads everything again, page by page.
const told = {
  participants: ['ana', 'ECHO', 'bia'],
  texts: ['hello', 'with a file'],
  repeated: true,
  file: 'the bytes of the file',
  happened: [
    'conversation.created Tea',
    'message.created conversation-created',
    'participant.joined ana',
    'participant.joined ECHO',
    'message.created participant-joined',
    'participant.joined bia',
    'message.created hello',
    'message.created note.txt'
  ],
  refused: '403 not_a_participant'
}

const settings = {
  compilerOptions: {
    target: 'es2022',
    module: 'nodenext',
    moduleResolution: 'nodenext',
    lib: ['es2022', 'dom', 'dom.iterable'],
    types: [],
    strict: true,
    noUncheckedIndexedAccess: true,
    noEmit: true,
    skipLibCheck: true
  },
  include: ['**/*.ts']
}

/** A listening server, and a folder for programs that call it. */
async function newWorkshop (t: Test): Promise<{ address: string, folder: string }> {
  const folder = t.testdir({ data: {}, 'tsconfig.json': JSON.stringify(settings) })
  // The bot takes longer to answer than the talk takes.
  const app = await startApp(t, { data: join(folder, 'data'), bots: [{ name: 'ECHO', kind: 'echo', delay_ms: 60_000 }] })
  return { address: await app.listen({ port: 0 }), folder }
}

/** The places of what tsc does not take, such as `wrong.ts(3`. */
function refusalsIn (folder: string): string[] {
  const places = compile(['-p', folder, '--pretty', 'false']).split('\n').filter(line => /^\S/.test(line))
  return [...new Set(places.map(line => line.match(/([^/]+\.ts\(\d+),\d+\): error TS/)?.[1] ?? line))]
}

async function talk (folder: string, address: string): Promise<object> {
  const program = await import(pathToFileURL(join(folder, 'talk.ts')).href)
  return program.talk(address)
}

const fetchTalk = `
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
    return createClient<paths>({ baseUrl, headers: { authorization: \`Bearer \${token}\` } })
  }
  const ana = await signIn('ana')
  const bia = await signIn('bia')

  const created = orThrow(await ana.POST('/api/chat/conversations/', { body: { name: 'Tea', bots: ['ECHO'] } }))
  const path = { conversation_id: created.id }
  const early = await bia.GET('/api/chat/conversations/{conversation_id}/messages/', { params: { path } })
  const refused = \`\${early.error?.status} \${early.error?.code}\`
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
    case 'conversation.renamed': return \`\${event.type} \${event.conversation.name}\`
    case 'message.created': return \`\${event.type} \${tellMessage(event.message)}\`
    case 'participant.joined':
    case 'participant.renamed':
    case 'participant.left': return \`\${event.type} \${event.participant.name}\`
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
`

// Each line from the third on has one mistake.
const fetchWrong = `import createClient from 'openapi-fetch'; import type { components, paths } from './schema.js'
const api = createClient<paths>(); const params = { path: { conversation_id: 'x' } }; declare const message: components['schemas']['Message']
api.GET('/api/chat/nope/')
api.POST('/api/chat/conversations/', { body: { nickname: 5 } })
api.POST('/api/chat/conversations/{conversation_id}/messages/', { params, body: { type: 'X' } })
api.POST('/api/chat/conversations/{conversation_id}/messages/', { params, body: { type: 'T', txt: 'hello' } })
api.GET('/api/chat/conversations/{conversation_id}/events/', { params: { ...params, query: { after: 'yesterday' } } })
api.GET('/api/chat/limits/').then(({ data }) => data!.MAX_NOTHING)
if (message.type === 'S') message.text
if (message.type === 'T') message.file_url
`

const heyTalk = `
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
  const refused = \`\${early.error?.status} \${early.error?.code}\`
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
    case 'conversation.renamed': return \`\${event.type} \${event.conversation.name}\`
    case 'message.created': return \`\${event.type} \${tellMessage(event.message)}\`
    case 'participant.joined':
    case 'participant.renamed':
    case 'participant.left': return \`\${event.type} \${event.participant.name}\`
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
`

const heyWrong = `import { createConversation, createMessage, getLimits, listEvents, type Message } from './client/index.js'
const path = { conversation_id: 'x' }; declare const message: Message
createConversation({ body: { nickname: 5 } })
createMessage({ path, body: { type: 'X' } })
createMessage({ path, body: { type: 'T', txt: 'hello' } })
createMessage({ body: { type: 'T', text: 'hello' } })
listEvents({ path, query: { after: 'yesterday' } })
getLimits().then(({ data }) => data!.MAX_NOTHING)
if (message.type === 'S') message.text
if (message.type === 'T') message.file_url
`

const wrongLines = Array.from({ length: 8 }, (_, index) => `wrong.ts(${index + 3}`)

t.test('openapi-typescript and openapi-fetch talk with the server, in types that bite', async t => {
  const { address, folder } = await newWorkshop(t)
  for (const [name, file] of Object.entries(versions)) {
    const place = join(folder, name)
    mkdirSync(place)
    writeFileSync(join(place, 'schema.ts'), astToString(await openapiTS(new URL(`${address}/${file}`))))
    writeFileSync(join(place, 'talk.ts'), fetchTalk)
  }
  writeFileSync(join(folder, 'OpenAPI 3.1', 'wrong.ts'), fetchWrong)
  t.strictSame(refusalsIn(folder), wrongLines)
  for (const name of Object.keys(versions)) t.strictSame(await talk(join(folder, name), address), told, name)
})

t.test('@hey-api/openapi-ts makes clients that talk with the server, in types that bite', async t => {
  const { address, folder } = await newWorkshop(t)
  for (const [name, file] of Object.entries(versions)) {
    const place = join(folder, name)
    await createClient({
      input: `${address}/${file}`,
      output: join(place, 'client'),
      plugins: ['@hey-api/client-fetch', '@hey-api/typescript', '@hey-api/sdk'],
      logs: { level: 'silent' }
    })
    writeFileSync(join(place, 'talk.ts'), heyTalk)
  }
  writeFileSync(join(folder, 'OpenAPI 3.1', 'wrong.ts'), heyWrong)
  t.strictSame(refusalsIn(folder), wrongLines)
  for (const name of Object.keys(versions)) t.strictSame(await talk(join(folder, name), address), told, name)
})
