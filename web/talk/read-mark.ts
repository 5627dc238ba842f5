import { client } from '../session.js'

const PAUSE_MS = 400

/** How far somebody has read, as the server remembers it. */
export interface ReadMark {
  /** Everything up to a seq is read. */
  set: (seq: number) => void
  /** Tells the server now what it has not been told yet; or never, of a conversation that one is not in any more. */
  end: (isInside: boolean) => void
  /** How many messages are not. */
  countUnread: () => Promise<number>
}

export function createReadMark (conversationId: string): ReadMark {
  let [told, wanted] = [0, 0]
  let timer: ReturnType<typeof setTimeout> | undefined

  async function tell (seq: number): Promise<number> {
    const { data } = await client.POST('/api/chat/conversations/{conversation_id}/read/', { params: { path: { conversation_id: conversationId } }, body: { seq } })
    return data?.unread_count ?? 0
  }

  function tellWanted (): void {
    clearTimeout(timer)
    if (wanted <= told) return
    told = wanted
    tell(wanted).catch(() => { told = 0 })
  }

  return {
    set: seq => {
      wanted = Math.max(wanted, seq)
      clearTimeout(timer)
      timer = setTimeout(tellWanted, PAUSE_MS)
    },
    end: isInside => {
      clearTimeout(timer)
      if (isInside) tellWanted()
    },
    // It never goes back, so that this changes nothing.
    countUnread: () => tell(0).catch(() => 0)
  }
}
