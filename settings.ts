import { Type, type Static, type TSchema } from '@sinclair/typebox'
import { Ajv, type ErrorObject, type SchemaValidateFunction } from 'ajv'
import { botSettings, integer, oneOf, oneShape, type BotConfig, type BotSettings, type Shapes } from './bot-settings.js'

export { managerKinds, withoutSecretsOf, type BotConfig, type BotSettings, type RuleConfig } from './bot-settings.js'

const KIB = 1024
const MIB = 1024 * KIB

const bytes = (value: number, description: string) => integer(0, 1024 * MIB, value, description)
const group = <Properties extends Record<string, TSchema>>(properties: Properties) =>
  Type.Optional(Type.Object(properties, { additionalProperties: false, default: {} }))

const defaultBots: BotSettings[] = [
  { name: 'ECHO', kind: 'echo', description: 'Answers in capitals.' },
  { name: 'Calculator', kind: 'calculator', description: 'Answers with the value of an expression.' }
]

const Manager = Type.Object({
  name: Type.Optional(Type.String({ minLength: 1, maxLength: 50, description: 'The bot that manages.' })),
  role: Type.Optional(oneOf(['person'], { description: 'People with the role manager do.' })),
  timeout_s: Type.Optional(Type.Integer({ minimum: 1, maximum: 2_592_000, description: 'How long a message waits for the manager.' })),
  on_timeout: Type.Optional(oneOf(['approve', 'reject', 'wait'], { default: 'wait', description: 'What happens to it then.' }))
}, { additionalProperties: false, description: 'Who decides what becomes of messages; a text is the name of a bot.' })

/** What a configuration file may say. Each key is optional. */
export const Settings = Type.Object({
  host: Type.Optional(Type.String({ minLength: 1, default: '127.0.0.1', description: 'The address to listen on.' })),
  port: Type.Optional(Type.Integer({ minimum: 0, maximum: 65535, default: 8000, description: 'The port to listen on; 0 takes a free one.' })),
  data: Type.Optional(Type.String({ minLength: 1, default: './data', description: 'The folder of the database file and the secret.' })),
  public_url: Type.Optional(Type.String({ format: 'web-address', description: 'The address under which clients reach the server, when it is another one than they ask for.' })),
  rooms: Type.Optional(Type.Boolean({ default: false, description: 'Whether everybody may list and join conversations.' })),
  page: Type.Optional(Type.Boolean({ default: true, description: 'Whether the chat page is served at /.' })),
  origins: Type.Optional(Type.Array(Type.String({ format: 'origin' }), { default: [], description: 'The origins whose pages may call the API with credentials.' })),
  trust_proxy: Type.Optional(Type.Boolean({ default: false, description: 'Whether X-Forwarded headers are believed.' })),
  log_level: Type.Optional(oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], { default: 'info', description: 'What is logged; debug logs each request.' })),
  bots: Type.Optional(Type.Array(oneShape<BotSettings>('kind', botSettings), { maxItems: 100, default: defaultBots, description: 'The bots, in the order in which they are listed.' })),
  manager: Type.Optional(Type.Unsafe<string | Static<typeof Manager>>({ ...Manager, type: ['string', 'object'], minLength: 1, maxLength: 50 })),
  limits: group({
    attachment_bytes: bytes(15 * MIB, 'The greatest file of a message of type A; 0 disables the type.'),
    image_bytes: bytes(15 * MIB, 'The greatest file of a message of type i; 0 disables the type.'),
    video_bytes: bytes(25 * MIB, 'The greatest file of a message of type V; 0 disables the type.'),
    audio_bytes: bytes(15 * MIB, 'The greatest file of a message of type a; 0 disables the type.'),
    voice_bytes: bytes(15 * MIB, 'The greatest file of a message of type v; 0 disables the type.'),
    body_bytes: integer(1024, 64 * MIB, MIB, 'The greatest JSON body.'),
    participants: integer(1, 100_000, 1000, 'The most participants of a conversation.'),
    requests_per_minute: Type.Optional(Type.Integer({ minimum: 0, default: 12_000, description: 'The most requests of one session, or of one address without a session; 0 is without limit.' })),
    frames_per_second: integer(1, 10_000, 20, 'The most frames of one live connection.'),
    frame_bytes: integer(1024, 16 * MIB, MIB, 'The greatest frame.'),
    socket_buffer_bytes: integer(64 * KIB, 256 * MIB, MIB, 'The most that may wait to be sent to one live connection.'),
    sockets_per_session: integer(1, 10_000, 32, 'The most live connections of one session.'),
    sockets: integer(1, 1_000_000, 10_000, 'The most live connections.')
  }),
  grace: group({
    close_s: integer(1, 600, 10, 'How long requests may go on when the process is told to stop.'),
    presence_s: integer(0, 3600, 30, 'How long somebody may be without a connection before the others are told.')
  })
}, { additionalProperties: false })

