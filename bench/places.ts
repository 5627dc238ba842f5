import { fileURLToPath } from 'node:url'

// This very program may be run as it is written, by tsx, or compiled into a folder of its own.
const isSource = import.meta.url.endsWith('.ts')

/** The file of Colloquy's process. */
export const serverFile = fileURLToPath(new URL(isSource ? '../server.ts' : '../../dist/server.js', import.meta.url))

/**
 * A file of the bench that is a program of its own.
 * @param name such as `yardsticks/http`
 */
export function benchFile (name: string): string {
  return fileURLToPath(new URL(`./${name}.${isSource ? 'ts' : 'js'}`, import.meta.url))
}
