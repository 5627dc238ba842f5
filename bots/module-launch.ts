import { Worker, type WorkerOptions } from 'node:worker_threads'
import type { ThreadData } from './module-messages.js'

/**
 * Starts a thread that loads a module.
 * @throws Error with a sentence, when the options cannot be given to it
 */
export function createWorker (data: ThreadData): Worker {
  // An option of `node --eval` that is refused for files.
  const isEval = process.execArgv.some(word => word.startsWith('--input-type'))
  const options: WorkerOptions = { workerData: data, ...isEval && { execArgv: [] } }
  try {
    return new Worker(import.meta.url.endsWith('.ts') ? sourceEntry() : new URL('./module-worker.js', import.meta.url), options)
  } catch (error) {
    // Options that are no data, such as functions, cannot be given to a thread.
    throw unusable(data, describe(error))
  }
}

/** A thread knows no TypeScript though the process does. */
function sourceEntry (): URL {
  const [tsx, entry] = [import.meta.resolve('tsx/esm/api'), new URL('./module-worker.ts', import.meta.url).href]
  return new URL(`data:text/javascript,${encodeURIComponent(`import { register } from ${JSON.stringify(tsx)}\nregister()\nawait import(${JSON.stringify(entry)})`)}`)
}

/** Why a module cannot be asked, in sentences. */
export function unusable ({ path }: ThreadData, text: string): Error {
  return new Error(`The bot ${path} cannot be loaded. ${text}`)
}

/** What somebody has thrown. */
export function describe (error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
