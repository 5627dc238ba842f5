import type { Policy } from '../../actions/policy.js'
import type { Blab } from '../../db/blab.js'
import type { Reader } from '../../db/schema.js'
import type { Write } from '../../db/write.js'
import type { OpenMedia } from './media.js'
import type { Tally } from './tally.js'

/** What an import works with. */
export interface Tools {
  blab: Blab
  openMedia: OpenMedia
  db: Reader
  write: Write
  policy: Policy
  tally: Tally
  /** Told how much of the work is done: messages, and bytes of their files. */
  onDone: (messages: number, bytes: number) => void
}
