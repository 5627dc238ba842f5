import { parseArgs } from 'node:util'
import type { ReadConfig } from '../config.js'

/** What a command is given. */
export interface CommandInput extends ReadConfig {
  /** The words after the command, one for each of its operands. */
  words: string[]
  /** The options that were given, by name. */
  options?: Record<string, string | undefined>
  print: (line: string) => void
  /** Shows a part from 0 to 1 when somebody watches. */
  showProgress: (part: number) => void
  isTerminal: boolean
}

/** An option with a value, as in `--from FILE`. */
export interface CommandOption {
  /** What its value is, such as FILE. */
  value: string
  isRequired?: boolean
}

/** A command of the command line; rejects with a sentence when it fails. */
export interface Command {
  /** What must be named after the command, such as FILE. */
  operands: string[]
  /** By name, without the dashes; none when absent. */
  options?: Record<string, CommandOption>
  description: string
  run: (input: CommandInput) => Promise<void>
}

/** A command line that cannot be understood. */
export class UsageError extends Error {}

/** How a command is called. */
export function usage (name: string, { operands, options = {} }: Command): string {
  const named = Object.entries(options).map(([name, { value, isRequired = false }]) => isRequired ? `--${name} ${value}` : `[--${name} ${value}]`)
  return [name, ...operands, ...named].join(' ')
}

type Given = Required<Pick<CommandInput, 'words' | 'options'>>

/**
 * Reads what comes after the name of a command.
 * @throws UsageError
 */
export function readWords (name: string, command: Command, args: string[]): Given {
  const known = Object.entries(command.options ?? {})
  const given = parse(known.map(([name]) => name), args)
  const isComplete = given?.words.length === command.operands.length && known.every(([name, { isRequired = false }]) => given.options[name] !== '' && (!isRequired || given.options[name] !== undefined))
  if (!isComplete) throw new UsageError(`Call it as: colloquy ${usage(name, command)}`)
  return given
}

/** The words and the options; undefined when there is an option that is not known or has no value. */
function parse (names: string[], args: string[]): Given | undefined {
  try {
    const options = Object.fromEntries(names.map(name => [name, { type: 'string' }] as const))
    const { positionals, values } = parseArgs({ args, options, allowPositionals: true })
    return { words: positionals, options: values }
  } catch (error) {
    if (!String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS')) throw error
    return undefined
  }
}
