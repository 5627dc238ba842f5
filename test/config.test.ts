import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t, { type Test } from 'tap'
import { checkConfig } from '../commands/check-config.js'
import { ConfigError, configure, otherVariables, readConfig, variables, type Settings } from '../config.js'
import { startApp } from './support/app.js'
import { call } from './support/call.js'

const MIB = 1024 * 1024
const secret = 'a secret that nobody would ever guess'

const defaults = {
  host: '127.0.0.1',
  port: 8000,
  dataFolder: resolve('data'),
  publicUrl: undefined,
  rooms: false,
  origins: [],
  trustProxy: false,
  logLevel: 'info',
  bots: [
    { name: 'ECHO', kind: 'echo', description: 'Answers in capitals.', required: false },
    { name: 'Calculator', kind: 'calculator', description: 'Answers with the value of an expression.', required: false }
  ],
  limits: {
    fileBytes: { A: 15 * MIB, i: 15 * MIB, V: 25 * MIB, a: 15 * MIB, v: 15 * MIB },
    bodyBytes: MIB,
    participants: 1000,
    requestsPerMinute: 12_000
  },
  closeGraceMs: 10_000
}

// Everything that a file may say, each with another value than the default.
const everything: Settings = {
  host: '::1',
  port: 9000,
  data: '/var/lib/colloquy',
  public_url: 'https://example.org/',
  rooms: true,
  origins: ['https://chat.example.org', 'http://localhost:5173'],
  trust_proxy: true,
  log_level: 'debug',
  bots: [{ name: 'Adder', kind: 'calculator', required: true }, { name: 'Parrot', kind: 'echo', description: 'Repeats.' }],
  limits: { attachment_bytes: 1, image_bytes: 2, video_bytes: 3, audio_bytes: 4, voice_bytes: 5, body_bytes: 2048, participants: 7, requests_per_minute: 8 },
  grace: { close_s: 9 }
}

const everythingRead = {
  host: '::1',
  port: 9000,
  dataFolder: '/var/lib/colloquy',
  publicUrl: 'https://example.org',
  rooms: true,
  origins: ['https://chat.example.org', 'http://localhost:5173'],
  trustProxy: true,
  logLevel: 'debug',
  bots: [
    { name: 'Adder', kind: 'calculator', description: '', required: true },
    { name: 'Parrot', kind: 'echo', description: 'Repeats.', required: false }
  ],
  limits: { fileBytes: { A: 1, i: 2, V: 3, a: 4, v: 5 }, bodyBytes: 2048, participants: 7, requestsPerMinute: 8 },
  closeGraceMs: 9000
}

function mistakesOf (work: () => unknown): string[] {
  try { work() } catch (error) {
    if (error instanceof ConfigError) return error.mistakes
    throw error
  }
  return []
}

function fileWith (t: Test, name: string, text: string): string {
  const file = join(t.testdir(), name)
  writeFileSync(file, text)
  return file
}

t.test('without any configuration there are the defaults', async t => {
  t.strictSame(readConfig({}), { config: defaults, secrets: [] })
  t.strictSame(configure(), defaults)
})

t.test('a variable that is set to nothing is not set', async t => {
  const names = [...Object.keys(variables), ...Object.keys(otherVariables)]
  t.strictSame(readConfig(Object.fromEntries(names.map(name => [name, '']))), { config: defaults, secrets: [] })
  t.strictSame(readConfig(Object.fromEntries(names.map(name => [name, '  ']))), { config: defaults, secrets: [] })
})

t.test('each variable gives its setting', async t => {
  const given: Record<string, [text: string, config: object]> = {
    PORT: ['9000', { port: 9000 }],
    HOST: ['::', { host: '::' }],
    COLLOQUY_DATA: ['some/where', { dataFolder: resolve('some/where') }],
    COLLOQUY_ROOMS: ['true', { rooms: true }],
    COLLOQUY_ORIGINS: ['https://chat.example.org, http://localhost:5173,', { origins: ['https://chat.example.org', 'http://localhost:5173'] }],
    COLLOQUY_PUBLIC_URL: ['https://example.org/', { publicUrl: 'https://example.org' }],
    LOG_LEVEL: ['warn', { logLevel: 'warn' }]
  }
  t.same(Object.keys(given), Object.keys(variables), 'all variables are tried')
  for (const [name, [text, config]] of Object.entries(given)) {
    t.strictSame(readConfig({ [name]: text }).config, { ...defaults, ...config }, name)
    t.strictSame(readConfig({ [name]: ` ${text}\n` }).config, { ...defaults, ...config }, `${name} with spaces around`)
  }
})

