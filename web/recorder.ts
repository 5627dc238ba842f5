import { useEffect, useMemo, useRef, useState } from 'preact/hooks'

// Every browser that records does one of them.
const types = ['audio/webm;codecs=opus', 'audio/mp4', 'audio/ogg;codecs=opus']
// Short, so that a piece is small beside a small limit.
const PIECE_MS = 250
// So much of the limit is left for what comes with the last piece; of a small limit, a part.
const RESERVE_BYTES = 64 * 1024
const RESERVE_PART = 1 / 4

export interface Recorder {
  /** The seconds that are recorded; undefined when nothing is being recorded. */
  seconds: number | undefined
  /** Whether no more is recorded, since more could not be sent. */
  isFull: boolean
  /** Rejects when the microphone may not be used. */
  start: () => Promise<void>
  /** Gives what was recorded. */
  stop: () => Promise<File>
  drop: () => void
}

interface Recording { recorder: MediaRecorder, pieces: Blob[], ended: Promise<void> }

export const canRecord = typeof MediaRecorder !== 'undefined' && navigator.mediaDevices !== undefined

/** Records the voice of whoever is here, up to a number of bytes. */
export function useRecorder (limitBytes: number): Recorder {
  const [seconds, setSeconds] = useState<number>()
  const [isFull, setFull] = useState(false)
  const latest = useRef(limitBytes)
  latest.current = limitBytes
  const { drop, ...control } = useMemo(() => createControl(() => latest.current, setSeconds, setFull), [])

  useEffect(() => {
    if (seconds === undefined || isFull) return
    const timer = setTimeout(() => setSeconds(before => before === undefined ? undefined : before + 1), 1000)
    return () => clearTimeout(timer)
  }, [seconds, isFull])
  useEffect(() => drop, [])

  return { seconds, isFull, drop, ...control }
}

function createControl (limitBytes: () => number, setSeconds: (seconds: number | undefined) => void, setFull: (isFull: boolean) => void): Omit<Recorder, 'seconds' | 'isFull'> {
  let current: Recording | undefined
  // Counts what was begun and dropped: a microphone that is allowed late belongs to nobody any more.
  let turn = 0

  async function start (): Promise<void> {
    const own = ++turn
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true })
    if (own !== turn) return stream.getTracks().forEach(track => track.stop())
    current = record(stream, limitBytes(), () => setFull(true))
    setSeconds(0)
  }

  async function stop (): Promise<File> {
    const { recorder, pieces, ended } = current!
    drop()
    await ended
    const type = recorder.mimeType.split(';')[0]!
    return new File(pieces, `voice.${type.split('/')[1]}`, { type })
  }

  function drop (): void {
    turn++
    if (current !== undefined) end(current.recorder)
    current = undefined
    setSeconds(undefined)
    setFull(false)
  }

  return { start, stop, drop }
}

function record (stream: MediaStream, limitBytes: number, onFull: () => void): Recording {
  const mimeType = types.find(type => MediaRecorder.isTypeSupported(type))
  const recorder = new MediaRecorder(stream, mimeType === undefined ? {} : { mimeType })
  const pieces: Blob[] = []
  const mostBytes = limitBytes - Math.min(RESERVE_BYTES, limitBytes * RESERVE_PART)
  recorder.addEventListener('dataavailable', ({ data }) => {
    pieces.push(data)
    // What is said beyond the limit could not be sent. The last piece comes when it has ended.
    if (recorder.state === 'inactive' || pieces.reduce((sum, piece) => sum + piece.size, 0) <= mostBytes) return
    end(recorder)
    onFull()
  })
  const ended = new Promise<void>(resolve => recorder.addEventListener('stop', () => resolve()))
  recorder.start(PIECE_MS)
  return { recorder, pieces, ended }
}

function end (recorder: MediaRecorder): void {
  if (recorder.state !== 'inactive') recorder.stop()
  recorder.stream.getTracks().forEach(track => track.stop())
}
