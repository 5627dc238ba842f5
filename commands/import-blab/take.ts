import { importConversation, importSteps, type ImportedParticipant, type ImportStep } from '../../actions/import-conversation.js'
import { isOversized, judge, participantsOf, toRow, type TakenMessage } from '../../actions/import-message.js'
import type { BlabConversation, BlabMessage, BlabParticipant } from '../../db/blab-rows.js'
import { findFileOf } from '../../db/imports.js'
import { findParticipant } from '../../db/participants.js'
import type { MessageRow } from '../../db/schema.js'
import { attach } from './attach.js'
import { note, type Tally } from './tally.js'
import type { Tools } from './tools.js'

type Known<Thing> = Thing & { id: string }

// What is written in one transaction.
const STEPS_MAX = 200
const LENGTH_MAX = 512 * 1024

/** Takes everything that is not here yet. Each transaction leaves conversations that may be read and gone on with. */
export async function takeAll (tools: Tools): Promise<void> {
  const { blab, tally } = tools
  for (const conversation of blab.listConversations()) {
    const { id, created_at: createdAt } = conversation
    if (id === null || createdAt === null) note(tally, 'conversation_unreadable', conversation.key)
    else await takeConversation(tools, { ...conversation, id, created_at: createdAt })
  }
  for (const id of blab.listStrayMessages()) note(tally, 'conversation_missing', id)
}

async function takeConversation (tools: Tools, conversation: Known<BlabConversation> & { created_at: number }): Promise<void> {
  const { blab, db, write, policy, tally } = tools
  const { id, key, name, created_at: createdAt } = conversation
  const members = readMembers(tools, key)
  const hasManager = [...members.values()].some(member => member.isManager)
  const isNew = await importConversation(write, policy, { id, name, created_at: createdAt }, hasManager)
  tally[isNew ? 'added' : 'known'].conversations++
  if (!hasManager && blab.isManaged(key)) note(tally, 'manager_unknown', id)
  const waiting: ImportedParticipant[] = []
  for (const member of members.values()) if (await findParticipant(db, id, member.id) === undefined) waiting.push(member)
  tally.known.participants += members.size - waiting.length
  await takeMessages(tools, conversation, members, waiting)
}

/** The participants of a conversation, by id, in the order in which they joined. */
function readMembers ({ blab, policy, tally }: Tools, key: string): Map<string, ImportedParticipant> {
  const readable = blab.listParticipants(key).filter((participant): participant is Known<BlabParticipant> => {
    const isReadable = participant.id !== null && ['H', 'B'].includes(participant.type)
    if (!isReadable) note(tally, 'participant_unreadable', participant.key)
    return isReadable
  })
  const bots = readable.filter(({ type }) => type === 'B')
  // The manager is added last there.
  const manager = bots.findLast(({ name }) => name === policy.approval?.bot)
  for (const { name } of bots) if (!policy.bots.has(name)) tally.silentBots.add(name)
  return new Map(readable.map(participant => [participant.id, { ...participant, isManager: participant === manager }]))
}

async function takeMessages (tools: Tools, { id: conversationId, key }: Known<BlabConversation>, members: Map<string, ImportedParticipant>, waiting: ImportedParticipant[]): Promise<void> {
  const batch = newBatch(tools, conversationId)
  for (const message of tools.blab.readMessages(key)) {
    const taken = await takeMessage(tools, message, conversationId, members)
    if (taken !== undefined) await batch.add({ joining: takeJoining(waiting, message), message: taken })
    tools.onDone(1, message.file_size ?? 0)
  }
  if (waiting.length > 0) await batch.add({ joining: waiting, message: null })
  await batch.flush()
}

/** The row of a message, its file stored; undefined when it is here already or cannot be taken. */
async function takeMessage (tools: Tools, message: BlabMessage, conversationId: string, members: Map<string, ImportedParticipant>): Promise<MessageRow | undefined> {
  const { db, tally } = tools
  const refusal = judge(message, members)
  if (refusal !== null) {
    note(tally, refusal, message.id ?? message.key)
    return undefined
  }
  const known = await findFileOf(db, message.id!)
  if (known !== undefined) {
    tally.known.messages++
    if (known.file_key !== null) tally.known.files++
    return undefined
  }
  if (isOversized(message)) note(tally, 'oversized', message.id!)
  const sender = message.type === 'S' ? undefined : members.get(message.sender_id!)
  return attach(tools, message as TakenMessage, toRow(conversationId, message as TakenMessage, sender))
}

/** Takes those out of the list who are there when a message is sent: whom it is from or about, and whoever was there before them. */
function takeJoining (waiting: ImportedParticipant[], message: BlabMessage): ImportedParticipant[] {
  const mentioned = participantsOf(message)
  return waiting.splice(0, waiting.findLastIndex(({ id }) => mentioned.includes(id)) + 1)
}

/** Gathers steps and writes so many of them at once. A file is written with its message, so that it is not left without. */
function newBatch ({ write, tally }: Tools, conversationId: string): { add: (step: ImportStep) => Promise<void>, flush: () => Promise<void> } {
  let steps: ImportStep[] = []
  let length = 0

  async function flush (): Promise<void> {
    if (steps.length === 0) return
    const { quotes, localIds } = await importSteps(write, conversationId, steps)
    for (const id of quotes) note(tally, 'quote_lost', id)
    for (const id of localIds) note(tally, 'local_id_lost', id)
    for (const step of steps) countStep(tally, step)
    steps = []
    length = 0
  }

  async function add (step: ImportStep): Promise<void> {
    steps.push(step)
    length += step.message === null ? 0 : step.message.text.length + step.message.options.length
    if (steps.length === STEPS_MAX || length > LENGTH_MAX || step.message?.file_key != null) await flush()
  }

  return { add, flush }
}

function countStep ({ added }: Tally, { joining, message }: ImportStep): void {
  added.participants += joining.length
  if (message === null) return
  added.messages++
  if (message.type === 'S') added.systemMessages++
  if (message.approval_status === 0) added.hiddenMessages++
  if (message.file_key === null) return
  added.files++
  added.bytes += message.file_size!
}
