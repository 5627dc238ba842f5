import t, { type Test } from 'tap'
import fc from 'fast-check'
import { Ajv } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parse } from 'yaml'
import { generate } from '../contract/generate.js'
import { readDocument, type OpenApiDocument } from '../contract/document.js'
import { toOpenApi30 } from '../contract/downgrade.js'
import { instancesOf, mutationsOf } from './support/instances.js'

type Judge = (value: unknown) => boolean

const fixture: OpenApiDocument = parse(readFileSync(new URL('./support/fixture-openapi.yaml', import.meta.url), 'utf8'))
const apiUrl = new URL('../contract/api.ts', import.meta.url)

// Refusals

/** The smallest document that the generator accepts; a case spoils one thing in it. */
const sound = (): OpenApiDocument => ({
  openapi: '3.1.0',
  info: { title: 'Small', version: '1' },
  paths: {
    '/notes/{id}/': {
      get: {
        operationId: 'getNote',
        summary: 'Get a note',
        description: 'Anyone may.',
        security: [],
        'x-access': 'public',
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
        responses: { 200: { description: 'The note.', content: { 'application/json': { schema: { $ref: '#/components/schemas/Note' } } } } }
      }
    }
  },
  components: {
    securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
    schemas: {
      Note: { type: 'object', required: ['kind'], properties: { kind: { type: 'string', const: 'note' }, text: { type: 'string' } } },
      Memo: { type: 'object', required: ['kind'], properties: { kind: { type: 'string', enum: ['memo', 'card'] } } }
    }
  }
})

const schemas = '/components/schemas'
const getNote = '/paths/~1notes~1{id}~1/get'
const json = (schema: unknown): unknown => ({ content: { 'application/json': { schema } } })
const ref = (name: string): unknown => ({ $ref: `#/components/schemas/${name}` })
const union = (mapping: Record<string, string>, ...names: string[]): unknown => ({
  oneOf: names.map(ref),
  discriminator: { propertyName: 'kind', mapping: Object.fromEntries(Object.entries(mapping).map(([value, name]) => [value, `#/components/schemas/${name}`])) }
})

/** A copy of the sound document with the value at the pointer set, or removed when it is undefined. */
function spoil (document: OpenApiDocument, pointer: string, value: unknown): OpenApiDocument {
  const keys = pointer.slice(1).split('/').map(key => key.replaceAll('~1', '/').replaceAll('~0', '~'))
  const parent = keys.slice(0, -1).reduce((at, key) => (at[key] ??= {}), document)
  if (value === undefined) delete parent[keys.at(-1)!]
  else parent[keys.at(-1)!] = value
  return document
}

function mistakesOf (document: unknown): string[] {
  try {
    generate(document)
    return []
  } catch (error) {
    return (error as Error).message.split('\n')
  }
}

/** Title, pointer, the value put there, and the mistakes it must give, each as place and sentence. */
type Refusal = [title: string, pointer: string, value: unknown, ...mistakes: string[]]

