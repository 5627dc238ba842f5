import type { MessageInput, Outgoing } from '../../client/index.js'
import { forget, keep, recall } from '../storage.js'

const keyOf = (id: string): string => `colloquy.outbox.${id}`

/** Texts on their way outlive a reload, with their local_id; files do not. */
export function keepOutbox (id: string, outbox: readonly Outgoing[]): void {
  const inputs = outbox.filter(({ file, state }) => file === undefined && state !== 'sent').map(({ input }) => input)
  if (inputs.length === 0) forget('session', keyOf(id))
  else keep('session', keyOf(id), JSON.stringify(inputs))
}

export function keptOutbox (id: string): MessageInput[] {
  try {
    const kept: unknown = JSON.parse(recall('session', keyOf(id)) ?? '[]')
    return Array.isArray(kept) ? kept.filter(input => typeof input?.local_id === 'string') : []
  } catch {
    return []
  }
}
