import { useEffect, useState } from 'preact/hooks'
import { say } from '../language.js'
import { usePeople, type People } from './people.js'
import type { Quoted, Quotes } from './quotes.js'

interface QuoteProps { conversationId: string, id: string, people: People, quotes: Quotes, isReachable: boolean }

/** What a message answers. There is a place for it until it is known that nothing can be shown: the buttons below shall not move while somebody reaches for them. */
export function Quote ({ conversationId, id, people, quotes, isReachable }: QuoteProps) {
  const [found, setFound] = useState<Quoted | null>()
  useEffect(() => { quotes.read(conversationId, id).then(setFound, () => setFound(was => was ?? null)) }, [conversationId, id, quotes, isReachable])
  if (found === null || found?.text === '') return null
  return <p class='quote'>{found === undefined ? '…' : <Said {...found} conversationId={conversationId} people={people} isReachable={isReachable} />}</p>
}

function Said ({ text, senderId, conversationId, people, isReachable }: Quoted & Pick<QuoteProps, 'conversationId' | 'people' | 'isReachable'>) {
  const known = usePeople(people, conversationId, senderId, isReachable, false)
  const name = known?.find(({ id }) => id === senderId)?.name ?? '…'
  return <><span class='who'>{say('replyingTo', { name })}</span> <span dir='auto'>{text}</span></>
}
