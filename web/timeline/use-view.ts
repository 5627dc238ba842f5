import type { RefObject } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { forgetPlace, keepPlace, keptPlace } from '../place.js'
import type { TalkState } from '../talk/state.js'
import type { Talk } from '../talk/talk.js'
import { growDown, growUp, type Slice } from '../talk/window.js'
import { useAnchor, type Anchor, type AnchorPlace } from './use-anchor.js'
import { sliceOf, viewAround, viewOf, type View } from './view.js'

// So near to an end of what is drawn, more of it is drawn; so near to the last message, whoever goes down is at the end.
const NEAR_PX = 600
const END_PX = 40

export interface Viewing {
  /** The part of the known messages that is drawn. */
  slice: Slice
  /** Whether the last message is drawn. */
  reachesEnd: boolean
  /** Whether it stays in sight. */
  isAtEnd: boolean
  onScroll: () => void
  /** Shows a message, wherever it is. */
  jump: (messageId: string) => void
}

/** Which part of a conversation is drawn, as somebody scrolls, jumps, and messages come. */
export function useView (talk: Talk, state: TalkState, box: RefObject<HTMLElement | null>): Viewing {
  const { items, hasOlder, hasNewer } = state.stretch
  const [[start, startPlace]] = useState(() => beginning(talk.id, items))
  const [view, setView] = useState<View>(start)
  const [target, setTarget] = useState<string>()
  const anchor = useAnchor(box, startPlace)
  const slice = sliceOf(view, items)
  const reachesEnd = slice.to === items.length && !hasNewer
  const isAtEnd = view === 'end' && !hasNewer
  const lastTop = useSteadiness(box, anchor, isAtEnd, target, () => setTarget(undefined))

  // What was loaded is drawn as far as there is room for it.
  useEffect(() => {
    const { above, below, isShort } = measure(box.current!)
    if (view === 'end') {
      if (slice.from === 0 && hasOlder && isShort) talk.loadOlder()
      return
    }
    // Somebody may have scrolled since the drawing without having been heard yet.
    if (above !== lastTop.current) anchor.remember()
    lookAround(above, below)
  }, [view, items[0]?.seq, items.at(-1)?.seq, hasOlder, hasNewer, state.status])

  // After the other, which would go on from where one was.
  useEffect(() => { if (state.returns > 0) goToEnd() }, [state.returns])

  // One at a time, since both change the same slice.
  function lookAround (above: number, below: number): void {
    if (above < NEAR_PX && (slice.from > 0 || hasOlder)) lookUp()
    else if (below < NEAR_PX) lookDown()
  }

  function lookUp (): void {
    if (slice.from > 0) setView(viewOf(growUp(slice), items))
    else talk.loadOlder()
  }

  function lookDown (): void {
    if (slice.to < items.length) setView(viewOf(growDown(slice, items.length), items))
    else if (hasNewer) talk.loadNewer()
  }

  function goToEnd (): void {
    forgetPlace(talk.id)
    setView('end')
  }

  function onScroll (): void {
    // A scrolling is told of with the next frame, when the page may show something else.
    if (box.current === null) return
    const { above, below } = measure(box.current)
    const step = above - lastTop.current
    lastTop.current = above
    // Otherwise it is the list itself that was moved, and what has grown meanwhile has not been made up for yet.
    if (step !== 0) anchor.remember()
    // What grows at the end, such as a picture, moves the end away; only somebody who goes up leaves it.
    const stays = isAtEnd && step >= 0
    const comesDown = step > 0 && below < END_PX
    if (reachesEnd && (stays || comesDown || below < 1)) return goToEnd()
    if (view === 'end') setView(viewOf(slice, items))
    lookAround(above, below)
    const top = items.find(({ id }) => id === anchor.place?.id)
    if (top !== undefined) keepPlace(talk.id, { seq: top.seq, top: anchor.place!.top })
  }

  async function jump (messageId: string): Promise<void> {
    const [next, id] = viewAround(await talk.find(messageId), talk.state.stretch.items)
    if (id !== messageId) return
    setView(next)
    setTarget(messageId)
  }

  return { slice, reachesEnd, isAtEnd, onScroll, jump }
}

/** Where a reload goes on. */
function beginning (talkId: string, items: TalkState['stretch']['items']): [View, AnchorPlace?] {
  const place = keptPlace(talkId)
  const [view, id] = viewAround(place?.seq, items)
  return id === undefined ? [view] : [view, { id, top: place!.top }]
}

function measure ({ scrollTop, scrollHeight, clientHeight }: HTMLElement): { above: number, below: number, isShort: boolean } {
  return { above: scrollTop, below: scrollHeight - scrollTop - clientHeight, isShort: scrollHeight < clientHeight + NEAR_PX }
}

/**
 * After each drawing, and when something changes its size, what was seen is put where it was, or the end is shown. Gives
 * how far down the list is scrolled then, in px.
 */
function useSteadiness (box: RefObject<HTMLElement | null>, anchor: Anchor, isAtEnd: boolean, target: string | undefined, onShown: () => void): RefObject<number> {
  const lastTop = useRef(0)

  function steady (): void {
    // The observer tells of those that are gone, too.
    if (box.current === null) return
    if (isAtEnd) box.current.scrollTop = box.current.scrollHeight
    else anchor.restore()
    lastTop.current = box.current.scrollTop
  }

  useLayoutEffect(() => {
    if (target !== undefined) {
      if (anchor.show(target)) onShown()
      lastTop.current = box.current!.scrollTop
      return
    }
    steady()
    anchor.remember()
  })

  useEffect(() => {
    const observer = new ResizeObserver(steady)
    observer.observe(box.current!)
    observer.observe(box.current!.firstElementChild!)
    return () => observer.disconnect()
  }, [isAtEnd])
  return lastTop
}
