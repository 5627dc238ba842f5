// Turns the hand-written openapi.yaml into contract/api.ts: TypeBox schemas, their types, one object per operation.
// What it does not understand it refuses, by JSON pointer: a keyword that is silently skipped is a promise that nobody keeps.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { fullFormats } from 'ajv-formats/dist/formats.js'
import { readDocument } from './document.js'

interface Source { root: any, mistakes: Set<string>, uses: Set<string> }

/** A value of the document, the JSON pointer that leads to it, and where mistakes and references found there are noted. */
interface Place { value: any, at: string, source: Source }

/** The keywords an object may have, with the kind of value each takes. */
type Keywords = Record<string, Kind>

type Kind = 'string' | 'number' | 'count' | 'boolean' | 'object' | 'array' | 'any'

type Entry = [key: string, code: string]

/** Writes a keyword table the other way round: for each kind, the names of the keywords that take it. */
function taking (names: Partial<Record<Kind, string>>): Keywords {
  return Object.fromEntries(Object.entries(names).flatMap(([kind, list]) => list.split(' ').map(name => [name, kind as Kind])))
}

const notes = taking({ string: 'title description', array: 'examples', boolean: 'deprecated' })
const numeric = taking({ number: 'minimum maximum exclusiveMinimum exclusiveMaximum multipleOf', string: 'format' })
const schemaKeywords: Record<string, Keywords> = {
  string: taking({ count: 'minLength maxLength', string: 'pattern format contentMediaType', boolean: 'x-trim' }),
  number: numeric,
  integer: numeric,
  boolean: {},
  null: {},
  array: taking({ object: 'items', count: 'minItems maxItems', boolean: 'uniqueItems' }),
  object: taking({ object: 'properties', array: 'required', any: 'additionalProperties' })
}
const valueKeywords = taking({ any: 'type const default', array: 'enum' })
const untyped = taking({ any: 'type', string: 'contentMediaType' })
const unionKeywords = taking({ any: 'type', array: 'oneOf required', object: 'discriminator' })
const discriminatorKeywords = taking({ string: 'propertyName', object: 'mapping' })
const header = taking({ string: 'description', boolean: 'deprecated required', object: 'schema examples', any: 'example' })
const keywords = {
  document: taking({
    string: 'openapi',
    object: 'info paths components externalDocs',
    array: 'servers tags security',
    any: 'x-problems'
  }),
  components: taking({ object: 'schemas parameters responses requestBodies headers examples securitySchemes' }),
  pathItem: taking({ array: 'parameters', object: 'get post put patch delete head' }),
  operation: taking({
    string: 'operationId summary description',
    array: 'tags parameters security',
    object: 'requestBody responses',
    boolean: 'deprecated x-rooms x-observers',
    any: 'x-access x-problems'
  }),
  header,
  parameter: { ...header, ...taking({ string: 'name in' }) },
  requestBody: taking({ string: 'description', object: 'content', boolean: 'required' }),
  response: taking({ string: 'description', object: 'headers content' }),
  mediaType: taking({ object: 'schema examples encoding', any: 'example' })
}

const head = `// Generated from openapi.yaml by contract/generate.ts. Do not edit.
import { Type, type Static } from '@sinclair/typebox'
`
const accesses = ['public', 'session', 'participant', 'manager', 'admin', 'bot']
// The schemes that say whose session it is; the others say something else.
const sessionSchemes = new Set(['bearer', 'cookie'])
const parts: Record<string, string> = { path: 'params', query: 'querystring', header: 'headers' }
const silent = new Set([...Object.keys(notes), 'contentMediaType'])
const structural = new Set(['type', 'properties', 'required', 'additionalProperties', 'items', 'enum', 'const'])
// Names that the generated file needs for itself, or that JavaScript does not give away.
const taken = new Set([
  'Type Static Array Record operations',
  'arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for',
  'function if implements import in instanceof interface let new null package private protected public return static super switch',
  'this throw true try typeof var void while with yield'
].flatMap(line => line.split(' ')))

// Places and mistakes

function refuse (place: Place, sentence: string): string {
  place.source.mistakes.add(`openapi.yaml#${place.at}: ${sentence}`)
  return 'Type.Unknown()'
}

