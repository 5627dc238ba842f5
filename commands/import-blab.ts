import { openBlab, type BlabTotals } from '../db/blab.js'
import { lockFolder } from '../db/lock.js'
import { migrate } from '../db/migrate.js'
import type { Reader } from '../db/schema.js'
import { openDatabase } from '../db/sqlite.js'
import { createWriter, type Write } from '../db/write.js'
import { policyOf } from '../policy.js'
import type { Command, CommandInput } from './command.js'
import { NO_MEDIA, openMedia } from './import-blab/media.js'
import { readSource } from './import-blab/source.js'
import { takeAll } from './import-blab/take.js'
import { newTally, summaryOf } from './import-blab/tally.js'

export const importBlab: Command = {
  operands: [],
  options: { from: { value: 'URL_OR_FILE', isRequired: true }, media: { value: 'FOLDER' } },
  description: `Takes the conversations of BLAB Controller out of its SQLite file, with its media folder (or "${NO_MEDIA}").`,
  run: async ({ config, options = {}, print, showProgress }) => {
    const file = readSource(options.from!)
    const blab = openBlab(file)
    try {
      const openFile = await openMedia(options.media, blab)
      const tally = newTally()
      await withFolder(config.dataFolder, print, (db, write) =>
        takeAll({ blab, openMedia: openFile, db, write, policy: policyOf(config), tally, onDone: progressOf(blab.totals, showProgress) }))
      showProgress(1)
      for (const line of summaryOf(tally)) print(line)
    } finally {
      blab.close()
    }
  }
}

/** Works on the database of a folder, which no server may use meanwhile: it would not know what is new. */
async function withFolder (folder: string, print: CommandInput['print'], work: (db: Reader, write: Write) => Promise<void>): Promise<void> {
  const unlock = lockFolder(folder)
  try {
    const connections = openDatabase(folder)
    try {
      const { copy } = await migrate(connections)
      if (copy !== undefined) print(`The database as it was: ${copy}`)
      await work(connections.reader, createWriter(connections.writer, () => {}))
    } finally {
      connections.close()
    }
  } finally {
    unlock()
  }
}

// About what a message takes beside its file.
const MESSAGE_BYTES = 1024

/** Shows each percent once, but for the last one. */
function progressOf ({ messages, bytes }: BlabTotals, show: CommandInput['showProgress']): (messages: number, bytes: number) => void {
  let [done, shown] = [0, -1]
  return (doneMessages, doneBytes) => {
    done += doneMessages * MESSAGE_BYTES + doneBytes
    const part = Math.min(0.99, done / (messages * MESSAGE_BYTES + bytes))
    if (Math.floor(part * 100) === shown) return
    shown = Math.floor(part * 100)
    show(part)
  }
}
