import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { backUp } from '../db/backup.js'
import { FILE_NAME } from '../db/sqlite.js'
import type { Command } from './command.js'

export const backup: Command = {
  operands: ['FILE'],
  description: 'Copies the database into a new file, also while a server is running.',
  run: async ({ config, words: [file], print, showProgress }) => {
    const target = resolve(file!)
    if (!existsSync(dirname(target))) throw new Error(`There is no folder ${dirname(target)}. Make it first.`)
    await backUp(join(config.dataFolder, FILE_NAME), target, showProgress)
    print(`The database was copied to ${target}.`)
  }
}
