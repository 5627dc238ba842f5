import type { RefObject } from 'preact'
import { useState } from 'preact/hooks'
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
  const [isCopied, setCopied] = useState(false)
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
        <button onClick={() => { navigator.clipboard?.writeText(location.href).then(() => setCopied(true)) }}>{isCopied ? say('copied') : say('copyLink')}</button>
        {mine !== undefined && <button class='danger' onClick={leave}>{say('leave')}</button>}
      </p>
      {problem !== '' && <p class='problem' role='alert'>{problem}</p>}
    </dialog>
  )
}

function Renaming ({ label, name, isRequired = false, onRename }: { label: string, name: string, isRequired?: boolean, onRename: (name: string) => void }) {
  function submit (event: SubmitEvent): void {
    event.preventDefault()
    onRename(String(new FormData(event.currentTarget as HTMLFormElement).get('name')).trim())
  }
  return (
    <form onSubmit={submit}>
      <label>{label} <input key={name} name='name' defaultValue={name} maxLength={NAME_MAX} required={isRequired} /></label>
      <button type='submit'>{say('rename')}</button>
    </form>
  )
}
