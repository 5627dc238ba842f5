import { migrate as migrateDatabase } from '../db/migrate.js'
import { openDatabase } from '../db/sqlite.js'
import type { Command } from './command.js'

export const migrate: Command = {
  operands: [],
  description: 'Brings the database to the newest schema, after a copy of it.',
  run: async ({ config, print }) => {
    const connections = openDatabase(config.dataFolder)
    try {
      const { applied, copy } = await migrateDatabase(connections)
      if (copy !== undefined) print(`The database as it was: ${copy}`)
      print(applied.length === 0 ? 'Nothing to do.' : `Applied: ${applied.join(', ')}`)
    } finally {
      connections.close()
    }
  }
}
