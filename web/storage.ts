// What the browser keeps for the page: of this tab (`session`) or of all (`local`). Where it refuses, being told to or
// being full, the page remembers it for as long as it is open.
export type StorageKind = 'session' | 'local'

const remembered: Record<StorageKind, Map<string, string>> = { session: new Map(), local: new Map() }

// The mere access throws where storage is denied.
function storageOf (kind: StorageKind): Storage {
  return kind === 'session' ? sessionStorage : localStorage
}

/** Null when nothing is kept. */
export function recall (kind: StorageKind, key: string): string | null {
  const value = remembered[kind].get(key)
  if (value !== undefined) return value
  try {
    return storageOf(kind).getItem(key)
  } catch {
    return null
  }
}

/** The keys of what is kept, of those that begin in the same way. */
export function keysOf (kind: StorageKind, prefix: string): string[] {
  const keys = [...remembered[kind].keys()]
  try {
    keys.push(...Object.keys(storageOf(kind)))
  } catch {
    // Then nothing else is kept.
  }
  return [...new Set(keys)].filter(key => key.startsWith(prefix))
}

export function keep (kind: StorageKind, key: string, value: string): void {
  try {
    storageOf(kind).setItem(key, value)
    remembered[kind].delete(key)
  } catch {
    remembered[kind].set(key, value)
  }
}

export function forget (kind: StorageKind, key: string): void {
  remembered[kind].delete(key)
  try {
    storageOf(kind).removeItem(key)
  } catch {
    // Then nothing is kept there.
  }
}
