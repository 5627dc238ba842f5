const WIDTH = 30

/** Shows how far something is, from 0 to 1, on one line of a terminal; nothing elsewhere. */
export function createProgress (output: NodeJS.WriteStream): { show: (what: string, part: number) => void, clear: () => void } {
  const write = (text: string): void => { if (output.isTTY) output.write(`\r\u001b[2K${text}`) }
  return {
    show: (what, part) => {
      const done = Math.round(Math.min(1, part) * WIDTH)
      write(`${'█'.repeat(done)}${'░'.repeat(WIDTH - done)} ${what}`)
    },
    clear: () => write('')
  }
}
