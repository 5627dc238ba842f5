import type { RefObject } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Limits } from '../client/index.js'
import { refusalOf, typeOf } from './files.js'
import { IconButton } from './icons.js'
import { say, sayDuration, sayMessage, saySize } from './language.js'
import { canRecord, useRecorder } from './recorder.js'
import { client, orThrow } from './session.js'
import type { Said, Talk, TalkState } from './talk.js'

interface ComposerProps {
  talk: Talk
  state: TalkState
  input: RefObject<HTMLTextAreaElement | null>
  quoted: Said | undefined
  onQuote: (message: Said | undefined) => void
}

/** Where somebody writes. What is not sent yet outlives a reload. */
export function Composer ({ talk, state, input, quoted, onQuote }: ComposerProps) {
  const draftKey = `colloquy.draft.${talk.id}`
  const [text, setText] = useState(() => sessionStorage.getItem(draftKey) ?? '')
  const [files, setFiles] = useState<File[]>([])
  const [problem, setProblem] = useState('')
  const limits = useLimits()
  const picker = useRef<HTMLInputElement>(null)
  const isDropping = useDrop(add)
  const excess = limits === undefined ? 0 : [...text.trim()].length - limits.MAX_TEXT_LENGTH

  useEffect(() => sessionStorage.setItem(draftKey, text), [text])
  useLayoutEffect(() => grow(input.current!), [text])
  useEffect(() => { input.current!.focus() }, [])

  function add (added: Iterable<File>): void {
    if (limits === undefined) return
    const refusals: string[] = []
    const taken = [...added].filter(file => {
      const refusal = refusalOf(file, file.name, typeOf(file, limits), limits)
      if (refusal !== undefined) refusals.push(refusal)
      return refusal === undefined
    })
    setFiles(files => [...files, ...taken])
    setProblem(refusals.join(' '))
  }

  function send (): void {
    const said = text.trim()
    if ((said === '' && files.length === 0) || excess > 0) return
    const quote = quoted === undefined ? {} : { quoted_message_id: quoted.id }
    if (files.length === 0) talk.send({ type: 'T', text: said, ...quote })
    for (const [index, file] of files.entries()) talk.send({ type: typeOf(file, limits!), text: index === 0 ? said : '', ...index === 0 && quote }, { file })
    setText('')
    setFiles([])
    setProblem('')
    onQuote(undefined)
    talk.typing(false)
    talk.toEnd()
  }

  function sendVoice (file: File): void {
    const refusal = refusalOf(file, say('voice'), 'v', limits!)
    if (refusal !== undefined) return setProblem(refusal)
    talk.send({ type: 'v', ...quoted && { quoted_message_id: quoted.id } }, { file })
    onQuote(undefined)
    talk.toEnd()
  }

  function onKeyDown (event: KeyboardEvent): void {
    if (event.key === 'Escape') onQuote(undefined)
    // Who composes a character confirms it by Enter, too.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
    event.preventDefault()
    send()
  }

  function onPaste (event: ClipboardEvent): void {
    const { files } = event.clipboardData!
    if (files.length === 0) return
    event.preventDefault()
    add(files)
  }

  return (
    <form class='composer' onSubmit={event => { event.preventDefault(); send() }}>
      {isDropping && <div class='dropping'>{say('dropHere')}</div>}
      {quoted !== undefined && (
        <p class='chip'>
          <span>{say('replyingTo', { name: state.people.get(quoted.sender_id)?.name ?? say('gone') })}: {sayMessage(quoted)}</span>
          <IconButton name='close' label={say('cancel')} onClick={() => onQuote(undefined)} />
        </p>
      )}
      {files.map((file, index) => (
        <p class='chip' key={index}>
          <span>{file.name} <small>{saySize(file.size)}</small></span>
          <IconButton name='close' label={say('remove', { name: file.name })} onClick={() => setFiles(files.filter(other => other !== file))} />
        </p>
      ))}
      {(problem !== '' || excess > 0) && <p class='problem' role='alert'>{excess > 0 ? say('tooLong', { count: excess }) : problem}</p>}
      <div class='row'>
        <input ref={picker} type='file' multiple hidden onChange={event => { add(event.currentTarget.files!); event.currentTarget.value = '' }} />
        <IconButton name='attach' label={say('attach')} onClick={() => picker.current!.click()} />
        <textarea
          ref={input}
          data-heir
          rows={1}
          value={text}
          aria-label={say('write')}
          placeholder={say('write')}
          onInput={event => { setText(event.currentTarget.value); talk.typing(event.currentTarget.value !== '') }}
          onKeyDown={onKeyDown}
          onPaste={onPaste}
        />
        {text === '' && files.length === 0 && canRecord && limits !== undefined && limits.MAX_VOICE_SIZE > 0
          ? <Voice onVoice={sendVoice} onProblem={setProblem} />
          : <IconButton name='send' label={say('send')} type='submit' disabled={excess > 0} />}
      </div>
    </form>
  )
}

function Voice ({ onVoice, onProblem }: { onVoice: (file: File) => void, onProblem: (problem: string) => void }) {
  const { seconds, start, stop, drop } = useRecorder()
  if (seconds === undefined) return <IconButton name='record' label={say('record')} onClick={() => { start().then(() => onProblem(''), error => onProblem(say('noMicrophone', { reason: error.message }))) }} />
  return (
    <span class='voice'>
      <span role='status'>{say('recording', { time: sayDuration(seconds) })}</span>
      <IconButton name='close' label={say('dropVoice')} onClick={drop} />
      <IconButton name='send' label={say('sendVoice')} onClick={() => { stop().then(onVoice) }} />
    </span>
  )
}

function useLimits (): Limits | undefined {
  const [limits, setLimits] = useState<Limits>()
  useEffect(() => { orThrow(client.GET('/api/chat/limits/')).then(setLimits, () => {}) }, [])
  return limits
}

/** Takes files that are dropped anywhere on the page. Gives whether some are held over it. */
function useDrop (take: (files: Iterable<File>) => void): boolean {
  const [isOver, setOver] = useState(false)
  const latest = useRef(take)
  latest.current = take
  useEffect(() => {
    const over = (event: DragEvent): void => {
      if (!event.dataTransfer?.types.includes('Files')) return
      event.preventDefault()
      setOver(true)
    }
    const leave = (event: DragEvent): void => { if (event.relatedTarget === null) setOver(false) }
    const drop = (event: DragEvent): void => {
      event.preventDefault()
      setOver(false)
      latest.current(event.dataTransfer?.files ?? [])
    }
    const listeners = { dragover: over, dragleave: leave, drop }
    for (const [name, listener] of Object.entries(listeners)) addEventListener(name, listener as EventListener)
    return () => { for (const [name, listener] of Object.entries(listeners)) removeEventListener(name, listener as EventListener) }
  }, [])
  return isOver
}

/** As tall as the text, up to what the style sheet allows. */
function grow (area: HTMLTextAreaElement): void {
  area.style.height = 'auto'
  area.style.height = `${area.scrollHeight}px`
}
