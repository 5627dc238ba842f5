import type { Message } from '../../contract/api.js'
import { call, inParallel, type Member } from '../client.js'
import { startColloquy, type Colloquy } from '../colloquy.js'
import { createLedger, type Ledger } from '../count.js'
import { checkStored } from '../fault.js'
import { inputOf } from '../message-frames.js'
import { ask, observed, settle } from '../observed.js'
import { benchFile } from '../places.js'
import { startProcess } from '../processes.js'
import { reconnect, visit } from '../reconnect.js'
import type { Extent, Run, Scenario, Stage } from '../scenario.js'
import { inhabit, placeOf, socketLimits } from '../talks.js'

const CONVERSATIONS = 100
const PEOPLE = 4
const SOCKETS = 5
const BEHIND = 20

export const storm: Scenario = {
  name: 'storm',
  title: '2,000 sockets in 100 conversations that are cut and all come back 20 messages behind, against `ws` alone that accepts as many and sends each 20 frames',
  goals: [{ figure: 'caught_up_ms', atMost: 3 }, { figure: 'log_reads_per_conversation', atMost: 1, isAbsolute: true }],
  open
}

async function open (extent: Extent): Promise<Stage> {
  const colloquy = await startColloquy(extent, { settings: { rooms: true, limits: socketLimits }, ...observed })
  const rooms = await inhabit(colloquy.address, extent.isSmoke ? 4 : CONVERSATIONS, PEOPLE)
  const ledger = createLedger(rooms.map(people => people[0]!))
  const yardstick = await startProcess({ file: benchFile('yardsticks/sockets') })
  const sent = Array.from({ length: BEHIND }, (_, index) => index + 1)
  // Whoever reads the log from its beginning shows whether the server tells of reads.
  await visit([placeOf(colloquy.address, rooms[0]![0]!, 0)], () => settle(colloquy, extent))
  const tellsReads = await countReads(colloquy) > 0
  const seats = rooms.flatMap((people, room) => people.flatMap(member => Array.from({ length: SOCKETS }, () => ({ room, member }))))

  async function run (): Promise<Run> {
    await visit(seats.map(({ member }) => placeOf(colloquy.address, member, null)), () => settle(colloquy, extent))
    const missed = await inParallel(rooms.length, room => speak(colloquy, rooms[room]![0]!, ledger))
    await countReads(colloquy)
    const visits = seats.map(({ room, member }) => ({ place: placeOf(colloquy.address, member, missed[room]!.after), sent: missed[room]!.sent }))
    const { figures, ...rest } = await reconnect(colloquy, visits)
    return { ...rest, figures: { ...figures, log_reads_per_conversation: tellsReads ? await countReads(colloquy) : NaN } }
  }

  async function standIn (): Promise<Run> {
    const addressOf = (room: number): string => `${yardstick.address}/${room}`
    await visit(seats.map(({ room }) => ({ url: addressOf(room) })), () => settle(yardstick, extent))
    return reconnect(yardstick, seats.map(({ room }) => ({ place: { url: `${addressOf(room)}?past=${BEHIND}` }, sent })))
  }

  return {
    run,
    yardstick: standIn,
    check: () => checkStored(extent, colloquy, ledger),
    close: async () => { await Promise.all([colloquy.close(), yardstick.stop()]) }
  }
}

/** Somebody says what the others miss. Gives the seq after which it begins, and the local_ids. */
async function speak ({ address }: Colloquy, { conversationId, token }: Member, ledger: Ledger): Promise<{ after: number, sent: number[] }> {
  const said: Array<{ seq: number, localId: string }> = []
  for (let count = 0; count < BEHIND; count++) {
    const localId = ledger.nextLocalId()
    const { seq } = await call<Message>(address, 'POST', `/api/chat/conversations/${conversationId}/messages/`, token, inputOf(localId))
    ledger.acknowledge(conversationId, { seq, localId })
    said.push({ seq, localId })
  }
  return { after: said[0]!.seq - 1, sent: said.map(({ localId }) => Number(localId)) }
}

/** How often the log was read since the last time, of the conversation of which it was read most; NaN of a server elsewhere. */
async function countReads ({ running }: Colloquy): Promise<number> {
  return running === undefined ? NaN : ask(running, 'count log reads')
}
