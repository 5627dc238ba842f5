import { useEffect, useState } from 'preact/hooks'
import type { Participant } from '../../client/index.js'
import { remember } from '../known.js'
import { client, orThrow } from '../session.js'

/** Who is or was in the conversations of which messages wait. */
export interface People {
  /** Asks again when the sender, if there is one, is not among those who were there when it was asked the last time. */
  withSender: (conversationId: string, senderId: string | undefined) => Promise<Participant[]>
  /** Those who are there now. */
  anew: (conversationId: string) => Promise<Participant[]>
}

export function createPeople (): People {
  const known = new Map<string, Promise<Participant[]>>()

  function anew (conversationId: string): Promise<Participant[]> {
    const asked = orThrow(client.GET('/api/chat/conversations/{conversation_id}/participants/', { params: { path: { conversation_id: conversationId }, query: { left: true } } })).then(({ results }) => results)
    return remember(known, conversationId, asked)
  }

  async function withSender (conversationId: string, senderId: string | undefined): Promise<Participant[]> {
    const asked = known.get(conversationId) ?? anew(conversationId)
    const people = await asked
    if (senderId === undefined || people.some(({ id }) => id === senderId)) return people
    // Of several messages of somebody new, the first one has asked.
    const latest = known.get(conversationId)
    return latest === undefined || latest === asked ? anew(conversationId) : latest
  }

  return { withSender, anew }
}

/**
 * The people of a conversation, undefined as long as they are not known.
 * @param isReachable whether the server can be asked; it is asked again when that is so again
 * @param isChoosing whether some of them are about to be chosen, so that nobody may be missing
 */
export function usePeople (people: People, conversationId: string, senderId: string | undefined, isReachable: boolean, isChoosing: boolean): Participant[] | undefined {
  const [found, setFound] = useState<Participant[]>()
  useEffect(() => {
    const asked = isChoosing ? people.anew(conversationId) : people.withSender(conversationId, senderId)
    // Without an answer it shows who was known.
    asked.then(setFound, () => {})
  }, [people, conversationId, senderId, isReachable, isChoosing])
  return found
}
