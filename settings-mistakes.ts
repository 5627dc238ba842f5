import type { AnySchemaObject, ErrorObject } from 'ajv'
import { managerKinds, type BotConfig, type BotSettings } from './bot-settings.js'
import { complete, listErrors, type CompleteManager, type Settings } from './settings.js'

/** A place, and what follows its name in a sentence. */
type Mistake = readonly [path: string[], sentence: string]
type Mentioned = readonly [path: string[], name: string]

const formatWishes: Record<string, string> = {
  origin: 'an origin such as https://chat.example.org, without a path and in lower case',
  'web-address': 'an address such as https://chat.example.org, without a path',
  'http-address': 'an address such as https://bots.example.org/talk?to=me, without a user or a #',
  'bot-name': 'a text of 1 to 50 characters, without line breaks, control characters, and blanks at its ends',
  expression: 'a regular expression with the flag u, of at most 500 characters',
  'webhook-secret': 'whsec_ followed by the base64 of 24 to 64 bytes',
  token: 'a text of 32 to 500 visible ASCII characters, without blanks'
}

/**
 * What is wrong with some settings, a sentence for each place.
 * @param nameOf how people know a place, such as ['bots', '0', 'kind']
 * @param adminKey what no bot may have as its token
 */
export function listMistakes (settings: unknown, nameOf: (path: string[]) => string, adminKey?: string): string[] {
  const errors = listErrors(settings)
  const { bots } = (settings ?? {}) as Settings
  const isRight = (place: string): boolean => !errors.some(({ instancePath }) => `${instancePath}/`.startsWith(`${place}/`))
  const contradictions = findContradictions((settings ?? {}) as Settings, isRight)
  const mistakes = new Map<string, string>()
  for (const [path, sentence] of [...errors.map(toMistake), ...findDoubles(bots, adminKey), ...findIdle(bots), ...contradictions]) {
    const name = nameOf(path)
    if (!mistakes.has(name)) mistakes.set(name, `${name} ${sentence}.`)
  }
  return [...mistakes.values()]
}

/** A path as people write it, such as `bots[0].kind`. */
export function spell (path: string[]): string {
  return path.map(key => /^\d+$/.test(key) ? `[${key}]` : `.${key}`).join('').replace(/^\./, '')
}

/** A text as a sentence may quote it: all but a short and plain word may be a secret that stands in a wrong place. */
export function quotable (text: string): string {
  return /^[\p{L}\p{N}._:/-]{1,24}$/u.test(text) ? text : '…'
}

function toMistake (error: ErrorObject): Mistake {
  return [pathOf(error), describe(error)]
}

function pathOf ({ instancePath, params }: ErrorObject): string[] {
  const path = instancePath.split('/').slice(1).map(key => key.replaceAll('~1', '/').replaceAll('~0', '~'))
  const name = params.missingProperty ?? params.additionalProperty
  return name === undefined ? path : [...path, quotable(name)]
}

function describe ({ keyword, params, parentSchema }: ErrorObject): string {
  const { properties } = parentSchema!
  if (keyword === 'additionalProperties') return `is no setting. Possible here: ${Object.keys(properties).join(', ')}`
  if (keyword === 'required') return `is missing. It must be ${wish(properties[params.missingProperty])}`
  return `must be ${wish(parentSchema!)}`
}

/** What a schema asks for, in words that follow "must be". */
function wish (schema: AnySchemaObject): string {
  const { type, format, enum: names, properties, shapes, minimum, maximum, minLength, maxLength, minItems, maxItems } = schema
  if (Array.isArray(type)) return type.map(type => wish({ ...schema, type })).join(', or ')
  if (names !== undefined) return names.length === 1 ? names[0] : `one of ${names.join(', ')}`
  if (format !== undefined) return formatWishes[format]!
  switch (type) {
    case 'boolean': return 'true or false'
    case 'integer': return maximum === undefined ? `a whole number, ${minimum} or more` : `a whole number from ${minimum} to ${maximum}`
    case 'array': return maxItems === undefined ? 'a list' : `a list of ${minItems === undefined ? 'at most' : `${minItems} to`} ${maxItems}`
    case 'object': return properties === undefined || shapes !== undefined ? 'settings by name' : `settings by name. Possible here: ${Object.keys(properties).join(', ')}`
    default: return maxLength === undefined ? 'a text that is not empty' : `a text of ${minLength ?? 0} to ${maxLength} characters`
  }
}

