import type { Limits } from '../client/index.js'
import { usePolling } from './polling.js'
import { client, orThrow } from './session.js'

/** How much may be written and sent; undefined as long as it is not known. */
export function useLimits (): Limits | undefined {
  return usePolling(() => orThrow(client.GET('/api/chat/limits/')), { isOnce: true }).value
}