function demand (place: Place, holds: boolean, sentence: string): void {
  if (!holds) refuse(place, sentence)
}

function kind (value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}

function step (place: Place, ...keys: Array<string | number>): Place {
  return keys.reduce<Place>((from, key) => ({
    value: kind(from.value) === 'object' && !Object.hasOwn(from.value, key) ? undefined : from.value?.[key],
    at: `${from.at}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`,
    source: from.source
  }), place)
}

function entries (place: Place): Array<[string, Place]> {
  return kind(place.value) === 'object' ? Object.keys(place.value).map(key => [key, step(place, key)]) : []
}

function items (place: Place): Place[] {
  return Array.isArray(place.value) ? place.value.map((_, index) => step(place, index)) : []
}

function check (place: Place, known: Keywords, ...needed: string[]): void {
  if (kind(place.value) !== 'object') refuse(place, 'must be an object')
  for (const [key, inner] of entries(place)) {
    const expected = Object.hasOwn(known, key) ? known[key] : undefined
    if (expected === undefined) refuse(place, `unknown keyword "${key}"`)
    else demand(inner, fits(inner.value, expected), expected === 'count' ? 'must be a whole number' : `must be of kind ${expected}`)
  }
  for (const key of needed) if (step(place, key).value === undefined) refuse(place, `has no ${key}`)
}

function fits (value: unknown, expected: string): boolean {
  if (expected === 'any') return true
  if (expected === 'count') return Number.isInteger(value) && Number(value) >= 0
  if (expected === 'integer') return Number.isInteger(value)
  return expected === 'number' ? Number.isFinite(value) : kind(value) === expected
}

/** Follows a $ref into its own section of the components; undefined, and a mistake noted, when it leads nowhere. */
function resolve (place: Place, section: string): Place | undefined {
  const ref = place.value?.$ref
  if (ref === undefined) return place
  check(place, { $ref: 'string', summary: 'string', description: 'string' })
  const name = nameIn(ref, section)
  const target = step({ ...place, value: place.source.root, at: '' }, 'components', section, name ?? '')
  if (name !== undefined && target.value !== undefined && target.value?.$ref === undefined) return target
  refuse(place, `$ref "${ref}" does not lead to one of components/${section}`)
}

function nameIn (ref: unknown, section: string): string | undefined {
  const prefix = `#/components/${section}/`
  return typeof ref === 'string' && ref.startsWith(prefix) ? ref.slice(prefix.length) : undefined
}

// Code

function quote (text: string): string {
  const inner = JSON.stringify(text).slice(1, -1)
  return `'${inner.replace(/\\.|'/g, found => found === '\\"' ? '"' : found === "'" ? "\\'" : found)}'`
}

function literal (value: unknown): string {
  if (typeof value === 'string') return quote(value)
  if (Array.isArray(value)) return listCode(value.map(literal))
  if (kind(value) !== 'object') return JSON.stringify(value)
  return objectCode(Object.entries(value as object).map(([key, inner]) => [key, literal(inner)]))
}

function keyCode (key: string): string {
  if (key === '__proto__') return "['__proto__']"
  return /^([A-Za-z_$][\w$]*|0|[1-9]\d*)$/.test(key) ? key : quote(key)
}

function wrap (open: string, lines: string[], close: string, space: string): string {
  const flat = `${open}${space}${lines.join(', ')}${space}${close}`
  if (flat.length <= 100 && !flat.includes('\n')) return lines.length === 0 ? open + close : flat
  return `${open}\n${lines.join(',\n').replace(/^/gm, '  ')}\n${close}`
}

function objectCode (fields: Entry[]): string {
  return wrap('{', fields.map(([key, code]) => `${keyCode(key)}: ${code}`), '}', ' ')
}

function listCode (codes: string[]): string {
  return wrap('[', codes, ']', '')
}

function eitherCode (types: string[]): string {
  const flat = types.join(' | ')
  return flat.length <= 80 ? flat : `\n  | ${types.join('\n  | ')}\n`
}

/** A call of a TypeBox function; options that say nothing are left out. */
function call (name: string, args: string[], options: Entry[]): string {
  return `Type.${name}(${[...args, ...options.length > 0 ? [objectCode(options)] : []].join(', ')})`
}

// Schemas

