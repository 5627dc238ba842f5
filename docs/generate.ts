// Writes the pages that only repeat what the program says of itself: its settings and its errors.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { configurationPage } from './configuration.js'
import { errorsPage } from './errors.js'

/** The generated pages by the names of their files. */
export function generatePages (): Record<string, string> {
  return { 'configuration.md': configurationPage(), 'errors.md': errorsPage() }
}

function run (isCheck: boolean): void {
  for (const [name, text] of Object.entries(generatePages())) {
    const file = new URL(name, import.meta.url)
    if (!isCheck) writeFileSync(file, text)
    else if (readFileSync(file, 'utf8') !== text) {
      console.error(`docs/${name} is not what the program gives: run the generator and commit the result.`)
      process.exitCode = 1
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) run(process.argv.includes('--check'))
