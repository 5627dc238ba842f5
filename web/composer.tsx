import type { RefObject } from 'preact'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { useDrop } from './drop.js'
import { refusalOf, typeOf, voiceLimitOf } from './files.js'
import { IconButton } from './icons.js'
import { useDraft } from './kept.js'
import { say, sayMessage, saySize } from './language.js'
import { useLimits } from './limits.js'
import { canRecord, useRecorder } from './recorder.js'
import { sessionId } from './session.js'
import type { Said, TalkState } from './talk/state.js'
import type { Talk } from './talk/talk.js'
import { useFiles, type Files } from './use-files.js'
import { Voice } from './voice.js'

// An on-screen keyboard has no other key that breaks a line, and there the button for sending is at hand.
const touch = matchMedia('(pointer: coarse) and (hover: none)')

interface ComposerProps {
  talk: Talk
  state: TalkState
  input: RefObject<HTMLTextAreaElement | null>
  quoted: Said | undefined
  onQuote: (message: Said | undefined) => void
}

/** Where somebody writes. What is not sent yet outlives a reload. */
export function Composer ({ talk, state, input, quoted, onQuote }: ComposerProps) {
  const limits = useLimits()
  const place = `${sessionId}.${talk.id}`
  const [text, setText] = useDraft(place)
  const files = useFiles(place, limits)
  const recorder = useRecorder(limits === undefined ? 0 : voiceLimitOf(limits))
  const isDropping = useDrop(files.add)
  const excess = limits === undefined ? 0 : [...text.trim()].length - limits.MAX_TEXT_LENGTH
  const isSpeaking = recorder.seconds !== undefined || (text === '' && files.chosen.length === 0 && canRecord && limits !== undefined && voiceLimitOf(limits) > 0)

  useLayoutEffect(() => grow(input.current!), [text])
  useEffect(() => { input.current!.focus() }, [])

  function send (): void {
    const said = text.trim()
    if ((said === '' && files.chosen.length === 0) || excess > 0) return
    const quote = quoted === undefined ? {} : { quoted_message_id: quoted.id }
    if (files.chosen.length === 0) talk.send({ type: 'T', text: said, ...quote })
    for (const [index, file] of files.chosen.entries()) talk.send({ type: typeOf(file, limits!), text: index === 0 ? said : '', ...index === 0 && quote }, { file })
    setText('')
    talk.typing(false)
    done()
  }

  function sendVoice (file: File): void {
    const refusal = refusalOf(file, say('voice'), 'v', limits!)
    if (refusal !== undefined) return files.setProblem(refusal)
    talk.send({ type: 'v', ...quoted && { quoted_message_id: quoted.id } }, { file })
    done()
  }

  function done (): void {
    files.clear()
    onQuote(undefined)
    talk.toEnd()
  }

  function onKeyDown (event: KeyboardEvent): void {
    if (event.key === 'Escape') onQuote(undefined)
    // Who composes a character confirms it by Enter, too.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || touch.matches) return
    event.preventDefault()
    send()
  }

  return (
    <form class='composer' onSubmit={event => { event.preventDefault(); send() }}>
      {isDropping && <div class='dropping'>{say('dropHere')}</div>}
      <Chips files={files} state={state} quoted={quoted} onQuote={onQuote} />
      {(files.problem !== '' || excess > 0) && <p class='problem' role='alert'>{excess > 0 ? say('tooLong', { count: excess }) : files.problem}</p>}
      <p class='hint' role='status'>{recorder.isFull ? say('recordingFull') : ''}</p>
      <div class='row'>
        <Picker take={files.add} />
        <textarea
          ref={input}
          data-heir
          rows={1}
          dir='auto'
          enterkeyhint={touch.matches ? 'enter' : 'send'}
          value={text}
          aria-label={say('write')}
          placeholder={say('write')}
          onInput={event => { setText(event.currentTarget.value); talk.typing(event.currentTarget.value !== '') }}
          onKeyDown={onKeyDown}
          onPaste={event => pasteFiles(event, files.add)}
        />
        {isSpeaking ? <Voice recorder={recorder} onVoice={sendVoice} report={files.setProblem} /> : <IconButton name='send' label={say('send')} type='submit' disabled={excess > 0} />}
      </div>
    </form>
  )
}

/** What goes with the text: what it quotes, and files. */
function Chips ({ files, state, quoted, onQuote }: Pick<ComposerProps, 'state' | 'quoted' | 'onQuote'> & { files: Files }) {
  return (
    <div class='chips'>
      {quoted !== undefined && (
        <p class='chip'>
          <span dir='auto'>{say('replyingTo', { name: state.people.get(quoted.sender_id)?.name ?? say('gone') })}: {sayMessage(quoted)}</span>
          <IconButton name='close' label={say('cancel')} onClick={() => onQuote(undefined)} />
        </p>
      )}
      {files.chosen.map((file, index) => (
        <p class='chip' key={index}>
          <span><bdi>{file.name}</bdi> <small>{saySize(file.size)}</small></span>
          <IconButton name='close' label={say('remove', { name: file.name })} onClick={() => files.remove(file)} />
        </p>
      ))}
    </div>
  )
}

function Picker ({ take }: { take: (files: Iterable<File>) => void }) {
  const picker = useRef<HTMLInputElement>(null)
  return (
    <>
      <input ref={picker} type='file' multiple hidden onChange={event => { take([...event.currentTarget.files!]); event.currentTarget.value = '' }} />
      <IconButton name='attach' label={say('attach')} onClick={() => picker.current!.click()} />
    </>
  )
}

// What is text, too, such as cells of a table, is meant as text.
function pasteFiles (event: ClipboardEvent, take: (files: Iterable<File>) => void): void {
  const { files } = event.clipboardData!
  if (files.length === 0 || event.clipboardData!.getData('text/plain') !== '') return
  event.preventDefault()
  take([...files])
}

/** As tall as the text, up to what the style sheet allows. */
function grow (area: HTMLTextAreaElement): void {
  area.style.height = 'auto'
  area.style.height = `${area.scrollHeight}px`
}
