import { openTalk, type Talk } from './talk.js'

// Those that are open, by id: the one that is shown, and those with something on its way, which goes on meanwhile.
const talks = new Map<string, Talk>()
const shown = new Set<Talk>()

addEventListener('beforeunload', event => {
  // A text outlives the page, a file does not.
  if ([...talks.values()].some(isSendingFile)) event.preventDefault()
})

/** The conversation, which may still be open. Parameters as of `openTalk`. */
export function enterTalk (id: string, around?: number): Talk {
  const talk = talks.get(id) ?? open(id, around)
  shown.add(talk)
  return talk
}

/** Closes a conversation that is shown no more, as soon as nothing of it is on its way. */
export function leaveTalk (talk: Talk): void {
  talk.look(false)
  shown.delete(talk)
  closeWhenDone(talk)
}

function open (id: string, around: number | undefined): Talk {
  const talk = openTalk(id, around)
  talks.set(id, talk)
  talk.subscribe(() => closeWhenDone(talk))
  return talk
}

function closeWhenDone (talk: Talk): void {
  if (shown.has(talk) || talk.state.outbox.length > 0 || talks.get(talk.id) !== talk) return
  talks.delete(talk.id)
  talk.close()
}

function isSendingFile ({ state: { outbox } }: Talk): boolean {
  return outbox.some(({ file, state }) => file !== undefined && state !== 'sent')
}
