import { useState } from 'preact/hooks'
import type { Limits } from '../client/index.js'
import { refusalOf, typeOf } from './files.js'
import { useKept } from './kept.js'
import { say } from './language.js'

const FILES_MAX = 20

/** The files that are about to be sent. */
export interface Files {
  chosen: readonly File[]
  /** Adds those that can be sent; of the others `problem` says why not. */
  add: (files: Iterable<File>) => void
  remove: (file: File) => void
  clear: () => void
  problem: string
  setProblem: (problem: string) => void
}

/**
 * @param place what they are chosen for: they are still there for who comes back to it
 * @param limits undefined as long as they are not known: then nothing can be chosen
 */
export function useFiles (place: string, limits: Limits | undefined): Files {
  const [chosen, setChosen] = useKept<readonly File[]>(`files.${place}`, [])
  const [problem, setProblem] = useState('')

  function add (added: Iterable<File>): void {
    if (limits === undefined) return setProblem(say('somethingWrong'))
    const refusals: string[] = []
    const taken = [...added].filter(file => {
      const refusal = refusalOf(file, file.name, typeOf(file, limits), limits)
      if (refusal !== undefined) refusals.push(refusal)
      return refusal === undefined
    })
    const all = [...chosen, ...taken]
    if (all.length > FILES_MAX) refusals.push(say('tooManyFiles', { count: FILES_MAX }))
    setChosen(all.slice(0, FILES_MAX))
    setProblem(refusals.join(' '))
  }

  function clear (): void {
    setChosen([])
    setProblem('')
  }

  return { chosen, add, clear, problem, setProblem, remove: file => setChosen(chosen.filter(other => other !== file)) }
}
