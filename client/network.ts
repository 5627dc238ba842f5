interface Network {
  addEventListener?: (name: string, listener: () => void) => void
  removeEventListener?: (name: string, listener: () => void) => void
}

/** Browsers say when the network is gone and back. Gives how to listen no more. */
export function listenToNetwork (listeners: Record<'online' | 'offline', () => void>): () => void {
  const network = globalThis as Network
  for (const [name, listener] of Object.entries(listeners)) network.addEventListener?.(name, listener)
  return () => { for (const [name, listener] of Object.entries(listeners)) network.removeEventListener?.(name, listener) }
}
