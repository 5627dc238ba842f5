import { useEffect, useState } from 'preact/hooks'

/** What the page shows, as the part of its address after the # says. */
export type Route = { page: 'lobby' } | { page: 'talk', id: string } | { page: 'approvals' }

export const lobbyAddress = '#/'
export const approvalsAddress = '#/approvals'

export function talkAddress (id: string): string {
  return `#/c/${id}`
}

export function go (address: string): void {
  location.hash = address
}

function routeOf (hash: string): Route {
  const id = hash.match(/^#\/c\/([\w-]+)$/)?.[1]
  if (id !== undefined) return { page: 'talk', id }
  return hash === approvalsAddress ? { page: 'approvals' } : { page: 'lobby' }
}

export function useRoute (): Route {
  const [hash, setHash] = useState(location.hash)
  useEffect(() => {
    const listener = (): void => setHash(location.hash)
    // It may have changed before there was a listener.
    listener()
    addEventListener('hashchange', listener)
    return () => removeEventListener('hashchange', listener)
  }, [])
  return routeOf(hash)
}