t.test('a secret comes from the environment, or several with commas between', async t => {
  t.same(readConfig({ COLLOQUY_SECRET: secret }).secrets, [secret])
  t.same(readConfig({ COLLOQUY_SECRET: `${secret} new, ${secret} old` }).secrets, [`${secret} new`, `${secret} old`])
})

t.test('a short secret is refused without being told', async t => {
  const sentence = 'COLLOQUY_SECRET must have 32 characters or more; each, when several are given with commas between.'
  t.same(mistakesOf(() => readConfig({ COLLOQUY_SECRET: 'hush' })), [sentence])
  t.same(mistakesOf(() => readConfig({ COLLOQUY_SECRET: `${secret},hush` })), [sentence])
  t.same(mistakesOf(() => readConfig({ COLLOQUY_SECRET: 'x'.repeat(32) })), [])
})

t.test('secrets are no part of the configuration, nor of what check-config prints', async t => {
  const { config, secrets } = readConfig({ COLLOQUY_SECRET: secret })
  const lines: string[] = []
  await checkConfig.run({ config, secrets, words: [], print: line => lines.push(line), showProgress: () => {}, isTerminal: false })
  t.notMatch(JSON.stringify(config), secret)
  t.notMatch(lines.join('\n'), secret)
  t.match(lines.join('\n'), /"port": 8000/)
})

t.test('a YAML file gives every setting', async t => {
  const lines = [
    'host: "::1"', 'port: 9000', 'data: /var/lib/colloquy', 'public_url: https://example.org/', 'rooms: true',
    'origins:', '  - https://chat.example.org', '  - http://localhost:5173', 'trust_proxy: true', 'log_level: debug',
    'bots: # in this order', '  - name: Adder', '    kind: calculator', '    required: true', '  - { name: Parrot, kind: echo, description: Repeats. }',
    'limits:', '  attachment_bytes: 1', '  image_bytes: 2', '  video_bytes: 3', '  audio_bytes: 4', '  voice_bytes: 5',
    '  body_bytes: 2048', '  participants: 7', '  requests_per_minute: 8',
    'grace:', '  close_s: 9'
  ]
  t.strictSame(readConfig({ COLLOQUY_CONFIG: fileWith(t, 'colloquy.yaml', lines.join('\n')) }).config, everythingRead)
})

t.test('a JSON file gives every setting, indented with tabs or not', async t => {
  for (const indent of [undefined, 2, '\t']) {
    const file = fileWith(t, 'colloquy.json', JSON.stringify(everything, null, indent))
    t.strictSame(readConfig({ COLLOQUY_CONFIG: file }).config, everythingRead)
  }
})

t.test('an empty file, or one with comments only, changes nothing', async t => {
  t.strictSame(readConfig({ COLLOQUY_CONFIG: fileWith(t, 'empty.yaml', '') }).config, defaults)
  t.strictSame(readConfig({ COLLOQUY_CONFIG: fileWith(t, 'comments.yaml', '# port: 9000\n') }).config, defaults)
})

t.test('a part of the limits leaves the others as they are', async t => {
  const file = fileWith(t, 'colloquy.yaml', 'limits: { image_bytes: 0 }')
  const { limits } = readConfig({ COLLOQUY_CONFIG: file }).config
  t.strictSame(limits, { ...defaults.limits, fileBytes: { ...defaults.limits.fileBytes, i: 0 } })
})

t.test('an empty list of bots means none', async t => {
  t.strictSame(configure({ bots: [] }).bots, [])
})

t.test('the environment goes before the file', async t => {
  const file = fileWith(t, 'colloquy.json', JSON.stringify(everything))
  const { config } = readConfig({ COLLOQUY_CONFIG: file, PORT: '7000', COLLOQUY_ROOMS: 'false', COLLOQUY_ORIGINS: 'https://other.example', LOG_LEVEL: 'fatal' })
  t.strictSame(config, { ...everythingRead, port: 7000, rooms: false, origins: ['https://other.example'], logLevel: 'fatal' })
})

