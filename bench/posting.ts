import type { TextMessage } from '../contract/api.js'
import type { Shot } from './cannon.js'
import type { Member } from './client.js'
import type { Ledger } from './count.js'

const TEXT = 'The tea is ready, and there is some of the cake left, too.'

/** Gives one post after the other, to each conversation in turn, and notes in the ledger what is acknowledged. */
export function posts (address: string, members: Member[], ledger: Ledger): () => Shot {
  const ready = members.map(member => ({ head: headOf(address, member, bodyOf('0'.repeat(ledger.nextLocalId().length))), member }))
  let turn = 0
  return () => {
    const { head, member } = ready[turn++ % ready.length]!
    const localId = ledger.nextLocalId()
    return { text: head + bodyOf(localId), judge: (status, body) => judge(status, body, localId, ({ seq }) => ledger.acknowledge(member.conversationId, { seq, localId })) }
  }
}

function bodyOf (localId: string): string {
  return `{"type":"T","text":"${TEXT}","local_id":"${localId}"}`
}

function headOf (address: string, { conversationId, token }: Member, { length }: string): string {
  return [
    `POST /api/chat/conversations/${conversationId}/messages/ HTTP/1.1`,
    `Host: ${new URL(address).host}`,
    `Authorization: Bearer ${token}`,
    'Content-Type: application/json',
    `Content-Length: ${length}`,
    '\r\n'
  ].join('\r\n')
}

function judge (status: number, body: string, localId: string, onTaken: (message: TextMessage) => void): string | undefined {
  if (status !== 201) return `A post was answered with ${status}: ${body}`
  const message = JSON.parse(body) as TextMessage
  if (message.local_id !== localId) return `A post with the local_id ${localId} was answered as ${message.local_id}.`
  onTaken(message)
  return undefined
}
