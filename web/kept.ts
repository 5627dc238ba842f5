import { useEffect, useState } from 'preact/hooks'

const kept = new Map<string, unknown>()

/** A state that is found again by whoever comes back to a view, as long as the page is open. */
export function useKept<Value> (key: string, initial: Value): [value: Value, set: (value: Value) => void] {
  const [value, setValue] = useState(() => kept.has(key) ? kept.get(key) as Value : initial)
  useEffect(() => { kept.set(key, value) }, [value])
  return [value, setValue]
}
