import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Approval, Verdict, WaitingState } from './state.js'
import type { Decide } from './decisions.js'
import { Item } from './item.js'
import type { OpenForm } from './open-form.js'
import { createPeople } from './people.js'
import type { Quotes } from './quotes.js'

interface ListProps { form: OpenForm, state: WaitingState, quotes: Quotes, decide: Decide }

/** The messages that wait, of which one is current. Keys act on that one as long as the list has the focus. */
export function List ({ form, state, quotes, decide }: ListProps) {
  const people = useMemo(createPeople, [])
  const list = useRef<HTMLOListElement>(null)
  // The message that has the focus, or had it last.
  const focused = useRef('')
  const items = form.shown
  const { current, chosen, choose } = usePlace(items)

  // Not from somebody who has gone elsewhere meanwhile.
  useLayoutEffect(() => { if (document.activeElement?.matches('body, h1')) focus() }, [])

  function focus (): void {
    (list.current?.children[chosen()] as HTMLElement | undefined)?.focus()
  }

  // To the next one only after one's own decision: otherwise a key would act on a message to which nobody has moved.
  function goOn (): void {
    if (state.decided.has(focused.current) || state.deciding.has(focused.current)) focus()
  }

  function answer (item: Approval, verdict: Verdict): void {
    // What is redirected can be read no more, while the answers to it quote it.
    if ('redirect' in verdict) quotes.keep(item.message)
    decide(item, verdict)
  }

  const isInside = (): boolean => document.activeElement !== list.current

  function move (step: number): void {
    if (isInside()) choose(Math.max(0, Math.min(items.length - 1, chosen() + step)))
    focus()
  }

  const moves: Record<string, () => void> = { j: () => move(1), k: () => move(-1) }
  const acts: Record<string, (item: Approval) => void> = {
    a: item => { decide(item, { approve: {} }) },
    e: item => form.open('edit', item),
    r: item => form.open('reject', item),
    d: item => form.open('redirect', item)
  }

  function act (key: string): void {
    const item = items[chosen()]!
    if (isInside() && !form.isGone(item)) acts[key]!(item)
  }

  function onKey (event: KeyboardEvent): void {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === 'Escape') { form.close(); return focus() }
    const key = event.key.toLowerCase()
    if (!(key in moves || key in acts) || (event.target as Element).matches('input, textarea, select')) return
    event.preventDefault()
    if (key in moves) moves[key]!()
    // Who holds a key decides about one message, not about those that nobody has read.
    else if (!event.repeat) act(key)
  }

  return (
    <ol ref={list} tabIndex={-1} data-heir onFocus={goOn} onKeyDown={onKey}>
      {items.map((item, index) => {
        const { id } = item.message
        return (
          <li key={id} tabIndex={-1} aria-current={index === current} aria-busy={state.deciding.has(id)} onFocusIn={() => { focused.current = id; choose(index) }}>
            <Item item={item} people={people} quotes={quotes} isReachable={state.trouble === ''} form={form.kindOn(item)} isGone={form.isGone(item)} draft={form.draftOn(item)} onForm={kind => form.open(kind, item)} onDraft={text => form.keepDraft(item, text)} onClose={() => form.close()} onDecide={verdict => answer(item, verdict)} />
          </li>
        )
      })}
    </ol>
  )
}

/** Which message is the current one: `current` as drawn, `chosen` as it is now, because keys may come faster than drawings. */
function usePlace (items: readonly Approval[]) {
  const [, redraw] = useState({})
  // By its id, since others above it vanish when somebody decides about them; by its index when it has vanished itself.
  const place = useRef({ id: '', index: 0 })
  const current = chosen()
  place.current = placeAt(current)

  function chosen (): number {
    const { id, index } = place.current
    const found = items.findIndex(({ message }) => message.id === id)
    return found < 0 ? Math.max(0, Math.min(items.length - 1, index)) : found
  }

  function placeAt (index: number) {
    return { id: items[index]?.message.id ?? '', index }
  }

  function choose (index: number): void {
    if (place.current.index === index) return
    place.current = placeAt(index)
    redraw({})
  }

  return { current, chosen, choose }
}
