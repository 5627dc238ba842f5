// Fastify with one route and nothing else.
import { fastify } from 'fastify'

const app = fastify()
app.get('/health', async () => ({ status: 'ok' }))

process.once('SIGTERM', () => { app.close() })
process.stdout.write(`The yardstick listens at ${await app.listen({ host: '127.0.0.1', port: 0 })}\n`)
