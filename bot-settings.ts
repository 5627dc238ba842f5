import { Type, type Static, type TSchema } from '@sinclair/typebox'

export const oneOf = <const Names extends readonly string[]>(names: Names, options: object = {}) =>
  Type.Unsafe<Names[number]>({ type: 'string', enum: names, ...options })
export const integer = (minimum: number, maximum: number, value: number, description: string) =>
  Type.Optional(Type.Integer({ minimum, maximum, default: value, description }))

/** An object of one of several shapes, which the text at a key tells apart. */
export const oneShape = <Shape>(key: string, shapes: Record<string, TSchema>) =>
  Type.Unsafe<Shape>({
    type: 'object',
    properties: { [key]: oneOf(Object.keys(shapes)) },
    required: [key],
    shapes: { key, of: shapes } satisfies Shapes
  })

/** What the keyword `shapes` says: an object is as the shape that it names at the key. */
export interface Shapes { key: string, of: Record<string, TSchema> }

const botName = { minLength: 1, maxLength: 50 }
const phrase = (value: string, description: string) =>
  Type.Optional(Type.String({ minLength: 1, maxLength: 4000, default: value, description }))
const delay = (value: number) => integer(0, 60_000, value, 'How long the bot thinks.')
const timeout = (maximum: number, value: number) => integer(1, maximum, value, 'How long an answer is waited for.')
const history = integer(0, 100, 10, 'How many earlier messages come with each message.')

const botOf = <const Kind extends string, Properties extends Record<string, TSchema>>(kind: Kind, properties: Properties) => Type.Object({
  name: Type.String({ ...botName, format: 'bot-name', description: 'The name in conversations and in the list of bots.' }),
  kind: Type.Literal(kind, { description: 'What runs the bot.' }),
  description: Type.Optional(Type.String({ maxLength: 1000, default: '', description: 'What the list of bots says about it.' })),
  required: Type.Optional(Type.Boolean({ default: false, description: 'A conversation ends when this bot is gone.' })),
  receives: Type.Optional(oneOf(['humans', 'all'], { default: 'humans', description: 'Whose messages the bot is given.' })),
  max_age_s: integer(1, 2_592_000, 3600, 'Messages that the bot could not be given for so long are dropped.'),
  hop_limit: integer(0, 20, 3, 'How many messages of bots in a row may lead to one that the bot is still given.'),
  ...properties
}, { additionalProperties: false })

const actionOf = <const Action extends string, Properties extends Record<string, TSchema>>(action: Action, properties: Properties) =>
  Type.Object({ action: Type.Literal(action), ...properties }, { additionalProperties: false })

const actions = {
  approve: actionOf('approve', {}),
  reject: actionOf('reject', { reason: Type.Optional(Type.String({ maxLength: 1000, description: 'What managers read about it.' })) }),
  redirect: actionOf('redirect', {
    bots: Type.Array(Type.String(botName), { minItems: 1, maxItems: 100, description: 'Who is given the message.' }),
    text: Type.Optional(Type.String({ minLength: 1, maxLength: 4000, description: 'What they are given instead.' }))
  })
}

const Rule = Type.Object({
  when: Type.Optional(Type.Object({
    regex: Type.Optional(Type.String({ maxLength: 500, format: 'expression', description: 'What the text matches.' })),
    type: Type.Optional(oneOf(['T', 'A', 'i', 'V', 'a', 'v'], { description: 'The type of the message.' })),
    first: Type.Optional(Type.Boolean({ description: 'Whether it is the first message of a person in the conversation.' })),
    from: Type.Optional(oneOf(['people', 'bots'], { description: 'Who sent it.' })),
    bot: Type.Optional(Type.String({ ...botName, description: 'The bot that sent it.' }))
  }, { additionalProperties: false, default: {}, description: 'What holds for a message, all of it; nothing always holds.' })),
  then: oneShape<{ [Action in keyof typeof actions]: Static<typeof actions[Action]> }[keyof typeof actions]>('action', actions)
}, { additionalProperties: false })

