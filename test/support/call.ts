import type { FastifyInstance, InjectOptions } from 'fastify'
import { operationOf, requirePromised } from './contract.js'

export interface Answer {
  status: number
  /** The parsed JSON, or the text of another type. */
  body: any
  headers: Record<string, any>
  bytes: Buffer
}

export interface CallOptions {
  body?: unknown
  token?: string | undefined
  cookie?: string | undefined
  headers?: Record<string, string>
}

/** Sends a request to the application in this process, and holds each answer against the contract. */
export async function call (app: FastifyInstance, method: string, url: string, { body, token, cookie, headers = {} }: CallOptions = {}): Promise<Answer> {
  const isForm = body instanceof FormData
  const response = await app.inject({
    method: method as NonNullable<InjectOptions['method']>,
    url,
    headers: {
      ...token !== undefined && { authorization: `Bearer ${token}` },
      ...cookie !== undefined && { cookie: `sessionid=${cookie}` },
      ...headers
    },
    ...body !== undefined && { payload: isForm ? body as never : body as object }
  })
  const operation = operationOf(method, url)
  const type = response.headers['content-type'] as string | undefined
  if (operation !== undefined && method !== 'HEAD') requirePromised(operation, response.statusCode, type, response.body)
  return {
    status: response.statusCode,
    body: type?.includes('json') && method !== 'HEAD' ? JSON.parse(response.body) : response.body,
    headers: response.headers,
    bytes: response.rawPayload
  }
}
