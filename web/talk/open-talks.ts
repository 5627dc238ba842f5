import { talkAddress } from '../route.js'
import { sessionId } from '../session.js'
import { createStore, useStore } from '../store.js'
import { keptTalks, onTextGone } from './kept-outbox.js'
import { openTalk, type Talk } from './talk.js'

// Those that are open: the one that is shown, and those with something on its way, which goes on meanwhile.
const talks = new Set<Talk>()
const shown = new Set<Talk>()
// Those whose texts are to go on, which are known only when the conversation could be read.
const resumed = new Set<Talk>()
// Tells that something about them has changed.
const changes = createStore({})

addEventListener('beforeunload', event => {
  // A text outlives the page, a file does not.
  if ([...talks].some(isSendingFile)) event.preventDefault()
})
onTextGone((id, localId) => { for (const talk of talks) if (talk.id === id) talk.discard(localId) })

/** The conversation, which may still be open. Parameters as of `openTalk`. */
export function enterTalk (id: string, around?: number): Talk {
  const known = find(id)
  // One may be in it again, or join it.
  if (known?.state.end !== undefined) known.reload()
  else known?.noteUnread()
  const talk = known ?? open(id, around)
  shown.add(talk)
  return talk
}

function find (id: string): Talk | undefined {
  return [...talks].find(talk => talk.id === id && talk.isOwn())
}

/** Closes a conversation that is shown no more, as soon as nothing of it is on its way. */
export function leaveTalk (talk: Talk): void {
  talk.look(false)
  shown.delete(talk)
  closeWhenDone(talk)
}

/** How it goes with what is on its way in a conversation, by its id, as long as a view is shown. */
export function useSending (): (id: string) => 'failed' | 'sending' | undefined {
  useStore(changes)
  return id => {
    const states = find(id)?.state.outbox.map(({ state }) => state) ?? []
    if (states.includes('failed')) return 'failed'
    return states.some(state => state !== 'sent') ? 'sending' : undefined
  }
}

/** Goes on with what whoever is here had on its way when they left. That of the conversation that is shown goes on with it. */
export function resumeTalks (): void {
  const ids = sessionId === null ? [] : keptTalks(sessionId)
  for (const id of ids) if (talkAddress(id) !== location.hash && find(id) === undefined) resumed.add(open(id))
}

function open (id: string, around?: number): Talk {
  const talk = openTalk(id, around)
  talks.add(talk)
  talk.subscribe(() => { closeWhenDone(talk); changes.set({}) })
  return talk
}

function closeWhenDone (talk: Talk): void {
  const { phase, outbox } = talk.state
  const isUnknown = resumed.has(talk) && (phase === 'loading' || phase === 'broken')
  if (shown.has(talk) || outbox.length > 0 || isUnknown || !talks.delete(talk)) return
  resumed.delete(talk)
  talk.close()
}

function isSendingFile ({ state: { outbox } }: Talk): boolean {
  return outbox.some(({ file, state }) => file !== undefined && state !== 'sent')
}
