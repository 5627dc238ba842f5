import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../config.js'
import { isMigrated } from '../db/migrate.js'
import type { Reader } from '../db/schema.js'
import { FILE_NAME, openDatabase } from '../db/sqlite.js'
import { createWriter, type Write } from '../db/write.js'

/** Works on the database, also while a server is running, and closes it. */
export async function withDatabase (config: Config, work: (db: Reader, write: Write) => Promise<void>): Promise<void> {
  const file = join(config.dataFolder, FILE_NAME)
  if (!existsSync(file)) throw new Error(`There is no database ${file}. Start the server once, or set COLLOQUY_DATA to the folder of the database.`)
  const { reader, writer, close } = openDatabase(config.dataFolder)
  try {
    if (!await isMigrated(reader).catch(() => false)) throw new Error('The database has not the newest schema. Call it as: colloquy migrate')
    await work(reader, createWriter(writer, () => {}))
  } finally {
    close()
  }
}
