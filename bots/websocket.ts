import { nothing, TryLater, type Bot } from './bot.js'
import { describeFailure } from './http.js'

/**
 * Tells an external bot of a conversation that it is in; it then opens a WebSocket with the session that it is given.
 * The request is what existing bots know. One that refuses is told again, unless it has come nevertheless.
 */
export function websocket ({ url, timeout_s: timeout }: { url: string, timeout_s: number }): Bot {
  return {
    timeoutMs: timeout * 1000,
    answer: async ({ conversation, me, readSession, isConnected }, signal) => {
      // Its answer to an earlier attempt may have been lost.
      if (isConnected()) return nothing
      const body = JSON.stringify({ conversation_id: conversation.id, bot_participant_id: me.id, session: await readSession() })
      const headers = { 'content-type': 'application/json' }
      const response = await fetch(url, { method: 'POST', body, headers, redirect: 'manual', signal })
        .catch(error => { throw new TryLater(describeFailure(error, timeout), undefined) })
      await response.body?.cancel()
      if (response.status < 200 || response.status > 299) throw new TryLater(`It answered ${response.status}.`, undefined)
      return nothing
    }
  }
}
