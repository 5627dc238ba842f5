#!/usr/bin/env node
import { existsSync } from 'node:fs'
import { backup } from './commands/backup.js'
import { bots, redeliver } from './commands/bots.js'
import { checkConfig } from './commands/check-config.js'
import { readWords, usage, UsageError, type Command } from './commands/command.js'
import { explain } from './commands/explain.js'
import { importBlab } from './commands/import-blab.js'
import { migrate } from './commands/migrate.js'
import { serve } from './commands/serve.js'
import { readConfig, type Config } from './config.js'
import { otherVariables, variables } from './environment.js'

const commands = new Map<string, Command>(Object.entries({ serve, migrate, backup, bots, redeliver, 'import-blab': importBlab, 'check-config': checkConfig }))
const print = (line: string): void => { process.stdout.write(`${line}\n`) }

// Whoever reads what is printed may have enough of it, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => { if (error.code !== 'EPIPE') throw error })

let config: Config | undefined
try {
  await run(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`${explain(error, config)}\n`)
  process.exitCode = error instanceof UsageError ? 2 : 1
}

async function run ([name = 'serve', ...args]: string[]): Promise<void> {
  if ([name, ...args].some(word => word === '--help' || word === '-h' || word === 'help')) return print(help())
  const command = commands.get(name)
  if (command === undefined) throw new UsageError(`There is no command "${name}".\n\n${help()}`)
  const given = readWords(name, command, args)
  if (existsSync('.env')) process.loadEnvFile('.env')
  const read = readConfig(process.env)
  config = read.config
  await command.run({ ...read, ...given, print, showProgress, isTerminal: process.stdout.isTTY })
}

function showProgress (part: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${Math.floor(part * 100)} %${part === 1 ? '\n' : ''}`)
}

function help (): string {
  const described = Object.entries(variables).map(([name, { description }]) => [name, description] as const)
  return [
    'Usage: colloquy [command]',
    '',
    ...table([...commands].map(([name, command]) => [usage(name, command), command.description])),
    '',
    'Environment, also read from the file .env in this folder:',
    ...table([...described, ...Object.entries(otherVariables)])
  ].join('\n')
}

function table (rows: ReadonlyArray<readonly [string, string]>): string[] {
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, description]) => `  ${name.padEnd(width)}  ${description}`)
}
