import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Participant } from '../client/index.js'
import { Attachment } from './attachment.js'
import { Icon } from './icons.js'
import { say, sayTime, sayUnnamed } from './language.js'
import { lobbyAddress, talkAddress } from './route.js'
import { client, orThrow, type Me } from './session.js'
import { useStore } from './store.js'
import { openWaiting, type Approval, type Verdict } from './waiting.js'

/** What is being done with a message in a form. */
type Form = 'edit' | 'reject' | 'redirect'

/** What waits for a manager's decision. */
export function Approvals ({ me }: { me: Me }) {
  return (
    <div class='approvals'>
      <header>
        <a href={lobbyAddress} class='round' aria-label={say('back')} title={say('back')}><Icon name='back' /></a>
        <h1 tabIndex={-1} data-heir>{say('approvals')}</h1>
      </header>
      <main>{me.role ? <WaitingList /> : <p role='alert'>{say('managerOnly')}</p>}</main>
    </div>
  )
}

function WaitingList () {
  const waiting = useMemo(openWaiting, [])
  useEffect(() => waiting.close, [waiting])
  const { items, isLoaded, problem } = useStore(waiting)
  const list = useRef<HTMLOListElement>(null)
  const [form, setForm] = useState<{ id: string, kind: Form }>()
  const [, redraw] = useState({})
  // By its id, since others above it vanish when somebody decides about them; by its index when it has vanished itself.
  const place = useRef({ id: '', index: 0 })
  const current = indexOf(place.current)
  place.current = placeAt(current)

  function indexOf ({ id, index }: { id: string, index: number }): number {
    const found = items.findIndex(({ message }) => message.id === id)
    return found < 0 ? Math.max(0, Math.min(items.length - 1, index)) : found
  }

  function placeAt (index: number) {
    return { id: items[index]?.message.id ?? '', index }
  }

  function focus (): void {
    (list.current?.children[indexOf(place.current)] as HTMLElement | undefined)?.focus()
  }

  function choose (index: number): void {
    if (place.current.index === index) return
    place.current = placeAt(index)
    redraw({})
  }

  // Keys may come faster than drawings.
  function move (step: number): void {
    setForm(undefined)
    choose(Math.max(0, Math.min(items.length - 1, indexOf(place.current) + step)))
    focus()
  }

  async function decide (item: Approval, verdict: Verdict): Promise<void> {
    setForm(undefined)
    await waiting.decide(item, verdict)
  }

  useEffect(() => {
    const open = (kind: Form) => (): void => setForm({ id: place.current.id, kind })
    const keys: Record<string, () => void> = {
      j: () => move(1),
      k: () => move(-1),
      a: () => { decide(items[indexOf(place.current)]!, { approve: {} }) },
      e: open('edit'),
      r: open('reject'),
      d: open('redirect')
    }
    function onKey (event: KeyboardEvent): void {
      if (event.key === 'Escape') { setForm(undefined); return focus() }
      const isTyping = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement || event.target instanceof HTMLSelectElement
      if (isTyping || event.ctrlKey || event.metaKey || event.altKey || items.length === 0 || !(event.key in keys)) return
      event.preventDefault()
      keys[event.key]!()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  })

  return (
    <>
      <p class='hint'>{say('shortcuts')}</p>
      {problem !== '' && <p class='problem' role='alert'>{problem}</p>}
      {isLoaded && items.length === 0 && <p role='status'>{say('noApprovals')}</p>}
      {items.length > 0 && (
        <ol ref={list} tabIndex={-1} data-heir onFocus={focus}>
          {items.map((item, index) => (
            <li key={item.message.id} tabIndex={-1} aria-current={index === current} onFocusIn={() => choose(index)}>
              <Waiting item={item} form={form?.id === item.message.id ? form.kind : undefined} onForm={kind => setForm({ id: item.message.id, kind })} onDecide={verdict => decide(item, verdict)} />
            </li>
          ))}
        </ol>
      )}
    </>
  )
}

interface WaitingProps { item: Approval, form: Form | undefined, onForm: (form: Form) => void, onDecide: (verdict: Verdict) => void }

function Waiting ({ item: { conversation, message, deadline }, form, onForm, onDecide }: WaitingProps) {
  const people = usePeople(conversation.id)
  if (message.type === 'S') return null
  const name = people?.find(({ id }) => id === message.sender_id)?.name ?? '…'
  return (
    <>
      <p>
        <a href={talkAddress(conversation.id)}>{say('saysIn', { name, conversation: conversation.name ?? sayUnnamed(conversation.created_at) })}</a> <time dateTime={message.time}>{sayTime(message.time)}</time>
        {deadline !== null && <small> {say('until', { time: sayTime(deadline) })}</small>}
      </p>
      {message.type !== 'T' && <Attachment message={message} />}
      <blockquote>{message.text}</blockquote>
      {message.options.length > 0 && <p class='options'>{message.options.map(option => <span key={option}>{option}</span>)}</p>}
      <p class='row'>
        <button class='main' onClick={() => onDecide({ approve: {} })}>{say('approve')}</button>
        <button onClick={() => onForm('edit')}>{say('editApprove')}</button>
        <button onClick={() => onForm('reject')}>{say('reject')}</button>
        <button onClick={() => onForm('redirect')}>{say('redirect')}</button>
      </p>
      {form === 'edit' && <Asking name='text' label={say('editApprove')} value={message.text} onAnswer={text => onDecide({ approve: { text } })} />}
      {form === 'reject' && <Asking name='reason' label={say('reason')} value='' isOptional onAnswer={reason => onDecide({ reject: reason === '' ? {} : { reason } })} />}
      {form === 'redirect' && <Redirecting bots={people?.filter(({ id, type }) => type === 'B' && id !== message.sender_id)} onChoose={bots => onDecide({ redirect: { bots } })} />}
    </>
  )
}

function Asking ({ name, label, value, isOptional = false, onAnswer }: { name: string, label: string, value: string, isOptional?: boolean, onAnswer: (text: string) => void }) {
  const area = useRef<HTMLTextAreaElement>(null)
  useLayoutEffect(() => { area.current!.focus() }, [])
  function submit (event: SubmitEvent): void {
    event.preventDefault()
    onAnswer(area.current!.value.trim())
  }
  return (
    <form onSubmit={submit}>
      <label>{label} <textarea ref={area} name={name} defaultValue={value} required={!isOptional} onKeyDown={event => { if (event.key === 'Enter' && !event.shiftKey) submit(event as never) }} /></label>
      <button type='submit' class='main'>{say('save')}</button>
    </form>
  )
}

function Redirecting ({ bots, onChoose }: { bots: Participant[] | undefined, onChoose: (ids: string[]) => void }) {
  const form = useRef<HTMLFormElement>(null)
  useLayoutEffect(() => { form.current?.querySelector('input')?.focus() }, [bots])
  function submit (event: SubmitEvent): void {
    event.preventDefault()
    const ids = new FormData(form.current!).getAll('bots').map(String)
    if (ids.length > 0) onChoose(ids)
  }
  if (bots?.length === 0) return <p role='status'>{say('noBots')}</p>
  return (
    <form ref={form} onSubmit={submit}>
      <fieldset>
        <legend>{say('redirectTo')}</legend>
        {bots?.map(({ id, name }) => <label key={id} class='choice'><input type='checkbox' name='bots' value={id} /> {name}</label>)}
      </fieldset>
      <button type='submit' class='main'>{say('redirect')}</button>
    </form>
  )
}

const known = new Map<string, Promise<Participant[]>>()

/** Who is or was in a conversation, asked for once. */
function usePeople (conversationId: string): Participant[] | undefined {
  const [people, setPeople] = useState<Participant[]>()
  useEffect(() => {
    const asked = known.get(conversationId) ?? orThrow(client.GET('/api/chat/conversations/{conversation_id}/participants/', { params: { path: { conversation_id: conversationId }, query: { left: true } } })).then(({ results }) => results)
    known.set(conversationId, asked)
    asked.then(setPeople, () => { known.delete(conversationId) })
  }, [conversationId])
  return people
}
