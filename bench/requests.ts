import { once } from 'node:events'
import { Agent, request, type IncomingMessage, type RequestOptions } from 'node:http'

/** Connections that are kept and used again, until it is destroyed. */
export type Connections = Agent

export function createConnections (): Connections {
  return new Agent({ keepAlive: true })
}

/**
 * Sends a request, its body piece by piece as fast as the server takes it.
 * @returns the answer, whose body is still to be read
 * @throws Error when the status is not the one that is expected
 */
export async function send (agent: Connections, url: string, { expected, ...options }: RequestOptions & { expected: number }, pieces: Buffer[] = []): Promise<IncomingMessage> {
  const sending = request(url, { agent, ...options })
  const answered = once(sending, 'response') as Promise<[IncomingMessage]>
  // Looked at when everything is sent: a refusal may come before.
  answered.catch(() => {})
  for (const piece of pieces) if (!sending.write(piece)) await Promise.race([once(sending, 'drain'), answered])
  sending.end()
  const [response] = await answered
  if (response.statusCode !== expected) throw new Error(`${options.method ?? 'GET'} ${url} was answered with ${response.statusCode}: ${await readText(response)}`)
  return response
}

export async function readText (response: IncomingMessage): Promise<string> {
  return (await response.setEncoding('utf8').toArray()).join('')
}
