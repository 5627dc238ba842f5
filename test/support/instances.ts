// Values made from a JSON Schema, mostly valid, and mutations that make them mostly invalid. Only for schemas without recursion.
import fc from 'fast-check'

type Schema = Record<string, any>
type Values = fc.Arbitrary<unknown>

const years = { min: new Date('0001-01-01'), max: new Date('9999-12-31') }
const formats: Record<string, () => fc.Arbitrary<string>> = {
  'date-time': () => fc.date({ ...years, noInvalidDate: true }).map(date => date.toISOString()),
  date: () => formats['date-time']!().map(text => text.slice(0, 10)),
  uuid: () => fc.uuid(),
  uri: () => fc.webUrl(),
  'uri-reference': () => fc.oneof(fc.webUrl(), fc.webPath()),
  email: () => fc.emailAddress(),
  hostname: () => fc.domain(),
  ipv4: () => fc.ipV4(),
  ipv6: () => fc.ipV6()
}

function resolve (schema: Schema, document: Schema): Schema {
  if (schema.$ref === undefined) return schema
  return resolve(schema.$ref.split('/').slice(1).reduce((at: any, key: string) => at[key], document), document)
}

function strings ({ pattern, format, minLength = 0, maxLength = minLength + 20 }: Schema): Values {
  // Long texts cost time and show nothing that short ones do not; the mutations reach the limit.
  const length = { minLength, maxLength: Math.min(maxLength, minLength + 20) }
  const plain = fc.oneof(fc.string(length), fc.string({ ...length, unit: 'binary' }))
  const special = [
    ...pattern === undefined ? [] : [fc.stringMatching(new RegExp(pattern), { maxLength: Math.max(maxLength, 1) })],
    ...formats[format] === undefined ? [] : [formats[format]()]
  ]
  return special.length === 0 ? plain : fc.oneof(...special)
}

/** The bounds are hit exactly now and then, since that is where minimum and exclusiveMinimum part. */
function numbers (schema: Schema): Values {
  const { multipleOf: unit = schema.type === 'integer' ? 1 : 0.25 } = schema
  const low = Math.max(schema.minimum ?? -Infinity, schema.exclusiveMinimum ?? -Infinity)
  const high = Math.min(schema.maximum ?? Infinity, schema.exclusiveMaximum ?? Infinity)
  const from = Number.isFinite(low) ? low : Math.min(high, 0) - 1000
  const to = Number.isFinite(high) ? high : Math.max(low, 0) + 1000
  const within = fc.integer({ min: Math.ceil(from / unit), max: Math.floor(to / unit) }).map(count => count * unit)
  return fc.oneof({ weight: 4, arbitrary: within }, { weight: 1, arbitrary: fc.constantFrom(from, to) })
}

function arrays ({ items = {}, minItems = 0, maxItems = minItems + 3, uniqueItems }: Schema, document: Schema): Values {
  const length = { minLength: minItems, maxLength: Math.min(maxItems, minItems + 3) }
  const item = instancesOf(items, document)
  return uniqueItems === true ? fc.uniqueArray(item as fc.Arbitrary<{}>, length) : fc.array(item, length)
}

function objects ({ properties = {}, required = [], additionalProperties: more = true }: Schema, document: Schema): Values {
  const known = Object.fromEntries(Object.entries(properties).map(([name, inner]) => [name, instancesOf(inner as Schema, document)]))
  const base = fc.record(known, { requiredKeys: required, noNullPrototype: true })
  if (more === false) return base
  const others = more === true ? fc.jsonValue({ maxDepth: 1 }) : instancesOf(more, document)
  const rest = fc.dictionary(fc.string({ minLength: 1 }), others, { maxKeys: 2, noNullPrototype: true })
  return fc.tuple(rest, base).map(([added, own]) => ({ ...added, ...own }))
}

function unions (schema: Schema, document: Schema): Values {
  return fc.oneof(...schema.oneOf.map((member: Schema) => instancesOf(member, document)))
}

function typed (schema: Schema, document: Schema): Values {
  if (schema.type === 'string') return strings(schema)
  if (schema.type === 'boolean') return fc.boolean()
  if (schema.type === 'null') return fc.constant(null)
  if (schema.type === 'array') return arrays(schema, document)
  if (schema.type === 'object') return objects(schema, document)
  return schema.type === undefined ? fc.jsonValue({ maxDepth: 1 }) : numbers(schema)
}

/** Values that a schema of the document mostly accepts; a pattern and a length may still contradict each other now and then. */
export function instancesOf (schema: Schema, document: Schema): fc.Arbitrary<unknown> {
  const target = resolve(schema, document)
  if ('const' in target) return fc.constant(target.const)
  if (target.enum !== undefined) return fc.constantFrom(...target.enum)
  if (target.oneOf !== undefined) return unions(target, document)
  if (!Array.isArray(target.type)) return typed(target, document)
  return fc.oneof(...target.type.map((type: string) => typed({ ...target, type }, document)))
}

type Path = Array<string | number>

function pathsIn (value: unknown): Path[] {
  if (typeof value !== 'object' || value === null) return [[]]
  const keys = Array.isArray(value) ? value.keys() : Object.keys(value)
  return [[], ...[...keys].flatMap(key => pathsIn((value as any)[key]).map(path => [key, ...path]))]
}

function changeAt (value: any, [key, ...path]: Path, change: (value: any) => unknown): unknown {
  if (key === undefined) return change(value)
  if (Array.isArray(value)) return value.map((inner, index) => index === key ? changeAt(inner, path, change) : inner)
  return Object.fromEntries(Object.keys(value).map(name => [name, name === key ? changeAt(value[name], path, change) : value[name]]))
}

const lengths = [1, 2, 4, 50, 1000, 5000]

function editsOf (value: any): Values {
  const other = fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.constantFrom<unknown>(null, '', 0, true, [], {}))
  if (typeof value === 'string') {
    const longer = fc.constantFrom(...lengths).map(count => value + 'x'.repeat(count))
    return fc.oneof(other, longer, fc.nat(value.length).map(count => value.slice(0, count)), fc.constantFrom(` ${value}`, `${value}\n`))
  }
  if (typeof value === 'number') return fc.oneof(other, fc.constantFrom(-1, 1, 0.5, -0.25, 1e3, -1e6, 1e12).map(step => value + step))
  if (Array.isArray(value)) {
    const longer = fc.constantFrom(1, 2, 60).map(count => [...value, ...Array(count).fill(value[0] ?? 'x')])
    return fc.oneof(other, longer, fc.nat(value.length).map(count => value.slice(0, count)))
  }
  if (typeof value !== 'object' || value === null) return other
  const added = fc.tuple(fc.string(), other).map(([name, extra]) => ({ ...value, [`${name}_`]: extra }))
  const names = Object.keys(value)
  if (names.length === 0) return fc.oneof(other, added)
  const dropped = fc.constantFrom(...names).map(name => Object.fromEntries(Object.entries(value).filter(([own]) => own !== name)))
  return fc.oneof(other, added, { weight: 2, arbitrary: dropped })
}

/** The value with one place of it changed: a key dropped or added, a text or list longer or shorter, a number nudged, anything replaced. */
export function mutationsOf (value: unknown): fc.Arbitrary<unknown> {
  return fc.constantFrom(...pathsIn(value)).chain(path => {
    const current = path.reduce((at: any, key) => at[key], value)
    return editsOf(current).map(edited => changeAt(value, path, () => edited))
  })
}
