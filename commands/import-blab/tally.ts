import type { Refusal } from '../../actions/import-message.js'
import type { Lack } from './media.js'

/** What was not taken, or not as it was. */
export type Note = Refusal | Lack
  | 'conversation_unreadable' | 'participant_unreadable' | 'conversation_missing' | 'conversation_double' | 'participant_double' | 'message_double'
  | 'quote_lost' | 'local_id_lost' | 'file_none' | 'address_unusable' | 'address_changed' | 'oversized' | 'manager_unknown'

export type Noun = 'conversations' | 'participants' | 'messages' | 'files'

/** What an import has done. */
export interface Tally {
  added: Record<Noun | 'systemMessages' | 'hiddenMessages' | 'bytes', number>
  /** What was here already. */
  known: Record<Noun, number>
  notes: Map<Note, { count: number, examples: string[] }>
  /** The names of bots that the configuration does not have. */
  silentBots: Set<string>
}

const EXAMPLES_MAX = 5

const notTaken: Partial<Record<Note, string>> = {
  conversation_unreadable: 'conversations with all that is in them, because their id is no UUID or their time is none',
  conversation_double: 'conversations with all that is in them, because another one has their id',
  participant_unreadable: 'participants, because their id is no UUID or they are neither a person nor a bot',
  participant_double: 'participants, because another one has their id',
  conversation_missing: 'messages of conversations that do not exist',
  message_unreadable: 'messages whose id is no UUID or whose time is none',
  message_double: 'messages, because another one has their id',
  type_unknown: 'messages of an unknown type',
  event_unknown: 'system messages of an unknown event',
  sender_missing: 'messages that nobody has sent and that are no system messages',
  sender_foreign: 'messages whose sender is not in their conversation'
}

const changed: Partial<Record<Note, string>> = {
  quote_lost: 'messages without what they quoted, because it does not stand before them in their conversation',
  local_id_lost: 'messages without their local_id, because their sender has used it here already',
  file_absent: 'messages as text with the name of their file, because it is not in the media folder',
  file_outside: 'messages as text with the name of their file, because its path leads out of the media folder',
  file_empty: 'messages as text with the name of their file, because it is empty',
  file_of_other_size: 'messages as text with the name of their file, because it has not the size that the database says',
  file_not_wanted: 'messages as text with the name of their file, because there is no media folder',
  file_none: 'messages as text, because they never had the file that their type asks for',
  address_unusable: 'messages as text, because the address of their file is none of the web',
  address_changed: 'files under a new address, because the old one was not of the usual form or is taken'
}

const remarks: Partial<Record<Note, string>> = {
  oversized: 'messages that are longer than new ones may be, taken as they are',
  manager_unknown: 'conversations that a bot managed and that no bot manages here, because the configuration names none of theirs as manager'
}

export function newTally (): Tally {
  const nothing = { conversations: 0, participants: 0, messages: 0, files: 0 }
  return { added: { ...nothing, systemMessages: 0, hiddenMessages: 0, bytes: 0 }, known: { ...nothing }, notes: new Map(), silentBots: new Set() }
}

/** @param name the id, or what else it is known by */
export function note ({ notes }: Tally, what: Note, name: string): void {
  const entry = notes.get(what) ?? { count: 0, examples: [] }
  entry.count++
  if (entry.examples.length < EXAMPLES_MAX) entry.examples.push(name)
  notes.set(what, entry)
}

/** What an import has done, for whoever called it. */
export function summaryOf (tally: Tally): string[] {
  const { added, known, silentBots } = tally
  const isNothing = added.conversations + added.participants + added.messages === 0
  const parts = added.messages === 0 ? '' : ` (${added.systemMessages} of the system, ${added.hiddenMessages} that were never approved and stay hidden)`
  return [
    isNothing ? 'Nothing was new.' : 'Taken:',
    `  conversations: ${added.conversations} new, ${known.conversations} known`,
    `  participants: ${added.participants} new, ${known.participants} known`,
    `  messages: ${added.messages} new${parts}, ${known.messages} known`,
    `  files: ${added.files} new (${added.bytes} bytes), ${known.files} known`,
    ...section('Taken otherwise than they were:', linesOf(tally, changed)),
    ...section('Not taken:', [
      ...linesOf(tally, notTaken),
      '  the sessions: people join again, as new participants',
      '  which bots are required: the configuration says so'
    ]),
    ...section('To be known:', [
      ...linesOf(tally, remarks),
      ...silentBots.size === 0 ? [] : [`  bots that stay silent, because the configuration has none of their name: ${listed(silentBots.size, [...silentBots])}`]
    ])
  ]
}

function linesOf ({ notes }: Tally, sentences: Partial<Record<Note, string>>): string[] {
  return (Object.keys(sentences) as Note[]).flatMap(what => {
    const entry = notes.get(what)
    return entry === undefined ? [] : [`  ${sentences[what]}: ${listed(entry.count, entry.examples)}`]
  })
}

function section (title: string, lines: string[]): string[] {
  return lines.length === 0 ? [] : [title, ...lines]
}

// What a database holds must not look like something else in a terminal.
function listed (count: number, names: string[]): string {
  const shown = names.slice(0, EXAMPLES_MAX).map(name => name.replace(/\p{Cc}+/gu, ' '))
  return `${count} (${shown.join(', ')}${count > shown.length ? ', …' : ''})`
}
