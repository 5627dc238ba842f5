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

/** Sends requests over some connections, each as fast as it is answered. */
export async function fire (address: string, { connections, seconds, next }: Volley): Promise<Hits> {
  const latenciesMs: number[] = []
  const mistakes: string[] = []
  const startMs = performance.now()
  let endMs = startMs
  const setupClient = (client: unknown): void => serveShots(client as Client, next, mistakes)
  await new Promise<void>((resolve, reject) => {
    const options = { url: address, connections, duration: seconds + PATIENCE_S, sampleInt: SAMPLE_MS, setupClient }
    const instance = autocannon(options, error => error ? reject(error) : resolve())
    instance.on('response', (_client, _status, _bytes, ms) => { latenciesMs.push(ms); endMs = performance.now() })
    instance.on('reqError', error => { mistakes.push(`A request failed: ${error.message}.`) })
    const look = setInterval(() => { if (latenciesMs.length > 0 && performance.now() - startMs >= seconds * 1000) instance.stop() }, SAMPLE_MS)
    instance.on('done', () => clearInterval(look))
  })
  return { latenciesMs, seconds: (endMs - startMs) / 1000, mistakes }
}

// Its own way of building each request from parts, and of taking the headers of each answer apart, costs a tenth of the load's time.
function serveShots (client: Client, next: () => Shot, mistakes: string[]): void {
  let shot: Shot
  client.getRequestBuffer = () => {
    shot = next()
    return shot.text
  }
  client.requestIterator.recordBody = (_request, status, body) => {
    const mistake = shot.judge(status, body)
    if (mistake !== undefined) mistakes.push(mistake)
  }
}
