// OpenAPI 3.1 to 3.0.3, for the tools that know no 3.1. What validates stays the same; what 3.0 cannot say is refused.
import type { OpenApiDocument } from './document.js'

type Schema = Record<string, any>

const isObject = (value: unknown): value is Record<string, any> => typeof value === 'object' && value !== null && !Array.isArray(value)

function mapValues (record: Record<string, any>, change: (value: any) => unknown): Record<string, any> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]))
}

function without (record: Record<string, any>, ...keys: string[]): Record<string, any> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => !keys.includes(key)))
}

/** `nullable` stands beside one type; an enum without null forbids null in 3.1, so there nullable would promise too much. */
function typeTo30 ({ type, enum: values }: Schema): Schema {
  if (type === undefined) return {}
  const types: unknown[] = [type].flat()
  const others = types.filter(one => one !== 'null')
  if (others.length !== 1) throw new Error(`OpenAPI 3.0 has no type ${JSON.stringify(type)}`)
  const nullable = others.length < types.length && (!Array.isArray(values) || values.includes(null))
  return { type: others[0], ...nullable ? { nullable } : {} }
}

/** In 3.0 an exclusive bound is a mark on the inclusive one; of two bounds the narrower is kept. */
function boundTo30 (schema: Schema, inclusive: string, exclusive: string, sign: 1 | -1): Schema {
  const { [inclusive]: bound, [exclusive]: edge } = schema
  if (typeof edge !== 'number') return {}
  return bound === undefined || edge * sign >= bound * sign ? { [inclusive]: edge, [exclusive]: true } : { [inclusive]: bound }
}

/** Generators make constants of the values of an enum, in capitals: those that differ in case alone get names that do not. */
function namesFor30 ({ enum: values }: Schema): Schema {
  if (!Array.isArray(values) || !values.every(value => /^[a-z]\w*$/i.test(value))) return {}
  const capitals = values.map(value => String(value).toUpperCase())
  const names = capitals.map((name, index) => {
    const earlier = capitals.slice(0, index).filter(other => other === name).length
    return earlier === 0 ? name : `${name}_${earlier + 1}`
  })
  return capitals.some((name, index) => name !== names[index]) ? { 'x-enum-varnames': names } : {}
}

function schemaTo30 (schema: unknown): unknown {
  if (!isObject(schema)) return schema
  // In 3.0 a $ref stands alone: whatever is beside it is ignored.
  if (schema.$ref !== undefined) return { $ref: schema.$ref }
  if (schema.const === null) throw new Error('OpenAPI 3.0 has no const null')
  const changed = without(schema, 'type', 'const', 'examples', 'contentMediaType', 'exclusiveMinimum', 'exclusiveMaximum')
  const isFile = schema.contentMediaType === 'application/octet-stream' && [undefined, 'string'].includes(schema.type)
  return {
    ...typeTo30(schema),
    ...namesFor30(schema),
    ...changed,
    ...boundTo30(schema, 'minimum', 'exclusiveMinimum', 1),
    ...boundTo30(schema, 'maximum', 'exclusiveMaximum', -1),
    ...'const' in schema ? { enum: [schema.const] } : {},
    ...schema.examples?.length > 0 ? { example: schema.examples[0] } : {},
    ...isFile ? { type: 'string', format: 'binary' } : {},
    ...isObject(schema.properties) ? { properties: mapValues(schema.properties, schemaTo30) } : {},
    ...isObject(schema.items) ? { items: schemaTo30(schema.items) } : {},
    ...isObject(schema.additionalProperties) ? { additionalProperties: schemaTo30(schema.additionalProperties) } : {},
    ...Array.isArray(schema.oneOf) ? { oneOf: schema.oneOf.map(schemaTo30) } : {}
  }
}

/** Everything around the schemas stays; a schema is found under the key `schema`, an example is never looked into. */
function partTo30 (part: unknown): unknown {
  if (Array.isArray(part)) return part.map(partTo30)
  if (!isObject(part)) return part
  if (typeof part.$ref === 'string') return { $ref: part.$ref }
  return Object.fromEntries(Object.entries(part).map(([key, value]) => {
    if (key === 'schema') return [key, schemaTo30(value)]
    return [key, key === 'example' || key === 'examples' || key.startsWith('x-') ? value : partTo30(value)]
  }))
}

/** In 3.0 a license is known by its address alone. */
function licenseTo30 ({ identifier, ...license }: Schema): Schema {
  return identifier === undefined ? license : { ...license, url: `https://spdx.org/licenses/${identifier}.html` }
}

/** The same contract as OpenAPI 3.0.3; the given document is left as it is. Throws on a schema that 3.0 cannot express. */
export function toOpenApi30 (document: OpenApiDocument): OpenApiDocument {
  const { info = {}, components = {}, ...rest } = without(structuredClone(document), 'openapi', 'jsonSchemaDialect', 'webhooks')
  const { schemas, ...others } = components
  return {
    openapi: '3.0.3',
    info: { ...without(info, 'summary'), ...isObject(info.license) ? { license: licenseTo30(info.license) } : {} },
    ...partTo30(rest) as OpenApiDocument,
    components: { ...partTo30(others) as OpenApiDocument, ...isObject(schemas) ? { schemas: mapValues(schemas, schemaTo30) } : {} }
  }
}
