/** The same work, done when it is first asked for, and once; again when it has failed. */
export function once<T> (work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined
  return () => (result ??= work().catch(error => {
    result = undefined
    throw error
  }))
}
