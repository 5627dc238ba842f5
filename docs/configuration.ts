import { stringify } from 'yaml'
import { botSettings, managerKinds } from '../bot-settings.js'
import { otherVariables, variables } from '../environment.js'
import { Settings } from '../settings.js'
import { code, inMib, table } from './tables.js'
import { itemOf, placeIn, placeOf, root, wishOf, type Place } from './wishes.js'

/** A schema of settings, as far as it is read here. */
interface Schema {
  type?: string | string[]
  const?: string
  description?: string
  default?: unknown
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  shapes?: { key: string, of: Record<string, Schema> }
}

// A default that is longer stands below its table.
const DEFAULT_LENGTH_MAX = 40

/** The page about the settings, from their schemas. A setting that is added there needs nothing here. */
export function configurationPage (): string {
  return [intro, environment(), fileIntro, ...sections(Settings as Schema, root, 'The settings', '###')].join('\n\n') + '\n'
}

function environment (): string {
  const given = Object.entries(variables).map(([name, { key, description }]) => [code(name), code(key), description])
  const others = Object.entries(otherVariables).map(([name, description]) => [code(name), '–', description])
  return `## The environment\n\n${table(['variable', 'setting', 'meaning'], [...given, ...others])}`
}

/** A table of an object's settings, then what is inside of them. */
function sections (schema: Schema, place: Place, title: string, level: string): string[] {
  if (schema.shapes !== undefined) return shapes(schema.shapes, place, title, level)
  const entries = entriesOf(schema)
  const rows = entries.filter(([, inner]) => !isGroup(inner)).map(([key, inner]) => row(key, inner, schema, place))
  const about = schema.description === undefined ? [] : [schema.description]
  const text = [`${level} ${title}`, ...about, ...rows.length > 0 ? [settingsTable(rows)] : [], ...entries.flatMap(longDefault)].join('\n\n')
  return [text, ...entries.flatMap(([key, inner]) => inside(inner, placeIn(place, key), level))]
}

function inside (schema: Schema, place: Place, level: string): string[] {
  const deeper = level.length < 5 ? `${level}#` : level
  if (schema.properties !== undefined && schema.shapes === undefined) return sections(schema, place, code(place.name), deeper)
  const { items } = schema
  if (items?.properties !== undefined || items?.shapes !== undefined) return sections(items, itemOf(place), `Each of ${code(place.name)}`, deeper)
  return schema.shapes === undefined ? [] : shapes(schema.shapes, place, code(place.name), deeper)
}

/** What all shapes have, then what each of them has beside that. */
function shapes ({ key, of }: NonNullable<Schema['shapes']>, place: Place, title: string, level: string): string[] {
  const all = Object.entries(of)
  const [[, first]] = all as [[string, Schema]]
  const common = entriesOf(first).filter(entry => all.every(([, shape]) => isIn(shape, entry)))
  const commonRows = common.map(([name, inner]) => row(name, inner, first, placeOf(place, key, all[0]![0])))
  const choice = `\`${key}\` is one of ${all.map(([name]) => code(name)).join(', ')}.`
  const head = [`${level} ${title}`, choice, ...commonRows.length > 0 ? ['With each of them:', settingsTable(commonRows)] : []].join('\n\n')
  return [head, ...all.flatMap(([name, shape]) => shapeSections(shape, common, placeOf(place, key, name), `${key} ${code(name)}`, `${level}#`))]
}

function shapeSections (shape: Schema, common: Array<[string, Schema]>, place: Place, title: string, level: string): string[] {
  const own = entriesOf(shape).filter(entry => !common.some(([name]) => name === entry[0]))
  if (own.length === 0) return []
  return sections({ ...shape, properties: Object.fromEntries(own) }, place, title, level)
}

function row (key: string, schema: Schema, { required = [] }: Schema, place: Place): string[] {
  const shown = 'default' in schema ? defaultOf(key, schema.default) : required.includes(key) ? 'required' : '–'
  const inner = placeIn(place, key)
  const wish = schema.items === undefined ? wishOf(inner) : `${wishOf(inner)}; each ${wishOf(itemOf(inner))}`
  return [code(key), shown, wish, schema.description ?? '']
}

function settingsTable (rows: string[][]): string {
  return table(['setting', 'default', 'a value is', 'meaning'], rows)
}

function defaultOf (key: string, value: unknown): string {
  const text = typeof value === 'string' && value !== '' ? value : JSON.stringify(value)
  if (text.length > DEFAULT_LENGTH_MAX) return 'below'
  return code(text) + (key.endsWith('_bytes') ? inMib(value as number) : '')
}

function longDefault ([key, schema]: [string, Schema]): string[] {
  if (isGroup(schema) || !('default' in schema) || defaultOf(key, schema.default) !== 'below') return []
  return [`The default of ${code(key)}:`, `\`\`\`yaml\n${stringify({ [key]: schema.default })}\`\`\``]
}

function isGroup ({ type, properties, shapes }: Schema): boolean {
  return type === 'object' && properties !== undefined && shapes === undefined
}

// A constant only tells shapes apart.
function entriesOf ({ properties = {} }: Schema): Array<[string, Schema]> {
  return Object.entries(properties).filter(([, schema]) => schema.const === undefined)
}

function isIn ({ properties = {} }: Schema, [name, schema]: [string, Schema]): boolean {
  return JSON.stringify(properties[name]) === JSON.stringify(schema)
}

const intro = `# Configuration

This page is generated from the schemas of the settings; \`npm run docs\` writes it anew.

Nothing needs to be configured. What is configured comes from the environment and from one file. The environment goes before the
file. A file \`.env\` in the working folder is read as if it were the environment, which goes before it, too.

\`npx colloquy check-config\` lists all mistakes at once, each with its place, or prints the whole configuration with \`…\` for each
secret. \`serve\` refuses to start with a mistake. A change takes effect at the next start.

Units are the ends of names: \`_ms\` milliseconds, \`_s\` seconds, \`_bytes\` bytes. Relative paths, also those in the file, start at
the working folder of the server.`

const fileIntro = `## The file

\`COLLOQUY_CONFIG\` names a file, YAML or JSON. Each setting may be left out unless it is required.

\`\`\`yaml
port: 8080
bots:
  - { name: ECHO, kind: echo }
  - { name: Poet, kind: webhook, url: 'https://poet.example.org/hook', secrets: [whsec_c3VycHJpc2Ugc3VycHJpc2Ugc3VycHJpc2U=] }
manager: { role: person, timeout_s: 60, on_timeout: approve }
limits:
  image_bytes: 5242880
\`\`\`

[Bots](bots.md) says what the kinds ${Object.keys(botSettings).filter(kind => !managerKinds.has(kind)).map(code).join(', ')} are, [Managers](managers.md) what the
others are. A bot of the kind \`websocket\` takes no \`receives\`. Names and tokens of bots must differ from each other, and from the
admin key.`
