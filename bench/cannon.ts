import autocannon from 'autocannon'

/** A request, ready to be sent, and who looks at its answer. */
export interface Shot {
  text: string
  /** Says what is wrong with the answer, if something is. */
  judge: (status: number, body: string) => string | undefined
}

export interface Volley {
  connections: number
  seconds: number
  /** The next request, of whichever connection is free. */
  next: () => Shot
}

export interface Hits {
  latenciesMs: number[]
  /** From the first request to the last answer. */
  seconds: number
  mistakes: string[]
}

/** What is called of autocannon's clients beyond their description. */
interface Client {
  getRequestBuffer: () => string
  requestIterator: { recordBody: (request: unknown, status: number, body: string) => void }
}

// autocannon looks whether it shall stop at each sample.
const SAMPLE_MS = 50
// For the first answer, on a machine that is busy.
const PATIENCE_S = 30
// When the time is over, requests are on their way. One that is not answered for so long is waited for, and then is lost.
const SLOW_MS = 1000
const LOST_MS = 10_000

/** Sends requests over some connections, each as fast as it is answered. */
export async function fire (address: string, { connections, seconds, next }: Volley): Promise<Hits> {
  const latenciesMs: number[] = []
  const mistakes: string[] = []
  const startMs = performance.now()
  let endMs = startMs
  const waits = new Map<Client, number>()
  const setupClient = (client: unknown): void => serveShots(client as Client, next, waits, mistakes)
  const longestWaitMs = (): number => performance.now() - Math.min(Infinity, ...waits.values())
  await new Promise<void>((resolve, reject) => {
    const options = { url: address, connections, duration: seconds + PATIENCE_S, timeout: PATIENCE_S, sampleInt: SAMPLE_MS, setupClient }
    const instance = autocannon(options, error => error ? reject(error) : resolve())
    instance.on('response', (_client, _status, _bytes, ms) => { latenciesMs.push(ms); endMs = performance.now() })
    instance.on('reqError', error => { mistakes.push(`A request failed: ${error.message}.`) })
    const look = setInterval(() => {
      const isOver = latenciesMs.length > 0 && performance.now() - startMs >= seconds * 1000
      const waitMs = longestWaitMs()
      if (!isOver || (waitMs > SLOW_MS && waitMs < LOST_MS)) return
      for (const sinceMs of waits.values()) if (performance.now() - sinceMs >= LOST_MS) mistakes.push(`A request was not answered within ${LOST_MS / 1000} s.`)
      instance.stop()
    }, SAMPLE_MS)
    instance.on('done', () => clearInterval(look))
  })
  return { latenciesMs, seconds: (endMs - startMs) / 1000, mistakes }
}

// Its own way of building each request from parts, and of taking the headers of each answer apart, costs a tenth of the load's time.
function serveShots (client: Client, next: () => Shot, waits: Map<Client, number>, mistakes: string[]): void {
  let shot: Shot
  client.getRequestBuffer = () => {
    shot = next()
    waits.set(client, performance.now())
    return shot.text
  }
  client.requestIterator.recordBody = (_request, status, body) => {
    waits.delete(client)
    const mistake = shot.judge(status, body)
    if (mistake !== undefined) mistakes.push(mistake)
  }
}
