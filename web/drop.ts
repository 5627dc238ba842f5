import { useEffect, useRef, useState } from 'preact/hooks'

// Text that is dropped into the field is the browser's matter.
const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') === true

/** Keeps the browser from opening a file that is dropped where nothing takes it, in the place of the page. */
export function refuseDrops (): void {
  addEventListener('drop', event => { if (hasFiles(event)) event.preventDefault() })
  addEventListener('dragover', event => {
    if (!hasFiles(event)) return
    event.preventDefault()
    event.dataTransfer!.dropEffect = 'none'
  })
}

/** Takes files that are dropped anywhere on the page. Gives whether some are held over it. */
export function useDrop (take: (files: Iterable<File>) => void): boolean {
  const [isOver, setOver] = useState(false)
  const latest = useRef(take)
  latest.current = take
  useEffect(() => {
    const over = (event: DragEvent): void => {
      if (!hasFiles(event)) return
      event.preventDefault()
      event.dataTransfer!.dropEffect = 'copy'
      setOver(true)
    }
    const leave = (event: DragEvent): void => { if (event.relatedTarget === null) setOver(false) }
    const drop = (event: DragEvent): void => {
      if (!hasFiles(event)) return
      event.preventDefault()
      setOver(false)
      latest.current(event.dataTransfer!.files)
    }
    const listeners = { dragover: over, dragleave: leave, drop }
    for (const [name, listener] of Object.entries(listeners)) addEventListener(name, listener as EventListener)
    return () => { for (const [name, listener] of Object.entries(listeners)) removeEventListener(name, listener as EventListener) }
  }, [])
  return isOver
}