function * findDoubles (given: unknown, adminKey: string | undefined): Generator<Mistake> {
  const bots = toBots(given)
  const names = bots.map(bot => bot?.name)
  const tokens = bots.map(bot => bot?.kind === 'lease' ? bot.token : undefined)
  for (const index of bots.keys()) {
    if (isAgain(index, names)) yield [['bots', String(index), 'name'], `is "${quotable(String(names[index]))}" again. Give each bot its own name`]
    if (adminKey !== undefined && tokens[index] === adminKey) yield [['bots', String(index), 'token'], 'is the admin key. Give the bot a token of its own']
    if (isAgain(index, tokens)) yield [['bots', String(index), 'token'], 'is that of another bot. Give each bot its own token']
  }
}

/** What is said of a bot although it changes nothing. */
function * findIdle (given: unknown): Generator<Mistake> {
  for (const [index, bot] of toBots(given).entries()) {
    if (bot?.kind === 'websocket' && bot.receives !== undefined) yield [['bots', String(index), 'receives'], 'does nothing for a bot of kind websocket, which reads by itself what is said. Leave it out']
  }
}

/** What is given as bots, right or not. */
function toBots (given: unknown): Array<Record<string, unknown> | null> {
  return Array.isArray(given) ? given : []
}

function isAgain (index: number, values: unknown[]): boolean {
  return typeof values[index] === 'string' && values.indexOf(values[index]) < index
}

/** What is wrong between bots and their manager, as far as they can be read. */
function * findContradictions ({ bots: given = complete({}).bots, manager }: Settings, isRight: (place: string) => boolean): Generator<Mistake> {
  const name = typeof manager === 'string' ? manager : manager?.name
  const bots = toBots(given)
  const managing = name === undefined ? -1 : bots.findIndex(bot => bot?.name === name)
  if (typeof manager === 'object' && isRight('/manager')) yield * findGaps(complete({ manager }).manager!)
  if (!Array.isArray(given) || (name === undefined && !isRight('/manager'))) return
  if (name !== undefined) yield * findUnfit(name, bots[managing], typeof manager === 'string' ? ['manager'] : ['manager', 'name'])
  if (managing !== -1 && isRight(`/bots/${managing}`)) yield * findStrangers(given, managing)
  for (const [index, { kind, name: own }] of bots.map(bot => bot ?? {}).entries()) {
    if (managerKinds.has(String(kind)) && typeof own === 'string' && index !== managing) yield [['bots', String(index), 'kind'], `is ${kind}, which does nothing but manage. Make "${quotable(own)}" the manager, or leave it out`]
  }
}

/** The bots that a manager names and that are not there. */
function * findStrangers (bots: BotSettings[], managing: number): Generator<Mistake> {
  const [manager] = complete({ bots: [bots[managing]!] }).bots
  for (const [path, name] of listMentioned(manager)) {
    if (!bots.some(bot => bot?.name === name)) yield [['bots', String(managing), ...path], `is "${quotable(name)}", which is none of the bots`]
  }
}

function * findGaps ({ name, role, timeout_s: timeout, on_timeout: onTimeout }: CompleteManager): Generator<Mistake> {
  if ((name === undefined) === (role === undefined)) yield [['manager'], 'must have either a name or a role']
  if (onTimeout !== 'wait' && timeout === undefined) yield [['manager', 'timeout_s'], `is missing. Say after what time to ${onTimeout}`]
}

function * findUnfit (name: string, bot: Record<string, unknown> | null | undefined, path: string[]): Generator<Mistake> {
  if (bot === undefined) yield [path, `is "${quotable(name)}", which is none of the bots`]
  if (bot?.kind === 'echo' || bot?.kind === 'calculator') yield [path, `is "${quotable(name)}", which is of kind ${bot.kind} and cannot manage`]
}

/** The names of bots in the settings of a manager, with their paths. */
function * listMentioned (bot: BotConfig | undefined): Generator<Mentioned> {
  const each = (names: string[], ...path: string[]): Mentioned[] => names.map((name, index) => [[...path, String(index)], name])
  if (bot?.kind === 'calc-or-echo') yield [['calculator'], bot.calculator]
  if (bot?.kind === 'calc-or-echo') yield [['echo'], bot.echo]
  if (bot?.kind === 'pre-select') yield * each(bot.bots, 'bots')
  for (const [index, { when, then }] of bot?.kind === 'rules' ? bot.rules.entries() : []) {
    if (when.bot !== undefined) yield [['rules', String(index), 'when', 'bot'], when.bot]
    if (then.action === 'redirect') yield * each(then.bots, 'rules', String(index), 'then', 'bots')
  }
}
