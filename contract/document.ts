import { readFileSync } from 'node:fs'
import { parse } from 'yaml'

/** An OpenAPI document as parsed from YAML or JSON; its shape is the generator's to check, so nothing is promised here. */
export type OpenApiDocument = Record<string, any>

// By the name of the package, which holds for the source and for the bundle alike.
const place = new URL(import.meta.resolve('colloquy/openapi.yaml'))

/** The contract as it was written, with its comments. Throws when the file cannot be read. */
export function readDocumentText (): string {
  return readFileSync(place, 'utf8')
}

/** The document of the live protocol, which refers to the contract beside it. Throws when the file cannot be read. */
export function readLiveDocumentText (): string {
  return readFileSync(new URL('docs/asyncapi.yaml', place), 'utf8').replaceAll("'../openapi.yaml#", "'openapi.yaml#")
}

/** The contract as an object, a new one at every call. Throws when the file cannot be read or is not YAML. */
export function readDocument (): OpenApiDocument {
  return parse(readDocumentText())
}
