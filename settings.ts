import { Type, type Static, type TSchema } from '@sinclair/typebox'
import { Ajv, type AnySchemaObject, type ErrorObject } from 'ajv'

const MIB = 1024 * 1024

const bytes = (value: number, description: string) =>
  Type.Optional(Type.Integer({ minimum: 0, maximum: 1024 * MIB, default: value, description }))
const oneOf = <const Names extends string[]>(names: Names, options: object) =>
  Type.Unsafe<Names[number]>({ type: 'string', enum: names, ...options })
const group = <Properties extends Record<string, TSchema>>(properties: Properties) =>
  Type.Optional(Type.Object(properties, { additionalProperties: false, default: {} }))

const BotSettings = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 50, description: 'The name in conversations and in the list of bots.' }),
  kind: oneOf(['echo', 'calculator'], { description: 'What runs the bot.' }),
  description: Type.Optional(Type.String({ maxLength: 1000, default: '' })),
  required: Type.Optional(Type.Boolean({ default: false, description: 'A conversation ends when this bot is gone.' }))
}, { additionalProperties: false })

const defaultBots: BotConfig[] = [
  { name: 'ECHO', kind: 'echo', description: 'Answers in capitals.', required: false },
  { name: 'Calculator', kind: 'calculator', description: 'Answers with the value of an expression.', required: false }
]

/** What a configuration file may say. Each key is optional. */
export const Settings = Type.Object({
  host: Type.Optional(Type.String({ minLength: 1, default: '127.0.0.1', description: 'The address to listen on.' })),
  port: Type.Optional(Type.Integer({ minimum: 0, maximum: 65535, default: 8000, description: 'The port to listen on; 0 takes a free one.' })),
  data: Type.Optional(Type.String({ minLength: 1, default: './data', description: 'The folder of the database file and the secret.' })),
  public_url: Type.Optional(Type.String({ format: 'web-address', description: 'The address under which clients reach the server, when it is another one than they ask for.' })),
  rooms: Type.Optional(Type.Boolean({ default: false, description: 'Whether everybody may list and join conversations.' })),
  origins: Type.Optional(Type.Array(Type.String({ format: 'origin' }), { default: [], description: 'The origins whose pages may call the API with credentials.' })),
  trust_proxy: Type.Optional(Type.Boolean({ default: false, description: 'Whether X-Forwarded headers are believed.' })),
  log_level: Type.Optional(oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], { default: 'info', description: 'What is logged; debug logs each request.' })),
  bots: Type.Optional(Type.Array(BotSettings, { maxItems: 100, default: defaultBots, description: 'The bots, in the order in which they are listed.' })),
  limits: group({
    attachment_bytes: bytes(15 * MIB, 'The greatest file of a message of type A; 0 disables the type.'),
    image_bytes: bytes(15 * MIB, 'The same for type i.'),
    video_bytes: bytes(25 * MIB, 'The same for type V.'),
    audio_bytes: bytes(15 * MIB, 'The same for type a.'),
    voice_bytes: bytes(15 * MIB, 'The same for type v.'),
    body_bytes: Type.Optional(Type.Integer({ minimum: 1024, maximum: 64 * MIB, default: MIB, description: 'The greatest JSON body.' })),
    participants: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000, default: 1000, description: 'The most participants of a conversation.' })),
    requests_per_minute: Type.Optional(Type.Integer({ minimum: 0, default: 12_000, description: 'The most requests of one session, or of one address without a session; 0 is without limit.' }))
  }),
  grace: group({
    close_s: Type.Optional(Type.Integer({ minimum: 1, maximum: 600, default: 10, description: 'How long requests may go on when the process is told to stop.' }))
  })
}, { additionalProperties: false })

export type Settings = Static<typeof Settings>
export type BotConfig = Required<Static<typeof BotSettings>>

type Complete<T> = T extends object ? { [Key in keyof T]-?: Complete<T[Key]> } : T
export type CompleteSettings = Complete<Omit<Settings, 'public_url'>> & Pick<Settings, 'public_url'>

const formats = { origin: isOrigin, 'web-address': isWebAddress }
const isSettings = new Ajv({ allErrors: true, verbose: true, strict: false, formats }).compile<Settings>(Settings)
const fillIn = new Ajv({ useDefaults: true, strict: false, formats }).compile<CompleteSettings>(Settings)

/** The same settings with the defaults of those that are absent; they must be without mistakes. */
export function complete (settings: Settings): CompleteSettings {
  const completed: unknown = structuredClone(settings)
  if (!fillIn(completed)) throw new Error('These settings were not checked.')
  return completed
}

/**
 * What is wrong with some settings, a sentence for each place.
 * @param nameOf how people know a place, such as ['bots', '0', 'kind']
 */
export function listMistakes (settings: unknown, nameOf: (path: string[]) => string): string[] {
  const mistakes = new Map<string, string>()
  for (const error of isSettings(settings) ? [] : isSettings.errors!) {
    const name = nameOf(pathOf(error))
    if (!mistakes.has(name)) mistakes.set(name, `${name} ${describe(error)}.`)
  }
  const bots = (settings as { bots?: unknown } | null)?.bots
  const names: unknown[] = Array.isArray(bots) ? bots.map(bot => bot?.name) : []
  for (const [index, name] of names.entries()) {
    const isDouble = name !== undefined && names.indexOf(name) < index
    if (isDouble) mistakes.set(`double ${index}`, `${nameOf(['bots', String(index), 'name'])} is "${name}" again. Give each bot its own name.`)
  }
  return [...mistakes.values()]
}

/** A path as people write it, such as `bots[0].kind`. */
export function spell (path: string[]): string {
  return path.map(key => /^\d+$/.test(key) ? `[${key}]` : `.${key}`).join('').replace(/^\./, '')
}

function pathOf ({ instancePath, params }: ErrorObject): string[] {
  const path = instancePath.split('/').slice(1).map(key => key.replaceAll('~1', '/').replaceAll('~0', '~'))
  const name = params.missingProperty ?? params.additionalProperty
  return name === undefined ? path : [...path, name]
}

function describe ({ keyword, params, parentSchema }: ErrorObject): string {
  const { properties } = parentSchema!
  if (keyword === 'additionalProperties') return `is no setting. Possible here: ${Object.keys(properties).join(', ')}`
  if (keyword === 'required') return `is missing. It must be ${wish(properties[params.missingProperty])}`
  return `must be ${wish(parentSchema!)}`
}

/** What a schema asks for, in words that follow "must be". */
function wish ({ type, format, enum: names, properties, minimum, maximum, minLength, maxLength, maxItems }: AnySchemaObject): string {
  if (names !== undefined) return `one of ${names.join(', ')}`
  if (format === 'origin') return 'an origin such as https://chat.example.org, without a path and in lower case'
  if (format === 'web-address') return 'an address such as https://chat.example.org, without a path'
  switch (type) {
    case 'boolean': return 'true or false'
    case 'integer': return maximum === undefined ? `a whole number, ${minimum} or more` : `a whole number from ${minimum} to ${maximum}`
    case 'array': return maxItems === undefined ? 'a list' : `a list of at most ${maxItems}`
    case 'object': return `settings by name. Possible here: ${Object.keys(properties).join(', ')}`
    default: return maxLength === undefined ? 'a text that is not empty' : `a text of ${minLength ?? 0} to ${maxLength} characters`
  }
}

/** As browsers send it (RFC 6454): another spelling would never be equal to it. */
function isOrigin (text: string): boolean {
  return /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text
}

function isWebAddress (text: string): boolean {
  return /^https?:\/\/[^/?#\s]+\/?$/.test(text) && URL.canParse(text)
}
