import { fastify, type FastifyInstance } from 'fastify'
import plugin from 'fastify-plugin'
import type { ServedContract } from '../contract/served.js'

const PAGE = '/api/chat/_docs'

// No other host; the page sets styles of its own while it runs.
const staticCSP = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'self'; frame-ancestors 'self'"

/**
 * Serves the contract, as it is written and as OpenAPI 3.0.3, and a page to read and try it. Most servers are never asked
 * for it, so it is read, and the page's libraries are loaded, at the first request.
 */
export default plugin(async app => {
  const contract = once(async () => (await import('../contract/served.js')).serveContract(app.base))
  const page = once(async () => openPage(`${app.base}${PAGE}`, await contract()))

  const texts = { '/openapi.yaml': ['application/yaml', 'yaml'], '/openapi.json': ['application/json', 'json'], '/openapi-3.0.json': ['application/json', 'json30'] } as const
  for (const [path, [type, form]] of Object.entries(texts)) {
    app.get(path, async (_request, reply) => reply.type(type).send((await contract())[form]))
  }

  for (const path of [PAGE, `${PAGE}/*`]) {
    app.get(path, async ({ url, headers }, reply) => {
      const { 'if-none-match': etag = '' } = headers
      const answer = await (await page()).inject({ url, headers: { 'if-none-match': etag } })
      if (answer.statusCode === 404) return reply.callNotFound()
      const { connection: _, date: __, ...others } = answer.headers
      return reply.code(answer.statusCode).headers(others).send(answer.rawPayload.length > 0 ? answer.rawPayload : undefined)
    })
  }
}, { name: 'docs', dependencies: ['links'] })

/** The same work, done when it is first asked for, and once; again when it has failed. */
function once<T> (work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined
  return () => (result ??= work().catch(error => {
    result = undefined
    throw error
  }))
}

/** The page as an application of its own: to one that is running, its library could not be added any more. */
async function openPage (routePrefix: string, { document }: ServedContract): Promise<FastifyInstance> {
  const [{ default: swagger }, { default: swaggerUi }] = await Promise.all([import('@fastify/swagger'), import('@fastify/swagger-ui')])
  const page = fastify()
  page.register(swagger, { mode: 'static', specification: { document: document as never } })
  page.register(swaggerUi, { routePrefix, staticCSP, uiConfig: { deepLinking: true, layout: 'BaseLayout', validatorUrl: null } })
  return page
}
