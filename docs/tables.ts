const MIB = 1024 * 1024

/** A table of Markdown. */
export function table (headings: string[], rows: string[][]): string {
  const lines = [headings, headings.map(() => '---'), ...rows.map(row => row.map(cell))]
  return lines.map(line => `| ${line.join(' | ')} |`).join('\n')
}

/** A text as code. */
export function code (text: string): string {
  return `\`${text}\``
}

/** A number of bytes as people know it, when it is a round one. */
export function inMib (bytes: number): string {
  return bytes >= MIB && bytes % MIB === 0 ? ` (${bytes / MIB} MiB)` : ''
}

function cell (text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}
