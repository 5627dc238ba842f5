import { formOf } from './form.js'
import type { Message, MessageInput, Place, Problem } from './types.js'

/** What came of a message that was posted. */
export type Posted =
  | { message: Message }
  | { problem: Problem }
  /** Another try may succeed, after so many milliseconds at the earliest. */
  | { againMs: number, problem?: Problem | undefined }

export interface Post {
  conversationId: string
  input: MessageInput
  file?: Blob | undefined
  fileName?: string | undefined
  /** Is told the part of the file that is sent, 0 to 1, where that can be known. */
  onProgress: (part: number) => void
  signal: AbortSignal
}

/** What is posted, as it goes over the line. */
type Request = Post & { body: string | FormData }

interface Answer { status: number, text: string, retryAfter: string | null }

/** What may be otherwise when it is tried again, beside the server's own failures; everything else that is refused stays refused. */
const passing = new Set([408, 425, 429])

// A line that is slower than this carries no file.
const BYTES_PER_MS = 4

// Whoever asks for more is mistaken. Timers take no more than 24 days.
const LONGEST_WAIT_MS = 3_600_000

const fileProblem: Problem = {
  type: 'about:blank', title: 'File not readable', status: 422, code: 'file_missing', detail: 'The file cannot be read. It may have been changed or removed meanwhile: choose it again.'
}

/** Posts a message that can be JSON. Resolves whatever happens; that the server is not reached, or does not answer in time, is worth another try. */
export async function postMessage (place: Place, post: Post): Promise<Posted> {
  const body = bodyOf(post)
  const controller = new AbortController()
  const abort = (): void => controller.abort()
  const timer = setTimeout(abort, place.pace.answerMs + (post.file?.size ?? 0) / BYTES_PER_MS)
  post.signal.addEventListener('abort', abort)
  try {
    post.signal.throwIfAborted()
    return toPosted(await send(place, { ...post, body, signal: controller.signal }))
  } catch {
    return await isReadable(post.file) ? { againMs: 0 } : { problem: fileProblem }
  } finally {
    clearTimeout(timer)
    post.signal.removeEventListener('abort', abort)
  }
}

function toPosted ({ status, text, retryAfter }: Answer): Posted {
  const body = readJson(text)
  if (status < 300 && isMessage(body)) return { message: body }
  const problem = isProblem(body) ? body : undefined
  // What was cut on its way is no valid HTTP either.
  const isPassing = status < 400 || status >= 500 || passing.has(status) || problem?.code === 'request_malformed'
  return isPassing ? { againMs: waitMs(retryAfter), problem } : { problem: problem ?? unknownProblem(status) }
}

/** Retry-After is in seconds, or a date (RFC 9110, 10.2.3). */
function waitMs (retryAfter: string | null): number {
  const ms = /^\d+$/.test(retryAfter ?? '') ? Number(retryAfter) * 1000 : Date.parse(retryAfter ?? '') - Date.now()
  return Math.max(0, Math.min(ms || 0, LONGEST_WAIT_MS))
}

/** What something between here and the server has refused, such as a proxy to which a file is too large. */
function unknownProblem (status: number): Problem {
  const code = status === 413 ? 'body_too_large' : 'request_malformed'
  return { type: 'about:blank', title: 'Refused', status, code, detail: `The message was refused on its way to the server, with the status ${status}.` }
}

function send (place: Place, post: Request): Promise<Answer> {
  // Only this tells how much of a file is sent.
  const isTold = post.file !== undefined && !place.hasOwnFetch && 'XMLHttpRequest' in globalThis
  return isTold ? sendTold(place, post) : sendUntold(place, post)
}

async function sendUntold ({ url, token, fetch }: Place, { conversationId, body, signal }: Request): Promise<Answer> {
  const response = await fetch(addressOf(url, conversationId), {
    method: 'POST',
    body,
    signal,
    credentials: token === undefined ? 'include' : 'omit',
    headers: {
      ...token !== undefined && { authorization: `Bearer ${token}` },
      ...typeof body === 'string' && { 'content-type': 'application/json' }
    }
  })
  return { status: response.status, text: await response.text(), retryAfter: response.headers.get('retry-after') }
}

function sendTold ({ url, token }: Place, { conversationId, body, signal, onProgress }: Request): Promise<Answer> {
  const request = new (globalThis as any).XMLHttpRequest()
  return new Promise((resolve, reject) => {
    request.open('POST', addressOf(url, conversationId))
    request.withCredentials = token === undefined
    if (token !== undefined) request.setRequestHeader('authorization', `Bearer ${token}`)
    request.upload.onprogress = ({ loaded, total }: { loaded: number, total: number }) => onProgress(total > 0 ? loaded / total : 0)
    request.onload = () => resolve({ status: request.status, text: request.responseText, retryAfter: request.getResponseHeader('retry-after') })
    request.onerror = request.onabort = request.ontimeout = () => reject(new Error('The server was not reached.'))
    signal.addEventListener('abort', () => request.abort())
    request.send(body)
  })
}

function addressOf (url: string, conversationId: string): string {
  return `${url}/api/chat/conversations/${encodeURIComponent(conversationId)}/messages/`
}

function bodyOf ({ input, file, fileName }: Post): string | FormData {
  return file === undefined ? JSON.stringify(input) : formOf(input, file, fileName)
}

/** A file that a person has chosen is read when it is sent, and may be another one then, or none. */
async function isReadable (file: Blob | undefined): Promise<boolean> {
  return file === undefined || file.slice(0, 1).arrayBuffer().then(() => true, () => false)
}

// Networks that want to be logged in to answer what they are not asked.
function isMessage (body: object | undefined): body is Message {
  return body !== undefined && 'id' in body && 'seq' in body
}

function isProblem (body: object | undefined): body is Problem {
  return body !== undefined && 'code' in body && 'detail' in body
}

function readJson (text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
