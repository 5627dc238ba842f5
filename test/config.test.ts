import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t, { type Test } from 'tap'
import { checkConfig } from '../commands/check-config.js'
import { ConfigError, configure, managerKinds, readConfig, withoutSecrets, type BotSettings, type Settings } from '../config.js'
import { otherVariables, variables } from '../environment.js'
import { Settings as SettingsSchema } from '../settings.js'
import { startApp } from './support/app.js'
import { call } from './support/call.js'

const MIB = 1024 * 1024
const nameWish = 'a text of 1 to 50 characters, without line breaks, control characters, and blanks at its ends'
const secret = 'a secret that nobody would ever guess'
const token = 'a-token-that-nobody-would-ever-guess'
const webhookSecret = webhookSecretOf(32)
const common = { description: '', required: false, receives: 'humans', max_age_s: 3600, hop_limit: 3 }

const defaults = {
  host: '127.0.0.1',
  port: 8000,
  dataFolder: resolve('data'),
  publicUrl: undefined,
  rooms: false,
  page: true,
  origins: [],
  trustProxy: false,
  logLevel: 'info',
  bots: [
    { ...common, name: 'ECHO', kind: 'echo', description: 'Answers in capitals.', delay_ms: 1000 },
    { ...common, name: 'Calculator', kind: 'calculator', description: 'Answers with the value of an expression.', delay_ms: 300 }
  ],
  manager: null,
  limits: {
    fileBytes: { A: 15 * MIB, i: 15 * MIB, V: 25 * MIB, a: 15 * MIB, v: 15 * MIB },
    bodyBytes: MIB,
    participants: 1000,
    requestsPerMinute: 12_000,
    framesPerSecond: 20,
    frameBytes: MIB,
    socketBufferBytes: MIB,
    socketsPerSession: 32,
    sockets: 10_000
  },
  closeGraceMs: 10_000,
  presenceGraceMs: 30_000
}

// Everything that a file may say, each with another value than the default.
const everything: Settings = {
  host: '::1',
  port: 9000,
  data: '/var/lib/colloquy',
  public_url: 'https://example.org/',
  rooms: true,
  page: false,
  origins: ['https://chat.example.org', 'http://localhost:5173'],
  trust_proxy: true,
  log_level: 'debug',
  bots: [
    { name: 'Adder', kind: 'calculator', required: true, delay_ms: 0 },
    { name: 'Parrot', kind: 'echo', description: 'Repeats.', receives: 'all', max_age_s: 60, hop_limit: 0 },
    { name: 'Gate', kind: 'rules', rules: [{ when: { first: true }, then: { action: 'redirect', bots: ['Adder'], text: '1 + 1' } }, { then: { action: 'approve' } }] }
  ],
  manager: { name: 'Gate', timeout_s: 5, on_timeout: 'approve' },
  limits: {
    attachment_bytes: 1,
    image_bytes: 2,
    video_bytes: 3,
    audio_bytes: 4,
    voice_bytes: 5,
    body_bytes: 2048,
    participants: 7,
    requests_per_minute: 8,
    frames_per_second: 9,
    frame_bytes: 4096,
    socket_buffer_bytes: 65_536,
    sockets_per_session: 10,
    sockets: 11
  },
  grace: { close_s: 9, presence_s: 0 }
}

const everythingRead = {
  host: '::1',
  port: 9000,
  dataFolder: '/var/lib/colloquy',
  publicUrl: 'https://example.org',
  rooms: true,
  page: false,
  origins: ['https://chat.example.org', 'http://localhost:5173'],
  trustProxy: true,
  logLevel: 'debug',
  bots: [
    { ...common, name: 'Adder', kind: 'calculator', required: true, delay_ms: 0 },
    { name: 'Parrot', kind: 'echo', description: 'Repeats.', required: false, receives: 'all', max_age_s: 60, hop_limit: 0, delay_ms: 1000 },
    {
      ...common,
      name: 'Gate',
      kind: 'rules',
      rules: [{ when: { first: true }, then: { action: 'redirect', bots: ['Adder'], text: '1 + 1' } }, { when: {}, then: { action: 'approve' } }]
    }
  ],
  manager: { bot: 'Gate', timeoutMs: 5000, onTimeout: 'approve' },
  limits: {
    fileBytes: { A: 1, i: 2, V: 3, a: 4, v: 5 },
    bodyBytes: 2048,
    participants: 7,
    requestsPerMinute: 8,
    framesPerSecond: 9,
    frameBytes: 4096,
    socketBufferBytes: 65_536,
    socketsPerSession: 10,
    sockets: 11
  },
  closeGraceMs: 9000,
  presenceGraceMs: 0
}

// What each kind needs, and what it is given besides.
const kinds: Record<BotSettings['kind'], [needs: object, given: object]> = {
  echo: [{}, { delay_ms: 1000 }],
  calculator: [{}, { delay_ms: 300 }],
  websocket: [{ url: 'http://localhost:8080/' }, { timeout_s: 10 }],
  webhook: [{ url: 'https://bots.example.org/talk?to=me', secrets: [webhookSecret] }, { history: 10, timeout_s: 30 }],
  lease: [{ token }, { history: 10 }],
  module: [{ path: './bot.js' }, { options: {}, timeout_s: 30 }],
  transparent: [{}, {}],
  'calc-or-echo': [{ calculator: 'Bo', echo: 'Bo' }, {}],
  'pre-select': [{}, { greeting: 'Choose a bot.', after_choice: 'Go ahead.', exit_word: 'exit', bots: [] }],
  rules: [{ rules: [{ when: {}, then: { action: 'approve' } }] }, {}]
}