t.test('every mistake of the environment and the file is told at once, with its place', async t => {
  const file = fileWith(t, 'colloquy.yaml', [
    'port: many', 'rooms: yes', 'log_level: loud', 'prot: 1', 'public_url: ftp://example.org', 'origins: https://chat.example.org',
    'trust_proxy: 1', 'host: ""',
    'bots:', '  - { name: ECHO, kind: echo }', '  - { name: ECHO, kind: magic }', '  - { kind: echo, colour: red }',
    'limits: { image_bytes: -1, video_bytes: 1.5, requests_per_minute: -1, text: 9 }',
    'grace: 5'
  ].join('\n'))
  const env = {
    COLLOQUY_CONFIG: file,
    PORT: '70000',
    COLLOQUY_ROOMS: 'sometimes',
    LOG_LEVEL: 'shout',
    COLLOQUY_PUBLIC_URL: 'example.org',
    COLLOQUY_SECRET: 'hush',
    COLLOQUY_ORIGINS: 'https://chat.example.org, https://chat.example.org/path, *'
  }
  const all = 'host, port, data, public_url, rooms, origins, trust_proxy, log_level, bots, limits, grace'
  const levels = 'fatal, error, warn, info, debug, trace, silent'
  const origin = 'must be an origin such as https://chat.example.org, without a path and in lower case.'
  const address = 'must be an address such as https://chat.example.org, without a path.'
  t.strictSame(mistakesOf(() => readConfig(env)).sort(), [
    `${file}: prot is no setting. Possible here: ${all}.`,
    `${file}: host must be a text that is not empty.`,
    `${file}: port must be a whole number from 0 to 65535.`,
    `${file}: public_url ${address}`,
    `${file}: rooms must be true or false.`,
    `${file}: origins must be a list.`,
    `${file}: trust_proxy must be true or false.`,
    `${file}: log_level must be one of ${levels}.`,
    `${file}: bots[1].kind must be one of echo, calculator.`,
    `${file}: bots[1].name is "ECHO" again. Give each bot its own name.`,
    `${file}: bots[2].name is missing. It must be a text of 1 to 50 characters.`,
    `${file}: bots[2].colour is no setting. Possible here: name, kind, description, required.`,
    `${file}: limits.image_bytes must be a whole number from 0 to 1073741824.`,
    `${file}: limits.video_bytes must be a whole number from 0 to 1073741824.`,
    `${file}: limits.requests_per_minute must be a whole number, 0 or more.`,
    `${file}: limits.text is no setting. Possible here: attachment_bytes, image_bytes, video_bytes, audio_bytes, voice_bytes, body_bytes, participants, requests_per_minute.`,
    `${file}: grace must be settings by name. Possible here: close_s.`,
    'PORT ("70000") must be a whole number from 0 to 65535.',
    'COLLOQUY_ROOMS ("sometimes") must be true or false.',
    `COLLOQUY_ORIGINS ("https://chat.example.org/path") ${origin}`,
    `COLLOQUY_ORIGINS ("*") ${origin}`,
    `COLLOQUY_PUBLIC_URL ("example.org") ${address}`,
    `LOG_LEVEL ("shout") must be one of ${levels}.`,
    'COLLOQUY_SECRET must have 32 characters or more; each, when several are given with commas between.'
  ].sort())
})

t.test('a mistake of the file is told although the environment goes before it', async t => {
  const file = fileWith(t, 'colloquy.yaml', 'port: many')
  t.same(mistakesOf(() => readConfig({ COLLOQUY_CONFIG: file, PORT: '8000' })), [`${file}: port must be a whole number from 0 to 65535.`])
})

t.test('what only looks like a number or an origin is refused', async t => {
  for (const PORT of ['8000x', '-1', '1.5', '0x50', '1e3', '9'.repeat(30)]) {
    t.same(mistakesOf(() => readConfig({ PORT })), [`PORT ("${PORT}") must be a whole number from 0 to 65535.`])
  }
  for (const origin of ['null', 'chat.example.org', 'https://Chat.example.org', 'https://chat.example.org/', 'https://ana@chat.example.org', 'https://chat.example.org:443', 'ws://chat.example.org', 'https://', 'https://a b']) {
    t.match(mistakesOf(() => readConfig({ COLLOQUY_ORIGINS: origin })), [`COLLOQUY_ORIGINS ("${origin}") must be an origin such as https://chat.example.org, without a path and in lower case.`])
  }
  for (const url of ['https://', 'https://example.org/talk', 'https://example.org/?a=b', 'https://example.org/#top', 'javascript:alert(1)', '/talk']) {
    t.match(mistakesOf(() => readConfig({ COLLOQUY_PUBLIC_URL: url })), [`COLLOQUY_PUBLIC_URL ("${url}") must be an address`])
  }
})

