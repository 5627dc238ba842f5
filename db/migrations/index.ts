import type { Migration } from 'kysely'
import * as conversations from './001-conversations.js'
import * as live from './002-live.js'
import * as lighterMessages from './003-lighter-messages.js'
import * as read from './004-read.js'
import * as restored from './005-restored.js'

/** Every migration by its name, in the order in which they are applied. */
export const migrations: Record<string, Migration> = {
  '001-conversations': conversations,
  '002-live': live,
  '003-lighter-messages': lighterMessages,
  '004-read': read,
  '005-restored': restored
}
