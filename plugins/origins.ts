import cors from '@fastify/cors'
import plugin from 'fastify-plugin'

/** Lets the pages of the configured origins, and of no others, call the API with credentials. */
export default plugin<{ origins: string[] }>(async (app, { origins }) => {
  // A host application may have rules of its own.
  if (app.hasRequestDecorator('corsPreflightEnabled')) return
  await app.register(cors, {
    origin: origins,
    credentials: true,
    methods: ['GET', 'HEAD', 'POST', 'PATCH', 'PUT', 'DELETE', 'OPTIONS'],
    exposedHeaders: ['ETag', 'Content-Range', 'Content-Disposition', 'Retry-After'],
    maxAge: 86_400,
    strictPreflight: false
  })
}, { name: 'origins' })
