import { Fragment } from 'preact'
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Message } from '../client/index.js'
import { Bubble, PendingBubble, type BubbleActs } from './bubble.js'
import { Icon } from './icons.js'
import { say, sayDay } from './language.js'
import { forgetPlace, keepPlace, keptPlace } from './place.js'
import type { Said, Talk, TalkState } from './talk.js'
import { growDown, growUp, sliceAround, sliceAtEnd, type Slice } from './window.js'

interface TimelineProps {
  talk: Talk
  state: TalkState
  mayWrite: boolean
  onReply: (message: Said) => void
  onChoose: (option: string, message: Said) => void
}

// So near to an end of what is drawn, more of it is drawn; so near to the last message, one is at the end.
const NEAR_PX = 600
const END_PX = 40

/** What is drawn: the end, which moves with each new message, or a part that begins and ends with a seq. */
type View = 'end' | { first: number, last: number }

/**
 * The messages, of which only a part is drawn, however many are known. What somebody looks at stays where it is when
 * others are drawn above it, grow, or vanish: the uppermost message that is seen keeps its distance from the top.
 */
export function Timeline ({ talk, state, mayWrite, onReply, onChoose }: TimelineProps) {
  const box = useRef<HTMLDivElement>(null)
  const [[start, startId]] = useState(() => startOf(talk, state))
  const [view, setView] = useState(start)
  const [target, setTarget] = useState<string>()
  const anchor = useRef<{ id: string, top: number } | undefined>(startId === undefined ? undefined : { id: startId, top: 0 })
  const { items, hasOlder, hasNewer } = state.stretch
  const slice = sliceOf(view, items)
  const drawn = items.slice(slice.from, slice.to)
  const byId = useMemo(() => new Map(items.map(message => [message.id, message])), [items])
  const isAtEnd = view === 'end' && !hasNewer

  // After each drawing what was seen is put where it was.
  useLayoutEffect(() => {
    if (target !== undefined) return show(target)
    if (isAtEnd) box.current!.scrollTop = box.current!.scrollHeight
    else restore()
    remember()
  })

  useEffect(() => { if (state.returns > 0) leaveFor('end') }, [state.returns])

  // What was loaded is drawn as far as there is room for it.
  useEffect(() => {
    const { scrollTop, scrollHeight, clientHeight } = box.current!
    if (view === 'end') {
      if (slice.from === 0 && hasOlder && scrollHeight < clientHeight + NEAR_PX) talk.loadOlder()
      return
    }
    // Somebody may have scrolled since the drawing without having been heard yet.
    remember()
    if (scrollTop < NEAR_PX) lookUp()
    else if (scrollHeight - scrollTop - clientHeight < NEAR_PX) lookDown()
  }, [view, items[0]?.seq, items.at(-1)?.seq, hasOlder, hasNewer, state.status])

  // Pictures and the window change sizes without a drawing.
  useEffect(() => {
    const observer = new ResizeObserver(() => {
      // It is told of those that are gone, too.
      if (box.current === null) return
      if (isAtEnd) box.current.scrollTop = box.current.scrollHeight
      else restore()
    })
    observer.observe(box.current!)
    observer.observe(box.current!.firstElementChild!)
    return () => observer.disconnect()
  }, [isAtEnd])

  useEffect(() => {
    const listener = (): void => talk.look(isAtEnd && !document.hidden)
    listener()
    document.addEventListener('visibilitychange', listener)
    return () => {
      document.removeEventListener('visibilitychange', listener)
      talk.look(false)
    }
  }, [isAtEnd, items.at(-1)?.seq])

  function remember (): void {
    const { top } = box.current!.getBoundingClientRect()
    const seen = [...box.current!.querySelectorAll<HTMLElement>('[data-id]')].find(element => element.getBoundingClientRect().bottom > top)
    anchor.current = seen && { id: seen.dataset.id!, top: seen.getBoundingClientRect().top - top }
  }

  function restore (): void {
    const element = anchor.current && elementOf(anchor.current.id)
    if (element) box.current!.scrollTop += element.getBoundingClientRect().top - box.current!.getBoundingClientRect().top - anchor.current!.top
  }

  function elementOf (id: string): HTMLElement | null {
    return box.current!.querySelector<HTMLElement>(`[data-id="${id}"]`)
  }

  function show (id: string): void {
    const element = elementOf(id)
    if (element === null) return
    element.scrollIntoView({ block: 'center' })
    element.focus({ preventScroll: true })
    setTarget(undefined)
    remember()
  }

  // The log may show a message before it is known to be stored.
  function isShown (localId: string): boolean {
    return drawn.some(message => message.type !== 'S' && message.local_id === localId && message.sender_id === state.myId)
  }

  function onScroll (): void {
    const { scrollTop, scrollHeight, clientHeight } = box.current!
    const below = scrollHeight - scrollTop - clientHeight
    remember()
    if (below < END_PX && slice.to === items.length && !hasNewer) return leaveFor('end')
    if (view === 'end') setView(viewOf(slice))
    if (scrollTop < NEAR_PX) lookUp()
    else if (below < NEAR_PX) lookDown()
    const top = items.find(({ id }) => id === anchor.current?.id)
    if (top !== undefined) keepPlace(talk.id, top.seq)
  }

  function leaveFor (next: 'end'): void {
    forgetPlace(talk.id)
    setView(next)
  }

  function lookUp (): void {
    if (slice.from > 0) setView(viewOf(growUp(slice)))
    else if (hasOlder) talk.loadOlder()
  }

  function lookDown (): void {
    if (slice.to < items.length) setView(viewOf(growDown(slice, items.length)))
    else if (hasNewer) talk.loadNewer()
  }

  function viewOf ({ from, to }: Slice): View {
    return items.length === 0 ? 'end' : { first: items[from]!.seq, last: items[to - 1]!.seq }
  }

  async function jump (messageId: string): Promise<void> {
    const seq = await talk.find(messageId)
    const { items } = talk.state.stretch
    const index = items.findIndex(message => message.seq === seq)
    if (index < 0) return
    const { from, to } = sliceAround(index, items.length)
    setView({ first: items[from]!.seq, last: items[to - 1]!.seq })
    setTarget(messageId)
  }

  // The same functions for as long as the page is open: what is drawn already is not drawn again for their sake.
  const latest = useRef({ jump, onReply, onChoose })
  latest.current = { jump, onReply, onChoose }
  const acts = useMemo((): BubbleActs => ({
    reply: message => latest.current.onReply(message),
    choose: (option, message) => latest.current.onChoose(option, message),
    jump: id => latest.current.jump(id),
    peek: talk.peek
  }), [talk])

  return (
    <div class='timeline'>
      <div class='messages' ref={box} role='log' aria-label={say('messages')} tabIndex={0} data-heir onScroll={onScroll} onKeyDown={moveFocus}>
        <div>
          <p class='line'>{slice.from === 0 && !hasOlder ? say('beginning') : say('loading')}</p>
          {drawn.map((message, index) => (
            <Fragment key={message.id}>
              {isNewDay(message, drawn[index - 1]) && <p class='line day'>{sayDay(message.time)}</p>}
              <Bubble
                message={message}
                people={state.people}
                myId={state.myId}
                quoted={message.type === 'S' ? undefined : byId.get(message.quoted_message_id ?? '')}
                mayWrite={mayWrite}
                acts={acts}
              />
            </Fragment>
          ))}
          {isAtEnd && state.outbox.filter(({ localId }) => !isShown(localId)).map(item => <PendingBubble key={item.localId} item={item} talk={talk} />)}
        </div>
      </div>
      {!isAtEnd && (
        <button class='to-end' onClick={() => talk.toEnd()} aria-label={say('toEnd')}>
          {state.fresh > 0 && <span>{say('newMessages', { count: state.fresh })}</span>}<Icon name='down' />
        </button>
      )}
    </div>
  )
}

