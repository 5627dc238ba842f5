import { inParallel, openConversations, type Member } from './client.js'
import { startColloquy, type Colloquy } from './colloquy.js'
import { createLedger, type Ledger } from './count.js'
import { checkStored } from './fault.js'
import { compare, createFile, upload, type File } from './files.js'
import { benchFile } from './places.js'
import { startProcess, type Running } from './processes.js'
import { createConnections, type Connections } from './requests.js'
import type { Extent } from './scenario.js'
import { LANES } from './transfers.js'

/** A file for each lane, the servers that they go to, and what the one of them has stored. */
export interface Shelf {
  colloquy: Colloquy
  yardstick: Running
  members: Member[]
  ledger: Ledger
  files: File[]
  /** Sends the file of a lane to Colloquy; gives its address. */
  store: (lane: number, connections: Connections) => Promise<string>
  /** Reads back what was posted and stored, and says what is lost or changed. */
  check: () => Promise<string[]>
  close: () => Promise<void>
}

const FILE_BYTES = 10_000_000
const SMOKE_BYTES = 200_000
const CONVERSATIONS = 100
const READERS = 4

export async function openShelf (extent: Extent): Promise<Shelf> {
  const bytes = extent.isSmoke ? SMOKE_BYTES : FILE_BYTES
  const files = Array.from({ length: LANES }, () => createFile(bytes))
  const colloquy = await startColloquy(extent)
  const yardstick = await startProcess({ file: benchFile('yardsticks/files'), words: [String(bytes)] })
  const members = await openConversations(colloquy.address, extent.isSmoke ? LANES : CONVERSATIONS)
  const ledger = createLedger(members)
  const stored: Array<{ url: string, file: File }> = []

  async function store (lane: number, connections: Connections): Promise<string> {
    const [member, file, localId] = [members[lane]!, files[lane]!, ledger.nextLocalId()]
    const { seq, file_url: path } = await upload(connections, colloquy.address, member, localId, file)
    ledger.acknowledge(member.conversationId, { seq, localId })
    const url = new URL(path, colloquy.address).href
    stored.push({ url, file })
    return url
  }

  async function check (): Promise<string[]> {
    const connections = createConnections()
    const changed = await inParallel(stored.length, index => compare(connections, stored[index]!.url, stored[index]!.file), READERS)
    connections.destroy()
    return [...changed.flat(), ...await checkStored(extent, colloquy, ledger)]
  }

  const close = async (): Promise<void> => { await Promise.all([colloquy.close(), yardstick.stop()]) }
  return { colloquy, yardstick, members, ledger, files, store, check, close }
}
