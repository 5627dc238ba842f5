/**
 * Loaded into a server before it starts (`node --expose-gc --import`): answers what the process that has started it asks
 * by their channel.
 */
import { subscribe } from 'node:diagnostics_channel'

/** What a server may be asked. */
export type Question = 'count log reads' | 'weigh heap'

const MIB = 1024 * 1024
const reads = new Map<string, number>()

subscribe('colloquy:log.read', message => {
  const { conversationId } = message as { conversationId: string }
  reads.set(conversationId, (reads.get(conversationId) ?? 0) + 1)
})

const answers: Record<Question, () => number> = { 'count log reads': countReads, 'weigh heap': weighHeap }

process.on('message', (question: Question) => { process.send!(answers[question]()) })
// So that the server ends as if nobody listened.
process.channel?.unref()

/** How often the log of a conversation was read for readers since the last time: of the one of which it was read most. */
function countReads (): number {
  const most = Math.max(0, ...reads.values())
  reads.clear()
  return most
}

/** What is used of the heap, in MiB, when the garbage is collected. */
function weighHeap (): number {
  globalThis.gc!()
  const { heapUsed, external } = process.memoryUsage()
  return (heapUsed + external) / MIB
}
