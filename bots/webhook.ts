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
  const { status } = response
  const body = await readBody(response).catch(error => { throw new TryLater(describeFailure(error, timeout), undefined) })
  if (status === 410) throw new Gone('It answered 410: it wants nothing more.')
  if (status < 200 || status > 299) throw new TryLater(`It answered ${status}.`, readPause(response.headers.get('retry-after')))
  if (status === 202) return nothing
  if (body === undefined) throw new BadAnswer('Its answer is too large.')
  return readAnswer(body)
}

/** Retry-After (RFC 9110, 10.2.3): seconds, or a date. */
function readPause (header: string | null): number | undefined {
  if (header === null) return undefined
  const pause = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now()
  return Number.isNaN(pause) ? undefined : Math.min(Math.max(pause, 0), PAUSE_MAX_MS)
}
