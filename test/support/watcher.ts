import type { Test } from './app.js'
import { validatorOf } from './contract.js'
import { subscribe, type Subscriber, type SubscriberOptions } from './subscriber.js'

const shapes = ['Message', 'Passing', 'Event', 'State', 'Typing', 'Error', 'Reset'].map(name => validatorOf(`#/components/schemas/ServerFrame${name}`))

type Watching = Pick<Test, 'teardown'> & { fail: (message: string) => unknown }

/** A subscriber whose test fails as soon as a frame is none of the contract, or has more than the contract names, or a seq that is not a later one. */
export async function watch (t: Watching, url: string, options: SubscriberOptions = {}): Promise<Subscriber> {
  const subscriber = await subscribe(t, url, options)
  let lastSeq = 0
  const check = (frame: any): void => {
    if (!shapes.some(isValid => isValid(frame))) t.fail(`The contract knows no such frame: ${JSON.stringify(frame)}`)
    if (frame?.seq === undefined) return
    if (frame.seq <= lastSeq) t.fail(`Frame ${frame.seq} came after ${lastSeq}.`)
    if (Object.keys(frame).at(-1) !== 'seq' || (frame.message ?? frame.event).seq !== frame.seq) t.fail(`The seq of the frame is not that of what is in it: ${JSON.stringify(frame)}`)
    lastSeq = frame.seq
  }
  // The first ones may have come together with the answer to the handshake.
  subscriber.frames.forEach(check)
  subscriber.socket.on('message', () => check(subscriber.frames.at(-1)))
  return subscriber
}

/** What frames say, in words: one line each. People and bots are called by the names that they have here. */
export function story (frames: any[], names: Record<string, string> = {}): string[] {
  const nameOf = (id: string): string => names[id] ?? id
  return frames.map(({ message, event, state, typing, error, reset, seq }) => {
    if (message?.type === 'S') return `${message.event} ${nameOf(message.additional_metadata.participant_id ?? '')}${seq === undefined ? ', passing' : ''}`.trim()
    if (message !== undefined) return `${nameOf(message.sender_id)}: ${message.text}${seq === undefined ? ', again' : ''}`
    if (event !== undefined) return `${event.type} ${event.participant?.name ?? event.conversation?.name ?? event.message?.text ?? ''}`.trim()
    if (state !== undefined) return `state: ${state.participants.map(({ name }: { name: string }) => name).join(', ')}`
    if (typing !== undefined) return `${nameOf(typing.participant_id)} ${typing.active ? 'types' : 'types no more'}`
    if (error !== undefined) return `error ${error.status} ${error.code} ${error.local_id}`
    return `reset to ${reset.last_seq}`
  })
}
