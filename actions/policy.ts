import type { FileMessage } from '../contract/api.js'

/** The greatest file of a message of each type, in bytes; 0 disables the type. */
export type FileLimits = Record<FileMessage['type'], number>

/** What the configuration says about who may do what, and who is told what. */
export interface Policy {
  fileLimits: FileLimits
  /** The most participants that a conversation may have. */
  participantsMax: number
  bots: ReadonlyMap<string, BotTraits>
  /** Who approves what bots say in new conversations; null for nobody. */
  approval: ApprovalPolicy | null
}

/** What is to be known of a bot to give it messages. */
export interface BotTraits {
  /** A conversation ends when it is gone. */
  isRequired: boolean
  /** Whether it is given messages; otherwise it reads them by itself. */
  hearsMessages: boolean
  /** Whether it is told that it has joined. */
  hearsJoining: boolean
  /** Whether it acts by the API, and so needs a session. */
  hasSession: boolean
  /** Whose messages it is given. */
  receives: 'humans' | 'all'
  /** How many messages of bots in a row may lead to one that it is still given. */
  hopsMax: number
  delayMs: number
  maxAgeMs: number
}

export interface ApprovalPolicy {
  /** The bot that manages; null for people with the role manager. */
  bot: string | null
  timeoutMs: number | null
  onTimeout: 'approve' | 'reject' | 'wait'
}