t.test('a file that cannot be read is told together with the other mistakes', async t => {
  const missing = join(t.testdir(), 'missing.yaml')
  t.same(mistakesOf(() => readConfig({ COLLOQUY_CONFIG: missing, PORT: 'x' })), [
    `${missing} cannot be read. There is no such file.`,
    'PORT ("x") must be a whole number from 0 to 65535.'
  ])
  const folder = t.testdir()
  t.same(mistakesOf(() => readConfig({ COLLOQUY_CONFIG: folder })), [`${folder} cannot be read. It is a folder.`])
})

t.test('a malformed file is told with the line', async t => {
  for (const text of ['{"port": 8000', 'port: [1', 'a: b: c', 'port: 1\nport: 2']) {
    const file = fileWith(t, 'colloquy.yaml', text)
    const [mistake, ...others] = mistakesOf(() => readConfig({ COLLOQUY_CONFIG: file }))
    t.match(mistake, /cannot be read\. .* at line \d+, column \d+\.$/)
    t.ok(mistake!.startsWith(file))
    t.same(others, [])
  }
})

t.test('a file that holds no settings is refused', async t => {
  for (const text of ['hello', '- 1\n- 2', '42', '"{}"']) {
    const file = fileWith(t, 'colloquy.yaml', text)
    t.match(mistakesOf(() => readConfig({ COLLOQUY_CONFIG: file })), [`${file} must be settings by name. Possible here: host, port,`])
  }
})

t.test('a setting without a value is refused', async t => {
  const file = fileWith(t, 'colloquy.yaml', 'bots:\norigins:\nlimits:\n')
  t.same(mistakesOf(() => readConfig({ COLLOQUY_CONFIG: file })).map(mistake => mistake.slice(file.length, file.length + 16)), [': origins must b', ': bots must be a', ': limits must be'])
})

t.test('whoever uses the library is told every mistake, too', async t => {
  const settings = { port: -1, colour: 'red', bots: [{ name: 'ECHO', kind: 'echo' }, { name: 'ECHO', kind: 'echo' }] } as unknown as Settings
  t.strictSame(mistakesOf(() => configure(settings)).sort(), [
    'bots[1].name is "ECHO" again. Give each bot its own name.',
    'colour is no setting. Possible here: host, port, data, public_url, rooms, origins, trust_proxy, log_level, bots, limits, grace.',
    'port must be a whole number from 0 to 65535.'
  ])
  t.match(mistakesOf(() => configure([] as unknown as Settings)), ['The settings must be settings by name.'])
  t.match(mistakesOf(() => configure(null as unknown as Settings)), ['The settings must be settings by name.'])
})

t.test('configure leaves what it is given as it was', async t => {
  const settings: Settings = { limits: { image_bytes: 1 }, bots: [{ name: 'Parrot', kind: 'echo' }] }
  const before = structuredClone(settings)
  const config = configure(settings)
  config.bots[0]!.name = 'Other'
  t.strictSame(settings, before)
  configure().bots[0]!.name = 'Other'
  t.equal(configure().bots[0]!.name, 'ECHO', 'nor do two configurations share their bots')
})

t.test('the limits and bots of the configuration are what the server says, and 0 stays 0', async t => {
  const app = await startApp(t, {
    bots: [{ name: 'Adder', kind: 'calculator', required: true }],
    limits: { attachment_bytes: 0, image_bytes: 0, video_bytes: 0, audio_bytes: 0, voice_bytes: 0, requests_per_minute: 0, body_bytes: 4096 }
  })
  const limits = await call(app, 'GET', '/api/chat/limits/')
  t.match(limits.body, {
    MAX_ATTACHMENT_SIZE: 0, MAX_IMAGE_SIZE: 0, MAX_VIDEO_SIZE: 0, MAX_AUDIO_SIZE: 0, MAX_VOICE_SIZE: 0, MAX_REQUESTS_PER_MINUTE: 0, MAX_BODY_SIZE: 4096
  })
  const bots = await call(app, 'GET', '/api/chat/bots/details/')
  t.strictSame(bots.body, { results: [{ name: 'Adder', description: '', kind: 'calculator', required: true }] })
})

t.test('.env.example lists the variables that the program knows and no others, with the defaults', async t => {
  const text = readFileSync(new URL('../.env.example', import.meta.url), 'utf8')
  const listed = Object.fromEntries([...text.matchAll(/^(\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]))
  t.same(Object.keys(listed).sort(), [...Object.keys(variables), ...Object.keys(otherVariables)].sort())
  t.strictSame(readConfig(listed), { config: defaults, secrets: [] })
})