const managers = {
  transparent: botOf('transparent', {}),
  'calc-or-echo': botOf('calc-or-echo', {
    calculator: Type.Optional(Type.String({ ...botName, default: 'Calculator', description: 'The bot for expressions.' })),
    echo: Type.Optional(Type.String({ ...botName, default: 'ECHO', description: 'The bot for everything else.' }))
  }),
  'pre-select': botOf('pre-select', {
    greeting: phrase('Choose a bot.', 'What somebody is asked first.'),
    after_choice: phrase('Go ahead.', 'What is said when a bot is chosen.'),
    exit_word: phrase('exit', 'The message that leads back to the choice.'),
    bots: Type.Optional(Type.Array(Type.String(botName), { maxItems: 100, default: [], description: 'What may be chosen; when empty, all bots of the conversation.' }))
  }),
  rules: botOf('rules', {
    rules: Type.Array(Rule, { minItems: 1, maxItems: 100, description: 'The first that fits a message says what happens to it.' })
  })
}

/** What a configuration may say of a bot, by its kind. */
export const botSettings = {
  echo: botOf('echo', { delay_ms: delay(1000) }),
  calculator: botOf('calculator', { delay_ms: delay(300) }),
  websocket: botOf('websocket', {
    url: Type.String({ format: 'http-address', description: 'Where the bot is told of conversations.' }),
    timeout_s: timeout(120, 10)
  }),
  webhook: botOf('webhook', {
    url: Type.String({ format: 'http-address', description: 'Where messages are posted.' }),
    secrets: Type.Array(Type.String({ format: 'webhook-secret' }), { minItems: 1, maxItems: 5, description: 'What signs the posts, as Standard Webhooks has it; each signs.' }),
    history,
    timeout_s: timeout(120, 30)
  }),
  lease: botOf('lease', {
    token: Type.String({ format: 'token', description: 'What the program of the bot sends as a bearer.' }),
    history
  }),
  module: botOf('module', {
    path: Type.String({ minLength: 1, description: 'The file of the module.' }),
    options: Type.Optional(Type.Unsafe<Record<string, unknown>>({ type: 'object', default: {}, description: 'What the module is given.' })),
    timeout_s: timeout(600, 30)
  }),
  ...managers
}

/** The kinds that do nothing but manage. */
export const managerKinds: ReadonlySet<string> = new Set(Object.keys(managers))

type Kind = keyof typeof botSettings
type Said<Of extends Kind> = Static<typeof botSettings[Of]>
type Filled<Value> = Value extends Array<Static<typeof Rule>> ? RuleConfig[] : Value

export type RuleConfig = Required<Static<typeof Rule>>

/** What a configuration says of a bot. */
export type BotSettings = { [Of in Kind]: Said<Of> }[Kind]

/** The same, complete. */
export type BotConfig = { [Of in Kind]: { [Key in keyof Said<Of>]-?: Filled<Exclude<Said<Of>[Key], undefined>> } }[Kind]

/** The same bot for people to see: … stands for each secret. */
export function withoutSecretsOf (bot: BotConfig): BotConfig {
  switch (bot.kind) {
    case 'websocket': return { ...bot, url: withoutQuery(bot.url) }
    case 'webhook': return { ...bot, url: withoutQuery(bot.url), secrets: bot.secrets.map(() => '…') }
    case 'lease': return { ...bot, token: '…' }
    case 'module': return { ...bot, options: withoutValues(bot.options) }
    default: return bot
  }
}

function withoutQuery (url: string): string {
  return url.replace(/\?.+$/, '?…')
}

/** Nobody but the module knows which of its options are secrets. */
function withoutValues (options: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).map(([key, value]) => [key, withoutValue(value)]))
}

function withoutValue (value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutValue)
  if (typeof value === 'object' && value !== null) return withoutValues(value)
  return typeof value === 'boolean' || value === null ? value : '…'
}