function webhookSecretOf (length: number): string {
  return `whsec_${Buffer.alloc(length, 'hush').toString('base64')}`
}

/** The mistakes of settings that no type allows. */
function refusals (settings: object): string[] {
  return mistakesOf(() => configure(settings as Settings))
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
  t.match(readConfig({}), { config: defaults, secrets: [], adminKey: undefined })
  t.strictSame(readConfig({}).config, defaults)
  t.strictSame(configure(), defaults)
})

t.test('a variable that is set to nothing is not set', async t => {
  const names = [...Object.keys(variables), ...Object.keys(otherVariables)]
  for (const text of ['', '  ']) t.strictSame(readConfig(Object.fromEntries(names.map(name => [name, text]))), readConfig({}))
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
  const read = readConfig({ COLLOQUY_SECRET: secret, COLLOQUY_ADMIN_KEY: `${secret} either` })
  const lines: string[] = []
  await checkConfig.run({ ...read, words: [], print: line => lines.push(line), showProgress: () => {}, isTerminal: false })
  t.notMatch(JSON.stringify(read.config), secret)
  t.notMatch(lines.join('\n'), secret)
  t.match(lines.join('\n'), /"port": 8000/)
})

t.test('what check-config prints gives the same configuration as a file', async t => {
  for (const settings of [{}, everything, { public_url: 'https://example.org', bots: [], manager: { role: 'person', timeout_s: 5, on_timeout: 'reject' } }, { ...everything, manager: 'Gate' }]) {
    const read = readConfig({ COLLOQUY_CONFIG: fileWith(t, 'colloquy.json', JSON.stringify(settings)) })
    const lines: string[] = []
    await checkConfig.run({ ...read, words: [], print: line => lines.push(line), showProgress: () => {}, isTerminal: false })
    const [printed] = lines
    t.strictSame(readConfig({ COLLOQUY_CONFIG: fileWith(t, 'colloquy.json', printed!) }).config, read.config)
    for (const name of Object.keys(SettingsSchema.properties)) if (!['manager', 'public_url'].includes(name)) t.ok(name in JSON.parse(printed!), name)
  }
})

t.test('the secrets of bots are no part of what check-config prints', async t => {
  const file = fileWith(t, 'colloquy.json', JSON.stringify({
    bots: [{ name: 'Poet', kind: 'webhook', url: 'http://localhost', secrets: [webhookSecret, webhookSecretOf(24)] }, { name: 'Night', kind: 'lease', token }]
  }))
  const read = readConfig({ COLLOQUY_CONFIG: file })
  const before = structuredClone(read.config)
  const lines: string[] = []
  await checkConfig.run({ ...read, words: [], print: line => lines.push(line), showProgress: () => {}, isTerminal: false })
  t.match(JSON.parse(lines[0]!).bots, [{ name: 'Poet', secrets: ['…', '…'] }, { name: 'Night', token: '…' }])
  t.notMatch(lines.join('\n'), /whsec_|nobody/)
  t.strictSame(read.config, before, 'the configuration itself stays as it was')
  t.strictSame(withoutSecrets(configure()), defaults, 'without secrets nothing is hidden')
})

t.test('of the options of a module check-config prints the keys alone', async t => {
  const options = { desk: 3, key: 'hush', mood: null, isOpen: true, deep: { list: ['hush', 7, { pin: 1234, on: false }], none: [], nothing: {} } }
  const config = configure({ bots: [{ name: 'Clerk', kind: 'module', path: './clerk.js', options }] })
  const before = structuredClone(config)
  const hidden = { desk: '…', key: '…', mood: null, isOpen: true, deep: { list: ['…', '…', { pin: '…', on: false }], none: [], nothing: {} } }
  t.strictSame(withoutSecrets(config).bots, [{ ...common, name: 'Clerk', kind: 'module', path: './clerk.js', timeout_s: 30, options: hidden }])
  t.strictSame(config, before, 'the configuration itself stays as it was')
  const file = fileWith(t, 'colloquy.yaml', 'bots: [{ name: Clerk, kind: module, path: ./clerk.js, options: { pin: !!binary aHVzaA==, __proto__: { key: hush } } }]')
  t.notMatch(JSON.stringify(withoutSecrets(readConfig({ COLLOQUY_CONFIG: file }).config).bots), /hush|aHVz|104/)
})

t.test('of the address of a bot check-config prints no query', async t => {
  const cases: Record<string, string> = {
    'https://x.example/hook?token=abc&n=1': 'https://x.example/hook?…',
    'https://x.example?abc': 'https://x.example?…',
    'https://x.example/a?b=c?d/e@f': 'https://x.example/a?…',
    'https://x.example/hook?': 'https://x.example/hook?',
    'https://x.example/hook': 'https://x.example/hook'
  }
  for (const [url, shown] of Object.entries(cases)) {
    const { bots } = withoutSecrets(configure({ bots: [{ name: 'Old', kind: 'websocket', url }, { name: 'Poet', kind: 'webhook', url, secrets: [webhookSecret] }] }))
    t.match(bots, [{ url: shown }, { url: shown, secrets: ['…'] }], url)
  }
})

t.test('the key of the admin comes from the environment', async t => {
  t.equal(readConfig({ COLLOQUY_ADMIN_KEY: ` ${secret}\n` }).adminKey, secret)
  t.equal(readConfig({ COLLOQUY_ADMIN_KEY: 'x'.repeat(32) }).adminKey, 'x'.repeat(32))
})

