import { Webhook } from 'standardwebhooks'
import type { BotDelivery } from '../contract/api.js'
import { BadAnswer, Gone, nothing, TryLater, type Answer, type Bot, type Delivery } from './bot.js'
import { readAnswer } from './read-answer.js'
import { describeFailure, readBody } from './http.js'

export interface WebhookOptions {
  url: string
  /** As Standard Webhooks writes them, `whsec_…`; each signs. */
  secrets: string[]
  history: number
  timeout_s: number
}

// The server may say how long to wait; more is not believed.
const PAUSE_MAX_MS = 3600 * 1000

/**
 * Posts each message to an address, signed (Standard Webhooks 1.0). 2xx acknowledges and may answer, 202 says that the
 * bot answers by the API, 410 that it wants nothing more.
 */
export function webhook ({ url, secrets, history, timeout_s: timeout }: WebhookOptions): Bot {
  const signers = secrets.map(secret => new Webhook(secret))

  function headersOf (id: string, body: string): Record<string, string> {
    const now = new Date()
    return {
      'content-type': 'application/json',
      'user-agent': 'Colloquy',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
      'webhook-signature': signers.map(signer => signer.sign(id, now, body)).join(' ')
    }
  }

  return {
    timeoutMs: timeout * 1000,
    answer: async (delivery, signal) => {
      const body = JSON.stringify(await bodyOf(delivery, history))
      const response = await fetch(url, { method: 'POST', body, headers: headersOf(delivery.id, body), redirect: 'manual', signal })
        .catch(error => { throw new TryLater(describeFailure(error, timeout), undefined) })
      return readResponse(response, timeout)
    }
  }
}

async function bodyOf ({ id, attempt, conversation, me, message, readHistory, readSession }: Delivery, history: number): Promise<BotDelivery> {
  return { id, attempt, conversation, participant_id: me.id, session: await readSession(), message, history: await readHistory(history) }
}

async function readResponse (response: Response, timeout: number): Promise<Answer> {
  const { status, headers } = response
  if (status === 202 || status < 200 || status > 299) {
    // The status says it all; the body may never end.
    await response.body?.cancel()
    if (status === 202) return nothing
    throw status === 410 ? new Gone('It answered 410: it wants nothing more.') : new TryLater(`It answered ${status}.`, readPause(headers.get('retry-after')))
  }
  const body = await readBody(response).catch(error => { throw new TryLater(describeFailure(error, timeout), undefined) })
  if (body === undefined) throw new BadAnswer('Its answer is too large.')
  return readAnswer(body, /^application\/([\w.-]+\+)?json\b/i.test(headers.get('content-type') ?? ''))
}

/** Retry-After (RFC 9110, 10.2.3): seconds, or a date. Undefined for what is neither, or over already. */
function readPause (header: string | null): number | undefined {
  const text = header?.trim() ?? ''
  const pause = /^\d+$/.test(text) ? Number(text) * 1000 : /^[A-Z][a-z]+, /.test(text) ? Date.parse(text) - Date.now() : NaN
  return pause > 0 ? Math.min(pause, PAUSE_MAX_MS) : undefined
}
