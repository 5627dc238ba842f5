// The pages of the documentation, taken apart.
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { promisify } from 'node:util'

export const root = new URL('../../', import.meta.url)

/** A block of code; `info` is what stands after its language. */
export interface Block { language: string, info: string, text: string }

export interface Page {
  /** From the root of the project, such as `docs/live.md`. */
  name: string
  text: string
  blocks: Block[]
  /** The text without its blocks. */
  prose: string
  /** What stands in the prose as code. */
  spans: string[]
}

const blockPattern = /^```(\w+)(?: (\S+))?\n(.*?)^```$/gms

function readPage (name: string): Page {
  const text = readFileSync(new URL(name, root), 'utf8')
  const blocks = [...text.matchAll(blockPattern)].map(([, language, info = '', text]) => ({ language: language!, info, text: text! }))
  const prose = text.replace(blockPattern, '')
  return { name, text, blocks, prose, spans: [...prose.matchAll(/`([^`]+)`/g)].map(([, span]) => span!.replace(/\s+/g, ' ')) }
}

/** The README and the pages of the documentation. */
export const pages: Page[] = ['README.md', ...readdirSync(new URL('docs/', root)).filter(name => name.endsWith('.md')).map(name => `docs/${name}`)].map(readPage)

export function pageOf (name: string): Page {
  return pages.find(page => page.name === `docs/${name}.md`)!
}

/** The one block of a page in a language, with some info. */
export function blockOf (name: string, language: string, info = ''): string {
  const found = pageOf(name).blocks.filter(block => block.language === language && block.info === info)
  if (found.length !== 1) throw new Error(`${name} has ${found.length} blocks of ${language} ${info}`)
  return found[0]!.text
}

/** The anchors of a page, as GitHub makes them of its headings. */
export function anchorsOf ({ prose }: Page): string[] {
  const seen = new Map<string, number>()
  return [...prose.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => {
    const slug = heading!.toLowerCase().replace(/\]\([^)]*\)/g, '').replace(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(' ', '-')
    const count = seen.get(slug) ?? 0
    seen.set(slug, count + 1)
    return count === 0 ? slug : `${slug}-${count}`
  })
}

/** The links of a text to places of this project. */
export function linksOf (text: string): string[] {
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!).filter(link => !/^[a-z]+:/.test(link))
}

// An answer that is an error fails, whatever its command does with it. The command line of the package is that of the sources.
const prelude = `
set -aeuo pipefail
npx () {
  local name=$1; shift
  if [ "$name" = colloquy ]; then "$NODE" --import "$TSX" "$ROOT/server.ts" "$@"; else "$ROOT/node_modules/.bin/\${name##*/}" "$@"; fi
}
node () {
  if [ "$1" = dist/server.js ]; then shift; npx colloquy "$@"; else "$NODE" "$@"; fi
}
curl () { command curl --fail-with-body --show-error "$@"; }
`

/** Runs the blocks of a page for the shell, one after the other, against a server. Gives what each has said. */
export async function runShell (name: string, { port, cwd, env = {} }: { port: number, cwd: string, env?: Record<string, string> }): Promise<string[]> {
  const scripts = pageOf(name).blocks.filter(({ language }) => language === 'bash').map(({ info, text }) => info === 'endless' ? untilData(text) : text)
  const script = prelude + scripts.map(text => `${text}\nprintf '\\001'\n`).join('').replaceAll('localhost:8000', `127.0.0.1:${port}`)
  const options = { cwd, env: { PATH: process.env.PATH, HOME: cwd, NODE: process.execPath, TSX: import.meta.resolve('tsx'), ROOT: decodeURIComponent(root.pathname), ...env } }
  const { stdout } = await promisify(execFile)('bash', ['-c', script], options)
  return stdout.split('\x01').slice(0, -1)
}

/** A command that would never end, until it has said something. */
function untilData (text: string): string {
  return `grep -m1 '^data: ' < <(${text.trim()} 2>/dev/null)`
}
