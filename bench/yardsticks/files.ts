// A bare Fastify application that reads the files of forms to nowhere, sends one from memory, and stores nothing.
import { finished } from 'node:stream/promises'
import multipart from '@fastify/multipart'
import { fastify } from 'fastify'
import * as api from '../../contract/api.js'

const BYTES_MAX = 64 * 1024 * 1024
const [, , bytes = '0'] = process.argv
const content = Buffer.alloc(Number(bytes), 'tea')

const app = fastify()
await app.register(multipart, { limits: { fileSize: BYTES_MAX } })

app.post(api.createMessage.url, async (request, reply) => {
  reply.code(201)
  if (!request.isMultipart()) return { seq: 0 }
  for await (const part of request.parts()) {
    if (part.type === 'file') await finished(part.file.resume())
  }
  return { seq: 0, file_url: '/file' }
})

app.get('/file', async (_request, reply) => {
  reply.type('application/octet-stream')
  return content
})

process.once('SIGTERM', () => { app.close() })
process.stdout.write(`The yardstick listens at ${await app.listen({ host: '127.0.0.1', port: 0 })}\n`)