const text = `${schemas}/Note/properties/text`
const refusals: Refusal[] = [
  ['a misspelt keyword of a schema', `${text}/minlength`, 1, `${text}: unknown keyword "minlength"`],
  ['a keyword of another type', `${text}/minimum`, 1, `${text}: unknown keyword "minimum"`],
  ['readOnly', `${text}/readOnly`, true, `${text}: unknown keyword "readOnly"`],
  ['nullable', `${text}/nullable`, true, `${text}: unknown keyword "nullable"`],
  ['anyOf', text, { anyOf: [{ type: 'string' }] }, `${text}: unknown keyword "anyOf"`],
  ['allOf', text, { allOf: [ref('Memo')] }, `${text}: unknown keyword "allOf"`],
  ['not', text, { not: ref('Memo') }, `${text}: unknown keyword "not"`],
  ['a constraint without a type', text, { minLength: 1 }, `${text}: unknown keyword "minLength"`],
  ['a keyword named like a method of objects', `${text}/constructor`, 1, `${text}: unknown keyword "constructor"`],
  ['a length that is a text', `${text}/maxLength`, '3', `${text}/maxLength: must be a whole number`],
  ['a minimum that is a text', text, { type: 'integer', minimum: '3' }, `${text}/minimum: must be of kind number`],
  ['a schema that is no object', text, true, `${schemas}/Note/properties/text: must be an object`],
  ['an unknown type', `${text}/type`, 'text', `${text}: type "text" is not understood`],
  ['a union of types', `${text}/type`, ['string', 'integer'], `${text}: type ["string","integer"] is not understood`],
  ['three types', `${text}/type`, ['string', 'integer', 'null'], `${text}: type ["string","integer","null"] is not understood`],
  ['an object that may be null', text, { type: ['object', 'null'] }, `${text}: an object that may be null is not understood`],
  ['a pattern that does not compile', `${text}/pattern`, '[a', `${text}: pattern "[a" is not a regular expression`],
  ['a format that nobody checks', `${text}/format`, 'datetime', `${text}: unknown format "datetime"`],
  ['a default of another type', `${text}/default`, 3, `${text}: default 3 is not of type string`],
  ['a const of another type', `${text}/const`, 3, `${text}: const 3 is not a plain value of its type`],
  ['const beside enum', text, { const: 'a', enum: ['a'] }, `${text}: const says it all: neither enum nor a type with null beside it`],
  ['an empty enum', `${text}/enum`, [], `${text}: enum must list at least one value, and none twice`],
  ['an enum with a double', `${text}/enum`, ['a', 'a'], `${text}: enum must list at least one value, and none twice`],
  ['an enum with a value of another type', `${text}/enum`, ['a', 1], `${text}: enum has values that its type does not allow`],
  ['an enum that forgets null', text, { type: ['string', 'null'], enum: ['a'] }, `${text}: enum of a type with null must list null`],
  ['an array without items', text, { type: 'array' }, `${text}: has no items`],
  ['a required property that is not described', `${schemas}/Note/required`, ['kind', 'name'], `${schemas}/Note: required names "name", properties does not`],
  ['additionalProperties that say nothing', `${schemas}/Note/additionalProperties`, 'no', `${schemas}/Note: additionalProperties must be a schema, true or false`],
  ['an object where its type must be named', text, { type: ['array', 'null'], items: { type: 'object', properties: {} } }, `${text}/items: must be a named schema here`],
  ['a $ref to nothing', text, ref('Gone'), `${text}: $ref "#/components/schemas/Gone" does not lead to one of components/schemas`],
  ['a $ref elsewhere', text, { $ref: 'other.yaml#/A' }, `${text}: $ref "other.yaml#/A" does not lead to one of components/schemas`],
  ['a keyword beside $ref', text, { ...ref('Memo') as {}, maxLength: 3 }, `${text}: unknown keyword "maxLength"`],
  ['a schema that refers to itself', text, ref('Note'), `${schemas}/Note: refers to itself: Note -> Note`],
  ['a name that is taken', `${schemas}/Type`, { type: 'string' }, `${schemas}/Type: "Type" cannot be a schema's name`],
  ['a oneOf without a discriminator', text, { oneOf: [ref('Memo')] }, `${text}: has no discriminator`],
  ['a oneOf with an inline member', text, { oneOf: [{ type: 'string' }], discriminator: { propertyName: 'kind', mapping: {} } }, `${text}: oneOf must list different $refs and nothing else`],
  ['a discriminator without a mapping', text, { oneOf: [ref('Memo')], discriminator: { propertyName: 'kind' } }, `${text}/discriminator: has no mapping`],
  ['a mapping to no member', text, union({ memo: 'Memo', card: 'Memo', note: 'Note' }, 'Memo'), `${text}: mapping "note" does not lead to one of oneOf`],
  ['a mapping that forgets a value', text, union({ memo: 'Memo' }, 'Memo'), `${text}/oneOf/0: must be an object that requires "kind" with exactly the values that the mapping gives it (memo)`],
  ['a mapping that forgets a member', `${schemas}/Both`, union({ note: 'Note' }, 'Note', 'Memo'), `${schemas}/Both/oneOf/1: must be an object that requires "kind" with exactly the values that the mapping gives it (none)`],
  ['an unknown keyword of an operation', `${getNote}/callbacks`, {}, `${getNote}: unknown keyword "callbacks"`],
  ['an operation without operationId', `${getNote}/operationId`, undefined, `${getNote}: has no operationId`],
  ['an operationId that is no name', `${getNote}/operationId`, 'get-note', `${getNote}: operationId "get-note" cannot be a name`],
  ['an operationId that is a word of the language', `${getNote}/operationId`, 'delete', `${getNote}: operationId "delete" cannot be a name`],
  ['an operation without summary', `${getNote}/summary`, undefined, `${getNote}: has no summary`],
  ['an operation without description', `${getNote}/description`, undefined, `${getNote}: has no description`],
  ['an operation without x-access', `${getNote}/x-access`, undefined, `${getNote}: has no x-access`],
  ['an unknown access', `${getNote}/x-access`, 'owner', `${getNote}: x-access "owner" is not one of public, session, participant, manager, admin, bot`],
  ['a guarded operation that needs no session', `${getNote}/x-access`, 'admin', `${getNote}: x-access is admin, yet security does not require a session`],
  ['observers that are no boolean', `${getNote}/x-observers`, 'yes', `${getNote}/x-observers: must be of kind boolean`],
  ['a public operation that needs a session', `${getNote}/security`, [{ bearer: [] }], `${getNote}: x-access is public, yet security requires a session`],
  ['an unknown security scheme', `${getNote}/security`, [{}, { basic: [] }], `${getNote}/security/1/basic: "basic" is not one of components/securitySchemes`],
  ['a body of a GET', `${getNote}/requestBody`, json(ref('Note')), `${getNote}: GET takes no request body`],
  ['an unknown keyword of a path item', '/paths/~1notes~1{id}~1/trace', {}, '/paths/~1notes~1{id}~1: unknown keyword "trace"'],
  ['an unknown keyword of a parameter', `${getNote}/parameters/0/style`, 'form', `${getNote}/parameters/0: unknown keyword "style"`],
  ['a path parameter that may be absent', `${getNote}/parameters/0/required`, false, `${getNote}/parameters/0: path parameter "id" must be required`],
  ['a path parameter that is not in the path', `${getNote}/parameters/0/name`, 'nr', `${getNote}: the path names {id}, the parameters do not`, `${getNote}: the parameters name "nr", the path does not`],
  ['a cookie parameter', `${getNote}/parameters/1`, { name: 'c', in: 'cookie', schema: { type: 'string' } }, `${getNote}/parameters/1: parameters in cookie are not understood`],
  ['a mistake in the schema of a parameter', `${getNote}/parameters/0/schema/minlength`, 1, `${getNote}/parameters/0/schema: unknown keyword "minlength"`],
  ['a $ref to no parameter', `${getNote}/parameters/1`, { $ref: '#/components/parameters/Gone' }, `${getNote}/parameters/1: $ref "#/components/parameters/Gone" does not lead to one of components/parameters`],
  ['a default response', `${getNote}/responses/default`, { description: 'Else.' }, `${getNote}/responses/default: "default" is not a status such as 200 or 4XX`],
  ['an unknown keyword of a response', `${getNote}/responses/200/links`, {}, `${getNote}/responses/200: unknown keyword "links"`],
  ['an unknown keyword of a header', `${getNote}/responses/200/headers`, { ETag: { schema: { type: 'string' }, name: 'ETag' } }, `${getNote}/responses/200/headers/ETag: unknown keyword "name"`],
  ['an unknown keyword of a media type', `${getNote}/responses/200/content/application~1json/schemas`, {}, `${getNote}/responses/200/content/application~1json: unknown keyword "schemas"`],
  ['a response schema without a name', `${getNote}/responses/200/content/application~1json/schema`, { type: 'object' }, `${getNote}/responses/200/content/application~1json/schema: every body schema must be named`],
  ['a request schema without a name', '/paths/~1notes~1{id}~1/put', { ...sound().paths['/notes/{id}/'].get, operationId: 'putNote', requestBody: json({ type: 'object' }) }, '/paths/~1notes~1{id}~1/put/requestBody/content/application~1json/schema: every body schema must be named'],
  ['an operationId used twice', '/paths/~1notes~1{id}~1/put', sound().paths['/notes/{id}/'].get, '/paths/~1notes~1{id}~1/put: operationId "getNote" is used twice'],
  ['an unknown keyword of a request body', '/components/requestBodies/New', { ...json(ref('Note')) as {}, schema: {} }, '/components/requestBodies/New: unknown keyword "schema"'],
  ['an unused component with a mistake', '/components/responses/Gone', { description: 'Gone.', body: {} }, '/components/responses/Gone: unknown keyword "body"'],
  ['an unknown section of the components', '/components/links', {}, '/components: unknown keyword "links"'],
  ['an unknown section of the document', '/webhooks', {}, ': unknown keyword "webhooks"'],
  ['another version of OpenAPI', '/openapi', '3.0.3', '/openapi: must be 3.1.x'],
  ['a document without paths', '/paths', undefined, ': has no paths']
]