t.test('a short key of the admin is refused without being told', async t => {
  for (const key of ['hush', 'x'.repeat(31)]) {
    t.same(mistakesOf(() => readConfig({ COLLOQUY_ADMIN_KEY: key })), ['COLLOQUY_ADMIN_KEY must have 32 characters or more.'])
  }
})

t.test('the key of the admin is none of the secrets, nor the token of a bot', async t => {
  const key = 'the-key-that-only-the-admin-knows'
  const bots = [{ name: 'ECHO', kind: 'echo' }, { name: 'Bo', kind: 'lease', token: key }, { name: 'Cy', kind: 'lease', token }]
  const file = fileWith(t, 'colloquy.json', JSON.stringify({ bots }))
  const isSecret = 'COLLOQUY_ADMIN_KEY is one of COLLOQUY_SECRET, too. Give the admin a key that is used for nothing else.'
  const isToken = `${file}: bots[1].token is the admin key. Give the bot a token of its own.`
  const cases: Array<[env: NodeJS.ProcessEnv, ...mistakes: string[]]> = [
    [{ COLLOQUY_ADMIN_KEY: key, COLLOQUY_CONFIG: file }, isToken],
    [{ COLLOQUY_ADMIN_KEY: ` ${key}\n`, COLLOQUY_SECRET: `${secret}, ${key}`, COLLOQUY_CONFIG: file }, isToken, isSecret],
    [{ COLLOQUY_ADMIN_KEY: secret, COLLOQUY_SECRET: secret }, isSecret],
    [{ COLLOQUY_ADMIN_KEY: key, COLLOQUY_SECRET: secret }],
    [{ COLLOQUY_ADMIN_KEY: `${key}s`, COLLOQUY_SECRET: key, COLLOQUY_CONFIG: file }],
    [{ COLLOQUY_CONFIG: file }]
  ]
  for (const [env, ...mistakes] of cases) t.same(mistakesOf(() => readConfig(env)), mistakes)
})

t.test('a YAML file gives every setting', async t => {
  const lines = [
    'host: "::1"', 'port: 9000', 'data: /var/lib/colloquy', 'public_url: https://example.org/', 'rooms: true', 'page: false',
    'origins:', '  - https://chat.example.org', '  - http://localhost:5173', 'trust_proxy: true', 'log_level: debug',
    'bots: # in this order', '  - name: Adder', '    kind: calculator', '    required: true', '    delay_ms: 0',
    '  - { name: Parrot, kind: echo, description: Repeats., receives: all, max_age_s: 60, hop_limit: 0 }',
    '  - name: Gate', '    kind: rules', '    rules:',
    '      - { when: { first: true }, then: { action: redirect, bots: [Adder], text: 1 + 1 } }', '      - { then: { action: approve } }',
    'manager: { name: Gate, timeout_s: 5, on_timeout: approve }',
    'limits:', '  attachment_bytes: 1', '  image_bytes: 2', '  video_bytes: 3', '  audio_bytes: 4', '  voice_bytes: 5',
    '  body_bytes: 2048', '  participants: 7', '  requests_per_minute: 8',
    '  frames_per_second: 9', '  frame_bytes: 4096', '  socket_buffer_bytes: 65536', '  sockets_per_session: 10', '  sockets: 11',
    'grace:', '  close_s: 9', '  presence_s: 0'
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
    COLLOQUY_ORIGINS: 'https://chat.example.org, example.org/path, *'
  }
  const all = 'host, port, data, public_url, rooms, page, origins, trust_proxy, log_level, bots, manager, limits, grace'
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
    `${file}: bots[1].kind must be one of ${Object.keys(kinds).join(', ')}.`,
    `${file}: bots[1].name is "ECHO" again. Give each bot its own name.`,
    `${file}: bots[2].name is missing. It must be ${nameWish}.`,
    `${file}: bots[2].colour is no setting. Possible here: name, kind, description, required, receives, max_age_s, hop_limit, delay_ms.`,
    `${file}: limits.image_bytes must be a whole number from 0 to 1073741824.`,
    `${file}: limits.video_bytes must be a whole number from 0 to 1073741824.`,
    `${file}: limits.requests_per_minute must be a whole number, 0 or more.`,
    `${file}: limits.text is no setting. Possible here: attachment_bytes, image_bytes, video_bytes, audio_bytes, voice_bytes, body_bytes, participants, requests_per_minute, frames_per_second, frame_bytes, socket_buffer_bytes, sockets_per_session, sockets.`,
    `${file}: grace must be settings by name. Possible here: close_s, presence_s.`,
    'PORT ("70000") must be a whole number from 0 to 65535.',
    'COLLOQUY_ROOMS ("sometimes") must be true or false.',
    `COLLOQUY_ORIGINS ("example.org/path") ${origin}`,
    `COLLOQUY_ORIGINS ("…") ${origin}`,
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
  for (const PORT of ['8000x', '-1', '1.5', '0x50', '1e3', '9'.repeat(24)]) {
    t.same(mistakesOf(() => readConfig({ PORT })), [`PORT ("${PORT}") must be a whole number from 0 to 65535.`])
  }
  for (const origin of ['null', 'chat.example.org', 'https://Chat.example.org', 'https://example.org/', 'https://ana@example.org', 'https://example.org:443', 'ws://chat.example.org', 'https://', 'https://a b']) {
    t.match(mistakesOf(() => readConfig({ COLLOQUY_ORIGINS: origin })), [`COLLOQUY_ORIGINS ("${/[@ ]/.test(origin) ? '…' : origin}") must be an origin such as https://chat.example.org, without a path and in lower case.`])
  }
  for (const url of ['https://', 'https://example.org/talk', 'https://example.org/?a=b', 'https://example.org/#top', 'javascript:alert(1)', '/talk']) {
    t.match(mistakesOf(() => readConfig({ COLLOQUY_PUBLIC_URL: url })), [`COLLOQUY_PUBLIC_URL ("${/[?#(]/.test(url) ? '…' : url}") must be an address`])
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
    'colour is no setting. Possible here: host, port, data, public_url, rooms, page, origins, trust_proxy, log_level, bots, manager, limits, grace.',
    'port must be a whole number from 0 to 65535.'
  ])
  t.match(mistakesOf(() => configure([] as unknown as Settings)), ['The settings must be settings by name.'])
  t.match(mistakesOf(() => configure(null as unknown as Settings)), ['The settings must be settings by name.'])
})