export type Settings = Static<typeof Settings>
export type CompleteManager = Static<typeof Manager> & Required<Pick<Static<typeof Manager>, 'on_timeout'>>

type Complete<T> = T extends object ? { [Key in keyof T]-?: Complete<T[Key]> } : T
export type CompleteSettings = Complete<Omit<Settings, 'bots' | 'manager' | 'public_url'>> & Pick<Settings, 'public_url'> & { bots: BotConfig[], manager?: CompleteManager }

/** How the texts of each format are told from others. */
const formats: Record<string, (text: string) => boolean> = {
  origin: isOrigin,
  'web-address': isWebAddress,
  'http-address': isHttpAddress,
  expression: isExpression,
  'bot-name': isBotName,
  'webhook-secret': isWebhookSecret,
  token: text => /^[\x21-\x7e]{32,500}$/.test(text)
}

// A shape is compiled when it is first named: most never are.
const judgeShape: SchemaValidateFunction = ({ key, of }: Shapes, given: Record<string, unknown>, _schema, place) => {
  const name = String(given[key])
  // What is wrong with the name itself is said of the name.
  if (!Object.hasOwn(of, name)) return true
  const judge = ajv.compile(of[name]!)
  const isRight = judge(given) as boolean
  judgeShape.errors = (judge.errors ?? []).map(error => ({ ...error, instancePath: place!.instancePath + error.instancePath }))
  return isRight
}

// Compiled at each start and run a few times: to optimize the code takes longer than it gives, and what TypeBox has made
// need not be judged by the schema of schemas.
const ajv = new Ajv({ strict: false, formats, useDefaults: true, allErrors: true, verbose: true, code: { optimize: false }, meta: false, validateSchema: false })
ajv.addKeyword({ keyword: 'shapes', type: 'object', modifying: true, errors: 'full', validate: judgeShape })
const fillIn = ajv.compile<CompleteSettings>(Settings)

/** What is wrong with each place of what should be settings. */
export function listErrors (settings: unknown): ErrorObject[] {
  return fillIn(structuredClone(settings)) ? [] : fillIn.errors!
}

/** The same settings with the defaults of those that are absent; they must be without mistakes. */
export function complete (settings: Settings): CompleteSettings {
  const { manager } = settings
  const completed: unknown = structuredClone(typeof manager === 'string' ? { ...settings, manager: { name: manager } } : settings)
  if (!fillIn(completed)) throw new Error('These settings were not checked.')
  return completed
}

/** As browsers send it (RFC 6454): another spelling would never be equal to it. */
function isOrigin (text: string): boolean {
  return /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text
}

function isWebAddress (text: string): boolean {
  return /^https?:\/\/[^/?#\s]+\/?$/.test(text) && URL.canParse(text)
}

function isHttpAddress (text: string): boolean {
  return /^https?:\/\/[^/?#@\s]+([/?][^#\s]*)?$/.test(text) && URL.canParse(text)
}

/** One line, of which nothing at its ends escapes the eye. */
function isBotName (text: string): boolean {
  return text.trim() === text && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text)
}

function isExpression (text: string): boolean {
  try {
    return new RegExp(text, 'u') instanceof RegExp
  } catch {
    return false
  }
}

/** As the Standard Webhooks specification has it: whsec_, and the base64 of 24 to 64 bytes. */
function isWebhookSecret (text: string): boolean {
  const [, base64 = ''] = text.match(/^whsec_(.+)$/) ?? []
  const bytes = Buffer.from(base64, 'base64')
  return bytes.length >= 24 && bytes.length <= 64 && bytes.toString('base64') === base64
}
