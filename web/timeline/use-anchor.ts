import type { RefObject } from 'preact'
import { useMemo, useRef } from 'preact/hooks'

/** Keeps what somebody looks at where it is, while others are drawn above it, grow or vanish. */
export interface Anchor {
  /** The uppermost message that is seen, and how far below the top of the list, in px. */
  readonly place: AnchorPlace | undefined
  /** Notes which message is seen uppermost, and where. */
  remember: () => void
  /** Puts it there again. */
  restore: () => void
  /** Shows a message and gives it the focus. Gives whether it is drawn. */
  show: (id: string) => boolean
}

/** Of a message that is not stored yet, the `local_id`. */
export interface AnchorPlace { id: string, top: number }

/** @param start where which message is to be first */
export function useAnchor (box: RefObject<HTMLElement | null>, start: AnchorPlace | undefined): Anchor {
  const place = useRef(start)
  return useMemo(() => {
    const idOf = ({ dataset }: HTMLElement): string => (dataset.id ?? dataset.localId)!
    const all = (): HTMLElement[] => [...box.current!.querySelectorAll<HTMLElement>('[data-id], [data-local-id]')]
    const elementOf = (id: string): HTMLElement | undefined => all().find(element => idOf(element) === id)
    const topOf = (element: HTMLElement): number => element.getBoundingClientRect().top - box.current!.getBoundingClientRect().top

    function remember (): void {
      const { top } = box.current!.getBoundingClientRect()
      const seen = all().find(element => element.getBoundingClientRect().bottom > top)
      place.current = seen && { id: idOf(seen), top: topOf(seen) }
    }

    function restore (): void {
      const element = place.current && elementOf(place.current.id)
      if (element) box.current!.scrollTop += topOf(element) - place.current!.top
    }

    function show (id: string): boolean {
      const element = elementOf(id)
      if (element === undefined) return false
      element.scrollIntoView({ block: 'center' })
      element.focus({ preventScroll: true })
      remember()
      return true
    }

    return { get place () { return place.current }, remember, restore, show }
  }, [box])
}
