import { execFileSync, spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const typescript = fileURLToPath(import.meta.resolve('typescript/bin/tsc'))

/** What the tsc of this project says about some files, by their configuration; empty when nothing is wrong. */
export function compile (options: string[]): string {
  try {
    return execFileSync(process.execPath, [typescript, ...options], { encoding: 'utf8', stdio: 'pipe' })
  } catch (error) {
    return (error as { stdout: string }).stdout
  }
}

/** Builds the program as the package does, into a folder of the project, without its types. Gives its file. */
export function build (folder: string): string {
  execFileSync('npm', ['run', '--silent', 'bundle', '--', `--outdir=${folder}`], { cwd: root, stdio: 'pipe' })
  return join(folder, 'server.js')
}

export interface Ended { code: number | null, out: string, err: string }

export interface Running {
  /** Resolves with the first match in the standard output; rejects when the process ends without one. */
  says: (pattern: RegExp) => Promise<RegExpMatchArray>
  signal: (name: NodeJS.Signals) => void
  ended: Promise<Ended>
}

interface Test { teardown: (work: () => unknown) => void }

/** Starts a program in a folder, with no environment but the given one; stopped with the test at the latest. */
export function start (t: Test, [file, ...words]: string[], cwd: string, env: Record<string, string> = {}): Running {
  const child = spawn(file!, words, { cwd, env: { PATH: process.env.PATH, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  const said = { out: '', err: '' }
  let look = (): void => {}
  child.stdout.setEncoding('utf8').on('data', text => { said.out += text; look() })
  child.stderr.setEncoding('utf8').on('data', text => { said.err += text })
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', code => resolve({ code, ...said }))
  })
  t.teardown(() => { child.kill('SIGKILL'); return ended })
  return {
    ended,
    signal: name => { child.kill(name) },
    says: pattern => new Promise((resolve, reject) => {
      look = () => {
        const match = said.out.match(pattern)
        if (match !== null) resolve(match)
      }
      look()
      ended.then(({ code, out, err }) => reject(new Error(`It ended with ${code} before it said ${pattern}.\n${out}\n${err}`)), reject)
    })
  }
}
