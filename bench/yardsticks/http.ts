// A bare Fastify application that checks tokens as @fastify/jwt does, answers as Colloquy does, and stores nothing.
import jwt from '@fastify/jwt'
import { fastify, type FastifyReply, type FastifyRequest } from 'fastify'
import { uuidv7 } from 'uuidv7'
import * as api from '../../contract/api.js'
import { judgeOf } from '../../contract/ajv.js'

const SESSION_S = 14 * 24 * 3600
const PAGES_BYTES_MAX = 64 * 1024 * 1024

const app = fastify({ bodyLimit: PAGES_BYTES_MAX })
app.setValidatorCompiler(({ schema }) => judgeOf(schema as object))
await app.register(jwt, { secret: 'a secret that is long enough for HS256', sign: { algorithm: 'HS256' }, verify: { algorithms: ['HS256'] } })

const verify = async (request: FastifyRequest): Promise<void> => { await request.jwtVerify() }
const pages = new Map<string, Buffer>()
const lastSeqs = new Map<string, number>()

app.get(api.getHealth.url, async () => ({ status: 'ok' }))

app.post('/api/chat/sessions/', async () => {
  const exp = Math.floor(Date.now() / 1000) + SESSION_S
  return { token: app.jwt.sign({ sub: uuidv7(), exp }) }
})

app.post('/api/chat/conversations/', async () => ({ id: uuidv7(), my_participant_id: uuidv7() }))

app.route<{ Params: { conversation_id: string }, Body: api.MessageInput }>({
  method: 'POST',
  url: api.createMessage.url,
  onRequest: verify,
  schema: { ...api.createMessage.schema, body: api.MessageInput },
  handler: async ({ params, body }, reply) => {
    reply.code(201)
    return messageOf(params.conversation_id, body)
  }
})

app.addContentTypeParser('application/octet-stream', { parseAs: 'buffer' }, async (_request: FastifyRequest, body: Buffer) => body)

app.put(api.listMessages.url, async ({ params, body }: FastifyRequest) => {
  pages.set(conversationOf(params), body as Buffer)
  return {}
})

app.get(api.listMessages.url, { onRequest: verify }, async ({ params }: FastifyRequest, reply: FastifyReply) => {
  reply.type('application/json; charset=utf-8')
  return pages.get(conversationOf(params))
})

function conversationOf (params: unknown): string {
  return (params as { conversation_id: string }).conversation_id
}

function messageOf (conversationId: string, { text, local_id: localId }: api.MessageInput): api.TextMessage {
  const seq = (lastSeqs.get(conversationId) ?? 0) + 1
  lastSeqs.set(conversationId, seq)
  return {
    type: 'T',
    time: new Date().toISOString(),
    id: uuidv7(),
    sent_by_human: true,
    quoted_message_id: null,
    sender_id: conversationId,
    local_id: localId ?? null,
    text: text ?? '',
    options: [],
    seq
  }
}

process.once('SIGTERM', () => { app.close() })
process.stdout.write(`The yardstick listens at ${await app.listen({ host: '127.0.0.1', port: 0 })}\n`)
