import { useRef, useState } from 'preact/hooks'
import type { Approval, WaitingState } from './state.js'

/** What is being done with a message in a form. */
export type FormKind = 'edit' | 'reject' | 'redirect'

/** The form that is open on one of the messages, and all that are to be shown. */
export interface OpenForm {
  shown: readonly Approval[]
  kindOn: (item: Approval) => FormKind | undefined
  /** Whether it is decided about the message, which is shown for its form alone. */
  isGone: (item: Approval) => boolean
  open: (kind: FormKind, item: Approval) => void
  close: () => void
  /** What was typed in the form that is open on the message, also before it was closed the last time. */
  draftOn: (item: Approval) => string | undefined
  keepDraft: (item: Approval, text: string) => void
}

/** A message stays in its place as long as a form is open on it, whoever decides meanwhile: what is typed there would get lost, or be taken for shortcuts. */
export function useOpenForm ({ items, decided, deciding }: WaitingState): OpenForm {
  const [opened, setOpened] = useState<{ kind: FormKind, item: Approval, above: readonly Approval[] }>()
  const form = opened === undefined || decided.has(opened.item.message.id) ? undefined : opened
  const shown = form === undefined ? items : withItem(items, form.item, form.above)
  const drafts = useDrafts(shown)
  const kindOn = (item: Approval): FormKind | undefined => form !== undefined && isSame(form.item, item) ? form.kind : undefined

  return {
    shown,
    kindOn,
    isGone: item => !deciding.has(item.message.id) && !has(items, item),
    open: (kind, item) => setOpened({ kind, item, above: shown.slice(0, shown.indexOf(item)) }),
    close: () => setOpened(undefined),
    draftOn: item => drafts.get(item.message.id)?.[kindOn(item)!],
    keepDraft: (item, text) => { drafts.set(item.message.id, { ...drafts.get(item.message.id), [kindOn(item)!]: text }) }
  }
}

/** What is typed in forms, by the id of the message; forgotten with the message. */
function useDrafts (shown: readonly Approval[]): Map<string, Partial<Record<FormKind, string>>> {
  const drafts = useRef(new Map<string, Partial<Record<FormKind, string>>>()).current
  for (const id of drafts.keys()) if (!shown.some(({ message }) => message.id === id)) drafts.delete(id)
  return drafts
}

/** Those with one more, below what was above it. */
function withItem (items: readonly Approval[], item: Approval, above: readonly Approval[]): readonly Approval[] {
  if (has(items, item)) return items
  const index = items.filter(other => has(above, other)).length
  return [...items.slice(0, index), item, ...items.slice(index)]
}

function has (items: readonly Approval[], item: Approval): boolean {
  return items.some(other => isSame(other, item))
}

// What is read again is another object.
function isSame (one: Approval, other: Approval): boolean {
  return one.message.id === other.message.id
}