/** The type of a schema, its null taken out; without `type` the values of const and enum say it, else it is undefined. */
function typeOf (place: Place): { type?: string, nullable: boolean } {
  const { type, const: only, enum: values } = place.value
  if (type === undefined) return typeOfValues(only !== undefined ? [only] : Array.isArray(values) ? values : [])
  const types: unknown[] = [type].flat()
  const nullable = types.length === 2 && types.includes('null')
  const [first, ...others] = nullable ? types.filter(one => one !== 'null') : types
  if (typeof first === 'string' && Object.hasOwn(schemaKeywords, first) && others.length === 0) return { type: first, nullable }
  refuse(place, `type ${JSON.stringify(type)} is not understood`)
  return { nullable: false }
}

function typeOfValues (values: unknown[]): { type?: string, nullable: boolean } {
  if (values.length === 0) return { nullable: false }
  const sample = values.find(value => value !== null)
  return sample === undefined ? { type: 'null', nullable: false } : { type: kind(sample), nullable: values.includes(null) }
}

function schemaCode (place: Place, isNamed = false): string {
  if (kind(place.value) !== 'object') return refuse(place, 'must be an object')
  if ('$ref' in place.value) return referenceCode(place)
  if ('oneOf' in place.value) return unionCode(place, isNamed)
  const { type, nullable } = typeOf(place)
  check(place, { ...notes, ...type === undefined ? untyped : { ...valueKeywords, ...schemaKeywords[type] } })
  if (type === undefined) return call('Unknown', [], optionsOf(place, isNamed))
  checkValues(place, type, nullable)
  if (type === 'array' && place.value.items === undefined) return refuse(place, 'has no items')
  if ('const' in place.value) return constCode(place, isNamed)
  if (nullable || 'enum' in place.value) return unsafeCode(place, type, nullable, isNamed)
  if (type === 'object') return objectTypeCode(place, isNamed)
  const args = type === 'array' ? [schemaCode(step(place, 'items'))] : []
  return call(type.charAt(0).toUpperCase() + type.slice(1), args, optionsOf(place, isNamed))
}

const isPlain = (value: unknown): boolean => !['object', 'array'].includes(kind(value))

/** What the keyword tables cannot say: values that contradict their type, patterns and formats that mean nothing. */
function checkValues (place: Place, type: string, nullable: boolean): void {
  const { enum: values, default: initial, pattern, format } = place.value
  const allowed = (value: unknown): boolean => fits(value, type) || (nullable && value === null)
  if ('const' in place.value) checkConst(place, allowed, nullable)
  if (Array.isArray(values)) checkEnum(place, values, allowed, nullable)
  if ('default' in place.value) demand(place, allowed(initial), `default ${JSON.stringify(initial)} is not of type ${type}`)
  if (typeof format === 'string') demand(place, Object.hasOwn(fullFormats, format), `unknown format "${format}"`)
  if (typeof pattern === 'string') demand(place, isPattern(pattern), `pattern "${pattern}" is not a regular expression`)
}

function checkConst (place: Place, allowed: (value: unknown) => boolean, nullable: boolean): void {
  const only: unknown = place.value.const
  demand(place, allowed(only) && isPlain(only), `const ${JSON.stringify(only)} is not a plain value of its type`)
  demand(place, !nullable && !('enum' in place.value), 'const says it all: neither enum nor a type with null beside it')
}

function checkEnum (place: Place, values: unknown[], allowed: (value: unknown) => boolean, nullable: boolean): void {
  demand(place, values.every(value => allowed(value) && isPlain(value)), 'enum has values that its type does not allow')
  demand(place, values.length > 0 && new Set(values).size === values.length, 'enum must list at least one value, and none twice')
  demand(place, !nullable || values.includes(null), 'enum of a type with null must list null')
}

function isPattern (pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u') instanceof RegExp
  } catch {
    return false
  }
}

/** The keywords that are emitted as they are written. */
function optionsOf (place: Place, isNamed: boolean): Entry[] {
  const kept = Object.entries(place.value).filter(([key]) => !silent.has(key) && !structural.has(key))
  return [...kept.map(([key, value]): Entry => [key, literal(value)]), ...descriptionOf(place, isNamed)]
}

