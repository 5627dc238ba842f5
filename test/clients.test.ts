import { execFile } from 'node:child_process'
import { cpSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { createClient } from '@hey-api/openapi-ts'
import openapiTS, { astToString } from 'openapi-typescript'
import t, { type Test } from 'tap'
import { startApp } from './support/app.js'
import { compile } from './support/command.js'

// Generators and compilers take their time on a busy machine.
t.setTimeout(300_000)

const run = promisify(execFile)

const programs = fileURLToPath(new URL('./clients/', import.meta.url))
const versions = { 'OpenAPI 3.1': 'openapi.json', 'OpenAPI 3.0': 'openapi-3.0.json' }

// What every client does: ana and bia talk, with a file; bia reads everything again, page by page.
const told = {
  participants: ['ana', 'ECHO', 'bia'],
  texts: ['hello', 'with a file'],
  repeated: true,
  file: 'the bytes of the file',
  happened: [
    'conversation.created Tea',
    'message.created conversation-created',
    'participant.joined ana',
    'participant.joined ECHO',
    'message.created participant-joined',
    'participant.joined bia',
    'message.created hello',
    'message.created note.txt'
  ],
  refused: '403 not_a_participant'
}

const settings = {
  compilerOptions: {
    target: 'es2022',
    module: 'nodenext',
    moduleResolution: 'nodenext',
    lib: ['es2022', 'dom', 'dom.iterable'],
    types: [],
    strict: true,
    noUncheckedIndexedAccess: true,
    noEmit: true,
    skipLibCheck: true
  },
  include: ['**/*.ts']
}

/** A listening server, and a folder for programs that call it. */
async function newWorkshop (t: Test): Promise<{ address: string, folder: string }> {
  const folder = t.testdir({ data: {}, 'tsconfig.json': JSON.stringify(settings) })
  // The bot takes longer to answer than the talk takes.
  const app = await startApp(t, { data: join(folder, 'data'), bots: [{ name: 'ECHO', kind: 'echo', delay_ms: 60_000 }] })
  return { address: await app.listen({ port: 0 }), folder }
}

/** A folder for each version of the contract, with the programs that use its client; the mistakes are made in one of them. */
function layOut (folder: string, generator: string): void {
  for (const name of Object.keys(versions)) cpSync(join(programs, generator), join(folder, name), { recursive: true })
  rmSync(join(folder, 'OpenAPI 3.0', 'wrong.ts'))
}

/** The places of what tsc does not take, such as `wrong.ts(3`. */
function refusalsIn (folder: string): string[] {
  const places = compile(['-p', folder, '--pretty', 'false']).split('\n').filter(line => /^\S/.test(line))
  return [...new Set(places.map(line => line.match(/([^/]+\.ts\(\d+),\d+\): error TS/)?.[1] ?? line))]
}

async function talk (folder: string, address: string): Promise<object> {
  const program = await import(pathToFileURL(join(folder, 'talk.ts')).href)
  return program.talk(address)
}

// Each line of a file of mistakes from the third on has one.
const wrongLines = Array.from({ length: 8 }, (_, index) => `wrong.ts(${index + 3}`)

t.test('openapi-typescript and openapi-fetch talk with the server, in types that bite', async t => {
  const { address, folder } = await newWorkshop(t)
  layOut(folder, 'fetch')
  for (const [name, file] of Object.entries(versions)) {
    writeFileSync(join(folder, name, 'schema.ts'), astToString(await openapiTS(new URL(`${address}/${file}`))))
  }
  t.strictSame(refusalsIn(folder), wrongLines)
  for (const name of Object.keys(versions)) t.strictSame(await talk(join(folder, name), address), told, name)
})

t.test('@hey-api/openapi-ts makes clients that talk with the server, in types that bite', async t => {
  const { address, folder } = await newWorkshop(t)
  layOut(folder, 'hey')
  for (const [name, file] of Object.entries(versions)) {
    await createClient({
      input: `${address}/${file}`,
      output: join(folder, name, 'client'),
      plugins: ['@hey-api/client-fetch', '@hey-api/typescript', '@hey-api/sdk'],
      logs: { level: 'silent' }
    })
  }
  t.strictSame(refusalsIn(folder), wrongLines)
  for (const name of Object.keys(versions)) t.strictSame(await talk(join(folder, name), address), told, name)
})

t.test('orval makes clients that talk with the server, in types that bite', async t => {
  const { address, folder } = await newWorkshop(t)
  layOut(folder, 'orval')
  for (const [name, file] of Object.entries(versions)) {
    const orval = join(dirname(fileURLToPath(import.meta.resolve('orval'))), 'bin', 'orval.js')
    await run(process.execPath, [orval, '--config', 'orval.config.cjs'], { cwd: join(folder, name), env: { ...process.env, CONTRACT: `${address}/${file}` } })
  }
  t.strictSame(refusalsIn(folder), wrongLines)
  for (const name of Object.keys(versions)) t.strictSame(await talk(join(folder, name), address), told, name)
})

/** The Python of Debian, which has the libraries that generated clients need. */
const python = '/usr/bin/python3'

/** Generators of other languages need what npm does not install. Throws when it is not there: a test that is left out proves nothing. */
async function demandDebian (): Promise<void> {
  const has = async (program: string, ...words: string[]): Promise<boolean> => run(program, words).then(() => true, () => false)
  if (await has('java', '-version') && await has(python, '-c', 'import certifi, dateutil, urllib3')) return
  throw new Error('This test needs: apt-get install default-jre-headless python3 python3-certifi python3-dateutil python3-urllib3')
}

t.test('openapi-generator makes a Python client that talks with the server, in types that bite', async t => {
  await demandDebian()
  const { address, folder } = await newWorkshop(t)
  const place = join(folder, 'python')
  cpSync(join(programs, 'python'), place, { recursive: true })
  const jar = join(dirname(fileURLToPath(import.meta.resolve('@openapitools/openapi-generator-cli/package.json'))), 'bin', 'openapi-generator.jar')
  const parts = 'apis,models,supportingFiles,apiDocs=false,modelDocs=false,apiTests=false,modelTests=false'
  await run('java', ['-jar', jar, 'generate', '-g', 'python-experimental', '-i', `${address}/openapi-3.0.json`, '-o', place, '--global-property', parts])
  await run(python, ['-m', 'compileall', '-q', place])
  t.equal((await run(python, ['wrong.py'], { cwd: place })).stdout, '')
  t.strictSame(JSON.parse((await run(python, ['talk.py', address], { cwd: place })).stdout), told)
})
