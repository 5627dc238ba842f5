import type { Event } from '../contract/api.js'
import { call, inParallel, type Member } from './client.js'

/** What the server has said of a message when it took it. */
export interface Acknowledged { seq: number, localId: string }

/** What was sent and acknowledged, to be compared with the log. */
export interface Ledger {
  /** A local_id that no ledger of this process has given yet; all are of the same length. */
  nextLocalId: () => string
  acknowledge: (conversationId: string, message: Acknowledged) => void
  /** One acknowledged message; undefined when there is none. */
  any: () => Acknowledged & { conversationId: string } | undefined
  /** Reads the log of each conversation back, and says what is lost, doubled, invented or out of order. */
  check: (address: string) => Promise<string[]>
}

interface Page { events: Event[], has_more: boolean }

const LOCAL_ID_LENGTH = 10
const ownPattern = new RegExp(`^\\d{${LOCAL_ID_LENGTH}}$`)
const PAGE_SIZE = 500

// Over all ledgers: two may be about the same conversations, one after the other.
let sent = 0

/**
 * A ledger for conversations in which nobody else uses such a local_id.
 * @param members a person of each, to read its log
 */
export function createLedger (members: Member[]): Ledger {
  const acknowledged = new Map<string, Acknowledged[]>(members.map(({ conversationId }) => [conversationId, []]))
  return {
    nextLocalId: () => String(++sent).padStart(LOCAL_ID_LENGTH, '0'),
    acknowledge: (conversationId, message) => { acknowledged.get(conversationId)!.push(message) },
    any: () => [...acknowledged].flatMap(([conversationId, messages]) => messages.slice(0, 1).map(message => ({ ...message, conversationId })))[0],
    check: async address => {
      const mistakes = await inParallel(members.length, async index => {
        const events = await readLog(address, members[index]!)
        return [...checkOrder(events), ...checkMessages(events, acknowledged.get(members[index]!.conversationId)!)]
          .map(mistake => `${mistake} Conversation ${members[index]!.conversationId}.`)
      })
      return mistakes.flat()
    }
  }
}

/** The whole log of a conversation, as one of its people is given it. */
export async function readLog (address: string, { conversationId, token }: Member): Promise<Event[]> {
  const events: Event[] = []
  for (let hasMore = true; hasMore;) {
    const path = `/api/chat/conversations/${conversationId}/events/?after=${events.at(-1)?.seq ?? 0}&limit=${PAGE_SIZE}`
    const page: Page = await call(address, 'GET', path, token)
    events.push(...page.events)
    hasMore = page.has_more
  }
  return events
}

function checkOrder (events: Event[]): string[] {
  const wrong = events.findIndex(({ seq }, index) => seq !== index + 1)
  return wrong < 0 ? [] : [`Out of order: the event at place ${wrong + 1} of the log has the seq ${events[wrong]!.seq}.`]
}

function checkMessages (events: Event[], acknowledged: Acknowledged[]): string[] {
  const stored = new Map<string, number>()
  const mistakes: string[] = []
  for (const { localId, seq } of events.flatMap(ownMessage)) {
    if (Number(localId) > sent) mistakes.push(`Invented: nobody has sent the message ${localId} at seq ${seq}.`)
    if (stored.has(localId)) mistakes.push(`Doubled: the message ${localId} is in the log at seq ${stored.get(localId)} and at ${seq}.`)
    else stored.set(localId, seq)
  }
  return [...mistakes, ...acknowledged.flatMap(message => missing(message, stored.get(message.localId)))]
}

function missing ({ localId, seq }: Acknowledged, storedSeq: number | undefined): string[] {
  if (storedSeq === undefined) return [`Lost: the message ${localId} was acknowledged as seq ${seq}, and is not in the log.`]
  return storedSeq === seq ? [] : [`Moved: the message ${localId} was acknowledged as seq ${seq}, and is in the log at ${storedSeq}.`]
}

function ownMessage (event: Event): Acknowledged[] {
  if (event.type !== 'message.created' || event.message.type === 'S') return []
  const { local_id: localId } = event.message
  return localId !== null && ownPattern.test(localId) ? [{ localId, seq: event.seq }] : []
}
