import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { serveContract } from '../contract/served.js'
import { startApp } from './support/app.js'

const source = readFileSync(new URL('../openapi.yaml', import.meta.url), 'utf8')
const redocly = join(dirname(createRequire(import.meta.url).resolve('@redocly/cli/package.json')), 'bin/cli.js')

t.test('the contract is served as it is written, and as JSON', async t => {
  const app = await startApp(t)
  const yaml = await app.inject('/openapi.yaml')
  t.match(yaml.headers['content-type'], /^application\/yaml/)
  t.equal(yaml.body, source)
  const json = await app.inject('/openapi.json')
  t.match(json.headers['content-type'], /^application\/json/)
  t.strictSame(json.json(), parse(source))
})

t.test('the document of the live protocol is served beside the contract, and refers to it there', async t => {
  const app = await startApp(t)
  const { headers, body } = await app.inject('/asyncapi.yaml')
  t.match(headers['content-type'], /^application\/yaml/)
  const written = readFileSync(new URL('../docs/asyncapi.yaml', import.meta.url), 'utf8')
  t.equal(body.replaceAll("'openapi.yaml#", "'../openapi.yaml#"), written)
  const files = [...body.matchAll(/\$ref: '([^'#]+)#/g)].map(([, file]) => new URL(file!, 'http://host/chat/asyncapi.yaml').pathname)
  t.same([...new Set(files)], ['/chat/openapi.yaml'])
  t.match(parse(serveContract('/chat').live), { servers: { local: { pathname: '/chat' } }, channels: parse(body).channels })
})

t.test('the contract is served as OpenAPI 3.0, which a linter accepts', async t => {
  const app = await startApp(t)
  const { body } = await app.inject('/openapi-3.0.json')
  const document = JSON.parse(body)
  t.equal(document.openapi, '3.0.3')
  t.same(Object.keys(document.paths), Object.keys(parse(source).paths))
  // What sockets and bots exchange is described, although no operation refers to it; nothing else is.
  const names = Object.keys(document.components.schemas)
  const unused = names.filter(name => !body.includes(`"#/components/schemas/${name}"`))
  t.same(unused.filter(name => !/^(Client|Server)Frame/.test(name)).sort(), ['BotAnswer', 'BotDelivery', 'ManagerCommand'])
  const folder = t.testdir({ 'redocly.yaml': 'extends: [recommended-strict]\nrules: { no-path-trailing-slash: off, no-unused-components: off }\n' })
  const file = join(folder, 'openapi-3.0.json')
  writeFileSync(file, body)
  t.equal(lint(file), 'valid')
  delete document.components.schemas.Problem
  writeFileSync(file, JSON.stringify(document))
  t.match(lint(file), /Can't resolve \$ref/, 'the linter sees what is wrong')
})

/** 'valid', or what redocly says about a file, by the configuration beside it. */
function lint (file: string): string {
  const env = { PATH: process.env.PATH, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' }
  try {
    execFileSync(process.execPath, [redocly, 'lint', file, '--config', join(dirname(file), 'redocly.yaml')], { env, cwd: dirname(file), stdio: 'pipe' })
    return 'valid'
  } catch (error) {
    const { stdout, stderr } = error as { stdout: Buffer, stderr: Buffer }
    return `${stdout}${stderr}`
  }
}

/** What a page, a style sheet or the script that starts the page names to be loaded. */
function referencesIn (type: string, body: string): string[] {
  const patterns = type.includes('html')
    ? [/\b(?:src|href|action|data)=["']?([^"'\s>]+)/g]
    : type.includes('css') ? [/url\(\s*["']?([^"')]+)/g, /@import\s+["']([^"']+)/g] : [/resolveUrl\('(\.[^']+)'\)/g, /\bimport\(?\s*["']([^"']+)/g]
  return patterns.flatMap(pattern => [...body.matchAll(pattern)].map(([, url]) => url!)).filter(url => !url.startsWith('data:'))
}

t.test('the page about the API comes from this server alone', async t => {
  const app = await startApp(t)
  const page = 'http://chat.example.org/api/chat/_docs/'
  const seen = new Set([page])
  for (const address of seen) {
    const { pathname } = new URL(address)
    const { statusCode, headers, body } = await app.inject(pathname)
    t.equal(statusCode, 200, pathname)
    // The bundle is a program with many addresses in its texts; the policy below is what holds it.
    if (pathname.includes('swagger-ui-') && pathname.endsWith('.js')) continue
    const base = pathname.endsWith('.js') ? page : address
    for (const url of referencesIn(String(headers['content-type']), body)) {
      const found = new URL(url, base)
      t.equal(found.host, 'chat.example.org', `${pathname} names ${url}`)
      seen.add(found.href)
    }
  }
  const names = [...seen].map(address => address.slice(page.length))
  for (const name of ['static/swagger-ui.css', 'static/swagger-ui-bundle.js', 'static/swagger-initializer.js', 'json']) t.ok(names.includes(name), name)
})

t.test('the page about the API may load nothing from elsewhere, and shows this contract', async t => {
  const app = await startApp(t)
  for (const url of ['/api/chat/_docs', '/api/chat/_docs/']) {
    const { statusCode, headers } = await app.inject(url)
    t.equal(statusCode, 200)
    const policy = Object.fromEntries(String(headers['content-security-policy']).split(';').map(part => part.trim().split(/ (.*)/, 2)))
    t.equal(policy['default-src'], "'self'")
    t.notOk('script-src' in policy || 'connect-src' in policy, 'scripts and connections have no rule of their own')
    t.notMatch(Object.values(policy).join(' '), /https?:|\*/)
  }
  t.strictSame((await app.inject('/api/chat/_docs/json')).json(), parse(source))
  t.match((await app.inject('/api/chat/_docs/static/swagger-initializer.js')).body, '"validatorUrl":null', 'it is not sent to be validated elsewhere')
})

t.test('the page about the API is kept by browsers, and read whole whatever part of it is asked for', async t => {
  const app = await startApp(t)
  const url = '/api/chat/_docs/static/swagger-ui.css'
  const first = await app.inject(url)
  const { etag } = first.headers
  t.match(await app.inject({ url, headers: { 'if-none-match': String(etag) } }), { statusCode: 304, body: '', headers: { etag } })
  for (const headers of [{ range: 'bytes=0-9' }, { range: 'bytes=999999999-' }, { 'if-match': '"another"' }]) {
    const { statusCode, body } = await app.inject({ url, headers })
    t.ok(statusCode === 200 && body === first.body, JSON.stringify(headers))
  }
  for (const path of ['nope', 'static/nope.css', 'static/%2e%2e/package.json']) {
    t.match(await app.inject(`/api/chat/_docs/${path}`), { statusCode: 404, headers: { 'content-type': /^application\/problem\+json/ } }, path)
  }
})