t.test('each kind of bot has its defaults', async t => {
  for (const [kind, [needs, given]] of Object.entries(kinds)) {
    const settings = { bots: [{ name: 'Bo', kind, ...needs }], ...managerKinds.has(kind) && { manager: 'Bo' } }
    t.strictSame(configure(settings as Settings).bots, [{ ...common, name: 'Bo', kind, ...needs, ...given }], kind)
  }
  const { bots } = configure({ bots: [...defaults.bots as BotSettings[], { name: 'Gate', kind: 'calc-or-echo' }], manager: 'Gate' })
  t.strictSame(bots[2], { ...common, name: 'Gate', kind: 'calc-or-echo', calculator: 'Calculator', echo: 'ECHO' })
})

t.test('a bot has the settings of its kind alone', async t => {
  for (const [kind, [needs, given]] of Object.entries(kinds)) {
    const possible = ['name', 'kind', ...Object.keys(common), ...new Set([...Object.keys(needs), ...Object.keys(given)])]
    const [mistake, ...others] = refusals({ bots: [{ name: 'Bo', kind, ...needs, colour: 'red' }], ...managerKinds.has(kind) && { manager: 'Bo' } })
    t.match(mistake, 'bots[0].colour is no setting. Possible here: ')
    t.same(mistake!.replace(/^.*: (.*)\.$/, '$1').split(', ').sort(), possible.sort(), kind)
    t.same(others, [])
  }
})

t.test('the kind of a bot is judged first', async t => {
  const wish = `one of ${Object.keys(kinds).join(', ')}.`
  const cases: Array<[bot: unknown, mistake: string]> = [
    [{ name: 'Bo', kind: 'magic', colour: 'red' }, `bots[0].kind must be ${wish}`],
    [{ name: 'Bo', kind: 7 }, `bots[0].kind must be ${wish}`],
    [{ colour: 'red' }, `bots[0].kind is missing. It must be ${wish}`],
    ['echo', 'bots[0] must be settings by name.'],
    [null, 'bots[0] must be settings by name.']
  ]
  for (const [bot, mistake] of cases) t.same(refusals({ bots: [bot] }), [mistake])
})

t.test('each setting of a bot has its limits', async t => {
  const url = 'must be an address such as https://bots.example.org/talk?to=me, without a user or a #.'
  const whole = (from: number, to: number): string => `must be a whole number from ${from} to ${to}.`
  const text = (from: number, to: number): string => `must be a text of ${from} to ${to} characters.`
  const cases: Array<[kind: BotSettings['kind'], key: string, values: unknown[], mistake: string]> = [
    ['echo', 'name', ['', 'x'.repeat(51), 7], `must be ${nameWish}.`],
    ['echo', 'description', ['x'.repeat(1001)], text(0, 1000)],
    ['echo', 'required', ['yes'], 'must be true or false.'],
    ['echo', 'receives', ['bots', ''], 'must be one of humans, all.'],
    ['echo', 'max_age_s', [0, 2_592_001, 1.5], whole(1, 2_592_000)],
    ['echo', 'hop_limit', [-1, 21], whole(0, 20)],
    ['echo', 'delay_ms', [-1, 60_001], whole(0, 60_000)],
    ['calculator', 'delay_ms', [-1, 60_001], whole(0, 60_000)],
    ['websocket', 'url', ['localhost', 'ws://localhost', 'http://', 'http:///talk', 'https://bo:hush@example.org', 'https://bo@example.org', 'http://a/#b', 'http://a/b c'], url],
    ['websocket', 'timeout_s', [0, 121], whole(1, 120)],
    ['webhook', 'url', ['file:///etc/passwd', 'https://:hush@example.org/'], url],
    ['webhook', 'secrets', [[], Array(6).fill(webhookSecret), webhookSecret], 'must be a list of 1 to 5.'],
    ['webhook', 'history', [-1, 101], whole(0, 100)],
    ['webhook', 'timeout_s', [0, 121], whole(1, 120)],
    ['lease', 'token', ['x'.repeat(31), 'x'.repeat(501), `${token} and more`, `${token}é`, `${token}\n`, 7], 'must be a text of 32 to 500 visible ASCII characters, without blanks.'],
    ['lease', 'history', [-1, 101], whole(0, 100)],
    ['module', 'path', ['', 7], 'must be a text that is not empty.'],
    ['module', 'options', [[], 'fast', null], 'must be settings by name.'],
    ['module', 'timeout_s', [0, 601], whole(1, 600)],
    ['calc-or-echo', 'calculator', ['', 7], text(1, 50)],
    ['calc-or-echo', 'echo', ['', 7], text(1, 50)],
    ['pre-select', 'greeting', ['', 'x'.repeat(4001)], text(1, 4000)],
    ['pre-select', 'after_choice', ['', 7], text(1, 4000)],
    ['pre-select', 'exit_word', ['', 7], text(1, 4000)],
    ['pre-select', 'bots', ['ECHO', Array(101).fill('ECHO')], 'must be a list of at most 100.'],
    ['rules', 'rules', [[], Array(101).fill({ then: { action: 'approve' } }), 'approve'], 'must be a list of 1 to 100.']
  ]
  for (const [kind, key, values, mistake] of cases) {
    for (const value of values) {
      t.same(refusals({ bots: [{ name: 'Bo', kind, ...kinds[kind][0], [key]: value }], ...managerKinds.has(kind) && { manager: 'Bo' } }), [`bots[0].${key} ${mistake}`], `${kind} with ${key} ${JSON.stringify(value)}`)
    }
  }
})

