import type { Message } from '../../client/index.js'
import { remember } from '../known.js'
import { sayMessage } from '../language.js'
import { client, orThrow, ProblemError } from '../session.js'

/** A message that another one answers: in a few words, and who has said it; undefined when that is told to nobody. */
export interface Quoted { text: string, senderId: string | undefined }

export interface Quotes {
  read: (conversationId: string, messageId: string) => Promise<Quoted>
  /** For a message that will be quoted. */
  keep: (message: Message) => void
}

export function createQuotes (): Quotes {
  const known = new Map<string, Promise<Quoted>>()
  return {
    read: (conversationId, messageId) => known.get(messageId) ?? remember(known, messageId, ask(conversationId, messageId)),
    keep: message => { remember(known, message.id, Promise.resolve(quotedOf(message))) }
  }
}

async function ask (conversationId: string, messageId: string): Promise<Quoted> {
  const params = { path: { conversation_id: conversationId, message_id: messageId } }
  try {
    return quotedOf(await orThrow(client.GET('/api/chat/conversations/{conversation_id}/messages/{message_id}/', { params })))
  } catch (error) {
    if (!(error instanceof ProblemError) || error.problem.code !== 'message_not_found') throw error
    // One that was redirected instead of being approved is no part of the conversation. What it said is told with the decisions about it.
    const { original_text: text } = await orThrow(client.GET('/api/chat/conversations/{conversation_id}/messages/{message_id}/decisions/', { params }))
    return { text, senderId: undefined }
  }
}

function quotedOf (message: Message): Quoted {
  return { text: sayMessage(message), senderId: message.type === 'S' ? undefined : message.sender_id }
}
