import type { Config } from '../config.js'

/** What a command is given. */
export interface CommandInput {
  config: Config
  secrets: string[]
  adminKey: string | undefined
  /** The words after the command, one for each of its operands. */
  words: string[]
  print: (line: string) => void
  /** Shows a part from 0 to 1 when somebody watches. */
  showProgress: (part: number) => void
  isTerminal: boolean
}

/** A command of the command line; rejects with a sentence when it fails. */
export interface Command {
  /** What must be named after the command, such as FILE. */
  operands: string[]
  description: string
  run: (input: CommandInput) => Promise<void>
}

/** A command line that cannot be understood. */
export class UsageError extends Error {}
