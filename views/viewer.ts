import type { Event } from '../contract/api.js'
import type { Audience, Member, Role } from '../db/schema.js'

/** Who reads a conversation. */
export interface Viewer {
  /** What is for one of these may be seen. */
  audiences: Audience[]
  isBot: boolean
}

/**
 * What somebody may see of a conversation.
 * @param me the participant; undefined for a manager who is not in it
 * @param role of the session
 */
export function viewerOf (me: Pick<Member, 'id' | 'type' | 'is_manager'> | undefined, role: Role | null): Viewer {
  const own = me === undefined ? [] : [me.id]
  if (role !== null || me?.is_manager === 1) return { audiences: ['all', 'people', 'managers', ...own], isBot: me?.type === 'B' }
  if (me?.type === 'B') return { audiences: ['all', ...own], isBot: true }
  return { audiences: ['all', 'people', ...own], isBot: false }
}

/** Whether an event tells a reader that it is not in the conversation any more. */
export function endsViewing (event: Event, { audiences }: Viewer): boolean {
  return event.type === 'participant.left' && audiences.includes(event.participant.id)
}
