import { readDocument } from '../contract/document.js'
import { problems } from '../errors.js'
import { code, table } from './tables.js'

const occasions: Record<string, string> = {
  everywhere: 'everywhere',
  session: 'where a session is looked for',
  session_required: 'where a session is needed',
  body: 'where a body is taken',
  body_required: 'where a body is needed',
  query: 'where there are parameters'
}

/** The page that lists the problems of the API, from `errors.ts` and the contract. */
export function errorsPage (): string {
  const document = readDocument()
  const named = document['x-problems'] as Record<string, { when?: string }>
  const rows = Object.entries(problems).map(([name, [status, , detail]]) =>
    [code(name), String(status), detail, occasions[named[name]?.when ?? ''] ?? listOperations(document, name)])
  return `${intro}\n${table(['code', 'status', 'what to do', 'where'], rows)}\n`
}

function listOperations ({ paths }: ReturnType<typeof readDocument>, problem: string): string {
  const operations = Object.values<Record<string, any>>(paths).flatMap(item => Object.values<any>(item))
  return operations.filter(operation => operation['x-problems']?.includes(problem)).map(({ operationId }) => code(operationId)).join(', ')
}

const intro = `# Errors

This page is generated from the program; \`npm run docs\` writes it anew.

Every error is a problem (RFC 9457): \`application/problem+json\` with \`type\`, \`title\`, \`status\`, \`code\` and \`detail\`. The
\`code\` is stable, programs go by it; \`detail\` is a sentence for people, and may say more than the one below. What is wrong with
fields is listed in \`errors\`, each with \`in\`, \`pointer\`, \`code\` and \`detail\`. A limit that was passed is in \`limit\`. The last
column names operations of the contract. [HTTP](http.md#errors) says how to read them.
`
