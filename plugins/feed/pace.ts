/** Shares out the turns of the event loop among those who have much to do. */
export interface Pace {
  /**
   * Takes a part of the turn. Gives nothing when that may be done at once, otherwise what resolves when it may; who has
   * asked first goes first.
   */
  take: (cost: number) => Promise<void> | undefined
}

/** @param turnCost what may be done in one turn, in the unit of the costs */
export function createPace (turnCost: number): Pace {
  const waiting: Array<{ cost: number, begin: () => void }> = []
  let left = turnCost
  let hasBegun = false

  function beginTurn (): void {
    left = turnCost
    hasBegun = false
    while (left > 0 && waiting.length > 0) {
      const { cost, begin } = waiting.shift()!
      left -= cost
      begin()
    }
    if (waiting.length > 0) awaitTurn()
  }

  function awaitTurn (): void {
    if (hasBegun) return
    hasBegun = true
    setImmediate(beginTurn)
  }

  return {
    take: cost => {
      awaitTurn()
      if (left <= 0 || waiting.length > 0) return new Promise(resolve => waiting.push({ cost, begin: resolve }))
      left -= cost
      return undefined
    }
  }
}
