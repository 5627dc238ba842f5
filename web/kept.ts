import { useEffect, useState } from 'preact/hooks'
import { forget, keep, recall } from './storage.js'
import type { Said } from './talk/state.js'

const kept = new Map<string, unknown>()

/** A state that is found again by whoever comes back to a view, as long as the page is open. */
export function useKept<Value> (key: string, initial: Value): [value: Value, set: (value: Value) => void] {
  const [value, setValue] = useState(() => kept.has(key) ? kept.get(key) as Value : initial)
  useEffect(() => { kept.set(key, value) }, [value])
  return [value, setValue]
}

/** What somebody has written and not sent, which outlives a reload. */
export function useDraft (place: string): [text: string, setText: (text: string) => void] {
  const key = `colloquy.draft.${place}`
  const [text, setText] = useState(() => recall('session', key) ?? '')
  useEffect(() => keep('session', key, text), [text])
  return [text, setText]
}

/** The message that somebody replies to, which outlives a reload as their text does. */
export function useQuoted (place: string): [quoted: Said | undefined, set: (message: Said | undefined) => void] {
  const key = `colloquy.quoted.${place}`
  const [quoted, setQuoted] = useState(() => readSaid(recall('session', key)))
  function set (message: Said | undefined): void {
    setQuoted(message)
    if (message === undefined) forget('session', key)
    else keep('session', key, JSON.stringify(message))
  }
  return [quoted, set]
}

/** Undefined for what is no message. */
function readSaid (json: string | null): Said | undefined {
  try {
    const value = JSON.parse(json ?? 'null')
    const isSaid = ['T', 'A', 'i', 'V', 'a', 'v'].includes(value?.type) && typeof value.id === 'string' && typeof value.text === 'string'
    return isSaid ? value : undefined
  } catch {
    return undefined
  }
}
