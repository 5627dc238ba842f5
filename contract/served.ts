import { parse, stringify } from 'yaml'
import { readDocument, readDocumentText, readLiveDocumentText, type OpenApiDocument } from './document.js'
import { toOpenApi30 } from './downgrade.js'

/** The contract as a server gives it to its clients. */
export interface ServedContract {
  document: OpenApiDocument
  yaml: string
  json: string
  /** As OpenAPI 3.0.3. */
  json30: string
  /** The document of the live protocol, in YAML. */
  live: string
}

/**
 * The contract of a service that is mounted under a path.
 * @param base such as `/chat`; empty for none, and then the YAML is as it was written, with its comments
 */
export function serveContract (base: string): ServedContract {
  const document = readDocument()
  if (base !== '') document.servers = [{ url: base }]
  return {
    document,
    yaml: base === '' ? readDocumentText() : stringify(document),
    json: JSON.stringify(document),
    json30: JSON.stringify(toOpenApi30(document)),
    live: serveLive(base)
  }
}

function serveLive (base: string): string {
  if (base === '') return readLiveDocumentText()
  const document = parse(readLiveDocumentText())
  for (const server of Object.values<{ pathname?: string }>(document.servers)) server.pathname = base
  return stringify(document)
}
