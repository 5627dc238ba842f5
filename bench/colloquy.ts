import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Settings } from '../config.js'
import { serverFile } from './places.js'
import { startProcess, type Program, type Running } from './processes.js'
import type { Extent } from './scenario.js'

export interface Colloquy extends Pick<Running, 'address' | 'cpuUs' | 'residentMib'> {
  /** Absent for a server that somebody else has started. */
  running?: Running
  /** The data folder, which is removed at the end. */
  folder?: string
  close: () => Promise<void>
}

export interface Start extends Pick<Program, 'nodeWords' | 'env' | 'hasChannel'> {
  settings?: Settings
  /** A data folder, which is kept at the end; a new one, removed at the end, when absent. */
  folder?: string
}

// Requests are counted as always, but a load from one address is never refused.
const REQUESTS_PER_MINUTE = 100_000_000

/** The server that is loaded: the one at `url`, or one that is started as a user would start it, with durable settings. */
export async function startColloquy ({ url }: Pick<Extent, 'url'>, start: Start = {}): Promise<Colloquy> {
  return url === undefined ? startOwn(start) : { address: url, cpuUs: () => NaN, residentMib: () => NaN, close: async () => {} }
}

async function startOwn ({ settings = {}, folder: given, env, ...program }: Start): Promise<Colloquy> {
  const folder = given ?? createFolder()
  const config = join(folder, 'bench-settings.json')
  writeFileSync(config, JSON.stringify(unlimited(settings)))
  const running = await startProcess({
    ...program,
    file: serverFile,
    cwd: folder,
    env: { PORT: '0', HOST: '127.0.0.1', LOG_LEVEL: 'warn', COLLOQUY_DATA: folder, COLLOQUY_CONFIG: config, ...env }
  })
  const { address, cpuUs, residentMib, stop } = running
  const close = async (): Promise<void> => {
    await stop()
    if (given === undefined) removeFolder(folder)
  }
  return { address, cpuUs, residentMib, running, folder, close }
}

const folders = new Set<string>()
process.once('exit', () => { for (const folder of folders) removeFolder(folder) })

/** A new folder for data, which does not outlive this process. */
export function createFolder (): string {
  const folder = mkdtempSync(join(tmpdir(), 'colloquy-bench-'))
  folders.add(folder)
  return folder
}

export function removeFolder (folder: string): void {
  rmSync(folder, { recursive: true, force: true })
  folders.delete(folder)
}

function unlimited (settings: Settings): Settings {
  return { ...settings, limits: { requests_per_minute: REQUESTS_PER_MINUTE, ...settings.limits } }
}