t.test('the sound document has no mistakes', async t => {
  t.same(mistakesOf(sound()), [])
})

t.test('the generator refuses', async t => {
  for (const [title, pointer, value, ...mistakes] of refusals) {
    t.same(mistakesOf(spoil(sound(), pointer, value)), mistakes.map(mistake => `openapi.yaml#${mistake}`), title)
  }
})

t.test('a longer cycle is named with all its members', async t => {
  const document = spoil(spoil(sound(), text, ref('Memo')), `${schemas}/Memo/properties/back`, { type: 'array', items: ref('Note') })
  t.same(mistakesOf(document), [`openapi.yaml#${schemas}/Note: refers to itself: Note -> Memo -> Note`])
})

t.test('all mistakes are listed at once, each once', async t => {
  const document = spoil(spoil(spoil(sound(), `${text}/minlength`, 1), `${getNote}/x-access`, 'owner'), '/webhooks', {})
  const mistakes = mistakesOf(document)
  t.equal(mistakes.length, 3)
  t.equal(new Set(mistakes).size, 3)
})

t.test('a document that is no document at all is refused, not a crash', async t => {
  for (const value of [undefined, null, 'openapi', [], {}, { openapi: '3.1.0', info: {}, components: [], paths: { '/': null } }]) {
    t.match(mistakesOf(value)[0], /^openapi\.yaml#/)
  }
})

// What is generated

/** The module that the generator makes of a document, loaded as the server loads contract/api.ts. */
async function load (t: Test, document: OpenApiDocument): Promise<any> {
  const folder = t.testdir({ 'api.ts': generate(document) })
  return await import(pathToFileURL(join(folder, 'api.ts')).href)
}

t.test('an operation of bots takes no session, and one with observers says so', async t => {
  const ofBots = spoil(sound(), `${getNote}/x-access`, 'bot')
  t.same(mistakesOf(ofBots), [])
  t.same(mistakesOf(spoil(ofBots, `${getNote}/security`, [{ bearer: [] }])), [`openapi.yaml#${getNote}: x-access is bot, yet security takes a session`])
  t.match(generate(spoil(sound(), `${getNote}/x-observers`, true)), 'observers: true')
  t.notMatch(generate(sound()), 'observers: true')
})

t.test('an operation has its method, url, schema and config', async t => {
  const api = await load(t, fixture)
  t.same(Object.keys(api.operations), ['getNote', 'addFile', 'removeNote', 'putNote', 'patchNote'], 'in the order of the document')
  t.equal(api.operations.addFile, api.addFile)
  const { getNote, addFile, removeNote, putNote, patchNote } = api
  t.equal(getNote.method, 'GET')
  t.equal(getNote.url, '/notes/:note_id/')
  t.same(Object.keys(getNote.schema), ['params', 'querystring', 'headers', 'response'])
  t.same(plain(getNote.schema.params), { type: 'object', required: ['note_id'], properties: { note_id: { type: 'string', format: 'uuid' } } })
  t.same(plain(getNote.schema.querystring.properties), {
    lang: { type: 'string', enum: ['de', 'pt'] },
    limit: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
    flags: { type: 'array', items: { type: 'string' }, default: ['a', 'it\'s'] }
  }, 'the parameter of the operation wins over that of the path')
  t.same(getNote.schema.querystring.required, ['lang'])
  t.same(Object.keys(getNote.schema.headers.properties), ['if-none-match'])
  t.same(getNote.schema.response, { 200: api.Note, '4xx': api.Problem })
  t.same(getNote.config, { operationId: 'getNote', access: 'public', session: 'optional', consumes: [], bodyRequired: false, rooms: false, observers: false })
  t.same(addFile.schema.body, { content: { 'application/json': { schema: api.Every } } })
  t.same(addFile.config, { operationId: 'addFile', access: 'participant', session: 'required', consumes: ['application/json', 'multipart/form-data'], bodyRequired: true, rooms: true, observers: false })
  t.same(Object.keys(removeNote.schema), ['params', 'querystring'], 'without JSON there is neither body nor response')
  t.equal(putNote.schema.body, api.Every)
  t.equal(putNote.config.session, 'none')
  t.equal(putNote.config.bodyRequired, false)
  t.same(putNote.schema.response, { 200: api.Note })
  t.same(patchNote.schema, {}, 'a body that is no JSON is not the validator\'s')
  t.same(patchNote.config.consumes, ['multipart/form-data'])
})

t.test('a schema keeps what validates and drops what does not', async t => {
  const api = await load(t, fixture)
  t.same(plain(api.Every.properties.title), { type: 'string', default: 'none' })
  t.same(plain(api.Id), { type: 'string', format: 'uuid' })
  t.same(plain(api.Trimmed), { type: 'string', minLength: 2, maxLength: 4, 'x-trim': true })
  t.same(plain(api.MaybeOne), { type: ['string', 'null'], enum: ['a', null] })
  t.same(plain(api.Map), { type: 'object', additionalProperties: true, description: 'Any names.' })
  t.same(api.Note.discriminator, { propertyName: 'kind' })
  t.equal(api.Problem.description, fixture.components.schemas.Problem.description, 'quotes and backslashes survive')
})

t.test('the same document gives the same text, and is left as it was', async t => {
  const before = structuredClone(fixture)
  t.equal(generate(fixture), generate(structuredClone(fixture)))
  toOpenApi30(fixture)
  t.same(fixture, before)
})

t.test('contract/api.ts is what the generator gives for openapi.yaml', { skip: !existsSync(apiUrl) && 'not generated yet' }, async t => {
  t.equal(readFileSync(apiUrl, 'utf8'), generate(readDocument()))
})

// The conversion to 3.0

t.test('the conversion to 3.0 says the same in the older words', async t => {
  const old = toOpenApi30(fixture)
  const { schemas } = old.components
  t.equal(old.openapi, '3.0.3')
  t.same(old.info, { title: 'Fixture', version: '1.0.0', license: { name: 'MIT', url: 'https://spdx.org/licenses/MIT.html' } })
  t.same(schemas.Maybe, { type: 'string', nullable: true, minLength: 1, maxLength: 3 })
  t.same(schemas.MaybeOne, { type: 'string', nullable: true, enum: ['a', null] })
  t.same(schemas.Two, { type: 'integer', enum: [2] })
  t.same(schemas.Id, { type: 'string', format: 'uuid', example: '0190f3b0-0000-7000-8000-000000000000' })
  t.same(schemas.SameId, { $ref: '#/components/schemas/Id' })
  t.same(schemas.Number, { type: 'number', minimum: -1, exclusiveMinimum: true, maximum: 1.5, exclusiveMaximum: true, multipleOf: 0.5 })
  t.same(schemas.File.properties, { file: { type: 'string', format: 'binary' }, thumb: { type: 'string', format: 'binary' } })
  t.same(Object.keys(schemas.Rest.properties), Object.keys(fixture.components.schemas.Rest.properties), 'properties named like keywords stay')
})

t.test('the conversion names the values of an enum that differ in case alone', async t => {
  const namesOf = (values: unknown[]): unknown => {
    const { Note } = toOpenApi30(spoil(sound(), text, { enum: values })).components.schemas
    return Note.properties.text['x-enum-varnames']
  }
  t.same(namesOf(['A', 'i', 'V', 'a', 'v']), ['A', 'I', 'V', 'A_2', 'V_2'])
  for (const values of [['A', 'i'], ['A-1', 'a-1'], [1, 2], ['a', null]]) t.equal(namesOf(values), undefined)
})

t.test('the conversion refuses what 3.0 cannot say', async t => {
  for (const schema of [{ type: 'null' }, { type: ['string', 'integer'] }, { const: null }]) {
    t.throws(() => toOpenApi30(spoil(sound(), text, schema)), /OpenAPI 3\.0 has no/)
  }
})

// The proof: three judges, one verdict

const plain = (schema: unknown): unknown => JSON.parse(JSON.stringify(schema))

function withWords<T extends Ajv> (ajv: T): T {
  addFormats.default(ajv)
  ajv.addVocabulary(['x-trim'])
  return ajv
}

function judgeOf (ajv: Ajv, document: OpenApiDocument): (name: string) => Judge {
  ajv.addSchema(document, 'openapi.yaml')
  return name => ajv.compile({ $ref: `openapi.yaml#/components/schemas/${name}` }) as Judge
}

/** Ajv as OpenAPI 3.0 wants it: there an exclusive bound is a mark on the inclusive one. */
function ajv30 (): Ajv {
  const ajv = withWords(new Ajv({ strict: false, validateSchema: false }))
  const marks = { exclusiveMinimum: (value: number, schema: any) => value !== schema.minimum, exclusiveMaximum: (value: number, schema: any) => value !== schema.maximum }
  for (const [keyword, isWithin] of Object.entries(marks)) {
    ajv.removeKeyword(keyword)
    ajv.addKeyword({ keyword, type: 'number', compile: (mark, schema) => value => mark !== true || isWithin(value, schema) })
  }
  return ajv
}

/** A part of a multipart body has no type in 3.1 and is a text in 3.0: there the two say different things of a JSON value. */
const hasPart = (schema: any): boolean => Object.values(schema.properties ?? {}).some((inner: any) => inner.contentMediaType !== undefined && inner.type === undefined)

async function proveAlike (t: Test, document: OpenApiDocument, api: any): Promise<void> {
  const asWritten = judgeOf(withWords(new Ajv2020({ strict: false, validateSchema: false })), document)
  const asOlder = judgeOf(ajv30(), toOpenApi30(document))
  const generated = withWords(new Ajv({ strict: false, discriminator: true, allErrors: true }))
  for (const [name, schema] of Object.entries<any>(document.components.schemas)) {
    const judges = { written: asWritten(name), generated: generated.compile(api[name]) as Judge, ...hasPart(schema) ? {} : { older: asOlder(name) } }
    const seen = new Set<boolean>()
    const instances = instancesOf(schema, document)
    const values = fc.oneof(instances, instances.chain(mutationsOf), instances.chain(mutationsOf).chain(mutationsOf))
    fc.assert(fc.property(values, value => {
      const verdicts = Object.values(judges).map(judge => judge(value))
      seen.add(verdicts[0]!)
      if (new Set(verdicts).size > 1) throw new Error(`${name}: ${Object.keys(judges).join(', ')} say ${verdicts.join(', ')}`)
    }))
    const isFree = schema.type === undefined && Object.keys(schema).every(key => key === 'description')
    t.same([seen.has(true), seen.has(false)], [true, !isFree], `${name} was judged both ways, and alike`)
  }
}

t.test('every schema of the fixture judges like the one that is generated from it', async t => {
  await proveAlike(t, fixture, await load(t, fixture))
})

t.test('every schema of openapi.yaml judges like the one that is generated from it', async t => {
  await proveAlike(t, readDocument(), await load(t, readDocument()))
})
