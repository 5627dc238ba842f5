// The most writes that share a commit, so that one commit does not hold the event loop for long.
const GROUP_MAX = 64
// The most bytes that the pieces among them have, for the same reason: about 2 ms.
const GROUP_BYTES_MAX = 1024 * 1024

/** What a waiting write says of itself: the bytes of the piece that it stores, 0 when it is none. */
export interface Sized { pieceBytes: number }

/** Takes the next writes that share a commit out of a queue; at least one. */
export function takeGroup<Job extends Sized> (queue: Job[]): Job[] {
  let bytes = 0
  const next = queue.findIndex((job, index) => {
    bytes += job.pieceBytes
    return index === GROUP_MAX || (index > 0 && bytes > GROUP_BYTES_MAX)
  })
  return queue.splice(0, next === -1 ? queue.length : next)
}

/** Whether all of them are pieces, so that nothing of their commit needs to be durable yet. */
export function arePieces (jobs: Sized[]): boolean {
  return jobs.every(job => job.pieceBytes > 0)
}
