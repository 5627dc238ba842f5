import { IconButton } from './icons.js'
import { say, sayDuration } from './language.js'
import type { Recorder } from './recorder.js'

interface VoiceProps { recorder: Recorder, onVoice: (file: File) => void, report: (problem: string) => void }

/** Records a message, and sends it or not. */
export function Voice ({ recorder: { seconds, isFull, start, stop, drop }, onVoice, report }: VoiceProps) {
  if (seconds === undefined) return <IconButton name='record' label={say('record')} onClick={() => { start().then(() => report(''), error => report(say(error.name === 'NotAllowedError' ? 'microphoneRefused' : 'noMicrophone'))) }} />
  return (
    <span class='voice'>
      <span role='status'>{isFull ? sayDuration(seconds) : say('recording', { time: sayDuration(seconds) })}</span>
      <IconButton name='close' label={say('dropVoice')} onClick={drop} />
      <IconButton name='send' label={say('sendVoice')} onClick={() => { stop().then(onVoice) }} />
    </span>
  )
}