// Only of named schemas: nothing reads a description at run time, and the named ones are what the reader of api.ts looks for.
function descriptionOf (place: Place, isNamed: boolean): Entry[] {
  const { description } = place.value
  return isNamed && description !== undefined ? [['description', literal(description)]] : []
}

function referenceCode (place: Place): string {
  check(place, { $ref: 'string', description: 'string' })
  const { $ref: ref } = place.value
  const name = nameIn(ref, 'schemas') ?? ''
  const isKnown = Object.hasOwn(place.source.root?.components?.schemas ?? {}, name)
  if (!isKnown) return refuse(place, `$ref "${ref}" does not lead to one of components/schemas`)
  place.source.uses.add(name)
  return name
}

function constCode (place: Place, isNamed: boolean): string {
  const options = optionsOf(place, isNamed)
  return place.value.const === null ? call('Null', [], options) : call('Literal', [literal(place.value.const)], options)
}

/** Keeps the keywords as written where TypeBox would rewrite them (enum, type with null, maps), and states the type beside. */
function unsafeCode (place: Place, type: string, nullable: boolean, isNamed: boolean): string {
  const { enum: values } = place.value
  if (type === 'object' && nullable) return refuse(place, 'an object that may be null is not understood')
  const fields: Entry[] = [['type', literal(nullable ? [type, 'null'] : type)]]
  if (Array.isArray(values)) fields.push(['enum', literal(values)])
  if (type === 'array') fields.push(['items', schemaCode(step(place, 'items'))])
  return call(`Unsafe<${staticCode(place)}>`, [], [...fields, ...optionsOf(place, isNamed)])
}

function objectTypeCode (place: Place, isNamed: boolean): string {
  const { additionalProperties: more } = place.value
  const properties = step(place, 'properties')
  const required = requiredOf(place, properties)
  const rest = kind(more) === 'object' ? schemaCode(step(place, 'additionalProperties')) : literal(more ?? true)
  demand(place, ['object', 'boolean', 'undefined'].includes(kind(more)), 'additionalProperties must be a schema, true or false')
  if (properties.value === undefined && more !== false) return mapCode(place, rest, isNamed)
  const fields = entries(properties).map(([name, inner]): Entry => {
    const code = schemaCode(inner)
    return [name, required.includes(name) ? code : `Type.Optional(${code})`]
  })
  const options: Entry[] = more === undefined ? [] : [['additionalProperties', rest]]
  return call('Object', [objectCode(fields)], [...options, ...optionsOf(place, isNamed)])
}

function requiredOf (place: Place, properties: Place): unknown[] {
  const required: unknown[] = Array.isArray(place.value.required) ? place.value.required : []
  for (const name of required) {
    demand(place, step(properties, String(name)).value !== undefined, `required names ${JSON.stringify(name)}, properties does not`)
  }
  return required
}

// Not Type.Record: its pattern misses names with a line break. And `true` is said aloud, or the serializer would drop every name.
function mapCode (place: Place, rest: string, isNamed: boolean): string {
  const fields: Entry[] = [['type', "'object'"], ['additionalProperties', rest]]
  return call(`Unsafe<${staticCode(place)}>`, [], [...fields, ...optionsOf(place, isNamed)])
}

/** The TypeScript type of a schema, for the places where TypeBox cannot infer it. */
function staticCode (place: Place): string {
  if (kind(place.value) !== 'object') return 'unknown'
  const { $ref, oneOf, const: only, enum: values, properties, additionalProperties: more } = place.value
  if ($ref !== undefined) return `Static<typeof ${nameIn($ref, 'schemas')}>`
  if (only !== undefined) return literal(only)
  if (Array.isArray(values)) return eitherCode(values.map(literal))
  const { type, nullable } = typeOf(place)
  if (oneOf !== undefined || properties !== undefined) return refuse(place, 'must be a named schema here')
  const plain: Record<string, () => string> = {
    integer: () => 'number',
    array: () => `Array<${staticCode(step(place, 'items'))}>`,
    object: () => `Record<string, ${kind(more) === 'object' ? staticCode(step(place, 'additionalProperties')) : 'unknown'}>`
  }
  return `${plain[type ?? '']?.() ?? type ?? 'unknown'}${nullable ? ' | null' : ''}`
}