t.test('the name of a bot is one line without control characters and without blanks at its ends', async t => {
  for (const name of [' ', ' Bo', 'Bo ', 'Bo\u00a0', '\ufeffBo', 'Bo\n', 'B\no', 'B\ro', 'B\to', 'B\0o', 'B\u001bo', 'B\u007fo', 'B\u0085o', 'B\u2028o', 'B\u2029o']) {
    t.same(refusals({ bots: [{ name, kind: 'echo' }] }), [`bots[0].name must be ${nameWish}.`])
  }
})

t.test('names of bots may have blanks and signs, and differ by case alone', async t => {
  const names = ['Bo', 'bo', 'BO', 'Bo the 2nd', 'Bo  "x" / ✓', '\u{1f468}\u200d\u{1f373}', 'x'.repeat(50)]
  t.same(configure({ bots: names.map(name => ({ name, kind: 'echo' })) }).bots.map(({ name }) => name), names)
})

t.test('a websocket bot says nothing of what it receives', async t => {
  const bot = { name: 'Old', kind: 'websocket', url: 'http://localhost' }
  for (const receives of ['all', 'humans']) {
    t.same(refusals({ bots: [{ ...bot, receives }] }), ['bots[0].receives does nothing for a bot of kind websocket, which reads by itself what is said. Leave it out.'])
  }
  t.same(refusals({ bots: [{ ...bot, receives: 'bots' }] }), ['bots[0].receives must be one of humans, all.'])
  t.match(configure({ bots: [bot] as BotSettings[] }).bots, [{ receives: 'humans' }])
})

t.test('what a kind of bot needs must be there', async t => {
  for (const [kind, keys] of Object.entries({ websocket: ['url'], webhook: ['url', 'secrets'], lease: ['token'], module: ['path'], rules: ['rules'] })) {
    t.same(refusals({ bots: [{ name: 'Bo', kind }], ...managerKinds.has(kind) && { manager: 'Bo' } }).map(mistake => mistake.split('. ')[0]), keys.map(key => `bots[0].${key} is missing`))
  }
})

t.test('the address of a bot may have a path and a query', async t => {
  for (const url of ['http://localhost', 'http://127.0.0.1:8080', 'http://[::1]:8080/', 'https://bots.example.org/a/b?c=d@e', 'https://example.org?c']) {
    t.match(configure({ bots: [{ name: 'Bo', kind: 'websocket', url }] }).bots, [{ url }])
  }
})

t.test('a secret of a webhook is whsec_ and the base64 of 24 to 64 bytes', async t => {
  const of = (secret: string): string[] => refusals({ bots: [{ name: 'Bo', kind: 'webhook', url: 'http://localhost', secrets: [webhookSecret, secret] }] })
  for (const length of [24, 25, 26, 32, 64]) t.same(of(webhookSecretOf(length)), [], `${length} bytes`)
  const padded = webhookSecretOf(25)
  for (const secret of [webhookSecretOf(23), webhookSecretOf(65), webhookSecret.slice(6), `${webhookSecret} `, padded.slice(0, -1), webhookSecret.replace(/.{4}$/, '-_-_'), 'whsec_', '', 7]) {
    t.same(of(secret as string), ['bots[0].secrets[1] must be whsec_ followed by the base64 of 24 to 64 bytes.'])
  }
})

