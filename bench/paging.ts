import type { Shot } from './cannon.js'
import type { Member } from './client.js'

/** How many messages a page has. */
export const PAGE_SIZE = 50

/** The path of the last messages of a conversation. */
export function pagePath (conversationId: string): string {
  return `/api/chat/conversations/${conversationId}/messages/?limit=${PAGE_SIZE}`
}

/**
 * Asks for the last messages of one conversation after the other.
 * @param expected the bodies that the answers must have
 */
export function pages (address: string, members: Member[], expected: string[]): () => Shot {
  const shots = members.map((member, index) => ({
    text: requestOf(address, member, pagePath(member.conversationId)),
    judge: (status: number, body: string) => judge(status, body, expected[index])
  }))
  let turn = 0
  return () => shots[turn++ % shots.length]!
}

/** The same, but never asks for the same page twice, so that each is read from the file. */
export function freshPages (address: string, members: Member[]): () => Shot {
  let turn = 0
  return () => {
    const member = members[turn++ % members.length]!
    // All messages are younger.
    const since = new Date(turn).toISOString()
    return {
      text: requestOf(address, member, `${pagePath(member.conversationId)}&since=${since}`),
      judge: (status, body) => judge(status, body, undefined)
    }
  }
}

function requestOf (address: string, { token }: Member, path: string): string {
  return [
    `GET ${path} HTTP/1.1`,
    `Host: ${new URL(address).host}`,
    `Authorization: Bearer ${token}`,
    '\r\n'
  ].join('\r\n')
}

function judge (status: number, body: string, expected: string | undefined): string | undefined {
  if (status !== 200) return `A page was answered with ${status}: ${body}`
  const isRight = expected === undefined ? body.startsWith(`{"count":${PAGE_SIZE},`) : body === expected
  return isRight ? undefined : `A page is another one than it should be: ${body.slice(0, 100)}…`
}
