import { useEffect, useRef, useState } from 'preact/hooks'

// Every browser that records does one of them.
const types = ['audio/webm;codecs=opus', 'audio/mp4', 'audio/ogg;codecs=opus']

export interface Recorder {
  /** The seconds that are recorded; undefined when nothing is being recorded. */
  seconds: number | undefined
  start: () => Promise<void>
  /** Gives what was recorded. */
  stop: () => Promise<File>
  drop: () => void
}

export const canRecord = typeof MediaRecorder !== 'undefined' && navigator.mediaDevices !== undefined

/** Records the voice of whoever is here. Starting rejects when the microphone may not be used. */
export function useRecorder (): Recorder {
  const recorder = useRef<MediaRecorder>(null)
  const [seconds, setSeconds] = useState<number>()

  useEffect(() => {
    if (seconds === undefined) return
    const timer = setTimeout(() => setSeconds(seconds + 1), 1000)
    return () => clearTimeout(timer)
  }, [seconds])
  useEffect(() => drop, [])

  async function start (): Promise<void> {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true })
    const mimeType = types.find(type => MediaRecorder.isTypeSupported(type))
    recorder.current = new MediaRecorder(stream, mimeType === undefined ? {} : { mimeType })
    recorder.current.start()
    setSeconds(0)
  }

  function stop (): Promise<File> {
    const { current } = recorder
    return new Promise(resolve => {
      current!.addEventListener('dataavailable', ({ data }) => {
        const type = data.type.split(';')[0]!
        resolve(new File([data], `voice.${type.split('/')[1]}`, { type }))
      })
      drop()
    })
  }

  function drop (): void {
    recorder.current?.stop()
    recorder.current?.stream.getTracks().forEach(track => track.stop())
    recorder.current = null
    setSeconds(undefined)
  }

  return { seconds, start, stop, drop }
}
