import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Type, type Static, type TObject } from '@sinclair/typebox'
import { Ajv, type ErrorObject } from 'ajv'
import formats from 'ajv-formats'
import { parse } from 'yaml'
import type { FileLimits } from './actions/post-message.js'

const MIB = 1024 * 1024
const bytes = (value: number, description: string) =>
  Type.Optional(Type.Integer({ minimum: 0, maximum: 1024 * MIB, default: value, description }))

const BotSettings = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 50, description: 'The name in conversations and in the list of bots.' }),
  kind: Type.Union([Type.Literal('echo'), Type.Literal('calculator')], { description: 'What runs the bot.' }),
  description: Type.Optional(Type.String({ maxLength: 1000, default: '' })),
  required: Type.Optional(Type.Boolean({ default: false, description: 'A conversation ends when this bot is gone.' }))
}, { additionalProperties: false })

/** What a configuration file may say. Each key is optional. */
export const Settings = Type.Object({
  host: Type.Optional(Type.String({ minLength: 1, default: '127.0.0.1', description: 'The address to listen on.' })),
  port: Type.Optional(Type.Integer({ minimum: 0, maximum: 65535, default: 8000, description: 'The port to listen on; 0 takes a free one.' })),
  data: Type.Optional(Type.String({ minLength: 1, default: './data', description: 'The folder of the database file and the secret.' })),
  public_url: Type.Optional(Type.String({ format: 'uri', pattern: '^https?://', description: 'The address under which clients reach the server, when it is another one than they ask for.' })),
  rooms: Type.Optional(Type.Boolean({ default: false, description: 'Whether everybody may list and join conversations.' })),
  origins: Type.Optional(Type.Array(Type.String({ pattern: '^https?://[^/]+$' }), { default: [], description: 'The origins whose pages may call the API with credentials.' })),
  trust_proxy: Type.Optional(Type.Boolean({ default: false, description: 'Whether X-Forwarded headers are believed.' })),
  log_level: Type.Optional(Type.Union(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'].map(level => Type.Literal(level)), { default: 'info', description: 'What is logged; debug logs each request.' })),
  bots: Type.Optional(Type.Array(BotSettings, { maxItems: 100, description: 'The bots, in the order in which they are listed.' })),
  limits: Type.Optional(Type.Object({
    attachment_bytes: bytes(15 * MIB, 'The greatest file of a message of type A; 0 disables the type.'),
    image_bytes: bytes(15 * MIB, 'The same for type i.'),
    video_bytes: bytes(25 * MIB, 'The same for type V.'),
    audio_bytes: bytes(15 * MIB, 'The same for type a.'),
    voice_bytes: bytes(15 * MIB, 'The same for type v.'),
    body_bytes: Type.Optional(Type.Integer({ minimum: 1024, maximum: 64 * MIB, default: MIB, description: 'The greatest JSON body.' })),
    participants: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000, default: 1000, description: 'The most participants of a conversation.' })),
    requests_per_minute: Type.Optional(Type.Integer({ minimum: 0, default: 12_000, description: 'The most requests of one session, or of one address without a session; 0 is without limit.' }))
  }, { additionalProperties: false, default: {} })),
  grace: Type.Optional(Type.Object({
    close_s: Type.Optional(Type.Integer({ minimum: 0, maximum: 600, default: 10, description: 'How long requests may go on when the process is told to stop.' }))
  }, { additionalProperties: false, default: {} }))
}, { additionalProperties: false })

export type Settings = Static<typeof Settings>
export type BotConfig = Required<Static<typeof BotSettings>>

export interface Limits {
  /** The greatest file of a message of each type; 0 disables the type. */
  fileBytes: FileLimits
  bodyBytes: number
  participants: number
  requestsPerMinute: number
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
  limits: Limits
  closeGraceMs: number
}

/** A configuration with mistakes: one sentence each. */
export class ConfigError extends Error {
  constructor (readonly mistakes: string[]) {
    super(mistakes.join('\n'))
  }
}

const defaultBots: BotConfig[] = [
  { name: 'ECHO', kind: 'echo', description: 'Answers in capitals.', required: false },
  { name: 'Calculator', kind: 'calculator', description: 'Answers with the value of an expression.', required: false }
]

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
  COLLOQUY_SECRET: 'What signs the tokens: 32 characters or more. Several with commas between: the first signs, all are accepted. Without it one is made and kept in the data folder.'
}

const ajv = new Ajv({ allErrors: true, useDefaults: true, strict: false })
formats.default(ajv)
const isSettings = ajv.compile<Settings>(Settings)

/**
 * The configuration that some settings give, defaults filled in.
 * @throws ConfigError with every mistake
 */
export function configure (settings: Settings = {}): Config {
  return toConfig(settings, error => `${error.instancePath || '/'}`)
}

/**
 * The configuration and the secrets that the environment and the file named in it give.
 * @throws ConfigError with every mistake of both
 */
