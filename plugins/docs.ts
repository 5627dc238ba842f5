import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import plugin from 'fastify-plugin'
import { stringify } from 'yaml'
import { readDocument, readDocumentText } from '../contract/document.js'
import { toOpenApi30 } from '../contract/downgrade.js'

// No other host; the page sets styles of its own while it runs.
const staticCSP = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'self'; frame-ancestors 'self'"

/** Serves the contract, as it is written and as OpenAPI 3.0.3, and a page to read and try it. */
export default plugin(async app => {
  const document = readDocument()
  if (app.base !== '') document.servers = [{ url: app.base }]
  const text = app.base === '' ? readDocumentText() : stringify(document)

  app.get('/openapi.yaml', (_request, reply) => reply.type('application/yaml').send(text))
  for (const [path, body] of [['/openapi.json', JSON.stringify(document)], ['/openapi-3.0.json', JSON.stringify(toOpenApi30(document))]] as const) {
    app.get(path, (_request, reply) => reply.type('application/json').send(body))
  }

  // A host application may have a page of its own, whose names cannot be taken twice.
  if (app.hasDecorator('swagger') || app.hasDecorator('swaggerCSP')) return
  await app.register(swagger, { mode: 'static', specification: { document: document as never } })
  await app.register(swaggerUi, { routePrefix: '/api/chat/_docs', staticCSP, uiConfig: { deepLinking: true, layout: 'BaseLayout', validatorUrl: null } })
}, { name: 'docs', dependencies: ['links'] })
