import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Participant } from '../../client/index.js'
import { say } from '../language.js'
import { useLimits } from '../limits.js'

/** The most characters of a reason. */
const REASON_MAX = 1000

interface FormProps<Answer> {
  /** Whether no answer is taken any more. */
  isClosed: boolean
  onAnswer: (answer: Answer) => void
}

interface TextFormProps extends FormProps<string> {
  /** What is in it at first. */
  text: string
  /** Called with all that is typed. */
  onDraft: (text: string) => void
}

/** Asks for the text with which a message is approved. */
export function Editing (props: TextFormProps) {
  const limits = useLimits()
  return <Asking {...props} name='text' label={say('editApprove')} action={say('approve')} max={limits?.MAX_TEXT_LENGTH ?? Infinity} />
}

export function Rejecting (props: TextFormProps) {
  return <Asking {...props} name='reason' label={say('reason')} action={say('reject')} max={REASON_MAX} isOptional />
}

interface AskingProps extends TextFormProps { name: string, label: string, action: string, max: number, isOptional?: boolean }

/** Asks for a text. It stays there until whoever shows this shows it no more, since a decision may fail. */
function Asking ({ name, label, action, text: initial, max, isOptional = false, isClosed, onDraft, onAnswer }: AskingProps) {
  const area = useRef<HTMLTextAreaElement>(null)
  const [text, setText] = useState(initial)
  const excess = [...text.trim()].length - max
  useLayoutEffect(() => { area.current!.focus() }, [])

  function submit (event: SubmitEvent): void {
    event.preventDefault()
    const answer = text.trim()
    if (!isClosed && excess <= 0 && (answer !== '' || isOptional)) onAnswer(answer)
  }

  function onInput ({ currentTarget: { value } }: { currentTarget: HTMLTextAreaElement }): void {
    setText(value)
    onDraft(value)
  }

  function onKeyDown (event: KeyboardEvent): void {
    // Who composes a character confirms it by Enter, too.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
    event.preventDefault()
    if (!event.repeat) area.current!.form!.requestSubmit()
  }

  return (
    <form onSubmit={submit}>
      <label>{label} <textarea ref={area} name={name} dir='auto' value={text} required={!isOptional} onInput={onInput} onKeyDown={onKeyDown} /></label>
      {excess > 0 && <p class='problem' role='alert'>{say('tooLong', { count: excess })}</p>}
      {!isClosed && <button type='submit' class='main' disabled={excess > 0}>{action}</button>}
    </form>
  )
}

/** Asks for some of the bots. */
export function Redirecting ({ bots, isClosed, onAnswer }: FormProps<string[]> & { bots: Participant[] | undefined }) {
  const form = useRef<HTMLFormElement>(null)
  useLayoutEffect(() => { form.current?.querySelector('input')?.focus() }, [bots === undefined])

  function submit (event: SubmitEvent): void {
    event.preventDefault()
    const ids = new FormData(form.current!).getAll('bots').map(String)
    if (!isClosed && ids.length > 0) onAnswer(ids)
  }

  if (bots?.length === 0) return <p role='status'>{say('noOtherBots')}</p>
  return (
    <form ref={form} onSubmit={submit}>
      <fieldset>
        <legend>{say('redirectTo')}</legend>
        {bots?.map(({ id, name }) => <label key={id} class='choice'><input type='checkbox' name='bots' value={id} /> {name}</label>)}
      </fieldset>
      {!isClosed && <button type='submit' class='main'>{say('redirect')}</button>}
    </form>
  )
}
