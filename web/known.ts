const KNOWN_MAX = 200

/** Keeps an answer that was asked for, by what it was asked about; not one that has failed, so that it is asked for again. */
export function remember<Answer> (known: Map<string, Promise<Answer>>, key: string, asked: Promise<Answer>): Promise<Answer> {
  known.set(key, asked)
  asked.catch(() => { if (known.get(key) === asked) known.delete(key) })
  if (known.size > KNOWN_MAX) known.delete(known.keys().next().value!)
  return asked
}
