import { useEffect, useMemo, useRef, useState } from 'preact/hooks'

// Every browser that records does one of them.
const types = ['audio/webm;codecs=opus', 'audio/mp4', 'audio/ogg;codecs=opus']
const PIECE_MS = 1000
// So much of the limit is left for what comes with the last piece.
const RESERVE_BYTES = 64 * 1024

export interface Recorder {
  /** The seconds that are recorded; undefined when nothing is being recorded. */
  seconds: number | undefined
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
  const latest = useRef(limitBytes)
  latest.current = limitBytes
  const { drop, ...control } = useMemo(() => createControl(() => latest.current, setSeconds), [])

  useEffect(() => {
    if (seconds === undefined) return
    const timer = setTimeout(() => setSeconds(before => before === undefined ? undefined : before + 1), 1000)
    return () => clearTimeout(timer)
  }, [seconds])
  useEffect(() => drop, [])

  return { seconds, drop, ...control }
}

function createControl (limitBytes: () => number, setSeconds: (seconds: number | undefined) => void): Omit<Recorder, 'seconds'> {
  let current: Recording | undefined
  // Counts what was begun and dropped: a microphone that is allowed late belongs to nobody any more.
  let turn = 0

  async function start (): Promise<void> {
    const own = ++turn
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true })
    if (own !== turn) return stream.getTracks().forEach(track => track.stop())
    current = record(stream, limitBytes())
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
  }

  return { start, stop, drop }
}

function record (stream: MediaStream, limitBytes: number): Recording {
  const mimeType = types.find(type => MediaRecorder.isTypeSupported(type))
  const recorder = new MediaRecorder(stream, mimeType === undefined ? {} : { mimeType })
  const pieces: Blob[] = []
  recorder.addEventListener('dataavailable', ({ data }) => {
    pieces.push(data)
    // What is said beyond the limit could not be sent.
    if (pieces.reduce((sum, piece) => sum + piece.size, 0) > limitBytes - RESERVE_BYTES) end(recorder)
  })
  const ended = new Promise<void>(resolve => recorder.addEventListener('stop', () => resolve()))
  recorder.start(PIECE_MS)
  return { recorder, pieces, ended }
}

function end (recorder: MediaRecorder): void {
  if (recorder.state !== 'inactive') recorder.stop()
  recorder.stream.getTracks().forEach(track => track.stop())
}
