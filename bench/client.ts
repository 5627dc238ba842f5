/** Who takes part in a conversation, as somebody who writes there needs it. */
export interface Member {
  token: string
  conversationId: string
  participantId: string
}

// What is prepared at once; more would only wait in the server's queues.
const CONCURRENCY = 16

/**
 * Calls the API.
 * @returns the body
 * @throws when the answer is not 2xx
 */
export async function call<Answer> (address: string, method: string, path: string, token?: string, body?: object): Promise<Answer> {
  const response = await fetch(address + path, {
    method,
    headers: { ...token !== undefined && { authorization: `Bearer ${token}` }, ...body !== undefined && { 'content-type': 'application/json' } },
    ...body !== undefined && { body: JSON.stringify(body) }
  })
  if (!response.ok) throw new Error(`${method} ${path} was answered with ${response.status}: ${await response.text()}`)
  return await response.json() as Answer
}

export async function openSession (address: string): Promise<string> {
  const { token } = await call<{ token: string }>(address, 'POST', '/api/chat/sessions/', undefined, { nickname: 'ana' })
  return token
}

export async function createConversation (address: string, token: string, bots: string[] = []): Promise<Member> {
  return toMember(token, await call(address, 'POST', '/api/chat/conversations/', token, { name: 'Tea', bots }))
}

/** Needs a server whose setting `rooms` is true. */
export async function joinConversation (address: string, token: string, conversationId: string): Promise<Member> {
  return toMember(token, await call(address, 'POST', `/api/chat/conversations/${conversationId}/join/`, token, {}))
}

/** Conversations, each with one person of its own. */
export async function openConversations (address: string, count: number, bots: string[] = []): Promise<Member[]> {
  return inParallel(count, async () => createConversation(address, await openSession(address), bots))
}

/** Does some work so many times, a few at once. */
export async function inParallel<Result> (count: number, work: (index: number) => Promise<Result>, atOnce = CONCURRENCY): Promise<Result[]> {
  const results: Result[] = []
  let next = 0
  const workOn = async (): Promise<void> => {
    while (next < count) {
      const index = next++
      results[index] = await work(index)
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, workOn))
  return results
}

function toMember (token: string, { id, my_participant_id: participantId }: { id: string, my_participant_id: string }): Member {
  return { token, conversationId: id, participantId }
}
