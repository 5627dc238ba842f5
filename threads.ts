import { Worker, type WorkerOptions } from 'node:worker_threads'

/**
 * Starts a thread with a module of this program.
 * @param name of the module, without its ending
 * @param beside the URL of the module in whose folder it is
 */
export function createThread (name: string, beside: string, options: WorkerOptions): Worker {
  const isSource = beside.endsWith('.ts')
  // An option of `node --eval` that is refused for files.
  const isEval = process.execArgv.some(word => word.startsWith('--input-type'))
  const entry = isSource ? sourceEntry(new URL(`./${name}.ts`, beside)) : new URL(`./${name}.js`, beside)
  return new Worker(entry, { ...options, ...(isSource || isEval) && { execArgv: [] } })
}

/** A thread knows no TypeScript though the process does, and needs nothing else that the process has loaded first. */
function sourceEntry (source: URL): URL {
  const tsx = import.meta.resolve('tsx/esm/api')
  return new URL(`data:text/javascript,${encodeURIComponent(`import { register } from ${JSON.stringify(tsx)}\nregister()\nawait import(${JSON.stringify(source.href)})`)}`)
}
