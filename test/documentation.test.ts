import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import t from 'tap'
import { parse } from 'yaml'
import { configure } from '../app.js'
import { botSettings } from '../bot-settings.js'
import { generatePages } from '../docs/generate.js'
import { otherVariables, variables } from '../environment.js'
import { problems, type ProblemCode } from '../errors.js'
import { Settings as SettingsSchema } from '../settings.js'
import { document, operations, validatorOf } from './support/contract.js'
import { anchorsOf, linksOf, pageOf, pages, root } from './support/pages.js'

const docs = pages.filter(({ name }) => name.startsWith('docs/'))
const { schemas } = document.components
const packed = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'))

t.test('each link of the pages leads somewhere', async t => {
  const anchors = new Map(pages.map(page => [page.name, anchorsOf(page)]))
  for (const { name, prose } of pages) {
    for (const link of linksOf(prose)) {
      const [path = '', anchor] = link.split('#')
      const target = path === '' ? name : decodeURIComponent(new URL(path, new URL(name, 'http://host/')).pathname.slice(1))
      t.ok(existsSync(new URL(target, root)), `${name} links to ${link}`)
      if (anchor !== undefined) t.ok(anchors.get(target)?.includes(anchor), `${name} links to ${link}`)
    }
  }
  const index = linksOf(pageOf('README').prose)
  for (const { name } of docs) t.ok(name === 'docs/README.md' || index.includes(name.slice('docs/'.length)), `the index has ${name}`)
})

/** The names in a schema of the contract or of settings, at any depth. */
function namesIn (schema: unknown, names = new Set<string>()): Set<string> {
  if (typeof schema !== 'object' || schema === null) return names
  const { properties, name, in: place } = schema as { properties?: object, name?: string, in?: string }
  for (const key of Object.keys(properties ?? {})) names.add(key)
  if (place !== undefined && name !== undefined) names.add(name)
  for (const inner of Object.values(schema)) namesIn(inner, names)
  return names
}

// Names of other programs, and of what is sent to websocket bots, which the contract does not describe.
const foreign = new Set([
  'bot_participant_id', 'HttpOnly', 'EventSource', 'WebSocket', 'SIGTERM', 'OK', 'ECHO',
  'CHAT_INSTALLED_BOTS', 'CHAT_BOT_MANAGER', 'CHAT_ENABLE_ROOMS', 'CHAT_LIMITS', 'CHAT_ENABLE_QUEUE', 'CELERY_BROKER_URL', 'CHANNEL_LAYERS', 'DATABASES',
  'MEDIA_ROOT', 'CORS_ALLOWED_ORIGINS', 'ALLOWED_HOSTS', 'SECURE_SSL_REDIRECT', 'SECRET_KEY', 'UpperCaseEchoBot', 'CalculatorBot',
  'ArrayBuffer', 'WebSocketExternalBot', 'TransparentManagerBot', 'CalcOrEchoManagerBot', 'PreSelectManagerBot', 'TimeoutStopSec', 'LimitNOFILE'
])
const settingNames = namesIn([SettingsSchema, botSettings, Object.values(botSettings)])
const contractNames = namesIn(document)
const clientTypes = [...readFileSync(new URL('client/index.ts', root), 'utf8').matchAll(/^export (?:type \{([^}]+)\}|interface (\w+))/gm)].flatMap(([, names, name]) => name ?? names!.trim().split(/,\s*/))
const known = new Set([
  ...clientTypes, ...operations.map(({ method }) => method),
  ...Object.keys(problems), ...settingNames, ...contractNames, ...Object.keys(schemas), ...operations.map(({ id }) => id), ...Object.keys(schemas.Event.discriminator.mapping),
  ...Object.keys(variables), ...Object.keys(otherVariables), ...foreign
])

t.test('what the pages name exists: fields, codes, events, settings, variables and schemas', async t => {
  for (const { name, spans } of docs) {
    for (const span of spans) {
      const isName = /^([a-z]+(_[a-z]+)+|[A-Z]+(_[A-Z]+)*|[A-Z][a-z]+[A-Z]\w*|(conversation|participant|message|delivery)\.[a-z]+)$/.test(span)
      if (isName && span.length > 1) t.ok(known.has(span), `${name} names ${span}`)
      const [, group, key] = /^(limits|grace|manager)\.(\w+)$/.exec(span) ?? []
      if (group !== undefined) t.ok(Object.hasOwn((SettingsSchema.properties as Record<string, any>)[group].properties, key!), `${name} names ${span}`)
    }
  }
})

t.test('where the pages name a problem with a status, it has that status', async t => {
  for (const { name, prose } of docs) {
    for (const [text, status, code] of prose.matchAll(/\b([45]\d\d) `([a-z]+(?:_[a-z]+)+)`/g)) t.equal(problems[code as ProblemCode]?.[0], Number(status), `${name}: ${text}`)
  }
})

