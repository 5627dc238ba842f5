import type { Readable } from 'node:stream'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { operationOf, requirePromised } from './contract.js'

export interface Answer {
  status: number
  /** The parsed JSON, or the text of another type; of a stream of events what comes first. */
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
  const operation = operationOf(method, url)
  const leaving = new AbortController()
  const response = await app.inject({
    method: method as NonNullable<InjectOptions['method']>,
    url,
    headers: {
      ...token !== undefined && { authorization: `Bearer ${token}` },
      ...cookie !== undefined && { cookie: `sessionid=${cookie}` },
      ...headers
    },
    ...body !== undefined && { payload: isForm ? body as never : body as object },
    payloadAsStream: true,
    signal: leaving.signal
  })
  const type = response.headers['content-type'] as string | undefined
  const isEndless = method !== 'HEAD' && type?.startsWith('text/event-stream') === true
  const bytes = await readBytes(response.stream(), isEndless)
  if (isEndless) leaving.abort()
  const text = bytes.toString()
  if (operation !== undefined && method !== 'HEAD') requirePromised(operation, response.statusCode, type, text)
  return {
    status: response.statusCode,
    body: type?.includes('json') && method !== 'HEAD' ? JSON.parse(text) : text,
    headers: response.headers,
    bytes
  }
}

/** Everything, or what comes first of a stream that would never end. */
async function readBytes (stream: Readable, isEndless: boolean): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) {
    chunks.push(chunk)
    if (isEndless) break
  }
  return Buffer.concat(chunks)
}
