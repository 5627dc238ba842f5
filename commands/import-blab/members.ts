import type { ImportedParticipant } from '../../actions/import-conversation.js'
import type { BlabParticipant } from '../../db/blab-rows.js'
import { findParticipantAnywhere } from '../../db/imports.js'
import { note } from './tally.js'
import type { Tools } from './tools.js'

/** The participants of a conversation, by id, and those of them who are not here yet; in the order in which they joined. */
export interface Members { all: Map<string, ImportedParticipant>, waiting: ImportedParticipant[] }

type Readable = BlabParticipant & { id: string }

/** @param key what the conversation is called where it comes from */
export async function readMembers (tools: Tools, conversationId: string, key: string): Promise<Members> {
  const { policy, tally } = tools
  const { single, known } = await separate(tools, conversationId, listReadable(tools, key))
  const bots = single.filter(({ type }) => type === 'B')
  // The manager is added last there.
  const manager = bots.findLast(({ name }) => name === policy.approval?.bot)
  for (const { name } of bots) if (!policy.bots.has(name)) tally.silentBots.add(name)
  tally.known.participants += known.size
  const all = new Map(single.map(participant => [participant.id, { ...participant, isManager: participant === manager }]))
  return { all, waiting: [...all.values()].filter(({ id }) => !known.has(id)) }
}

function listReadable ({ blab, tally }: Tools, key: string): Readable[] {
  return blab.listParticipants(key).filter((participant): participant is Readable => {
    const isReadable = participant.id !== null && ['H', 'B'].includes(participant.type)
    if (!isReadable) note(tally, 'participant_unreadable', participant.key)
    return isReadable
  })
}

/** Those whose id no other has, neither here nor in another spelling, and the ids of those who are here. */
async function separate ({ db, tally }: Tools, conversationId: string, participants: Readable[]): Promise<{ single: Readable[], known: Set<string> }> {
  const single = new Map<string, Readable>()
  const known = new Set<string>()
  for (const participant of participants) {
    const { id, key } = participant
    const found = await findParticipantAnywhere(db, id)
    if (single.has(id) || (found !== undefined && found.conversation_id !== conversationId)) note(tally, 'participant_double', key)
    else single.set(id, participant)
    if (single.has(id) && found !== undefined) known.add(id)
  }
  return { single: [...single.values()], known }
}
