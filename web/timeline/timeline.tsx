import { Fragment } from 'preact'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Message } from '../../client/index.js'
import { Icon } from '../icons.js'
import { say, sayDay } from '../language.js'
import type { Said, TalkState } from '../talk/state.js'
import type { Talk } from '../talk/talk.js'
import { firstUnread } from '../talk/unread.js'
import { Bubble, type BubbleActs } from './bubble.js'
import { PendingBubble } from './pending-bubble.js'
import { useView } from './use-view.js'

interface TimelineProps {
  talk: Talk
  state: TalkState
  mayWrite: boolean
  onReply: (message: Said) => void
  onChoose: (option: string, message: Said) => void
}

/** The messages, of which only a part is drawn, however many are known. */
export function Timeline ({ talk, state, mayWrite, onReply, onChoose }: TimelineProps) {
  const box = useRef<HTMLDivElement>(null)
  const { slice, reachesEnd, isAtEnd, onScroll, jump } = useView(talk, state, box)
  const { stretch: { items, hasOlder }, people, myId, fresh } = state
  const drawn = items.slice(slice.from, slice.to)
  const byId = useMemo(() => new Map(items.map(message => [message.id, message])), [items])
  const firstNew = useMemo(() => firstUnread(state.unread, state.stretch, myId), [state.stretch, state.unread])
  const acts = useActs(talk, { reply: onReply, choose: onChoose, jump })
  const { focusedId, onFocusIn, onFocusOut } = useFocused(drawn)
  useLooking(talk, isAtEnd, items.at(-1)?.seq)

  // The log may show a message before it is known to be stored.
  const shown = new Set(drawn.map(message => message.type !== 'S' && message.sender_id === myId ? message.local_id : null))
  return (
    <div class='timeline'>
      <div class='messages' ref={box} role='log' aria-label={say('messages')} tabIndex={0} data-heir onScroll={onScroll} onKeyDown={moveFocus} onFocusIn={onFocusIn} onFocusOut={onFocusOut}>
        <div>
          <p class='line'>{slice.from === 0 && !hasOlder ? say('beginning') : say('loading')}</p>
          {drawn.map((message, index) => (
            <Fragment key={message.id}>
              {isNewDay(message, drawn[index - 1]) && <p class='line day'>{sayDay(message.time)}</p>}
              {message.id === firstNew && <p class='line day'>{say('newFromHere')}</p>}
              <Bubble message={message} people={people} myId={myId} quoted={message.type === 'S' ? undefined : byId.get(message.quoted_message_id ?? '')} mayWrite={mayWrite} tabIndex={message.id === focusedId ? 0 : -1} acts={acts} />
            </Fragment>
          ))}
          {reachesEnd && state.outbox.filter(({ localId }) => !shown.has(localId)).map(item => <PendingBubble key={item.localId} item={item} talk={talk} />)}
        </div>
      </div>
      {!isAtEnd && (
        <button class='to-end' onClick={() => talk.toEnd()} aria-label={say('toEnd')}>
          {fresh > 0 && <span>{say('newMessages', { count: fresh })}</span>}<Icon name='down' />
        </button>
      )}
    </div>
  )
}

/** The same functions for as long as the page is open: what is drawn already is not drawn again for their sake. */
function useActs (talk: Talk, now: Omit<BubbleActs, 'peek'>): BubbleActs {
  const latest = useRef(now)
  latest.current = now
  return useMemo(() => ({
    reply: message => latest.current.reply(message),
    choose: (option, message) => latest.current.choose(option, message),
    jump: id => latest.current.jump(id),
    peek: talk.peek
  }), [talk])
}

/** Tells the conversation whether somebody looks at its end. */
function useLooking (talk: Talk, isAtEnd: boolean, lastSeq: number | undefined): void {
  useEffect(() => {
    const listener = (): void => talk.look(isAtEnd && !document.hidden)
    listener()
    document.addEventListener('visibilitychange', listener)
    return () => {
      document.removeEventListener('visibilitychange', listener)
      talk.look(false)
    }
  }, [isAtEnd, lastSeq])
}

/** The one message whose buttons Tab leads to, so that it is not far through all of them: that which has the focus, or the last one. */
function useFocused (drawn: readonly Message[]) {
  const [id, setId] = useState<string>()
  return {
    focusedId: drawn.some(message => message.id === id) ? id : drawn.findLast(({ type }) => type !== 'S')?.id,
    onFocusIn: ({ target }: FocusEvent) => setId((target as Element).closest('article')?.dataset.id),
    onFocusOut: ({ currentTarget, relatedTarget }: FocusEvent) => { if (!(currentTarget as Element).contains(relatedTarget as Node | null)) setId(undefined) }
  }
}

function isNewDay (message: Message, before: Message | undefined): boolean {
  return before === undefined || new Date(message.time).toDateString() !== new Date(before.time).toDateString()
}

/** The arrow keys go from message to message. */
function moveFocus (event: KeyboardEvent): void {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key]
  // They have a meaning of their own in what is played or filled in.
  if (step === undefined || (event.target as Element).matches('audio, video, input, select, textarea')) return
  const box = event.currentTarget as HTMLElement
  const messages = [...box.querySelectorAll<HTMLElement>('article')]
  const index = messages.findIndex(message => message.contains(document.activeElement))
  const next = index < 0 ? nearest(messages, box, step) : messages[index + step]
  if (next === undefined) return
  event.preventDefault()
  next.focus()
}

/** Of the messages that are seen, the last for who goes up, the first for who goes down. */
function nearest (messages: HTMLElement[], box: HTMLElement, step: number): HTMLElement | undefined {
  const { top, bottom } = box.getBoundingClientRect()
  const seen = messages.filter(message => message.getBoundingClientRect().bottom > top && message.getBoundingClientRect().top < bottom)
  return step < 0 ? seen.at(-1) : seen[0]
}
