// Writes the types of the contract for the client; with --check, says whether they are fresh.
import { readFileSync, writeFileSync } from 'node:fs'
import openapiTS, { astToString } from 'openapi-typescript'
import typescript from 'typescript'

const target = new URL('schema.ts', import.meta.url)
const ast = await openapiTS(new URL('../openapi.yaml', import.meta.url), {
  alphabetize: false,
  silent: true,
  // The bytes of a file are no string.
  transform: ({ format }) => format === 'binary' ? typescript.factory.createTypeReferenceNode('Blob') : undefined
})
const text = `// Generated from openapi.yaml by \`npm run generate\`.\n${astToString(ast)}`

if (!process.argv.includes('--check')) writeFileSync(target, text)
else if (readFileSync(target, 'utf8') !== text) {
  process.stderr.write('client/schema.ts is not what openapi.yaml gives. Run: npm run generate\n')
  process.exitCode = 1
}
