import type { components } from '../../client/index.js'
import { client } from '../session.js'

const PAUSE_MS = 400
const AGAIN_MS = 3000

type ReadState = components['schemas']['ReadState']

/** How far somebody has read, as the server remembers it. */
export interface ReadMark {
  /** Everything up to a seq is read. */
  set: (seq: number) => void
  /** Tells the server now what it has not been told yet; or never, of a conversation that one is not in any more. */
  end: (isInside: boolean) => void
  /** How far that is, and how many messages follow; undefined when it cannot be asked. */
  ask: () => Promise<ReadState | undefined>
}

export function createReadMark (conversationId: string): ReadMark {
  // Whoever comes after somebody has not read for them.
  const owner = client
  let [told, wanted] = [0, 0]
  let isOver = false
  let timer: ReturnType<typeof setTimeout> | undefined

  /** @throws Error when it may go well later */
  async function tell (seq: number): Promise<ReadState | undefined> {
    const params = { path: { conversation_id: conversationId } }
    // What is told while the page goes away is told nevertheless.
    const { data, response: { status } } = await owner.POST('/api/chat/conversations/{conversation_id}/read/', { params, body: { seq }, keepalive: true })
    if (status === 429 || status >= 500) throw new Error(`The answer has the status ${status}.`)
    return data
  }

  function tellIn (ms: number): void {
    clearTimeout(timer)
    timer = setTimeout(tellWanted, ms)
  }

  function tellWanted (): void {
    clearTimeout(timer)
    if (wanted <= told) return
    told = wanted
    tell(wanted).catch(() => {
      told = 0
      if (!isOver) tellIn(AGAIN_MS)
    })
  }

  function onHidden (): void {
    if (document.hidden) tellWanted()
  }

  addEventListener('pagehide', tellWanted)
  document.addEventListener('visibilitychange', onHidden)
  return {
    set: seq => {
      wanted = Math.max(wanted, seq)
      tellIn(PAUSE_MS)
    },
    end: isInside => {
      isOver = true
      removeEventListener('pagehide', tellWanted)
      document.removeEventListener('visibilitychange', onHidden)
      clearTimeout(timer)
      if (isInside) tellWanted()
    },
    // It never goes back, so that this changes nothing.
    ask: () => tell(0).catch(() => undefined)
  }
}
