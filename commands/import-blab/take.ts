import { importConversation, importSteps, type ImportedParticipant, type ImportStep } from '../../actions/import-conversation.js'
import { isOversized, judge, participantsOf, toRow, type TakenMessage } from '../../actions/import-message.js'
import type { BlabConversation, BlabMessage } from '../../db/blab-rows.js'
import { findConversation } from '../../db/conversations.js'
import { findMessageAnywhere } from '../../db/imports.js'
import type { MessageRow, Reader } from '../../db/schema.js'
import { attach } from './attach.js'
import { readMembers, type Members } from './members.js'
import { note, type Tally } from './tally.js'
import type { Tools } from './tools.js'

// What is written in one transaction.
const STEPS_MAX = 200
const LENGTH_MAX = 512 * 1024

/** Takes everything that is not here yet. Each transaction leaves conversations that may be read and gone on with. */
export async function takeAll (tools: Tools): Promise<void> {
  const { blab, tally, db } = tools
  const seen = new Set<string>()
  for (const conversation of blab.listConversations()) {
    const { id, key, created_at: createdAt } = conversation
    if (id === null || createdAt === null) {
      note(tally, 'conversation_unreadable', key)
    } else if (seen.has(id) || await isOther(db, id, createdAt)) {
      note(tally, 'conversation_double', key)
    } else {
      seen.add(id)
      await takeConversation(tools, { ...conversation, id, created_at: createdAt })
    }
  }
  for (const id of blab.listStrayMessages()) note(tally, 'conversation_missing', id)
}

/** Whether an id is that of another conversation here, which was created at another time. */
async function isOther (db: Reader, id: string, createdAt: number): Promise<boolean> {
  const known = await findConversation(db, id)
  return known !== undefined && known.created_at !== createdAt
}

async function takeConversation (tools: Tools, conversation: BlabConversation & { id: string, created_at: number }): Promise<void> {
  const { blab, write, policy, tally } = tools
  const { id, key, name, created_at: createdAt } = conversation
  const { all, waiting } = await readMembers(tools, id, key)
  const hasManager = [...all.values()].some(member => member.isManager)
  const isNew = await importConversation(write, policy, { id, name, created_at: createdAt }, hasManager)
  tally[isNew ? 'added' : 'known'].conversations++
  if (!hasManager && blab.isManaged(key)) note(tally, 'manager_unknown', id)
  await takeMessages(tools, key, { conversationId: id, members: all, seen: new Set() }, waiting)
}

/** Where messages are taken to. */
interface Place {
  conversationId: string
  members: Members['all']
  /** The ids of the messages there have been. */
  seen: Set<string>
}

async function takeMessages (tools: Tools, key: string, place: Place, waiting: ImportedParticipant[]): Promise<void> {
  const batch = newBatch(tools, place.conversationId)
  for (const message of tools.blab.readMessages(key)) {
    const taken = await takeMessage(tools, message, place)
    if (taken !== undefined) await batch.add({ joining: takeJoining(waiting, message), message: taken })
    tools.onDone(1, message.file_size ?? 0)
  }
  if (waiting.length > 0) await batch.add({ joining: waiting, message: null })
  await batch.flush()
}

/** The row of a message, its file stored; undefined when it is here already or cannot be taken. */
async function takeMessage (tools: Tools, message: BlabMessage, place: Place): Promise<MessageRow | undefined> {
  const { db, tally } = tools
  const refusal = judge(message, place.members)
  if (refusal !== null) {
    note(tally, refusal, message.id ?? message.key)
    return undefined
  }
  const taken = message as TakenMessage
  const known = await findMessageAnywhere(db, taken.id)
  if (place.seen.has(taken.id) || (known !== undefined && known.conversation_id !== place.conversationId)) {
    note(tally, 'message_double', taken.key)
    return undefined
  }
  place.seen.add(taken.id)
  return known === undefined ? takeNew(tools, taken, place) : countKnown(tally, known)
}

async function takeNew (tools: Tools, message: TakenMessage, { conversationId, members }: Place): Promise<MessageRow> {
  if (isOversized(message)) note(tools.tally, 'oversized', message.id)
  const sender = message.type === 'S' ? undefined : members.get(message.sender_id!)
  return attach(tools, message, toRow(conversationId, message, sender))
}

function countKnown ({ known }: Tally, { file_key: fileKey }: Pick<MessageRow, 'file_key'>): undefined {
  known.messages++
  if (fileKey !== null) known.files++
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
