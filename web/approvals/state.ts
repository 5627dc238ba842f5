import type { components } from '../../client/index.js'

export type Approval = components['schemas']['Approval']
export type Verdict = { approve: { text?: string } } | { reject: { reason?: string } } | { redirect: { bots: string[] } }

/** What is known of the messages that wait. */
export interface WaitingState {
  /** The oldest ones. */
  items: readonly Approval[]
  /** Whether more wait than are shown. */
  hasMore: boolean
  isLoaded: boolean
  /** Why the last decision was not taken, and when that was said. */
  problem: string
  problemAt: number
  /** Why the list is not up to date. */
  trouble: string
  /** The ids of the messages about which a decision is on its way. */
  deciding: ReadonlySet<string>
  /** The ids of those that whoever is here has decided about, or was too late to; an answer that is older may still tell of them. */
  decided: ReadonlySet<string>
}
