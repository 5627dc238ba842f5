import { redeliver as redeliverTo } from '../actions/redeliver.js'
import type { BotState } from '../contract/api.js'
import { readBotStates } from '../views/bot-state.js'
import type { Command } from './command.js'
import { withDatabase } from './with-database.js'

export const bots: Command = {
  operands: [],
  description: 'Shows how the bots fare: what waits for them, what could not be delivered, and why.',
  run: ({ config, print }) => withDatabase(config, async db => {
    const states = await readBotStates(db, config.bots)
    for (const line of table([headings, ...states.map(rowOf)])) print(line)
  })
}

export const redeliver: Command = {
  operands: ['BOT'],
  description: 'Gives a bot again what it could not be given, also while a server is running.',
  run: ({ config, words: [name], print }) => withDatabase(config, async (db, write) => {
    const known = (await readBotStates(db, config.bots)).map(state => state.name)
    if (!known.includes(name!)) throw new Error(`There is no bot "${name}". There are: ${known.join(', ')}.`)
    const { reopened, hastened } = await redeliverTo(write, name!)
    print(`Given again: ${reopened} messages that were dropped or had failed, and ${hastened} that waited for another attempt.`)
  })
}

const headings = ['BOT', 'KIND', 'STATE', 'WAITING', 'SINCE', 'DROPPED', 'FAILED', 'LAST ERROR']

function rowOf ({ name, kind, state, open, oldest_open_at: since, dropped, failed, last_error: error }: BotState): string[] {
  return [name, kind ?? '-', state, String(open), since ?? '-', String(dropped), String(failed), state === 'working' ? '-' : printable(error ?? '-')]
}

// What a bot says of itself must not look like something else in a terminal.
function printable (text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ')
}

function table (rows: string[][]): string[] {
  const widths = headings.map((_, column) => Math.max(...rows.map(row => row[column]!.length)))
  return rows.map(row => row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ').trimEnd())
}
