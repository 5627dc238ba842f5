import type { FastifyInstance, RouteOptions } from 'fastify'
import plugin from 'fastify-plugin'
import { operations } from '../contract/api.js'

declare module 'fastify' {
  interface FastifyContextConfig {
    operationId?: string
    access?: 'public' | 'session' | 'participant' | 'manager' | 'admin' | 'bot'
    session?: 'none' | 'optional' | 'required'
    consumes?: readonly string[]
    bodyRequired?: boolean
    /** Those who are not in the conversation need rooms to be enabled. */
    rooms?: boolean
    /** Those with the role manager may call it without being in the conversation. */
    observers?: boolean
    /** Another spelling of a route, which is registered already. */
    isTwin?: boolean
  }
}

/** Holds routes and contract together: each route is an operation, each operation has a route, in both spellings of its path. */
export default plugin(async app => {
  const { ignoreTrailingSlash, routerOptions } = app.initialConfig
  // A host application may see no difference between the two spellings.
  const hasTwins = !(routerOptions?.ignoreTrailingSlash ?? ignoreTrailingSlash)
  const missing = new Set(Object.keys(operations))

  // The views are typed by the contract, name each field and keep their order; a generated serializer would put optional
  // fields last and takes two to three times as long for a union.
  app.setSerializerCompiler(() => JSON.stringify)

  app.addHook('onRoute', function (route) {
    if (route.config?.isTwin || route.method === 'HEAD') return
    const id = route.config?.operationId
    if (id === undefined || !(id in operations)) throw new Error(`${String(route.method)} ${route.url} is no operation of openapi.yaml.`)
    requireGate(route)
    missing.delete(id)
    if (hasTwins) addTwin(this, route)
  })

  app.addHook('onReady', async () => {
    if (missing.size > 0) throw new Error(`Operations of openapi.yaml without a route: ${[...missing].join(', ')}.`)
  })
}, { name: 'contract' })

const accesses = new Set<unknown>(['public', 'session', 'participant', 'manager', 'admin', 'bot'])

// An operation whose access no gate knows would be open to everybody.
function requireGate ({ url, config: { operationId, access } = {} }: RouteOptions): void {
  const isKnown = accesses.has(access) && (access !== 'participant' || url.includes('/:conversation_id/'))
  if (!isKnown) throw new Error(`${operationId} has the access ${access}, which no gate checks.`)
}

// A redirect from one spelling to the other would lose the body of a POST.
function addTwin (app: FastifyInstance, route: RouteOptions): void {
  const url = route.url.slice(app.prefix.length)
  const twin = url.endsWith('/') ? url.slice(0, -1) : `${url}/`
  app.route({ ...route, url: twin, config: { ...route.config, isTwin: true } })
}
