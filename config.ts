import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parse } from 'yaml'
import type { FileLimits } from './actions/policy.js'
import { isSecret, SECRET_LENGTH_MIN } from './secret.js'
import { listMistakes, spell, withoutLongWords } from './settings-mistakes.js'
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

/** The same configuration for people to see: … stands for each secret. */
export function withoutSecrets (config: Config): Config {
  return { ...config, bots: config.bots.map(withoutSecretsOf) }
}

/** A configuration with mistakes: one sentence each. */
export class ConfigError extends Error {
  constructor (readonly mistakes: string[]) {
    super(mistakes.join('\n'))
  }
}

/** What the environment may say: the setting that each variable gives, and how its text is read. */
export const variables: Record<string, { key: keyof Settings, read: (text: string) => unknown, description: string }> = {
  PORT: { key: 'port', read: readNumber, description: 'The port to listen on (8000).' },
  HOST: { key: 'host', read: String, description: 'The address to listen on (127.0.0.1).' },
  COLLOQUY_DATA: { key: 'data', read: String, description: 'The folder of the database file and the secret (./data).' },
  COLLOQUY_ROOMS: { key: 'rooms', read: readBoolean, description: 'true: everybody may list and join conversations (false).' },
  COLLOQUY_ORIGINS: { key: 'origins', read: readList, description: 'The origins whose pages may call the API with credentials, with commas between.' },
  COLLOQUY_PUBLIC_URL: { key: 'public_url', read: String, description: 'The address under which clients reach the server.' },
  LOG_LEVEL: { key: 'log_level', read: String, description: 'fatal, error, warn, info, debug, trace or silent (info).' }
}

/** The variables that give no setting. */
export const otherVariables = {
  COLLOQUY_CONFIG: 'A configuration file (JSON or YAML). The environment goes before it.',
  COLLOQUY_SECRET: 'What signs the tokens: 32 characters or more. Several with commas between: the first signs, all are accepted. Without it one is made and kept in the data folder.',
  COLLOQUY_ADMIN_KEY: `Who sends it as a bearer may create sessions with the role manager or admin. ${SECRET_LENGTH_MIN} characters or more; without it nobody may.`
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
  return toConfig(settings)
}

/**
 * The configuration, the secrets and the key of the admin that the environment and the file named in it give.
 * @throws ConfigError with every mistake of both
 */
export function readConfig (env: NodeJS.ProcessEnv): { config: Config, secrets: string[], adminKey: string | undefined } {
  const given = readVariables(env)
  const secrets = readList(env.COLLOQUY_SECRET ?? '')
  const adminKey = isSet(env.COLLOQUY_ADMIN_KEY) ? env.COLLOQUY_ADMIN_KEY.trim() : undefined
  const { settings, mistakes } = readFile(env.COLLOQUY_CONFIG)
  mistakes.push(...listMistakes(given, path => nameVariable(path, given, env)))
  if (!secrets.every(isSecret)) mistakes.push(`COLLOQUY_SECRET must have ${SECRET_LENGTH_MIN} characters or more; each, when several are given with commas between.`)
  if (adminKey !== undefined && !isSecret(adminKey)) mistakes.push(`COLLOQUY_ADMIN_KEY must have ${SECRET_LENGTH_MIN} characters or more.`)
  if (mistakes.length > 0) throw new ConfigError(mistakes)
  return { config: toConfig({ ...settings, ...given }), secrets, adminKey }
}

function toConfig (settings: Settings): Config {
  const { host, port, data, public_url: publicUrl, rooms, origins, trust_proxy: trustProxy, log_level: logLevel, bots, manager, limits, grace } = complete(settings)
  return {
    host,
    port,
    dataFolder: resolve(data),
    publicUrl: publicUrl?.replace(/\/+$/, ''),
    rooms,
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

function readVariables (env: NodeJS.ProcessEnv): Settings {
  const given = Object.entries(variables).filter(([name]) => isSet(env[name]))
  return Object.fromEntries(given.map(([name, { key, read }]) => [key, read(env[name]!.trim())]))
}

/** The variable that gives the setting at a path, with its text, or with the item of its list that is meant. */
function nameVariable ([key, index]: string[], given: Settings, env: NodeJS.ProcessEnv): string {
  const [name] = Object.entries(variables).find(([, variable]) => variable.key === key)!
  const text = index === undefined ? env[name] : given.origins![Number(index)]
  return `${name} ("${text}")`
}

function readFile (path: string | undefined): { settings: Settings, mistakes: string[] } {
  if (!isSet(path)) return { settings: {}, mistakes: [] }
  try {
    const settings = parse(readFileSync(path, 'utf8'), { logLevel: 'error' }) ?? {}
    return { settings, mistakes: listMistakes(settings, keys => keys.length === 0 ? path : `${path}: ${spell(keys)}`) }
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException
    const reason = fileProblems[code] ?? withoutLongWords(message.split('\n')[0]!.replace(/[.:]$/, ''))
    return { settings: {}, mistakes: [`${path} cannot be read. ${reason}.`] }
  }
}

function isSet (text: string | undefined): text is string {
  return text !== undefined && text.trim() !== ''
}

// What is no number or no boolean stays text, so that the schema refuses it by name.
function readNumber (text: string): unknown {
  return /^\d+$/.test(text) ? Number(text) : text
}

function readBoolean (text: string): unknown {
  return text === 'true' ? true : text === 'false' ? false : text
}

function readList (text: string): string[] {
  return text.split(',').map(item => item.trim()).filter(item => item !== '')
}
