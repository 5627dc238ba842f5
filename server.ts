#!/usr/bin/env node
import { existsSync } from 'node:fs'
import { backup } from './commands/backup.js'
import { checkConfig } from './commands/check-config.js'
import { UsageError, type Command } from './commands/command.js'
import { migrate } from './commands/migrate.js'
import { serve } from './commands/serve.js'
import { ConfigError, otherVariables, readConfig, variables } from './config.js'

const commands: Record<string, Command> = { serve, migrate, backup, 'check-config': checkConfig }
const print = (line: string): void => { process.stdout.write(`${line}\n`) }

try {
  await run(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`${explain(error)}\n`)
  process.exitCode = error instanceof UsageError ? 2 : 1
}

async function run ([name = 'serve', ...words]: string[]): Promise<void> {
  if ([name, ...words].some(word => word === '--help' || word === '-h' || word === 'help')) return print(help())
  const command = commands[name]
  if (command === undefined) throw new UsageError(`There is no command "${name}".\n\n${help()}`)
  if (existsSync('.env')) process.loadEnvFile('.env')
  await command.run({ ...readConfig(process.env), words, print, showProgress, isTerminal: process.stdout.isTTY })
}

function showProgress (part: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${Math.floor(part * 100)} %${part === 1 ? '\n' : ''}`)
}

function explain (error: unknown): string {
  if (error instanceof ConfigError) return ['The configuration has mistakes:', ...error.mistakes.map(mistake => `- ${mistake}`)].join('\n')
  const { code, message, cause } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE') return 'The address is in use. Stop what listens there, or set PORT to another one.'
  return cause instanceof Error ? `${message} ${cause.message}` : message
}

function help (): string {
  const described = Object.entries(variables).map(([name, { description }]) => [name, description] as const)
  return [
    'Usage: colloquy [command]',
    '',
    ...table(Object.values(commands).map(({ usage, description }) => [usage, description])),
    '',
    'Environment:',
    ...table([...described, ...Object.entries(otherVariables)])
  ].join('\n')
}

function table (rows: ReadonlyArray<readonly [string, string]>): string[] {
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, description]) => `  ${name.padEnd(width)}  ${description}`)
}