/** A reload begins where one was reading. The id is that of the message at the top. */
function startOf (talk: Talk, { stretch: { items } }: TalkState): [View, id?: string] {
  const kept = keptPlace(talk.id)
  const index = kept === undefined ? -1 : items.findIndex(({ seq }) => seq >= kept)
  if (index < 0) return ['end']
  const { from, to } = sliceAround(index, items.length)
  return [{ first: items[from]!.seq, last: items[to - 1]!.seq }, items[index]!.id]
}

function sliceOf (view: View, items: readonly Message[]): Slice {
  if (view === 'end') return sliceAtEnd(items.length)
  const from = items.findIndex(({ seq }) => seq >= view.first)
  const to = items.findLastIndex(({ seq }) => seq <= view.last) + 1
  return from < 0 || to <= from ? sliceAtEnd(items.length) : { from, to }
}

function isNewDay (message: Message, before: Message | undefined): boolean {
  return before === undefined || new Date(message.time).toDateString() !== new Date(before.time).toDateString()
}

/** The arrow keys go from message to message. */
function moveFocus (event: KeyboardEvent): void {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key]
  if (step === undefined) return
  const box = event.currentTarget as HTMLElement
  const messages = [...box.querySelectorAll<HTMLElement>('article')]
  const index = messages.findIndex(message => message.contains(document.activeElement))
  const next = index < 0 ? messages.at(-1) : messages[index + step]
  if (next === undefined) return
  event.preventDefault()
  next.focus()
}