/** A union is told apart by one property, and the mapping says all of it: so a validator looks at one member only. */
function unionCode (place: Place, isNamed: boolean): string {
  check(place, { ...notes, ...unionKeywords }, 'discriminator')
  const discriminator = step(place, 'discriminator')
  const { propertyName, mapping } = discriminator.value ?? {}
  const members = items(step(place, 'oneOf'))
  if (!areDifferentRefs(members)) return refuse(place, 'oneOf must list different $refs and nothing else')
  if (discriminator.value !== undefined) check(discriminator, discriminatorKeywords, 'propertyName', 'mapping')
  if (propertyName === undefined || mapping === undefined) return 'Type.Unknown()'
  for (const [value, { value: ref }] of entries(step(discriminator, 'mapping'))) {
    demand(place, members.some(member => member.value.$ref === ref), `mapping "${value}" does not lead to one of oneOf`)
  }
  const { type = 'object', required = [propertyName] } = place.value
  const agrees = type === 'object' && literal(required) === literal([propertyName])
  demand(place, agrees, 'a union has type object and requires its discriminator, or says neither')
  const codes = members.map(member => memberCode(member, propertyName, mapping))
  return call(`Unsafe<${eitherCode(codes.map(code => `Static<typeof ${code}>`))}>`, [], [
    ['type', literal('object')],
    ['required', literal([propertyName])],
    ['oneOf', listCode(codes)],
    ['discriminator', literal({ propertyName })],
    ...descriptionOf(place, isNamed)
  ])
}

function areDifferentRefs (members: Place[]): boolean {
  const refs: unknown[] = members.map(member => member.value?.$ref)
  return refs.length > 0 && refs.every(ref => nameIn(ref, 'schemas')) && new Set(refs).size === refs.length
}

function memberCode (member: Place, propertyName: string, mapping: Record<string, unknown>): string {
  const code = schemaCode(member)
  const target = member.source.root.components.schemas[code]
  const tag = target?.properties?.[propertyName]
  const written: unknown[] = tag?.const !== undefined ? [tag.const] : tag?.enum ?? []
  const mapped = Object.keys(mapping).filter(value => mapping[value] === member.value.$ref)
  const agrees = mapped.length > 0 && mapped.length === written.length && mapped.every(value => written.includes(value))
  const isTagged = agrees && target.type === 'object' && target.required?.includes(propertyName)
  const given = mapped.join(', ') || 'none'
  demand(member, isTagged, `must be an object that requires "${propertyName}" with exactly the values that the mapping gives it (${given})`)
  return code
}

/** The named schemas as statements, each after those it refers to. */
function schemaStatements (root: Place): string[] {
  const schemas = new Map<string, { place: Place, code: string }>()
  for (const [name, { value, at, source }] of entries(step(root, 'components', 'schemas'))) {
    const place = { value, at, source: { ...source, uses: new Set<string>() } }
    if (!/^[A-Z]\w*$/.test(name) || taken.has(name)) refuse(place, `"${name}" cannot be a schema's name`)
    schemas.set(name, { place, code: schemaCode(place, true) })
  }
  const done = new Set<string>()
  const visit = (name: string, path: string[]): void => {
    const { place } = schemas.get(name)!
    if (path.includes(name)) refuse(place, `refers to itself: ${[...path.slice(path.indexOf(name)), name].join(' -> ')}`)
    if (done.has(name) || path.includes(name)) return
    for (const used of place.source.uses) visit(used, [...path, name])
    done.add(name)
  }
  for (const name of schemas.keys()) visit(name, [])
  return [...done].map(name => [
    `export const ${name} = ${schemas.get(name)!.code}`,
    `export type ${name} = Static<typeof ${name}>\n`
  ].join('\n'))
}

// Operations

function parameterCode (place: Place): string {
  check(place, keywords.parameter, 'name', 'in', 'schema')
  const { in: where, required, name } = place.value
  if (typeof where === 'string' && !Object.hasOwn(parts, where)) refuse(place, `parameters in ${where} are not understood`)
  if (where === 'path' && required !== true) refuse(place, `path parameter "${name}" must be required`)
  const code = place.value.schema === undefined ? '' : schemaCode(step(place, 'schema'))
  return required === true ? code : `Type.Optional(${code})`
}