t.test('each part of a rule has its limits', async t => {
  const approve = { action: 'approve' }
  const regex = 'rules[0].when.regex must be a regular expression with the flag u, of at most 500 characters.'
  const cases: Array<[rule: unknown, mistake: string]> = [
    [{}, 'rules[0].then is missing. It must be settings by name.'],
    [{ then: approve, else: approve }, 'rules[0].else is no setting. Possible here: when, then.'],
    [{ when: 'always', then: approve }, 'rules[0].when must be settings by name. Possible here: regex, type, first, from, bot.'],
    [{ when: { word: 'tea' }, then: approve }, 'rules[0].when.word is no setting. Possible here: regex, type, first, from, bot.'],
    [{ when: { regex: '(' }, then: approve }, regex],
    [{ when: { regex: '\\-' }, then: approve }, regex],
    [{ when: { regex: 'x'.repeat(501) }, then: approve }, regex],
    [{ when: { type: 'S' }, then: approve }, 'rules[0].when.type must be one of T, A, i, V, a, v.'],
    [{ when: { first: 1 }, then: approve }, 'rules[0].when.first must be true or false.'],
    [{ when: { from: 'ana' }, then: approve }, 'rules[0].when.from must be one of people, bots.'],
    [{ when: { bot: '' }, then: approve }, 'rules[0].when.bot must be a text of 1 to 50 characters.'],
    [{ then: {} }, 'rules[0].then.action is missing. It must be one of approve, reject, redirect.'],
    [{ then: { action: 'wait' } }, 'rules[0].then.action must be one of approve, reject, redirect.'],
    [{ then: { action: 'approve', reason: 'Why not?' } }, 'rules[0].then.reason is no setting. Possible here: action.'],
    [{ then: { action: 'reject', bots: ['Bo'] } }, 'rules[0].then.bots is no setting. Possible here: action, reason.'],
    [{ then: { action: 'reject', text: 'tea' } }, 'rules[0].then.text is no setting. Possible here: action, reason.'],
    [{ then: { action: 'reject', reason: 'x'.repeat(1001) } }, 'rules[0].then.reason must be a text of 0 to 1000 characters.'],
    [{ then: { action: 'redirect' } }, 'rules[0].then.bots is missing. It must be a list of 1 to 100.'],
    [{ then: { action: 'redirect', bots: [] } }, 'rules[0].then.bots must be a list of 1 to 100.'],
    [{ then: { action: 'redirect', bots: ['Bo'], reason: 'No.' } }, 'rules[0].then.reason is no setting. Possible here: action, bots, text.'],
    [{ then: { action: 'redirect', bots: ['Bo'], text: '' } }, 'rules[0].then.text must be a text of 1 to 4000 characters.']
  ]
  for (const [rule, mistake] of cases) {
    t.same(refusals({ bots: [{ name: 'Bo', kind: 'rules', rules: [rule] }], manager: 'Bo' }), [`bots[0].${mistake}`], JSON.stringify(rule))
  }
})

t.test('a rule may say everything that there is to say', async t => {
  const rules = [
    { when: { regex: '^\\p{Lu}', type: 'T', first: false, from: 'people', bot: 'Bo' }, then: { action: 'reject', reason: '' } },
    { when: {}, then: { action: 'redirect', bots: ['Bo', 'Gate'], text: 'tea' } }
  ]
  const settings = { bots: [{ name: 'Bo', kind: 'echo' }, { name: 'Gate', kind: 'rules', rules }], manager: 'Gate' } as Settings
  t.strictSame(configure(settings).bots[1], { ...common, name: 'Gate', kind: 'rules', rules })
})

t.test('a manager is a bot or the people with the role', async t => {
  const bots: BotSettings[] = [{ name: 'Bo', kind: 'lease', token }]
  const cases: Array<[manager: Settings['manager'], config: object]> = [
    ['Bo', { bot: 'Bo', timeoutMs: null, onTimeout: 'wait' }],
    [{ name: 'Bo' }, { bot: 'Bo', timeoutMs: null, onTimeout: 'wait' }],
    [{ name: 'Bo', timeout_s: 2_592_000, on_timeout: 'reject' }, { bot: 'Bo', timeoutMs: 2_592_000_000, onTimeout: 'reject' }],
    [{ role: 'person' }, { bot: null, timeoutMs: null, onTimeout: 'wait' }],
    [{ role: 'person', timeout_s: 1, on_timeout: 'approve' }, { bot: null, timeoutMs: 1000, onTimeout: 'approve' }],
    [{ role: 'person', timeout_s: 1 }, { bot: null, timeoutMs: 1000, onTimeout: 'wait' }]
  ]
  for (const [manager, config] of cases) t.strictSame(configure({ bots, manager: manager! }).manager, config)
})

t.test('what cannot be the manager is refused', async t => {
  const wish = 'must be a text of 1 to 50 characters, or settings by name. Possible here: name, role, timeout_s, on_timeout.'
  const cases: Array<[manager: unknown, ...mistakes: string[]]> = [
    ['', `manager ${wish}`],
    ['x'.repeat(51), `manager ${wish}`],
    [null, `manager ${wish}`],
    [['ECHO'], `manager ${wish}`],
    ['Nobody', 'manager is "Nobody", which is none of the bots.'],
    ['ECHO', 'manager is "ECHO", which is of kind echo and cannot manage.'],
    [{}, 'manager must have either a name or a role.'],
    [{ name: 'Calculator', role: 'person' }, 'manager must have either a name or a role.', 'manager.name is "Calculator", which is of kind calculator and cannot manage.'],
    [{ name: '' }, 'manager.name must be a text of 1 to 50 characters.'],
    [{ name: 'Nobody' }, 'manager.name is "Nobody", which is none of the bots.'],
    [{ role: 'admin' }, 'manager.role must be person.'],
    [{ role: 'person', timeout_s: 0 }, 'manager.timeout_s must be a whole number from 1 to 2592000.'],
    [{ role: 'person', timeout_s: 2_592_001 }, 'manager.timeout_s must be a whole number from 1 to 2592000.'],
    [{ role: 'person', timeout_s: 1, on_timeout: 'sleep' }, 'manager.on_timeout must be one of approve, reject, wait.'],
    [{ role: 'person', on_timeout: 'approve' }, 'manager.timeout_s is missing. Say after what time to approve.'],
    [{ role: 'person', on_timeout: 'reject' }, 'manager.timeout_s is missing. Say after what time to reject.'],
    [{ role: 'person', colour: 'red' }, 'manager.colour is no setting. Possible here: name, role, timeout_s, on_timeout.']
  ]
  for (const [manager, ...mistakes] of cases) t.same(refusals({ manager }), mistakes, JSON.stringify(manager))
  t.same(refusals({ manager: 'ECHO', bots: [] }), ['manager is "ECHO", which is none of the bots.'])
})