/** Whether an address of a page, which may begin with … and end in a query, is one of the contract. */
function isAddress (span: string): boolean {
  const [, method, start, rest] = /^(?:([A-Z]+) )?(…|)(\/?[^?\s]*)/.exec(span)!
  const patterns = operations.filter(operation => method === undefined || operation.method === method)
    .map(({ path }) => new RegExp(`${start === '…' ? '' : '^'}${path.replace(/\{\w+\}/g, '({\\w+}|[\\w-]+)')}$`))
  if (start !== '…') return patterns.some(pattern => pattern.test(rest!))
  const ends = operations.map(({ path }) => path.replace(/\{\w+\}/g, '{id}'))
  return ends.some(path => path.endsWith(rest!.replace(/\{\w+\}/g, '{id}')))
}

const others = new Set(['/api/chat/_docs/', '/ws/chat/', '/media/chat/', '/openapi.yaml', '/openapi.json', '/openapi-3.0.json', '/asyncapi.yaml'])

t.test('the addresses and commands that the pages name exist', async t => {
  const help = execFileSync(process.execPath, ['--import=tsx', 'server.ts', '--help'], { cwd: root, encoding: 'utf8' })
  const commands = new Set([...help.split('Environment')[0]!.matchAll(/^ {2}([a-z-]+)/gm)].map(([, command]) => command!))
  for (const { name, spans, blocks } of docs) {
    for (const span of spans) {
      const isPath = /^([A-Z]+ )?(…\/|\/(api|media|ws|openapi|asyncapi|healthz|readyz))/.test(span) && !span.startsWith('…/{')
      if (isPath && !others.has(span)) t.ok(isAddress(span), `${name} names ${span}`)
      if (/^[a-z]+\/$/.test(span)) t.ok(operations.some(({ path }) => path.endsWith(`/${span}`)), `${name} names ${span}`)
    }
    for (const text of [...spans, ...blocks.filter(({ language }) => ['bash', 'console'].includes(language)).map(({ text }) => text)]) {
      for (const [, command] of text.matchAll(/(?:npx colloquy|^colloquy|node dist\/server\.js) ([a-z][a-z-]*)/gm)) t.ok(commands.has(command!), `${name} names colloquy ${command}`)
      for (const [, script] of text.matchAll(/npm run ([\w:]+)/g)) t.ok(packed.scripts[script!], `${name} names npm run ${script}`)
    }
  }
})

t.test('the JSON of the pages is as the schemas say that it names', async t => {
  for (const { name, blocks } of docs) {
    for (const { info, text } of blocks.filter(({ language }) => language === 'json')) {
      const validate = validatorOf(`#/components/schemas/${info}`)
      t.ok(validate(JSON.parse(text)), `${name}: ${info} ${JSON.stringify(validate.errors)}`)
      const { code, status } = JSON.parse(text).error ?? JSON.parse(text)
      if (code !== undefined) t.equal(problems[code as ProblemCode][0], status, `${name}: ${code}`)
    }
  }
})

t.test('the configurations of the pages are valid', async t => {
  for (const { name, blocks } of docs) {
    for (const { text } of blocks.filter(({ language }) => language === 'yaml')) t.ok(configure(parse(text)), name)
  }
})

t.test('the package has the pages, and what they show and refer to', async t => {
  const [{ files }] = JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts', '--offline'], { cwd: root, encoding: 'utf8', stdio: 'pipe' }))
  const packedFiles = files.map(({ path }: { path: string }) => path)
  for (const { name } of docs) t.ok(packedFiles.includes(name), name)
  for (const name of ['README.md', 'openapi.yaml', 'docs/asyncapi.yaml', 'docs/chat.png', 'examples/README.md']) t.ok(packedFiles.includes(name), name)
  t.notMatch(packedFiles.filter((name: string) => name.startsWith('docs/')), [/\.ts$/])
})

t.test('the generated pages are fresh, and have each setting and each problem', async t => {
  const generated = generatePages()
  for (const [name, text] of Object.entries(generated)) t.equal(text, readFileSync(new URL(`docs/${name}`, root), 'utf8'), `${name}: npm run docs`)
  for (const name of settingNames) t.match(generated['configuration.md'], new RegExp(`[\`.]${name}\``))
  for (const code of Object.keys(problems)) t.match(generated['errors.md'], `\`${code}\``)
})

t.test('each function of the reading is in the files that stand beside it', async t => {
  let count = 0
  for (const step of pageOf('message').text.split(/\n(?=\d+\. |\n)/)) {
    const sources = linksOf(step).filter(link => link.endsWith('.ts')).map(link => readFileSync(new URL(link, new URL('docs/', root)), 'utf8'))
    for (const [, name] of step.matchAll(/`(\w+)\(\)`/g)) {
      count++
      const declaration = new RegExp(`(function (\\* )?|const |^ +(async )?)${name}( = |: | \\(|<)`, 'm')
      t.ok(sources.some(source => declaration.test(source)), `${name}() in: ${step.slice(0, 60).trim()}`)
    }
  }
  t.ok(count > 50)
})
