import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parse } from 'yaml'
import type { FileLimits } from './actions/policy.js'
import { isSet, nameVariable, readList, readVariables } from './environment.js'
import { isSecret, SECRET_LENGTH_MIN } from './secret.js'
import { listMistakes, quotable, spell } from './settings-mistakes.js'
import { complete, withoutSecretsOf, type BotConfig, type CompleteManager, type CompleteSettings, type Settings } from './settings.js'

export { managerKinds, type BotConfig, type BotSettings, type RuleConfig, type Settings } from './settings.js'

export interface Limits {
  /** The greatest file of a message of each type; 0 disables the type. */
  fileBytes: FileLimits
  bodyBytes: number
  participants: number
  requestsPerMinute: number
  framesPerSecond: number
  frameBytes: number
  /** What may wait to be sent to one connection. */
  socketBufferBytes: number
  socketsPerSession: number
  sockets: number
}

/** Who decides what becomes of messages. */
export interface ManagerConfig {
  /** null: people with the role manager. */
  bot: string | null
  /** null: a message waits for as long as it takes. */
  timeoutMs: number | null
  onTimeout: 'approve' | 'reject' | 'wait'
}

/** The configuration, complete and valid. Sizes in bytes, times in milliseconds. */
export interface Config {
  host: string
  port: number
  dataFolder: string
  publicUrl: string | undefined
  rooms: boolean
  /** Whether the chat page is served. */
  page: boolean
  origins: string[]
  trustProxy: boolean
  logLevel: string
  bots: BotConfig[]
  manager: ManagerConfig | null
  limits: Limits
  closeGraceMs: number
  /** How long somebody may be without a connection before the others are told. */
  presenceGraceMs: number
}

/** The same configuration or settings for people to see: … stands for each secret. */
export function withoutSecrets<Given extends { bots: BotConfig[] }> (given: Given): Given {
  return { ...given, bots: given.bots.map(withoutSecretsOf) }
}

/** A configuration with mistakes: one sentence each. */
export class ConfigError extends Error {
  constructor (readonly mistakes: string[]) {
    super(mistakes.join('\n'))
  }
}

const fileProblems: Record<string, string> = {
  ENOENT: 'There is no such file',
  EISDIR: 'It is a folder',
  EACCES: 'This user may not read it'
}

/**
 * The configuration that some settings give, defaults filled in.
 * @throws ConfigError with every mistake
 */
export function configure (settings: Settings = {}): Config {
  const mistakes = listMistakes(settings, path => spell(path) || 'The settings')
  if (mistakes.length > 0) throw new ConfigError(mistakes)
  return toConfig(complete(settings))
}

/** What the environment and the file named in it give: the configuration, also as it would be written into a file, and secrets. */
export interface ReadConfig { config: Config, settings: CompleteSettings, secrets: string[], adminKey: string | undefined }

/** @throws ConfigError with every mistake of the environment and of the file */
export function readConfig (env: NodeJS.ProcessEnv): ReadConfig {
  const given = readVariables(env)
  const secrets = readList(env.COLLOQUY_SECRET ?? '')
  const adminKey = isSet(env.COLLOQUY_ADMIN_KEY) ? env.COLLOQUY_ADMIN_KEY.trim() : undefined
  const { settings, mistakes } = readFile(env.COLLOQUY_CONFIG, adminKey)
  mistakes.push(...listMistakes(given, path => nameVariable(path, given, env)))
  if (!secrets.every(isSecret)) mistakes.push(`COLLOQUY_SECRET must have ${SECRET_LENGTH_MIN} characters or more; each, when several are given with commas between.`)
  if (adminKey !== undefined && !isSecret(adminKey)) mistakes.push(`COLLOQUY_ADMIN_KEY must have ${SECRET_LENGTH_MIN} characters or more.`)
  if (adminKey !== undefined && secrets.includes(adminKey)) mistakes.push('COLLOQUY_ADMIN_KEY is one of COLLOQUY_SECRET, too. Give the admin a key that is used for nothing else.')
  if (mistakes.length > 0) throw new ConfigError(mistakes)
  const completed = complete({ ...settings, ...given })
  return { config: toConfig(completed), settings: completed, secrets, adminKey }
}

function toConfig (settings: CompleteSettings): Config {
  const { host, port, data, public_url: publicUrl, rooms, page, origins, trust_proxy: trustProxy, log_level: logLevel, bots, manager, limits, grace } = settings
  return {
    host,
    port,
    dataFolder: resolve(data),
    publicUrl: publicUrl?.replace(/\/+$/, ''),
    rooms,
    page,
    origins,
    trustProxy,
    logLevel,
    bots,
    manager: manager === undefined ? null : toManager(manager),
    limits: toLimits(limits),
    closeGraceMs: grace.close_s * 1000,
    presenceGraceMs: grace.presence_s * 1000
  }
}

function toManager ({ name, timeout_s: timeout, on_timeout: onTimeout }: CompleteManager): ManagerConfig {
  return { bot: name ?? null, timeoutMs: timeout === undefined ? null : timeout * 1000, onTimeout }
}

function toLimits (limits: CompleteSettings['limits']): Limits {
  return {
    fileBytes: { A: limits.attachment_bytes, i: limits.image_bytes, V: limits.video_bytes, a: limits.audio_bytes, v: limits.voice_bytes },
    bodyBytes: limits.body_bytes,
    participants: limits.participants,
    requestsPerMinute: limits.requests_per_minute,
    framesPerSecond: limits.frames_per_second,
    frameBytes: limits.frame_bytes,
    socketBufferBytes: limits.socket_buffer_bytes,
    socketsPerSession: limits.sockets_per_session,
    sockets: limits.sockets
  }
}

function readFile (path: string | undefined, adminKey: string | undefined): { settings: Settings, mistakes: string[] } {
  if (!isSet(path)) return { settings: {}, mistakes: [] }
  try {
    const settings = parse(readFileSync(path, 'utf8'), { logLevel: 'error' }) ?? {}
    return { settings, mistakes: listMistakes(settings, keys => keys.length === 0 ? path : `${path}: ${spell(keys)}`, adminKey) }
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException
    const reason = fileProblems[code] ?? withoutQuotations(message.split('\n')[0]!.replace(/[.:]$/, ''))
    return { settings: {}, mistakes: [`${path} cannot be read. ${reason}.`] }
  }
}

/** What the YAML parser says, without what it quotes and may be a secret. */
function withoutQuotations (message: string): string {
  return message.replace(/(?<=[a-z)]: |escape sequence |version ).+?(?=( at line \d+, column \d+)?$)|(?<=, so |^The )\S+(?= is invalid| tag has)/s, quotable)
}
