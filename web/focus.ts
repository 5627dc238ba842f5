/**
 * Gives the focus on when what has it vanishes, as a button does that has done its work: to the nearest around it that is
 * marked by `data-heir`. Whoever goes by keyboard would be at the beginning of the page otherwise.
 */
export function keepFocus (): void {
  let path: Element[] = []
  addEventListener('focusin', ({ target }) => { path = pathOf(target as Element) })
  new MutationObserver(() => {
    if (document.activeElement !== document.body || path.length === 0 || path[0]!.isConnected) return
    const near = path.filter(element => element.isConnected)
    const heir = near.flatMap(element => element.matches('[data-heir]') ? [element] : [...element.querySelectorAll('[data-heir]')])[0]
    ;(heir as HTMLElement | undefined)?.focus({ preventScroll: true })
  }).observe(document.body, { childList: true, subtree: true })
}

function pathOf (element: Element | null): Element[] {
  return element === null ? [] : [element, ...pathOf(element.parentElement)]
}
