import { readFileSync } from 'node:fs'
import { parse } from 'yaml'

/** An OpenAPI document as parsed from YAML or JSON; its shape is the generator's to check, so nothing is promised here. */
export type OpenApiDocument = Record<string, any>

// The build copies openapi.yaml into dist/, so the same relative place holds for the source and for the compiled file.
const place = new URL('../openapi.yaml', import.meta.url)

/** The contract as it was written, with its comments. Throws when the file cannot be read. */
export function readDocumentText (): string {
  return readFileSync(place, 'utf8')
}

/** The contract as an object, a new one at every call. Throws when the file cannot be read or is not YAML. */
export function readDocument (): OpenApiDocument {
  return parse(readDocumentText())
}
