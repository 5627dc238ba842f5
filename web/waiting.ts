import type { components } from '../client/index.js'
import { say } from './language.js'
import { client, orThrow, ProblemError } from './session.js'
import { createStore, type Store } from './store.js'

export type Approval = components['schemas']['Approval']
export type Verdict = { approve: { text?: string } } | { reject: { reason?: string } } | { redirect: { bots: string[] } }

export interface WaitingState {
  items: readonly Approval[]
  isLoaded: boolean
  /** Why the last decision was not taken. */
  problem: string
}

/** The messages that wait for a decision, as they come and go. */
export interface Waiting extends Store<WaitingState> {
  decide: (item: Approval, verdict: Verdict) => Promise<void>
  close: () => void
}

const WAIT_S = 5
const PAUSE_MS = 2000

export function openWaiting (): Waiting {
  const store = createStore<WaitingState>({ items: [], isLoaded: false, problem: '' })
  const leaving = new AbortController()

  // The whole list again and again: others decide, too. In between it is waited for what comes.
  async function follow (): Promise<void> {
    while (!leaving.signal.aborted) {
      try {
        const items = await readAll()
        store.set({ items, isLoaded: true })
        const after = items.at(-1)?.message.id
        await orThrow(client.GET('/api/chat/approvals/', { params: { query: { ...after && { after }, limit: 1, wait: WAIT_S } }, signal: leaving.signal }))
      } catch (error) {
        if (error instanceof ProblemError) store.set({ problem: error.message })
        await new Promise(resolve => setTimeout(resolve, PAUSE_MS))
      }
    }
  }

  async function readAll (): Promise<Approval[]> {
    const items: Approval[] = []
    let after: string | null | undefined
    do {
      const page = await orThrow(client.GET('/api/chat/approvals/', { params: { query: { ...after && { after } } }, signal: leaving.signal }))
      items.push(...page.results)
      after = page.next
    } while (after !== null && items.length < 1000)
    return items
  }

  async function decide (item: Approval, verdict: Verdict): Promise<void> {
    try {
      await orThrow(send(item, verdict))
      remove(item)
      store.set({ problem: '' })
    } catch (error) {
      const isDecided = error instanceof ProblemError && error.problem.code === 'already_decided'
      if (isDecided) remove(item)
      store.set({ problem: isDecided ? say('decidedElsewhere') : (error as Error).message })
    }
  }

  function remove (item: Approval): void {
    store.set({ items: store.state.items.filter(({ message }) => message.id !== item.message.id) })
  }

  follow()
  return { get state () { return store.state }, set: store.set, subscribe: store.subscribe, decide, close: () => leaving.abort() }
}

function send ({ conversation, message }: Approval, verdict: Verdict) {
  const params = { path: { conversation_id: conversation.id, message_id: message.id } }
  if ('approve' in verdict) return client.POST('/api/chat/conversations/{conversation_id}/messages/{message_id}/approve/', { params, body: verdict.approve })
  if ('reject' in verdict) return client.POST('/api/chat/conversations/{conversation_id}/messages/{message_id}/reject/', { params, body: verdict.reject })
  return client.POST('/api/chat/conversations/{conversation_id}/messages/{message_id}/redirect/', { params, body: verdict.redirect })
}
