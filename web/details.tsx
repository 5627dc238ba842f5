import type { RefObject } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { sayError } from './errors.js'
import { IconButton } from './icons.js'
import { say } from './language.js'
import { go, lobbyAddress } from './route.js'
import { client, NAME_MAX, orThrow } from './session.js'
import type { TalkState } from './talk/state.js'
import type { Talk } from './talk/talk.js'

/** Who is in a conversation, its name and one's own, and the way out. */
export function Details ({ talk, state, dialog }: { talk: Talk, state: TalkState, dialog: RefObject<HTMLDialogElement | null> }) {
  const [problem, setProblem] = useState('')
  const path = { conversation_id: talk.id }
  const mine = state.myId === null ? undefined : state.people.get(state.myId)

  async function attempt (call: Promise<unknown>): Promise<void> {
    await call.then(() => setProblem(''), error => setProblem(sayError(error)))
  }

  const renameConversation = (name: string) => attempt(orThrow(client.PATCH('/api/chat/conversations/{conversation_id}/', { params: { path }, body: { name: name || null } })))
  const renameMe = (name: string) => attempt(orThrow(client.PATCH('/api/chat/conversations/{conversation_id}/participants/{participant_id}/', { params: { path: { ...path, participant_id: mine!.id } }, body: { name } })))

  async function leave (): Promise<void> {
    if (!confirm(say('leaveSure'))) return
    await attempt(orThrow(client.POST('/api/chat/conversations/{conversation_id}/leave/', { params: { path } })).then(() => {
      for (const { localId } of talk.state.outbox) talk.discard(localId)
      talk.set({ end: { code: 4403, reason: '' } })
      go(lobbyAddress)
    }))
  }

  return (
    <dialog ref={dialog} aria-labelledby='details'>
      <header><h2 id='details'>{say('details')}</h2><IconButton name='close' label={say('close')} onClick={() => dialog.current?.close()} /></header>
      <h3>{say('whoIsHere')}</h3>
      <ul>{state.present.map(({ id, name, type }) => <li key={id}><bdi>{name}</bdi> {type === 'B' && <small>{say('bot')}</small>}</li>)}</ul>
      {mine !== undefined && <Renaming label={say('yourName')} name={mine.name} isRequired onRename={renameMe} />}
      {mine !== undefined && <Renaming label={say('itsName')} name={state.conversation?.name ?? ''} onRename={renameConversation} />}
      <p class='row'>
        <CopyLink />
        {mine !== undefined && <button class='danger' onClick={leave}>{say('leave')}</button>}
      </p>
      {problem !== '' && <p class='problem' role='alert'>{problem}</p>}
    </dialog>
  )
}

/** Copies the address of the conversation, or shows it where the browser does not let a page copy. */
function CopyLink () {
  const [isCopied, setCopied] = useState(false)
  const [isShown, setShown] = useState(false)
  const field = useRef<HTMLInputElement>(null)
  useLayoutEffect(select, [isShown])

  function select (): void {
    field.current?.focus()
    field.current?.select()
  }

  async function copy (): Promise<void> {
    try {
      // Without encryption there is no clipboard at all.
      await navigator.clipboard.writeText(location.href)
      setCopied(true)
    } catch {
      setShown(true)
      select()
    }
  }

  return (
    <>
      <button onClick={copy} onBlur={() => setCopied(false)}>{isCopied ? say('copied') : say('copyLink')}</button>
      {isShown && <label>{say('linkShown')} <input ref={field} readOnly value={location.href} /></label>}
    </>
  )
}

function Renaming ({ label, name, isRequired = false, onRename }: { label: string, name: string, isRequired?: boolean, onRename: (name: string) => void }) {
  const field = useRef<HTMLInputElement>(null)
  useLayoutEffect(follow, [name])

  /** Shows the name as it is now, unless somebody is about to write another. */
  function follow (): void {
    const input = field.current!
    const isBeingWritten = input.value === input.defaultValue ? input === document.activeElement : input.value !== name
    if (isBeingWritten) return
    input.value = name
    // The browser leaves out line breaks.
    input.defaultValue = input.value
  }

  // Before the browser judges whether something is there.
  function trim (): void {
    field.current!.value = field.current!.value.trim()
  }

  function submit (event: SubmitEvent): void {
    event.preventDefault()
    onRename(field.current!.value)
  }

  return (
    <form onSubmit={submit}>
      <label>{label} <input ref={field} name='name' maxLength={NAME_MAX} required={isRequired} onChange={trim} onBlur={follow} /></label>
      <button type='submit'>{say('rename')}</button>
    </form>
  )
}
