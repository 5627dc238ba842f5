import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { ConversationEntry } from '../client/index.js'
import { say, sayMessage, sayUnnamed, sayWhen } from './language.js'
import { usePolling } from './polling.js'
import { talkAddress } from './route.js'
import { client, orThrow, ProblemError } from './session.js'
import { useSending } from './talk/open-talks.js'

/** Conversations, as many pages of them as somebody has asked for. */
export interface ConversationList {
  /** Undefined until they were read for the first time. */
  entries: readonly ConversationEntry[] | undefined
  hasMore: boolean
  more: () => void
  /** Why they could not be read the last time. */
  error: unknown
}

/** Follows one's own conversations, or all that everybody may join. */
export function useConversations (query: { mine?: boolean }, isOn: boolean): ConversationList {
  const [pages, setPages] = useState(1)
  const { value, error } = usePolling(() => readPages(query, pages), { isOn, causes: [pages] })
  return { entries: value?.entries, hasMore: value?.hasMore ?? false, more: () => setPages(pages + 1), error }
}

async function readPages (query: { mine?: boolean }, pages: number) {
  // By their ids, since one may move to another page between two readings.
  const found = new Map<string, ConversationEntry>()
  let hasMore = true
  for (let page = 1; page <= pages && hasMore; page++) {
    const { results, next } = await orThrow(client.GET('/api/chat/conversations/', { params: { query: { ...query, page: String(page) } } })).catch(endOfPages)
    for (const entry of results) found.set(entry.id, entry)
    hasMore = next !== null
  }
  return { entries: [...found.values()], hasMore }
}

/** There may be fewer pages than before. */
function endOfPages (error: unknown) {
  if (error instanceof ProblemError && error.problem.code === 'page_not_found') return { results: [], next: null }
  throw error
}

export function OwnConversations ({ list }: { list: ConversationList }) {
  const sendingOf = useSending()
  return (
    <section aria-labelledby='own'>
      <h2 id='own'>{say('yourConversations')}</h2>
      {list.entries?.length === 0 && <p>{say('noConversations')}</p>}
      <Entries list={list}>
        {list.entries?.map(entry => (
          <Entry key={entry.id} entry={entry} time={entry.last_message?.time ?? entry.created_at}>
            <span class='last'><bdi>{entry.last_message === undefined ? '' : sayMessage(entry.last_message)}</bdi></span>
            {entry.unread_count! > 0 && <span class='badge'>{say('unread', { count: entry.unread_count! })}</span>}
            <Sending state={sendingOf(entry.id)} />
          </Entry>
        ))}
      </Entries>
    </section>
  )
}

/** Is there before it says something, so that it is heard. */
function Sending ({ state }: { state: ReturnType<ReturnType<typeof useSending>> }) {
  return <small class={state === 'failed' ? 'problem' : ''} role='status'>{state === undefined ? '' : say(state === 'failed' ? 'notSent' : 'sending')}</small>
}

/** Those that everybody may join, where the server has them. */
export function Rooms ({ list }: { list: ConversationList }) {
  const others = list.entries?.filter(room => room.my_participant_id === null)
  if (others === undefined) return null
  return (
    <section aria-labelledby='rooms'>
      <h2 id='rooms'>{say('rooms')}</h2>
      {others.length === 0 && !list.hasMore && <p>{say('noRooms')}</p>}
      <Entries list={list}>
        {others.map(room => <Entry key={room.id} entry={room} time={room.created_at}><span class='last'>{say('people', { count: room.participant_count })}</span></Entry>)}
      </Entries>
    </section>
  )
}

function Entries ({ list: { hasMore, more }, children }: { list: ConversationList, children: ComponentChildren }) {
  return (
    <>
      <ul class='entries'>{children}</ul>
      {hasMore && <button onClick={more}>{say('more')}</button>}
    </>
  )
}

function Entry ({ entry, time, children }: { entry: ConversationEntry, time: string, children: ComponentChildren }) {
  return (
    <li>
      <a href={talkAddress(entry.id)}>
        <b><bdi>{entry.name ?? sayUnnamed(entry.created_at)}</bdi></b>
        <time dateTime={time}>{sayWhen(time)}</time>
        {children}
      </a>
    </li>
  )
}
