import { client, orThrow } from '../session.js'

/** Reads the list of those that wait, for somebody who reads it again and again. */
export interface Reader {
  /** @throws also when the network goes, or says nothing for too long */
  read: (query: { after?: string, wait?: number, limit: number }) => ReturnType<typeof readPage>
  /** Ends before its time when the network comes back. */
  pause: (timeMs: number) => Promise<void>
  close: () => void
}

const PATIENCE_MS = 10_000

export function createReader (): Reader {
  let request: AbortController | undefined
  let wake: (() => void) | undefined

  async function read (query: Parameters<Reader['read']>[0]) {
    const own = request = new AbortController()
    const timer = setTimeout(() => own.abort(), (query.wait ?? 0) * 1000 + PATIENCE_MS)
    try {
      return await readPage(query, own.signal)
    } finally {
      clearTimeout(timer)
    }
  }

  async function pause (timeMs: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout>
    await new Promise<void>(resolve => {
      wake = resolve
      timer = setTimeout(resolve, timeMs)
    }).finally(() => clearTimeout(timer))
  }

  const giveUp = (): void => request?.abort()
  const goOn = (): void => wake?.()

  function close (): void {
    removeEventListener('offline', giveUp)
    removeEventListener('online', goOn)
    giveUp()
    goOn()
  }

  addEventListener('offline', giveUp)
  addEventListener('online', goOn)
  return { read, pause, close }
}

function readPage (query: { after?: string, wait?: number, limit: number }, signal: AbortSignal) {
  return orThrow(client.GET('/api/chat/approvals/', { params: { query }, signal }))
}
