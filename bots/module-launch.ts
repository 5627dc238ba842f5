import type { Worker } from 'node:worker_threads'
import { createThread } from '../threads.js'
import type { ThreadData } from './module-messages.js'

/**
 * Starts a thread that loads a module.
 * @throws Error with a sentence, when the options cannot be given to it
 */
export function createWorker (data: ThreadData): Worker {
  try {
    return createThread('module-worker', import.meta.url, { workerData: data })
  } catch (error) {
    // Options that are no data, such as functions, cannot be given to a thread.
    throw unusable(data, describe(error))
  }
}

/** Why a module cannot be asked, in sentences. */
export function unusable ({ path }: ThreadData, text: string): Error {
  return new Error(`The bot ${path} cannot be loaded. ${text}`)
}

/** What somebody has thrown. */
export function describe (error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
