import { join, resolve } from 'node:path'
import { backUp } from '../db/backup.js'
import { FILE_NAME } from '../db/sqlite.js'
import { UsageError, type Command } from './command.js'

export const backup: Command = {
  usage: 'backup FILE',
  description: 'Copies the database into a new file, also while a server is running.',
  run: async ({ config, words: [file, ...rest], print, showProgress }) => {
    if (file === undefined || rest.length > 0) throw new UsageError('Name one file to copy the database to.')
    const target = resolve(file)
    await backUp(join(config.dataFolder, FILE_NAME), target, showProgress)
    print(`The database was copied to ${target}.`)
  }
}
