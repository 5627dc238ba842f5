// A client that is a process of its own, so that its work does not hold the loop of the server that a test measures.
import { createHash, randomBytes } from 'node:crypto'
import { request } from 'node:http'

/** What the client is asked to do: send a file of random bytes, send only a part of it, or read a file. */
export type Errand =
  | { kind: 'send' | 'abort', url: string, token: string, type: string, localId: string, bytes: number }
  | { kind: 'read', url: string }

/** What came of it; `sha256` is that of the file that was sent or read. */
export interface Result { status: number, body?: any, sha256: string }

let content = Buffer.alloc(0)

process.on('message', async (errand: Errand) => {
  const work = { send, abort, read }[errand.kind] as (errand: Errand) => Promise<Result>
  process.send!(await work(errand))
})

async function send ({ url, token, type, localId, bytes }: Errand & { kind: 'send' }): Promise<Result> {
  if (content.length !== bytes) content = randomBytes(bytes)
  const form = new FormData()
  form.append('type', type)
  form.append('local_id', localId)
  form.append('file', new Blob([content]), 'film.mp4')
  const response = await fetch(url, { method: 'POST', body: form, headers: { authorization: `Bearer ${token}` } })
  return { status: response.status, body: await response.json(), sha256: hashOf(content) }
}

async function read ({ url }: Errand): Promise<Result> {
  const response = await fetch(url)
  return { status: response.status, sha256: hashOf(Buffer.from(await response.arrayBuffer())) }
}

/** Goes away when the server has taken all but the last bytes. */
async function abort ({ url, token, type, bytes }: Errand & { kind: 'abort' }): Promise<Result> {
  const head = `--tea\r\nContent-Disposition: form-data; name="type"\r\n\r\n${type}\r\n--tea\r\nContent-Disposition: form-data; name="file"; filename="film.mp4"\r\n\r\n`
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'multipart/form-data; boundary=tea', 'content-length': head.length + bytes }
  const sending = request(url, { method: 'POST', headers }).on('error', () => {})
  await new Promise(resolve => { sending.write(Buffer.concat([Buffer.from(head), randomBytes(bytes - 1)]), resolve) })
  sending.destroy()
  return { status: 0, sha256: '' }
}

function hashOf (bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