t.test('a bot that does nothing but manage must be the manager', async t => {
  for (const kind of managerKinds) {
    const bot = { name: 'Bo', kind, ...kinds[kind as BotSettings['kind']][0] }
    const mistake = `bots[0].kind is ${kind}, which does nothing but manage. Make "Bo" the manager, or leave it out.`
    t.same(refusals({ bots: [bot] }), [mistake])
    t.same(refusals({ bots: [bot], manager: { role: 'person' } }), [mistake])
    t.same(refusals({ bots: [bot, { name: 'Gate', kind: 'transparent' }], manager: 'Gate' }), [mistake])
    t.same(refusals({ bots: [bot, { name: 'Gate', kind: 'transparent' }], manager: 'Bo' }), [mistake.replace('bots[0]', 'bots[1]').replace(kind, 'transparent').replace('"Bo"', '"Gate"')])
  }
  t.same([...managerKinds], ['transparent', 'calc-or-echo', 'pre-select', 'rules'])
})

t.test('the manager names bots that are there', async t => {
  const is = (name: string): string => `is "${name}", which is none of the bots.`
  const rules = [
    { when: { bot: 'Cy' }, then: { action: 'approve' } },
    { then: { action: 'redirect', bots: ['Bo', 'Di'] } }
  ]
  const cases: Array<[bot: object, ...mistakes: string[]]> = [
    [{ kind: 'calc-or-echo' }, `bots[0].calculator ${is('Calculator')}`, `bots[0].echo ${is('ECHO')}`],
    [{ kind: 'calc-or-echo', calculator: 'Bo', echo: 'Di' }, `bots[0].echo ${is('Di')}`],
    [{ kind: 'pre-select', bots: ['Bo', 'Cy', 'Di'] }, `bots[0].bots[1] ${is('Cy')}`, `bots[0].bots[2] ${is('Di')}`],
    [{ kind: 'rules', rules }, `bots[0].rules[0].when.bot ${is('Cy')}`, `bots[0].rules[1].then.bots[1] ${is('Di')}`]
  ]
  for (const [bot, ...mistakes] of cases) {
    const bots = [{ name: 'Gate', ...bot }, { name: 'Bo', kind: 'echo' }]
    t.same(refusals({ bots, manager: 'Gate' }), mistakes)
    t.match(refusals({ bots, manager: { role: 'person' } }), /^bots\[0\]\.kind is [^.]*\. Make "Gate" the manager, or leave it out\.$/, 'they are looked for when it manages')
  }
})

t.test('contradictions of bots are told together with other mistakes', async t => {
  const settings = { port: 'x', bots: [{ name: 'Bo', kind: 'echo' }, { name: 'Bo', kind: 'echo' }], manager: 'Cy' }
  t.same(refusals(settings), ['port must be a whole number from 0 to 65535.', 'bots[1].name is "Bo" again. Give each bot its own name.', 'manager is "Cy", which is none of the bots.'])
})

t.test('contradictions are told although some of the bots, or the manager, cannot be read', async t => {
  const kinds = 'bots[0].kind must be one of echo, calculator, websocket, webhook, lease, module, transparent, calc-or-echo, pre-select, rules.'
  const wrong = { name: 'Bo', kind: 'bird' }
  t.same(refusals({ roms: true, port: 'x', bots: [wrong], manager: 'Nobody' }).slice(1), ['port must be a whole number from 0 to 65535.', kinds, 'manager is "Nobody", which is none of the bots.'])
  t.same(refusals({ bots: [wrong], manager: 'Bo' }), [kinds], 'a bot that cannot be read is there')
  const choice = { name: 'Choice', kind: 'pre-select', bots: ['Bo', 'Cy'] }
  t.same(refusals({ bots: [wrong, choice], manager: 'Choice' }), [kinds, 'bots[1].bots[1] is "Cy", which is none of the bots.'])
  t.same(refusals({ bots: [wrong, choice] }), [kinds, 'bots[1].kind is pre-select, which does nothing but manage. Make "Choice" the manager, or leave it out.'])
  t.same(refusals({ bots: [{ kind: 'transparent' }], manager: 'Bo' }).slice(1), ['manager is "Bo", which is none of the bots.'], 'a bot without a name may be meant')
  t.same(refusals({ bots: [wrong], manager: { on_timeout: 'reject' } }), [kinds, 'manager must have either a name or a role.', 'manager.timeout_s is missing. Say after what time to reject.'])
  t.same(refusals({ bots: 'none', manager: {} }), ['bots must be a list of at most 100.', 'manager must have either a name or a role.'])
  t.same(refusals({ bots: [choice], manager: { timeout_s: 0 } }), ['manager.timeout_s must be a whole number from 1 to 2592000.'], 'whom the manager is to be cannot be known')
  t.same(refusals({ manager: { name: 'Nobody', timeout_s: 0 } }), ['manager.timeout_s must be a whole number from 1 to 2592000.', 'manager.name is "Nobody", which is none of the bots.'])
  for (const nothing of [null, 5, 'bots', [null], { bots: null }, { bots: [null, 'x'] }, { manager: null }, { manager: [5] }, { manager: { name: 5 } }]) t.not(refusals(nothing as object).length, 0)
})

