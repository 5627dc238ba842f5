import { usualPace } from './pace.js'
import type { Place, SocketConstructor } from './types.js'

export interface ClientOptions {
  /** The address of the server, such as `https://chat.example.org`, with the path under which it is mounted if there is one. */
  url: string
  /** The token of a session, of a bot or of the admin; the browser's cookie when absent. */
  token?: string | undefined
  /** What sends requests, when that is not the global function. */
  fetch?: typeof fetch
  /** What opens sockets, when there is no global one: `WebSocket` of the library `ws` in Node 20. */
  WebSocket?: SocketConstructor
}

export function placeOf ({ url, token, fetch, WebSocket }: ClientOptions): Place {
  return {
    url: url.replace(/\/+$/, ''),
    token,
    // The function of a browser may be called on nothing but its window.
    fetch: (...request) => (fetch ?? globalThis.fetch)(...request),
    hasOwnFetch: fetch !== undefined,
    WebSocket: WebSocket ?? (globalThis as { WebSocket?: SocketConstructor }).WebSocket,
    pace: usualPace
  }
}
