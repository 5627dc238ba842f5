import plugin from 'fastify-plugin'
import { once } from '../once.js'

const PAGE = '/api/chat/_docs'

// No other host; the page sets styles of its own while it runs.
const staticCSP = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'self'; frame-ancestors 'self'"

/** Serves the contract, as it is written and as OpenAPI 3.0.3, the document of the live protocol, and a page to read and try the contract. */
export default plugin(async app => {
  const contract = once(async () => (await import('../contract/served.js')).serveContract(app.base))

  const texts = { '/openapi.yaml': ['application/yaml', 'yaml'], '/openapi.json': ['application/json', 'json'], '/openapi-3.0.json': ['application/json', 'json30'], '/asyncapi.yaml': ['application/yaml', 'live'] } as const
  for (const [path, [type, form]] of Object.entries(texts)) {
    app.get(path, async (_request, reply) => reply.type(type).send((await contract())[form]))
  }

  app.annex([PAGE, `${PAGE}/*`], async annex => {
    const [{ default: swagger }, { default: swaggerUi }, { document }] = await Promise.all([import('@fastify/swagger'), import('@fastify/swagger-ui'), contract()])
    annex.register(swagger, { mode: 'static', specification: { document: document as never } })
    annex.register(swaggerUi, { routePrefix: `${app.base}${PAGE}`, staticCSP, uiConfig: { deepLinking: true, layout: 'BaseLayout', validatorUrl: null } })
  })
}, { name: 'docs', dependencies: ['links', 'annex'] })