t.test('two bots cannot have the same token', async t => {
  const bots = [{ name: 'Bo', kind: 'lease', token }, { name: 'Cy', kind: 'lease', token: `${token}s` }, { name: 'Di', kind: 'lease', token }]
  t.same(refusals({ bots }), ['bots[2].token is that of another bot. Give each bot its own token.'])
  t.same(refusals({ bots: bots.slice(0, 2) }), [])
})

t.test('no mistake quotes a secret', async t => {
  const long = 'x'.repeat(501)
  const cases: Array<[file: string, hidden: RegExp]> = [
    [JSON.stringify({ bots: [{ name: 'Bo', kind: 'lease', token: long }] }), /xxx/],
    [JSON.stringify({ bots: [{ name: 'Bo', kind: 'webhook', url: 'https://bo:hush@example.org', secrets: [`${webhookSecret}!`] }] }), /hush|aHVz/],
    [`bots: [{ name: Bo, kind: lease, token ${token} }]`, /guess/],
    [`bots: [{ name: Bo, kind: lease, ${token} }]`, /guess/],
    ['bots: [{ name: Bo, kind: lease, "my hush": x }]', /hush/],
    ['manager: my hush', /hush/],
    ['manager: { name: hush! }', /hush/],
    [`bots: [{ name: Bo, kind: echo }]\nmanager: ${token}`, /guess/],
    ['bots: [{ name: a hush, kind: echo }, { name: a hush, kind: echo }]\nmanager: a hush', /hush/],
    ['bots: [{ name: a hush, kind: rules, rules: [{ then: { action: redirect, bots: [my hush] } }] }]\nmanager: a hush', /hush/],
    ['bots: [{ name: a hush, kind: transparent }]', /hush/],
    ...['*hush!', '!hush', '!h!hush x', '|hush', '|9 hush!', '"\\u hush at line 1, column 2"', '"\\Uhush\\r"', '!!int hush: my hush', '!hush! x', '!<hush', '{ x: "hush" hush', '[ my hush: is, hush ] hush'].map((sign): [string, RegExp] => [`bots:\n  - token: ${sign}`, /hush/]),
    ...['*', '!', '|', '"\\'].map((sign): [string, RegExp] => [`bots:\n  - { name: Bo, kind: lease }\n  - token: ${sign}${token}`, /guess/])
  ]
  for (const [text, hidden] of cases) {
    const mistakes = mistakesOf(() => readConfig({ COLLOQUY_CONFIG: fileWith(t, 'colloquy.yaml', text) }))
    t.not(mistakes.length, 0)
    t.notMatch(mistakes.join('\n'), hidden)
  }
})

t.test('a mistake quotes short and plain words alone', async t => {
  for (const name of ['Nobody', 'Zoë', 'a.b-c_d:e/7', 'x'.repeat(24)]) t.same(refusals({ manager: name }), [`manager is "${name}", which is none of the bots.`])
  for (const name of ['x'.repeat(25), 'No body', 'a+b', 'a=', 'a\n', '"', '*']) t.same(refusals({ manager: name }), ['manager is "…", which is none of the bots.'])
  for (const PORT of ['9'.repeat(25), 'not a port', 'a=b']) t.same(mistakesOf(() => readConfig({ PORT })), ['PORT ("…") must be a whole number from 0 to 65535.'])
  t.match(refusals({ 'a b': 1 }), ['… is no setting.'])
  const yaml: Record<string, string> = {
    'port: *nowhere': 'Unresolved alias (the anchor must be set before the alias): nowhere.',
    'port: *no+where': 'Unresolved alias (the anchor must be set before the alias): ….',
    'port: !no!where 1': 'Could not resolve tag: … at line 1, column 7.',
    'port: !no! 1': 'The … tag has no suffix at line 1, column 7.',
    'port: "\\q"': 'Invalid escape sequence … at line 1, column 8.',
    '{"port": 8000': 'Flow map must end with a } at line 1, column 14.',
    'port: [1]\n}': 'Unexpected flow-map-end token in YAML stream: … at line 2, column 1.'
  }
  for (const [text, reason] of Object.entries(yaml)) {
    const file = fileWith(t, 'colloquy.yaml', text)
    t.same(mistakesOf(() => readConfig({ COLLOQUY_CONFIG: file })), [`${file} cannot be read. ${reason}`], text)
  }
})

t.test('each limit of live connections has its own limits', async t => {
  const cases: Array<[group: 'limits' | 'grace', key: string, from: number, to: number]> = [
    ['limits', 'frames_per_second', 1, 10_000],
    ['limits', 'frame_bytes', 1024, 16 * MIB],
    ['limits', 'socket_buffer_bytes', 65_536, 256 * MIB],
    ['limits', 'sockets_per_session', 1, 10_000],
    ['limits', 'sockets', 1, 1_000_000],
    ['grace', 'presence_s', 0, 3600]
  ]
  for (const [group, key, from, to] of cases) {
    for (const value of [from, to]) t.same(refusals({ [group]: { [key]: value } }), [])
    for (const value of [from - 1, to + 1, from + 0.5]) t.same(refusals({ [group]: { [key]: value } }), [`${group}.${key} must be a whole number from ${from} to ${to}.`])
  }
})

t.test('configure leaves what it is given as it was', async t => {
  const settings: Settings = { limits: { image_bytes: 1 }, bots: [{ name: 'Parrot', kind: 'echo' }, { name: 'Gate', kind: 'transparent' }], manager: 'Gate' }
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
  t.strictSame(readConfig(listed), readConfig({}))
})
