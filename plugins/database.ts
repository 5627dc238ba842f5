import plugin from 'fastify-plugin'
import { startCheckpoints } from '../db/checkpoints.js'
import { lockFolder } from '../db/lock.js'
import { migrate } from '../db/migrate.js'
import { takeUpBackup } from '../db/restore.js'
import type { Reader } from '../db/schema.js'
import { openDatabase } from '../db/sqlite.js'
import { createWriter, retryWhenBusy, type Write } from '../db/write.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** Reads what is committed. */
    db: Reader
    /** The only way to write. */
    write: Write
    /** Reads several things as of one moment. Only queries may be awaited in between: others, on the same connection, would see that moment, too. */
    readAtOnce: <T>(work: (db: Reader) => Promise<T>) => Promise<T>
  }
}

export default plugin<{ dataFolder: string }>(async (app, { dataFolder }) => {
  const unlock = lockFolder(dataFolder)
  app.addHook('onClose', async () => unlock())
  const connections = openDatabase(dataFolder)
  const { writer, reader } = connections
  app.addHook('onClose', async () => connections.close())
  const { applied, copy } = await migrate(connections)
  if (applied.length > 0) app.log.info({ applied, copy }, 'The database was migrated.')
  if (await retryWhenBusy(() => takeUpBackup(writer))) app.log.info('The database is a backup, which is put to use.')
  const checkpoints = await startCheckpoints(connections, error => app.log.warn({ error }, 'The log of the database cannot be copied into the file now.'))
  app.addHook('onClose', checkpoints.end)
  app.decorate('db', reader)
  app.decorate('write', createWriter(writer, app.doorbell.ring, checkpoints.shorten))
  app.decorate('readAtOnce', work => reader.transaction().execute(work))
}, { name: 'database', dependencies: ['doorbell'] })