function parameterEntries (operation: Place, item: Place, url: string): Entry[] {
  const merged = new Map<string, Place>()
  for (const listed of [...items(step(item, 'parameters')), ...items(step(operation, 'parameters'))]) {
    const place = resolve(listed, 'parameters')
    if (place !== undefined) merged.set(`${place.value?.in} ${place.value?.name}`, place)
  }
  const all = [...merged.values()].map(place => ({ ...place.value, code: parameterCode(place) }))
  const inUrl = [...url.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
  const inList = all.filter(one => one.in === 'path').map(one => one.name)
  for (const name of inUrl) if (!inList.includes(name)) refuse(operation, `the path names {${name}}, the parameters do not`)
  for (const name of inList) if (!inUrl.includes(name)) refuse(operation, `the parameters name "${name}", the path does not`)
  return Object.entries(parts).flatMap(([where, part]): Entry[] => {
    const own = all.filter(one => one.in === where)
    const fields = own.map((one): Entry => [where === 'header' ? String(one.name).toLowerCase() : one.name, one.code])
    return own.length === 0 ? [] : [[part, call('Object', [objectCode(fields)], [])]]
  })
}

/** The JSON media types of a body, with the name of the schema of each; the others are only checked. */
function jsonEntries (content: Place): Entry[] {
  return entries(content).flatMap(([type, place]): Entry[] => {
    check(place, keywords.mediaType)
    const schema = step(place, 'schema')
    const isJson = /json$/.test(type)
    if (schema.value === undefined) return isJson ? [[type, refuse(place, 'has no schema')]] : []
    const isNamed = schema.value?.$ref !== undefined
    if (!isNamed && (isJson || schema.value?.type === 'object')) refuse(schema, 'every body schema must be named')
    const code = schemaCode(schema)
    return isJson ? [[type, code]] : []
  })
}

function bodyEntries (body: Place | undefined): Entry[] {
  if (body?.value === undefined) return []
  check(body, keywords.requestBody, 'content')
  const json = jsonEntries(step(body, 'content'))
  if (json.length === 0) return []
  if (entries(step(body, 'content')).length === 1) return [['body', json[0]![1]]]
  return [['body', objectCode([['content', objectCode(json.map(([type, code]) => [type, objectCode([['schema', code]])]))]])]]
}

function headersCheck (response: Place): void {
  for (const [, listed] of entries(step(response, 'headers'))) {
    const header = resolve(listed, 'headers')
    if (header !== undefined) headerCheck(header)
  }
}

function headerCheck (header: Place): void {
  check(header, keywords.header, 'schema')
  if (header.value?.schema !== undefined) schemaCode(step(header, 'schema'))
}

function responseCode (response: Place): string | undefined {
  check(response, keywords.response, 'description')
  headersCheck(response)
  const codes = new Set(jsonEntries(step(response, 'content')).map(([, code]) => code))
  if (codes.size > 1) refuse(response, 'has more than one JSON schema')
  return [...codes][0]
}

function responseEntries (operation: Place): Entry[] {
  const fields = entries(step(operation, 'responses')).flatMap(([status, listed]): Entry[] => {
    if (!/^[1-5](\d\d|XX)$/.test(status)) refuse(listed, `"${status}" is not a status such as 200 or 4XX`)
    const response = resolve(listed, 'responses')
    const code = response === undefined ? undefined : responseCode(response)
    return code === undefined ? [] : [[status.toLowerCase(), code]]
  })
  return fields.length === 0 ? [] : [['response', objectCode(fields)]]
}

function sessionOf (operation: Place): string {
  const { root } = operation.source
  const own = operation.value.security !== undefined
  const place = own ? step(operation, 'security') : { ...operation, value: root?.security, at: '/security' }
  const choices = items(place)
  for (const [name, scheme] of choices.flatMap(entries)) {
    demand(scheme, Object.hasOwn(root?.components?.securitySchemes ?? {}, name), `"${name}" is not one of components/securitySchemes`)
  }
  if (!choices.some(choice => entries(choice).some(([name]) => sessionSchemes.has(name)))) return 'none'
  return choices.some(choice => entries(choice).length === 0) ? 'optional' : 'required'
}

function accessOf (operation: Place, session: string): string {
  const access = operation.value['x-access']
  if (access === undefined) return refuse(operation, 'has no x-access')
  if (!accesses.includes(access)) return refuse(operation, `x-access ${JSON.stringify(access)} is not one of ${accesses.join(', ')}`)
  if (access === 'public') demand(operation, session !== 'required', 'x-access is public, yet security requires a session')
  else if (access === 'bot') demand(operation, session === 'none', 'x-access is bot, yet security takes a session')
  else demand(operation, session === 'required', `x-access is ${access}, yet security does not require a session`)
  return access
}

function operationCode (operation: Place, item: Place, method: string, url: string): string {
  check(operation, keywords.operation, 'operationId', 'summary', 'description', 'responses')
  const body = operation.value.requestBody === undefined ? undefined : resolve(step(operation, 'requestBody'), 'requestBodies')
  if (body !== undefined && ['get', 'head'].includes(method)) refuse(operation, `${method.toUpperCase()} takes no request body`)
  const session = sessionOf(operation)
  const config = {
    operationId: operation.value.operationId,
    access: accessOf(operation, session),
    session,
    consumes: Object.keys(body?.value?.content ?? {}),
    bodyRequired: body?.value?.required === true,
    rooms: operation.value['x-rooms'] === true,
    observers: operation.value['x-observers'] === true
  }
  return objectCode([
    ['method', quote(method.toUpperCase())],
    ['url', quote(url.replace(/\{(\w+)\}/g, ':$1'))],
    ['schema', objectCode([...parameterEntries(operation, item, url), ...bodyEntries(body), ...responseEntries(operation)])],
    ['config', literal(config)]
  ])
}

function operationStatements (root: Place): string[] {
  const names = new Set<string>()
  const statements = entries(step(root, 'paths')).flatMap(([url, item]) => {
    check(item, keywords.pathItem)
    return operationsIn(item).map(([method, operation]) => {
      const name = String(operation.value.operationId)
      demand(operation, /^[a-z]\w*$/.test(name) && !taken.has(name), `operationId "${name}" cannot be a name`)
      demand(operation, !names.has(name), `operationId "${name}" is used twice`)
      names.add(name)
      return `export const ${name} = ${operationCode(operation, item, method, url)} as const\n`
    })
  })
  return [...statements, `export const operations = ${wrap('{', [...names], '}', ' ')} as const\n`]
}

function operationsIn (item: Place): Array<[string, Place]> {
  return entries(item).filter(([key, { value }]) => keywords.pathItem[key] === 'object' && kind(value) === 'object')
}

/** Components are checked even where no operation uses them yet. */
function checkComponents (root: Place): void {
  const checks: Record<string, (place: Place) => unknown> = {
    parameters: parameterCode, requestBodies: bodyEntries, responses: responseCode, headers: headerCheck
  }
  check(step(root, 'components'), keywords.components)
  for (const [section, checkOne] of Object.entries(checks)) {
    for (const [, place] of entries(step(root, 'components', section))) checkOne(place)
  }
}

/**
 * The text of contract/api.ts for an OpenAPI 3.1 document.
 * Throws one Error with a line for every mistake of the document: its JSON pointer, and what is wrong there.
 */
export function generate (document: unknown): string {
  const source: Source = { root: document, mistakes: new Set(), uses: new Set() }
  const root: Place = { value: document, at: '', source }
  check(root, keywords.document, 'openapi', 'info', 'paths', 'components')
  if (!String(step(root, 'openapi').value).startsWith('3.1.')) refuse(step(root, 'openapi'), 'must be 3.1.x')
  checkComponents(root)
  const statements = [...schemaStatements(root), ...operationStatements(root)]
  if (source.mistakes.size > 0) throw new Error([...source.mistakes].join('\n'))
  return [head, ...statements].join('\n')
}

function run (isCheck: boolean): void {
  const target = new URL('./api.ts', import.meta.url)
  const text = generate(readDocument())
  if (!isCheck) return writeFileSync(target, text)
  if (readFileSync(target, 'utf8') === text) return
  console.error('contract/api.ts is not what openapi.yaml gives: run the generator and commit the result.')
  process.exitCode = 1
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    run(process.argv.includes('--check'))
  } catch (error) {
    console.error((error as Error).message)
    process.exitCode = 1
  }
}
