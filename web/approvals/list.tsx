import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Approval, WaitingState } from './state.js'
import type { Waiting } from './waiting.js'
import { Item, type Form } from './item.js'
import { createPeople } from './people.js'

interface ListProps { items: readonly Approval[], state: WaitingState, decide: Waiting['decide'] }

/** The messages that wait, of which one is current. Keys act on that one as long as the list has the focus. */
export function List ({ items, state, decide }: ListProps) {
  const people = useMemo(createPeople, [])
  const list = useRef<HTMLOListElement>(null)
  const [form, setForm] = useState<{ id: string, kind: Form }>()
  const { current, chosen, choose } = usePlace(items)

  // Not from somebody who has gone elsewhere meanwhile.
  useLayoutEffect(() => { if (document.activeElement?.matches('body, h1')) focus() }, [])

  function focus (): void {
    (list.current?.children[chosen()] as HTMLElement | undefined)?.focus()
  }

  function move (step: number): void {
    choose(Math.max(0, Math.min(items.length - 1, chosen() + step)))
    focus()
  }

  const open = (kind: Form) => (): void => setForm({ id: items[chosen()]!.message.id, kind })
  const moves: Record<string, () => void> = { j: () => move(1), k: () => move(-1) }
  const acts: Record<string, () => void> = {
    a: () => { decide(items[chosen()]!, { approve: {} }) },
    e: open('edit'),
    r: open('reject'),
    d: open('redirect')
  }

  function onKey (event: KeyboardEvent): void {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === 'Escape') { setForm(undefined); return focus() }
    const act = moves[event.key] ?? acts[event.key]
    if (act === undefined || (event.target as Element).matches('input, textarea, select')) return
    event.preventDefault()
    // Who holds a key decides about one message, not about those that nobody has read.
    if (!event.repeat || event.key in moves) act()
  }

  return (
    <ol ref={list} tabIndex={-1} data-heir onFocus={focus} onKeyDown={onKey}>
      {items.map((item, index) => {
        const { id } = item.message
        return (
          <li key={id} tabIndex={-1} aria-current={index === current} aria-busy={state.deciding.has(id)} onFocusIn={() => choose(index)}>
            <Item item={item} people={people} isReachable={state.trouble === ''} form={form?.id === id ? form.kind : undefined} onForm={kind => setForm({ id, kind })} onDecide={verdict => decide(item, verdict)} />
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