export function readConfig (env: Record<string, string | undefined>): { config: Config, secrets: string[] } {
  const mistakes: string[] = []
  const attempt = <T>(work: () => T): T | undefined => {
    try { return work() } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      mistakes.push(...error.mistakes)
    }
  }
  const file = attempt(() => readFile(env.COLLOQUY_CONFIG)) ?? {}
  const secrets = attempt(() => readSecrets(env.COLLOQUY_SECRET)) ?? []
  const config = attempt(() => toConfig({ ...file, ...readVariables(env) }, error => nameSource(error, env)))
  if (config === undefined || mistakes.length > 0) throw new ConfigError(mistakes)
  return { config, secrets }
}

function toConfig (given: Settings, nameOf: (error: ErrorObject) => string): Config {
  const settings = structuredClone(given)
  const valid = isSettings(settings)
  const mistakes = valid ? listConflicts(settings) : sentences(isSettings.errors ?? [], nameOf)
  if (mistakes.length > 0) throw new ConfigError(mistakes)
  const { limits, grace } = settings as Required<Settings>
  return {
    host: settings.host!,
    port: settings.port!,
    dataFolder: resolve(settings.data!),
    publicUrl: settings.public_url?.replace(/\/+$/, ''),
    rooms: settings.rooms!,
    origins: settings.origins!,
    trustProxy: settings.trust_proxy!,
    logLevel: settings.log_level!,
    bots: (settings.bots as BotConfig[] | undefined) ?? defaultBots,
    limits: {
      fileBytes: { A: limits.attachment_bytes!, i: limits.image_bytes!, V: limits.video_bytes!, a: limits.audio_bytes!, v: limits.voice_bytes! },
      bodyBytes: limits.body_bytes!,
      participants: limits.participants!,
      requestsPerMinute: limits.requests_per_minute!
    },
    closeGraceMs: grace.close_s! * 1000
  }
}

function listConflicts (settings: Settings): string[] {
  const names = (settings.bots ?? []).map(bot => bot.name)
  const doubles = new Set(names.filter((name, index) => names.indexOf(name) !== index))
  return [...doubles].map(name => `bots: the name "${name}" is given twice. Give each bot its own name.`)
}

function sentences (errors: ErrorObject[], nameOf: (error: ErrorObject) => string): string[] {
  const told = new Map<string, string>()
  for (const error of errors) {
    const name = error.keyword === 'additionalProperties' ? `${nameOf(error)} has "${error.params.additionalProperty}", which` : nameOf(error)
    const text = error.keyword === 'additionalProperties' ? 'is no setting' : describe(error)
    if (!told.has(name)) told.set(name, `${name} ${text}.`)
  }
  return [...told.values()]
}

function describe (error: ErrorObject): string {
  const choices = choicesAt(error.schemaPath)
  if (choices) return `must be one of ${choices.join(', ')}`
  return error.message ?? 'is wrong'
}

/** The literals of the union that a failed `const` belongs to, by the error's place in the schema. */
function choicesAt (schemaPath: string): string[] | undefined {
  const union = schemaPath.match(/^#\/(.*)\/anyOf/)?.[1]
  if (union === undefined) return undefined
  const schema = union.split('/').reduce<any>((place, key) => place[key], Settings)
  return schema.anyOf.map((choice: { const: string }) => choice.const)
}

function nameSource (error: ErrorObject, env: Record<string, string | undefined>): string {
  const key = error.instancePath.split('/')[1]
  const variable = Object.keys(variables).find(name => variables[name]!.key === key && isSet(env[name]))
  if (variable !== undefined) return `${variable} ("${env[variable]}")`
  return `${env.COLLOQUY_CONFIG ?? 'settings'}: ${error.instancePath || '/'}`
}

function isSet (text: string | undefined): text is string {
  return text !== undefined && text.trim() !== ''
}

function readVariables (env: Record<string, string | undefined>): Settings {
  const given = Object.entries(variables).filter(([name]) => isSet(env[name]))
  return Object.fromEntries(given.map(([name, { key, read }]) => [key, read(env[name]!.trim())]))
}

function readFile (path: string | undefined): Settings {
  if (!isSet(path)) return {}
  try {
    const settings = parse(readFileSync(path, 'utf8')) ?? {}
    if (typeof settings === 'object' && !Array.isArray(settings)) return settings
  } catch (error) {
    throw new ConfigError([`${path} cannot be read: ${(error as Error).message.split('\n')[0]}`])
  }
  throw new ConfigError([`${path} must hold settings, each with its name.`])
}

function readSecrets (text: string | undefined): string[] {
  const secrets = readList(text ?? '')
  if (secrets.some(secret => secret.length < 32)) throw new ConfigError(['COLLOQUY_SECRET must have 32 characters or more (each, when several are given with commas between).'])
  return secrets
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

export type SettingsSchema = TObject
