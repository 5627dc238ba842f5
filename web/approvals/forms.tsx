import { useLayoutEffect, useRef } from 'preact/hooks'
import type { Participant } from '../../client/index.js'
import { say } from '../language.js'

interface AskingProps { name: string, label: string, value: string, isOptional?: boolean, onAnswer: (text: string) => void }

/** Asks for a text. It stays there until whoever shows this shows it no more, since a decision may fail. */
export function Asking ({ name, label, value, isOptional = false, onAnswer }: AskingProps) {
  const area = useRef<HTMLTextAreaElement>(null)
  useLayoutEffect(() => { area.current!.focus() }, [])

  function submit (event: SubmitEvent): void {
    event.preventDefault()
    const text = area.current!.value.trim()
    if (text !== '' || isOptional) onAnswer(text)
  }

  function onKeyDown (event: KeyboardEvent): void {
    // Who composes a character confirms it by Enter, too.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
    event.preventDefault()
    if (!event.repeat) area.current!.form!.requestSubmit()
  }

  return (
    <form onSubmit={submit}>
      <label>{label} <textarea ref={area} name={name} defaultValue={value} required={!isOptional} onKeyDown={onKeyDown} /></label>
      <button type='submit' class='main'>{say('save')}</button>
    </form>
  )
}

/** Asks for some of the bots. */
export function Redirecting ({ bots, onChoose }: { bots: Participant[] | undefined, onChoose: (ids: string[]) => void }) {
  const form = useRef<HTMLFormElement>(null)
  useLayoutEffect(() => { form.current?.querySelector('input')?.focus() }, [bots === undefined])

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
