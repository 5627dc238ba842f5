import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { cores, type Core } from './cores.js'

/** A program for a process of its own, as somebody would start it. */
export interface Program {
  file: string
  /** What node is told before the file. */
  nodeWords?: string[]
  words?: string[]
  /** The whole environment but for PATH. */
  env?: Record<string, string>
  /** The folder in which it runs. */
  cwd?: string
  /** Whether it may be talked to by `child.send`. */
  hasChannel?: boolean
}

/** A server in a process of its own. */
export interface Running {
  /** Such as `http://127.0.0.1:8000`. */
  address: string
  child: ChildProcess
  /** The processor time that it has taken so far, in µs; NaN where the system does not tell. */
  cpuUs: () => number
  /** Its resident memory now, in MiB; NaN where the system does not tell. */
  residentMib: () => number
  stop: () => Promise<void>
}

const STOP_MAX_MS = 15_000
const START_MAX_MS = 120_000
const SAID_MAX = 4000
// What /proc counts in: a hundredth of a second on every Linux that Node runs on (proc(5)).
const TICK_US = 10_000
const PAGE_MIB = 4096 / 1024 / 1024

const running = new Set<ChildProcess>()
process.once('exit', () => { for (const child of running) child.kill('SIGKILL') })

/**
 * Starts a server and waits until it says where it listens.
 * @throws when it ends, or says nothing in two minutes
 */
export async function startProcess (program: Program): Promise<Running> {
  const child = launch(program)
  const address = await readAddress(child)
  const pid = child.pid!
  return { address, child, cpuUs: () => readCpuUs(pid), residentMib: () => readResidentMib(pid), stop: () => stop(child) }
}

function launch ({ file, nodeWords = [], words = [], env = {}, cwd, hasChannel = false }: Program): ChildProcess {
  const isSource = file.endsWith('.ts')
  const command = [process.execPath, ...isSource ? ['--import', import.meta.resolve('tsx')] : [], ...nodeWords, file, ...words]
  const [name, ...rest] = isPinned && cores.server !== undefined ? pinned(command, cores.server) : command
  const child = spawn(name!, rest, {
    ...cwd !== undefined && { cwd },
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe', ...hasChannel ? ['ipc' as const] : []]
  })
  running.add(child)
  child.once('exit', () => running.delete(child))
  return child
}

// The process itself becomes the command: its id stays.
function pinned (command: string[], core: Core): string[] {
  return ['taskset', '-c', String(core), ...command]
}

let isPinned = false

/** Keeps this process, which is the load, and the servers that it starts from now on on different cores. */
export function pin (): void {
  isPinned = true
  keepTo(cores.load)
}

/** Starts something that may run on any core, as this process may meanwhile. */
export async function unpinned<Result> (start: () => Promise<Result>): Promise<Result> {
  if (!isPinned) return start()
  keepTo(cores.all?.join())
  try {
    return await start()
  } finally {
    keepTo(cores.load)
  }
}

function keepTo (allowed: Core | string | undefined): void {
  if (allowed !== undefined) execFileSync('taskset', ['-acp', String(allowed), String(process.pid)], { stdio: 'ignore' })
}

async function readAddress (child: ChildProcess): Promise<string> {
  let said = ''
  const hear = (text: string): void => { said = (said + text).slice(-SAID_MAX) }
  child.stderr!.setEncoding('utf8').on('data', hear)
  child.stdout!.setEncoding('utf8').on('data', hear)
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => { reject(new Error(`The server ${why}.\n${said}`)) }
    const timer = setTimeout(fail, START_MAX_MS, 'has not said where it listens')
    child.once('error', error => fail(`cannot be started: ${error.message}`))
    child.once('exit', code => { clearTimeout(timer); fail(`has ended with ${code}`) })
    child.stdout!.on('data', () => {
      const [, address] = said.match(/ listens at (http:\S+)\s/) ?? []
      if (address === undefined) return
      clearTimeout(timer)
      resolve(address)
    })
  })
}

async function stop (child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const timer = setTimeout(() => { child.kill('SIGKILL') }, STOP_MAX_MS)
  child.kill('SIGTERM')
  await once(child, 'exit')
  clearTimeout(timer)
}

function readCpuUs (pid: number): number {
  const fields = readProcess(pid, 'stat').replace(/^.*\) /, '').split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_US
}

function readResidentMib (pid: number): number {
  return Number(readProcess(pid, 'statm').split(' ')[1]) * PAGE_MIB
}

function readProcess (pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}
