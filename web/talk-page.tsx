import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { LiveEnd } from '../client/index.js'
import { useAttempt } from './attempt.js'
import { Composer } from './composer.js'
import { Details } from './details.js'
import { sayError } from './errors.js'
import { Icon, IconButton } from './icons.js'
import { useQuoted } from './kept.js'
import { say, sayUnnamed } from './language.js'
import { forgetPlace, keptPlace } from './place.js'
import { lobbyAddress, talkAddress } from './route.js'
import { isSessionOver, NAME_MAX, sessionId, type Me } from './session.js'
import { useStore } from './store.js'
import { enterTalk, leaveTalk } from './talk/open-talks.js'
import type { Said, TalkState } from './talk/state.js'
import type { Talk } from './talk/talk.js'
import { Timeline } from './timeline/timeline.js'

// Two clicks on an option in so short a time are one.
const CHOICE_MS = 1000

// What was open when the page was loaded is gone on with where one was reading; who comes from elsewhere begins at the end.
let reloaded: string | undefined = location.hash

function enter (id: string): Talk {
  if (talkAddress(id) !== reloaded) forgetPlace(id)
  reloaded = undefined
  return enterTalk(id, keptPlace(id)?.seq)
}

/** A conversation. */
export function TalkPage ({ id, me, onSession }: { id: string, me: Me, onSession: () => Promise<void> }) {
  const [entries, setEntries] = useState(1)
  const talk = useMemo(() => enter(id), [id, entries])
  useEffect(() => () => leaveTalk(talk), [talk])
  const state = useStore(talk)
  useTitle(state)
  // The session may have ended, or be another one.
  const reenter = (): Promise<void> => onSession().then(() => setEntries(entries + 1))
  if (state.phase === 'ready') return <OpenTalk talk={talk} state={state} onReenter={reenter} />
  return (
    <main class='notice'>
      <a href={lobbyAddress}>{say('back')}</a>
      {state.phase === 'loading' && <p role='status'>{say('loading')}</p>}
      {state.phase === 'missing' && <p role='alert'>{say('notFound')}</p>}
      {state.phase === 'broken' && <p role='alert'>{sayError(state.error)} <button onClick={() => { forgetPlace(id); talk.reload() }}>{say('tryAgain')}</button></p>}
      {state.phase === 'stranger' && <Join talk={talk} me={me} onSession={onSession} />}
    </main>
  )
}

function Join ({ talk, me, onSession }: { talk: Talk, me: Me, onSession: () => Promise<void> }) {
  const { isBusy, problem, attempt } = useAttempt()
  function join (event: SubmitEvent): void {
    event.preventDefault()
    const nickname = String(new FormData(event.currentTarget as HTMLFormElement).get('nickname'))
    attempt(() => talk.join(nickname, onSession))
  }
  return (
    <form onSubmit={join}>
      {isSessionOver() && <p role='status'>{say('sessionOver')}</p>}
      <h1>{say('joinTitle')}</h1>
      <label>{say('yourName')} <input name='nickname' maxLength={NAME_MAX} defaultValue={me.nickname ?? ''} placeholder={say('optional')} /></label>
      <button type='submit' class='main' disabled={isBusy}>{say('join')}</button>
      {problem !== '' && <p class='problem' role='alert'>{problem}</p>}
    </form>
  )
}

function OpenTalk ({ talk, state, onReenter }: { talk: Talk, state: TalkState, onReenter: () => void }) {
  const [quoted, setQuoted] = useQuoted(`${sessionId}.${talk.id}`)
  const details = useRef<HTMLDialogElement>(null)
  const input = useRef<HTMLTextAreaElement>(null)
  const { conversation, myId, end } = state
  const mayWrite = myId !== null && conversation?.ended_at === undefined && end === undefined

  function reply (message: Said): void {
    setQuoted(message)
    input.current?.focus()
  }

  const chosen = useRef({ id: '', at: 0 })
  function choose (option: string, message: Said): void {
    const { id, at } = chosen.current
    if (id === message.id && Date.now() - at < CHOICE_MS) return
    chosen.current = { id: message.id, at: Date.now() }
    talk.send({ type: 'T', text: option, quoted_message_id: message.id })
    talk.toEnd()
  }

  return (
    <div class='talk'>
      <header>
        <a href={lobbyAddress} class='round' aria-label={say('back')} title={say('back')}><Icon name='back' /></a>
        <h1 tabIndex={-1} data-heir><bdi>{nameOf(state)}</bdi></h1>
        <span class='present'>{state.present.map(({ id, name }, index) => <span key={id}>{index > 0 && ', '}<bdi>{name}</bdi></span>)}</span>
        <IconButton name='details' label={say('details')} onClick={() => details.current?.showModal()} />
      </header>
      <Banner state={state} />
      {end !== undefined && mayReenter(end) && <p class='banner'><button onClick={onReenter}>{say('tryAgain')}</button></p>}
      <Timeline talk={talk} state={state} mayWrite={mayWrite} onReply={reply} onChoose={choose} />
      <p class='writing' role='status'>{sayWriting(state)}</p>
      {mayWrite && <Composer talk={talk} state={state} input={input} quoted={quoted} onQuote={setQuoted} />}
      {conversation?.ended_at !== undefined && <p class='over'>{say('ended')}</p>}
      <Details talk={talk} state={state} dialog={details} />
    </div>
  )
}

/** Says quietly what is wrong with the connection. A short interruption is not worth a word. */
function Banner ({ state: { status, end, dropped, people } }: { state: TalkState }) {
  const [isLong, setLong] = useState(false)
  useEffect(() => {
    if (status !== 'waiting') return setLong(false)
    const timer = setTimeout(() => setLong(true), 700)
    return () => clearTimeout(timer)
  }, [status])
  const text = end !== undefined
    ? sayEnd(end)
    : isLong ? say('offline') : dropped !== undefined ? say('dropped', { name: people.get(dropped)?.name ?? say('gone') }) : ''
  return <p class='banner' role='status' hidden={text === ''}>{text}</p>
}

/** Whether it may be different by now, such as by another tab. */
function mayReenter ({ code }: LiveEnd): boolean {
  return [4401, 4403, 4404].includes(code)
}

function sayEnd ({ code }: LiveEnd): string {
  if (code === 4401) return say('sessionOver')
  return code === 4403 || code === 4404 ? say('notInside') : say('busyServer')
}

function sayWriting ({ writing, people }: TalkState): string {
  if (writing.length === 0) return ''
  return writing.length === 1 ? say('typingOne', { name: people.get(writing[0]!)?.name ?? say('gone') }) : say('typingMany')
}

function nameOf ({ conversation }: TalkState): string {
  return conversation === undefined ? '' : conversation.name ?? sayUnnamed(conversation.created_at)
}

/** The title of the tab counts what has come while nobody looked. */
function useTitle (state: TalkState): void {
  const title = `${state.fresh > 0 ? `(${state.fresh}) ` : ''}${nameOf(state) || 'Colloquy'}`
  useEffect(() => { document.title = title }, [title])
}
