const BODY_MAX_BYTES = 1024 * 1024

/** What an answer holds; undefined when it is larger than any that makes sense. */
export async function readBody (response: Response): Promise<Buffer | undefined> {
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of response.body ?? []) {
    bytes += piece.length
    if (bytes > BODY_MAX_BYTES) return undefined
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}

/** Why a request has failed, for whoever looks after the bot. */
export function describeFailure (error: unknown, timeoutS: number): string {
  const { name, message, cause } = error as Error & { cause?: { code?: string, message?: string } }
  if (name === 'TimeoutError' || name === 'AbortError') return `It did not answer within ${timeoutS} s.`
  return `It cannot be reached: ${cause?.code ?? cause?.message ?? message}.`
}
