import type { RefObject } from 'preact'
import { useMemo, useRef } from 'preact/hooks'

/** Keeps what somebody looks at where it is, while others are drawn above it, grow or vanish. */
export interface Anchor {
  /** The uppermost message that is seen, by id. */
  readonly id: string | undefined
  /** Notes which message is seen uppermost, and where. */
  remember: () => void
  /** Puts it there again. */
  restore: () => void
  /** Shows a message and gives it the focus. Gives whether it is drawn. */
  show: (id: string) => boolean
}

/** @param startId the message that is to be at the top first */
export function useAnchor (box: RefObject<HTMLElement | null>, startId: string | undefined): Anchor {
  const place = useRef(startId === undefined ? undefined : { id: startId, top: 0 })
  return useMemo(() => {
    const elementOf = (id: string): HTMLElement | null => box.current!.querySelector<HTMLElement>(`[data-id="${id}"]`)
    const topOf = (element: HTMLElement): number => element.getBoundingClientRect().top - box.current!.getBoundingClientRect().top

    function remember (): void {
      const { top } = box.current!.getBoundingClientRect()
      const seen = [...box.current!.querySelectorAll<HTMLElement>('[data-id]')].find(element => element.getBoundingClientRect().bottom > top)
      place.current = seen && { id: seen.dataset.id!, top: topOf(seen) }
    }

    function restore (): void {
      const element = place.current && elementOf(place.current.id)
      if (element) box.current!.scrollTop += topOf(element) - place.current!.top
    }

    function show (id: string): boolean {
      const element = elementOf(id)
      if (element === null) return false
      element.scrollIntoView({ block: 'center' })
      element.focus({ preventScroll: true })
      remember()
      return true
    }

    return { get id () { return place.current?.id }, remember, restore, show }
  }, [box])
}
