import { sayError } from '../errors.js'
import { client, orThrow, ProblemError } from '../session.js'
import type { Store } from '../store.js'
import type { Approval, Verdict, WaitingState } from './state.js'

export type Decide = (item: Approval, verdict: Verdict) => Promise<void>

/** @param onOver called when the session is over */
export function createDecide (store: Store<WaitingState>, onOver: () => void): Decide {
  async function decide (item: Approval, verdict: Verdict): Promise<void> {
    const { id } = item.message
    // Keys come faster than answers and drawings.
    if (store.state.decided.has(id) || store.state.deciding.has(id)) return
    store.set({ deciding: new Set([...store.state.deciding, id]) })
    try {
      await orThrow(send(item, verdict))
      remove(id)
      store.set({ problem: '' })
    } catch (error) {
      if (isOver(error)) onOver()
      else complain(id, error)
    }
    store.set({ deciding: new Set([...store.state.deciding].filter(other => other !== id)) })
  }

  function complain (id: string, error: unknown): void {
    if (error instanceof ProblemError && error.problem.code === 'already_decided') remove(id)
    store.set({ problem: sayError(error), problemAt: performance.now() })
  }

  function remove (id: string): void {
    const { items, decided } = store.state
    store.set({ items: items.filter(({ message }) => message.id !== id), decided: new Set([...decided, id]) })
  }

  return decide
}

export function isOver (error: unknown): boolean {
  return error instanceof ProblemError && error.problem.status === 401
}

function send ({ conversation, message }: Approval, verdict: Verdict) {
  const params = { path: { conversation_id: conversation.id, message_id: message.id } }
  if ('approve' in verdict) return client.POST('/api/chat/conversations/{conversation_id}/messages/{message_id}/approve/', { params, body: verdict.approve })
  if ('reject' in verdict) return client.POST('/api/chat/conversations/{conversation_id}/messages/{message_id}/reject/', { params, body: verdict.reject })
  return client.POST('/api/chat/conversations/{conversation_id}/messages/{message_id}/redirect/', { params, body: verdict.redirect })
}
