import t, { type Test } from 'tap'
import { approve } from '../actions/decide.js'
import { postMessage, toNewMessage } from '../actions/post-message.js'
import { configure } from '../app.js'
import type { BotSettings, Settings } from '../config.js'
import { listWaitingMessages } from '../db/decisions.js'
import { findParticipant } from '../db/participants.js'
import { policyOf } from '../policy.js'
import { formOf, withToken } from './support/app.js'
import { startBlabBot, type BlabConversation } from './support/blab-bot.js'
import { failedDeliveries, newPeople, openScene, readEverywhere, requireFrame, setScene, startOpen, type Line, type Scene } from './support/scene.js'
import { addressOf, listen } from './support/subscriber.js'

// A frame that does not come would be waited for: the test ends before that and fails.
const soon = (): { timeout: number } => ({ timeout: 30_000 })

const echo = { name: 'ECHO', kind: 'echo', delay_ms: 60 } as const
const calculator = { name: 'Calculator', kind: 'calculator', delay_ms: 20 } as const
const both = ['ECHO', 'Calculator']
const line = (from: string, text: string, quotes: string | null, options: string[] = []): Line => ({ from, text, quotes, options })

// --- The dialogues as recorded

interface Step { says: string, by?: 0 | 1, answers: Line[], isFile?: boolean }

async function startScene (t: Test, manager: BotSettings, settings: Settings = {}): Promise<Scene> {
  const app = await startOpen(t, { bots: [echo, calculator, manager], manager: manager.name, ...settings })
  return setScene(t, app, both, await newPeople(app, 'ana', 'bia'))
}

/** People say what the steps say; each of them must hear these lines and nothing else, and find the same in the list. */
async function recite (t: Test, scene: Scene, steps: Step[]): Promise<void> {
  const starts = await scene.settle()
  for (const { says, by = 0, answers, isFile = false } of steps) {
    const counts = scene.seats.map(seat => seat.messages().length + 1 + answers.length)
    scene.seats[by]!.send({ type: isFile ? 'A' : 'T', text: says, ...isFile && { external_file_url: 'https://example.org/a.pdf' } })
    await Promise.all(scene.seats.map((seat, index) => seat.until(() => seat.messages().length >= counts[index]!)))
  }
  const ends = await scene.settle()
  const expected = steps.flatMap(({ says, by = 0, answers }) => [line(scene.seats[by]!.nickname, says.trim(), null), ...answers])
  const heard = scene.seats.map((seat, index) => seat.frames.slice(starts[index], ends[index]! - 1))
  for (const [index, seat] of scene.seats.entries()) {
    t.same(scene.lines(seat, starts[index], ends[index]), expected, `${seat.nickname} hears the dialogue`)
    t.same(heard[index], heard[0], 'in the same frames as the others')
    t.same(heard[index]!.map(frame => Object.keys(frame)), expected.map(() => ['message', 'seq']), 'and in no other frames')
    const { body: { results } } = await seat.get(`${scene.path}/messages/?limit=${expected.length}`)
    t.same(byId(results), byId(heard[index]!.map(frame => frame.message)), 'and finds them in the list')
  }
  const seqs = heard[0]!.map(frame => frame.seq as number)
  t.ok(seqs.every((seq, index) => index === 0 || seq > seqs[index - 1]!), 'each is later in the log than the one before')
  t.same(await failedDeliveries(scene.app, scene.id), [], 'nothing has failed')
}

function byId (messages: Array<{ id: string }>): object[] {
  return messages.toSorted((one, other) => one.id < other.id ? -1 : 1)
}

t.test('calc-or-echo, as recorded', soon(), async t => {
  const scene = await startScene(t, { name: 'Boss', kind: 'calc-or-echo' })
  await recite(t, scene, [
    { says: 'hello', answers: [line('ECHO', 'HELLO', 'hello')] },
    { says: '1+2', answers: [line('Calculator', '3', '1+2')] },
    { says: '(1+', by: 1, answers: [line('ECHO', '(1+', '(1+')] },
    { says: '4*4', answers: [line('Calculator', '16', '4*4')] }
  ])
})

t.test('calc-or-echo with bots of other names', soon(), async t => {
  const bots: BotSettings[] = [{ ...echo, name: 'Parrot' }, { ...calculator, name: 'Abacus' }, { name: 'Boss', kind: 'calc-or-echo', calculator: 'Abacus', echo: 'Parrot' }]
  const app = await startOpen(t, { bots, manager: 'Boss' })
  const scene = await setScene(t, app, ['Parrot', 'Abacus'], await newPeople(app, 'ana', 'bia'))
  await recite(t, scene, [
    { says: '7//2', answers: [line('Abacus', '3', '7//2')] },
    { says: '7//', answers: [line('Parrot', '7//', '7//')] },
    { says: '?', answers: [line('Parrot', '?', '?')] }
  ])
})

t.test('calc-or-echo without the bots that it would ask', soon(), async t => {
  const app = await startOpen(t, { bots: [echo, calculator, { name: 'Boss', kind: 'calc-or-echo' }], manager: 'Boss' })
  const scene = await setScene(t, app, ['Calculator'], await newPeople(app, 'ana', 'bia'))
  await recite(t, scene, [{ says: 'hello', answers: [] }, { says: '(1+', answers: [] }, { says: '1+2', answers: [line('Calculator', '3', '1+2')] }])
})

t.test('transparent, as recorded', soon(), async t => {
  const scene = await startScene(t, { name: 'Boss', kind: 'transparent' })
  await recite(t, scene, [
    { says: 'hello', answers: [line('Calculator', '?', 'hello'), line('ECHO', 'HELLO', 'hello')] },
    { says: '2*3', by: 1, answers: [line('Calculator', '6', '2*3'), line('ECHO', '2*3', '2*3')] }
  ])
})

t.test('transparent with a file', soon(), async t => {
  const scene = await startScene(t, { name: 'Boss', kind: 'transparent' })
  const [ana, bia] = scene.seats
  await ana!.post(`${scene.path}/messages/`, formOf([['type', 'A'], ['text', 'Look!'], ['file', ['bytes', 'a.txt']]]))
  await bia!.hears({ sender_id: scene.bots.ECHO, text: '?' })
  await scene.settle()
  t.same(scene.lines(bia!), [line('ana', 'Look!', null), line('Calculator', '?', 'Look!'), line('ECHO', '?', 'Look!')])
})

const ask = (quotes: string | null): Line => line('Boss', 'Choose a bot.', quotes, both)
const go = (quotes: string): Line => line('Boss', 'Go ahead.', quotes)

t.test('pre-select, as recorded', soon(), async t => {
  const scene = await startScene(t, { name: 'Boss', kind: 'pre-select' })
  await scene.settle()
  for (const seat of scene.seats) t.same(scene.lines(seat), [ask(null)], 'who comes finds the greeting')
  await recite(t, scene, [
    { says: 'hello', answers: [ask('hello')] },
    { says: '1+2', by: 1, answers: [ask('1+2')] },
    { says: 'echo', answers: [ask('echo')] },
    { says: 'ECHO', answers: [go('ECHO')] },
    { says: 'some text', answers: [line('ECHO', 'SOME TEXT', 'some text')] },
    { says: 'Calculator', by: 1, answers: [line('ECHO', 'CALCULATOR', 'Calculator')] },
    { says: '4*4', answers: [line('ECHO', '4*4', '4*4')] },
    { says: ' Exit ', answers: [ask('Exit')] },
    { says: 'exit', answers: [ask('exit')] },
    { says: 'Calculator', by: 1, answers: [go('Calculator')] },
    { says: '4*4', answers: [line('Calculator', '16', '4*4')] },
    { says: 'some text', answers: [line('Calculator', '?', 'some text')] },
    { says: 'exit', answers: [ask('exit')] }
  ])
})

t.test('pre-select with other phrases and fewer bots', soon(), async t => {
  const scene = await startScene(t, { name: 'Boss', kind: 'pre-select', greeting: 'Qual?', after_choice: 'Pois não.', exit_word: 'Sair', bots: ['ECHO'] })
  const qual = (quotes: string | null): Line => line('Boss', 'Qual?', quotes, ['ECHO'])
  await scene.settle()
  t.same(scene.lines(scene.seats[0]!), [qual(null)])
  await recite(t, scene, [
    { says: 'Calculator', answers: [qual('Calculator')] },
    { says: 'ECHO', answers: [line('Boss', 'Pois não.', 'ECHO')] },
    { says: 'exit', answers: [line('ECHO', 'EXIT', 'exit')] },
    { says: 'SAIR', answers: [qual('SAIR')] }
  ])
})

t.test('pre-select remembers the choice of each conversation when the server starts again', soon(), async t => {
  const settings: Settings = { bots: [echo, calculator, { name: 'Boss', kind: 'pre-select' }], manager: 'Boss', data: t.testdir() }
  const app = await startOpen(t, settings)
  const people = await newPeople(app, 'ana', 'bia')
  const [first, second] = [await setScene(t, app, both, people), await setScene(t, app, both, people)]
  await recite(t, first, [{ says: 'ECHO', answers: [go('ECHO')] }])
  await recite(t, second, [{ says: 'Calculator', answers: [go('Calculator')] }])
  await app.close()

  const again = await startOpen(t, settings)
  const reopen = ({ id, seats }: Scene): Promise<Scene> => openScene(t, again, id, seats.map(({ nickname, token, sessionId, participantId }) => ({ person: withToken(again, nickname, token, sessionId), participantId })))
  await recite(t, await reopen(first), [
    { says: '4*4', answers: [line('ECHO', '4*4', '4*4')] },
    { says: 'Calculator', answers: [line('ECHO', 'CALCULATOR', 'Calculator')] }
  ])
  await recite(t, await reopen(second), [
    { says: '4*4', answers: [line('Calculator', '16', '4*4')] },
    { says: 'exit', answers: [ask('exit')] },
    { says: 'hello', answers: [ask('hello')] }
  ])
})

const redirecting: BotSettings = {
  name: 'Boss',
  kind: 'rules',
  rules: [{ when: { from: 'people' }, then: { action: 'redirect', bots: ['ECHO'] } }, { when: { bot: 'Calculator' }, then: { action: 'redirect', bots: ['ECHO'] } }, { then: { action: 'approve' } }]
}
const hasty: Array<[BotSettings, Line[]]> = [
  [{ name: 'Boss', kind: 'transparent' }, [line('Calculator', '?', 'and now'), line('ECHO', 'AND NOW', 'and now')]],
  [{ name: 'Boss', kind: 'calc-or-echo' }, [line('ECHO', 'AND NOW', 'and now')]],
  [{ name: 'Boss', kind: 'pre-select' }, [line('ECHO', 'AND NOW', 'and now')]],
  [redirecting, [line('ECHO', 'AND NOW', 'and now')]]
]

for (const [manager, answers] of hasty) {
  t.test(`${manager.kind} leaves alone what was decided about before it hears of it`, soon(), async t => {
    const scene = await startScene(t, manager)
    const { app, id, bots, seats: [ana] } = scene
    if (manager.kind === 'pre-select') await recite(t, scene, [{ says: 'ECHO', answers: [go('ECHO')] }])
    const [start] = await scene.settle()
    const sender = (await findParticipant(app.db, id, bots.Calculator!))!
    // In one transaction, as when the time is over while the manager is busy.
    const policy = policyOf(configure({ bots: [echo, calculator, manager], manager: 'Boss' }))
    await Promise.all([
      postMessage(app.write, policy, sender, toNewMessage({ type: 'T', text: 'said of itself' })),
      app.write(async db => approve(db, policy, (await listWaitingMessages(db, '', 1))[0]!, { kind: 'timeout', id: null }))
    ])
    await ana!.hears({ text: 'said of itself' })
    const [end] = await scene.settle()
    t.same(scene.lines(ana!, start, end), [line('Calculator', 'said of itself', null)])
    t.same(await failedDeliveries(app, id), [])
    await recite(t, scene, [{ says: 'and now', answers }])
  })
}

// --- Rules

type Rules = Extract<BotSettings, { kind: 'rules' }>['rules']

const toEcho = { action: 'redirect', bots: ['ECHO'] } as const
const toCalculator = { action: 'redirect', bots: ['Calculator'] } as const
const approveBots = { when: { from: 'bots' }, then: { action: 'approve' } } as const
const echoed = (text: string): Line => line('ECHO', text.toUpperCase(), text)

const ruleCases: Record<string, { rules: unknown[], steps: Step[], waiting?: string[], rejected?: Array<[text: string, reason: string | null]> }> = {
  'a regular expression, anywhere in the text': {
    rules: [{ when: { regex: 'b\\p{Lu}c', from: 'people' }, then: toEcho }, approveBots],
    steps: [{ says: 'abÉcd', answers: [echoed('abÉcd')] }, { says: 'abécd', answers: [] }, { says: 'b', answers: [] }]
  },
  'a regular expression with anchors': {
    rules: [{ when: { regex: '^\\d+$', from: 'people' }, then: toCalculator }, approveBots],
    steps: [{ says: '12', answers: [line('Calculator', '12', '12')] }, { says: '1 2', answers: [] }]
  },
  'a type': {
    rules: [{ when: { type: 'A', from: 'people' }, then: toEcho }, { when: { type: 'T', from: 'people' }, then: toCalculator }, approveBots],
    steps: [{ says: '1+1', answers: [line('Calculator', '2', '1+1')] }, { says: 'Look!', isFile: true, answers: [line('ECHO', '?', 'Look!')] }]
  },
  'the first message of a person': {
    rules: [{ when: { first: true }, then: toEcho }, { when: { from: 'people' }, then: toCalculator }, approveBots],
    steps: [{ says: '1+1', answers: [echoed('1+1')] }, { says: '2+2', by: 1, answers: [line('Calculator', '4', '2+2')] }, { says: '3+3', answers: [line('Calculator', '6', '3+3')] }]
  },
  'not the first message of a person': {
    rules: [{ when: { first: false }, then: toEcho }, approveBots],
    steps: [{ says: 'one', answers: [] }, { says: 'two', by: 1, answers: [echoed('two')] }]
  },
  'who says it': {
    rules: [{ when: { from: 'bots' }, then: { action: 'approve' } }, { when: { from: 'people' }, then: toEcho }],
    steps: [{ says: 'hello', answers: [echoed('hello')] }]
  },
  'which bot says it': {
    rules: [{ when: { from: 'people' }, then: { action: 'redirect', bots: both } }, { when: { bot: 'Calculator', regex: '^\\?$' }, then: { action: 'reject', reason: 'No idea.' } }, approveBots],
    steps: [{ says: 'hello', answers: [echoed('hello')] }, { says: '1+1', answers: [line('Calculator', '2', '1+1'), echoed('1+1')] }],
    rejected: [['?', 'No idea.']]
  },
  'a rejection without a reason': {
    rules: [{ when: { from: 'people' }, then: toEcho }, { then: { action: 'reject' } }],
    steps: [{ says: 'hello', answers: [] }],
    rejected: [['HELLO', null]]
  },
  'all conditions of a rule together': {
    rules: [{ when: { from: 'people', type: 'T', regex: 'x', first: false }, then: toEcho }, approveBots],
    steps: [{ says: 'x', answers: [] }, { says: 'y', answers: [] }, { says: 'xy', answers: [echoed('xy')] }]
  },
  'a rule without conditions': {
    rules: [approveBots, { then: toEcho }],
    steps: [{ says: 'anything', answers: [echoed('anything')] }]
  },
  'the first rule that fits holds': {
    rules: [{ when: { regex: 'a', from: 'people' }, then: toEcho }, { when: { from: 'people' }, then: toCalculator }, approveBots],
    steps: [{ says: 'a', answers: [echoed('a')] }, { says: 'b', answers: [line('Calculator', '?', 'b')] }]
  },
  'an approval of what people say changes nothing and ends the search': {
    rules: [{ when: { regex: '^quiet' }, then: { action: 'approve' } }, { when: { regex: '^no' }, then: { action: 'reject' } }, { when: { from: 'people' }, then: toEcho }, approveBots],
    steps: [{ says: 'quiet, please', answers: [] }, { says: 'no', answers: [] }, { says: 'talk', answers: [echoed('talk')] }]
  },
  'a redirection with another text': {
    rules: [{ when: { from: 'people' }, then: { ...toEcho, text: 'instead' } }, approveBots],
    steps: [{ says: 'hello', answers: [line('ECHO', 'INSTEAD', 'hello')] }]
  },
  'what no rule fits waits': {
    rules: [{ when: { from: 'people' }, then: { action: 'redirect', bots: both } }, { when: { bot: 'ECHO' }, then: { action: 'approve' } }],
    steps: [{ says: '1+1', answers: [echoed('1+1')] }],
    waiting: ['2']
  }
}

for (const [name, { rules, steps, waiting = [], rejected = [] }] of Object.entries(ruleCases)) {
  t.test(`rules: ${name}`, soon(), async t => {
    const scene = await startScene(t, { name: 'Boss', kind: 'rules', rules: rules as Rules })
    const { app, path, seats: [ana] } = scene
    await recite(t, scene, steps)
    const unseen = await app.db.selectFrom('messages').select(['text', 'decision']).where('approval_status', '=', 0).where('decision', 'is not', 'hide').execute()
    const textsOf = (sought: string | null): string[] => unseen.filter(({ decision }) => decision === sought).map(({ text }) => text)
    t.same([textsOf(null), textsOf('reject')], [waiting, rejected.map(([text]) => text)])
    const decisions = await app.db.selectFrom('decisions').selectAll().where('action', '=', 'reject').execute()
    t.same(decisions.map(({ reason, by_kind: kind, by_id: id }) => [reason, kind, id]), rejected.map(([, reason]) => [reason, 'bot', scene.bots.Boss]))
    t.equal((await ana!.get(`${path}/messages/`)).body.results.some(({ text }: { text?: string }) => waiting.includes(text!)), false)
  })
}

t.test('rules: what a bot says goes to another bot, which is seen in its place', soon(), async t => {
  const rules = [{ when: { from: 'people' }, then: toCalculator }, { when: { bot: 'Calculator' }, then: { ...toEcho, text: 'as I heard' } }, { then: { action: 'approve' } }]
  const scene = await startScene(t, { name: 'Boss', kind: 'rules', rules: rules as unknown as Rules })
  const [ana] = scene.seats
  await ana!.post(`${scene.path}/messages/`, { type: 'T', text: '1+1' })
  const { quoted_message_id: quoted } = await ana!.hears({ text: 'AS I HEARD' })
  await scene.settle()
  t.same(scene.lines(ana!), [line('ana', '1+1', null), line('ECHO', 'AS I HEARD', quoted)])
  t.equal((await ana!.get(`${scene.path}/messages/${quoted}/`)).status, 404)
  t.same(await failedDeliveries(scene.app, scene.id), [])
})

t.test('rules: bots that are not in the conversation are not asked', soon(), async t => {
  const rules: Rules = [{ when: { regex: '1', from: 'people' }, then: { ...toCalculator, bots: ['Calculator'] } }, { when: { from: 'people' }, then: { action: 'redirect', bots: both } }, { then: { action: 'approve' } }]
  const app = await startOpen(t, { bots: [echo, calculator, { name: 'Boss', kind: 'rules', rules }], manager: 'Boss' })
  const scene = await setScene(t, app, ['ECHO'], await newPeople(app, 'ana', 'bia'))
  await recite(t, scene, [{ says: '1', answers: [] }, { says: 'hello', answers: [echoed('hello')] }])
})

t.test('rules: bots that are given what each other says do not talk for ever', soon(), async t => {
  const manager: BotSettings = { name: 'Boss', kind: 'rules', rules: [{ then: { action: 'redirect', bots: both } }] }
  const scene = await startScene(t, manager, { bots: [echo, { ...calculator, hop_limit: 2 }, manager] })
  const { app, id, seats: [ana] } = scene
  await ana!.post(`${scene.path}/messages/`, { type: 'T', text: 'go' })
  await scene.settle()
  t.same(scene.lines(ana!), [line('ana', 'go', null)])
  const rows = await app.db.selectFrom('messages').select(['sender_id', 'hops', 'decision']).where('sent_by_human', '=', 0).where('type', '=', 'T').where('decision', 'is not', 'hide').orderBy('id').execute()
  const said = rows.map(({ sender_id: sender, hops, decision }) => [sender === scene.bots.ECHO ? 'ECHO' : 'Calculator', hops, decision])
  t.same(said.toSorted(), [
    ['Calculator', 1, 'redirect'], ['Calculator', 2, 'redirect'], ['Calculator', 3, 'redirect'],
    ['ECHO', 1, 'redirect'], ['ECHO', 2, 'redirect'], ['ECHO', 3, null], ['ECHO', 4, null]
  ])
  const failures = await failedDeliveries(app, id)
  t.equal(failures.length, 2)
  for (const failure of failures) t.match(failure, /is not given this message: .*hop_limit/)
})

// --- A manager of somebody else, which acts as existing ones do

interface External extends Scene {
  boss: BlabConversation
  helper: BlabConversation
  /** The boss sends a frame as the Python client writes it. */
  order: (command: string, more?: object) => void
}

async function startExternal (t: Test): Promise<External> {
  let server = ''
  const [bossServer, helperServer] = [await startBlabBot(t, { server: () => server, answer: () => [] }), await startBlabBot(t, { server: () => server, answer: () => [] })]
  const bots: BotSettings[] = [echo, { name: 'Helper', kind: 'websocket', url: helperServer.url }, { name: 'Boss', kind: 'websocket', url: bossServer.url }]
  const app = await startOpen(t, { bots, manager: 'Boss', limits: { frames_per_second: 1000 } })
  server = await listen(app)
  t.equal(server, addressOf(app))
  const scene = await setScene(t, app, ['ECHO', 'Helper'], await newPeople(app, 'ana', 'bia'))
  const [[boss], [helper]] = [await bossServer.until(1), await helperServer.until(1)]
  const order = (command: string, more: object = {}): void => boss!.send({ local_id: `o${++orders}`, type: 'T', text: null, ...more, command })
  return { ...scene, boss: boss!, helper: helper!, order }
}

let orders = 0

/** What somebody says over its socket, as the manager hears of it. */
async function say (speaker: { send: (frame: unknown) => void }, { boss }: External, text: string): Promise<any> {
  speaker.send({ type: 'T', text, local_id: `s${++orders}` })
  return boss.hears({ text })
}

t.test('an external manager hears people and bots, and acts by commands', soon(), async t => {
  const scene = await startExternal(t)
  const { boss, helper, order, bots, seats: [ana, bia] } = scene
  t.equal(boss.participantId, bots.Boss)

  const hello = await say(ana!, scene, 'hello')
  order('{"action": "redirect", "bots": ["ECHO"]}', { quoted_message_id: hello.id })
  const waiting = await boss.hears({ text: 'HELLO', quoted_message_id: hello.id, sender_id: bots.ECHO })
  t.equal(boss.messages().filter(({ id }) => id === waiting.id).length, 1, 'what waits is a message like others for it')
  await scene.settle()
  t.same(scene.lines(bia!), [line('ana', 'hello', null)], 'people do not hear it yet')
  order('{"action": "approve"}', { quoted_message_id: waiting.id })
  const shown = await bia!.hears({ text: 'HELLO' })
  t.same({ ...shown, seq: 0 }, { ...waiting, seq: 0 }, 'then they hear the same message')
  order('{"action": "approve"}', { quoted_message_id: waiting.id })

  order('{"self_approve": true}', { text: 'From the boss' })
  order(`{"self_approve": true, "on_behalf_of": "${ana!.participantId}"}`, { text: 'From ana' })
  order(`{"self_approve": true, "on_behalf_of": "${bots.Helper}"}`, { text: 'From Helper', quoted_message_id: hello.id, options: ['yes'] })
  order('{"self_approve": true, "action": "redirect", "bots": ["ECHO"], "overrides": {"text": "what she said"}}', { text: 'I will ask', quoted_message_id: (await say(bia!, scene, 'bia speaks')).id })
  const asked = await boss.hears({ text: 'WHAT SHE SAID' })
  order('{"action": "reject", "reason": "Never mind."}', { quoted_message_id: asked.id })
  order('{"action": "approve", "text": "edited"}', { quoted_message_id: (await say(helper, scene, 'as it was')).id })
  await bia!.hears({ text: 'edited' })
  await scene.settle()
  for (const seat of scene.seats) {
    t.same(scene.lines(seat), [
      line('ana', 'hello', null), line('ECHO', 'HELLO', 'hello'), line('Boss', 'From the boss', null), line('ana', 'From ana', null),
      line('Helper', 'From Helper', 'hello', ['yes']), line('bia', 'bia speaks', null), line('Boss', 'I will ask', 'bia speaks'), line('Helper', 'edited', null)
    ].toSorted(bySaid(scene.lines(seat))))
  }
  t.same(boss.frames.filter(frame => frame.error), [])
  boss.frames.forEach(requireFrame)
  helper.frames.forEach(requireFrame)
})

// Who speaks over another socket may come before or after what the manager sends.
function bySaid (heard: Line[]): (one: Line, other: Line) => number {
  const place = ({ text }: Line): number => heard.findIndex(line => line.text === text)
  return (one, other) => place(one) - place(other)
}

t.test('an external manager sends its own message to bots, changed', soon(), async t => {
  const scene = await startExternal(t)
  const { boss, helper, order, bots, seats: [ana] } = scene
  const overrides = { text: 'changed', sender_id: ana!.participantId, sent_by_human: true, options: ['a', 'b'], local_id: 'mine', quoted_message_id: null }
  order(JSON.stringify({ self_redirect: true, bots: ['Helper', bots.ECHO], overrides }), { text: 'secret', options: ['x'] })
  const heard = await helper.hears({ text: 'changed' })
  const echoed = await boss.hears({ text: 'CHANGED', sender_id: bots.ECHO })
  const own = await boss.hears({ text: 'secret', sender_id: boss.participantId })
  t.same({ ...heard, seq: 0 }, { ...own, ...overrides, seq: 0 })
  t.equal(echoed.quoted_message_id, own.id)

  order('{"self_redirect": true, "self_approve": true, "bots": ["Helper"]}', { text: 'open' })
  await helper.hears({ text: 'open', sender_id: boss.participantId })
  await ana!.hears({ text: 'open' })
  await scene.settle()
  t.same(scene.lines(ana!), [line('Boss', 'open', null)], 'people hear only what is approved')
  t.same(helper.messages().filter(({ type }) => type !== 'S').map(({ text }) => text), ['changed', 'open'], 'each once')
})

t.test('bots may talk with each other through an external manager for as long as it likes', soon(), async t => {
  const scene = await startExternal(t)
  const { boss, helper, order, bots, seats: [ana] } = scene
  for (let turn = 0; turn < 6; turn++) {
    const said = await say(helper, scene, `turn ${turn}`)
    order('{"action": "redirect", "bots": ["ECHO"]}', { quoted_message_id: said.id })
    const { id } = await boss.hears({ text: `TURN ${turn}`, sender_id: bots.ECHO })
    order('{"action": "approve"}', { quoted_message_id: id })
    await ana!.hears({ id })
    order('{"self_redirect": true, "bots": ["Helper"]}', { text: `next turn ${turn}` })
    await helper.hears({ text: `next turn ${turn}` })
  }
  t.same(boss.frames.filter(({ error }) => error), [])
  await scene.settle()
  t.equal(scene.lines(ana!).length, 6)
})

t.test('a wrong command is refused with its place, and nothing of it is done', soon(), async t => {
  const scene = await startExternal(t)
  const other = await setScene(t, scene.app, [], await newPeople(scene.app, 'caio'))
  const { app, boss, helper, order, seats: [ana, bia] } = scene
  const said = await say(ana!, scene, 'hello')
  const waiting = await say(helper, scene, 'may I?')
  const [start] = await scene.settle()
  const nowhere = '01936a2c-0000-7000-8000-000000000001'
  const elsewhere = (await other.seats[0]!.post(`${other.path}/messages/`, { type: 'T', text: 'elsewhere' })).body.id
  const quoting = (id: string): object => ({ quoted_message_id: id })
  const wrong: Array<[command: string, more: object, pointer: string | undefined, code?: string]> = [
    ['not JSON', {}, '/command'],
    ['{"action": "approve"', quoting(waiting.id), '/command'],
    ['["approve"]', quoting(waiting.id), '/command'],
    ['null', quoting(waiting.id), '/command'],
    ['{"action": "explode"}', quoting(waiting.id), '/command/action'],
    ['{"action": "approve"}', {}, '/command/action'],
    ['{"action": "approve", "text": ""}', quoting(waiting.id), '/command/text'],
    ['{"action": "approve", "text": "a\\u0000b"}', quoting(waiting.id), '/command/text'],
    ['{"action": "reject", "reason": "\\ud800"}', quoting(waiting.id), '/command/reason'],
    ['{"self_approve": "yes"}', { text: 'never' }, '/command/self_approve'],
    ['{"action": "approve"}', quoting(nowhere), '/quoted_message_id', 'quoted_message_not_found'],
    ['{"action": "approve"}', quoting(elsewhere), '/quoted_message_id', 'quoted_message_not_found'],
    ['{"action": "approve"}', quoting('no id'), '/quoted_message_id', 'quoted_message_not_found'],
    ['{"action": "approve"}', quoting(said.id), undefined, 'already_decided'],
    ['{"action": "redirect"}', quoting(said.id), '/command/bots'],
    ['{"action": "redirect", "bots": []}', quoting(said.id), '/command/bots'],
    ['{"action": "redirect", "bots": "ECHO"}', quoting(said.id), '/command/bots'],
    ['{"action": "redirect", "bots": ["ECHO", "Nobody"]}', quoting(said.id), '/command/bots/1'],
    ['{"action": "redirect", "bots": ["Boss"]}', quoting(said.id), '/command/bots/0'],
    ['{"action": "redirect", "bots": ["Calculator"]}', quoting(said.id), '/command/bots/0'],
    [`{"action": "redirect", "bots": ["${ana!.participantId}"]}`, quoting(said.id), '/command/bots/0'],
    ['{"action": "redirect", "bots": ["ECHO"], "overrides": {"id": "1"}}', quoting(said.id), '/command/overrides/id'],
    ['{"action": "redirect", "bots": ["ECHO"], "overrides": {"options": [""]}}', quoting(said.id), '/command/overrides/options/0'],
    ['{"self_redirect": true, "self_approve": true}', { text: 'never' }, '/command/bots'],
    ['{"self_redirect": true, "self_approve": true, "bots": ["ECHO", "Nobody"]}', { text: 'never' }, '/command/bots/1'],
    ['{"self_approve": true, "on_behalf_of": "nobody"}', { text: 'never' }, '/command/on_behalf_of'],
    [`{"self_approve": true, "on_behalf_of": "${other.seats[0]!.participantId}"}`, { text: 'never' }, '/command/on_behalf_of'],
    ['{"action": "approve", "self_approve": true, "self_redirect": true, "bots": ["Nobody"]}', { text: 'never', ...quoting(waiting.id) }, '/command/bots/0'],
    ['{"action": "approve", "self_approve": true, "on_behalf_of": "nobody"}', { text: 'never', ...quoting(waiting.id) }, '/command/on_behalf_of']
  ]
  const before = await countRows(scene)
  for (const [command, more, pointer, code = 'command_invalid'] of wrong) {
    const localId = `w${++orders}`
    order(command, { ...more, local_id: localId })
    const { error } = await boss.until(frame => frame.error?.local_id === localId)
    t.same([error.code, error.errors?.map((field: { pointer: string }) => field.pointer)], [code, pointer === undefined ? undefined : [pointer]], `${command} ${JSON.stringify(more)}`)
    t.equal(error.status, code === 'already_decided' ? 409 : 422)
    // Too many mistakes in a row would close the socket.
    boss.send({ typing: { active: false } })
  }
  t.same(await countRows(scene), before, 'nothing is stored')
  const [end] = await scene.settle()
  t.same(scene.lines(ana!, start, end), [])
  boss.frames.forEach(requireFrame)

  order('{"action": "approve"}', { quoted_message_id: waiting.id })
  await bia!.hears({ text: 'may I?' })
  t.equal(boss.socket.readyState, boss.socket.OPEN, 'the socket is the same as before')
  t.equal(app.isDraining(), false)
})

async function countRows ({ app: { db }, id }: Scene): Promise<number[]> {
  const tables = ['messages', 'events', 'decisions', 'deliveries'] as const
  return Promise.all(tables.map(async table => (await db.selectFrom(table).select('conversation_id').where('conversation_id', '=', id).execute()).length))
}

t.test('a command that comes twice is carried out once', soon(), async t => {
  const scene = await startExternal(t)
  const { boss, order, seats: [ana] } = scene
  const frame = { text: 'once', local_id: 'twice' }
  order('{"self_approve": true}', frame)
  await ana!.hears({ text: 'once' })
  order('{"self_approve": true}', frame)
  await boss.until(({ message, seq }) => message?.text === 'once' && seq === undefined)
  order('{"self_approve": false}', frame)
  t.equal((await boss.until(({ error }) => error)).error.code, 'local_id_conflict')
  await scene.settle()
  t.same(scene.lines(ana!), [line('Boss', 'once', null)])
})

t.test('what others write as a command is no command', soon(), async t => {
  const scene = await startExternal(t)
  const { boss, helper, order, seats: [ana, bia] } = scene
  const waiting = await say(helper, scene, 'may I?')
  const commands = ['{"action": "approve"}', '{"self_approve": true}', 'nonsense', `{"self_approve": true, "on_behalf_of": "${bia!.participantId}"}`]
  for (const [index, command] of commands.entries()) {
    helper.send({ type: 'T', text: `of Helper ${index}`, quoted_message_id: waiting.id, command })
    ana!.send({ type: 'T', text: `of ana ${index}`, command })
  }
  const texts = (who: string): string[] => commands.map((_, index) => `of ${who} ${index}`)
  for (const text of [...texts('Helper'), ...texts('ana')]) await boss.hears({ text })
  await scene.settle()
  t.same(scene.lines(bia!), texts('ana').map(text => line('ana', text, null)), 'what people say is said, what bots say waits')
  t.same([...helper.frames, ...ana!.frames].filter(({ error }) => error), [])
  order('{"action": "approve"}', { quoted_message_id: waiting.id })
  await bia!.hears({ text: 'may I?' })
})

t.test('other bots see nothing of what people say but what is redirected to them', soon(), async t => {
  const scene = await startExternal(t)
  const { app, path, helper, order, seats: [ana, bia] } = scene
  const secret = await say(ana!, scene, 'a secret')
  const file = await ana!.post(`${path}/messages/`, { type: 'A', text: 'a secret file', external_file_url: 'https://example.org/secret.pdf' })
  const told = await say(bia!, scene, 'told')
  order('{"self_approve": true}', { text: 'a secret of the boss' })
  order('{"action": "redirect", "bots": ["Helper"], "overrides": {"text": "told otherwise", "sent_by_human": false}}', { quoted_message_id: told.id })
  const heard = await helper.hears({ text: 'told otherwise' })
  t.same({ ...heard, seq: 0 }, { ...told, text: 'told otherwise', sent_by_human: false, seq: 0 })
  await bia!.hears({ text: 'a secret of the boss' })
  await scene.settle()
  await helper.until(frame => frame.event?.type === 'conversation.renamed')

  const reader = withToken(app, 'Helper', helper.session, '')
  const read = await readEverywhere(app, scene, reader, [secret.id, file.body.id, told.id])
  for (const text of [read, JSON.stringify(helper.frames)]) {
    t.notMatch(text, /secret/)
    t.notMatch(text, /"told"/)
    t.notMatch(text, /message\.(pending|decided)/)
  }
  const { body: { events } } = await reader.get(`${path}/events/?limit=500`)
  const redirected = events.filter(({ type }: { type: string }) => type === 'message.redirected')
  t.same(redirected.map(({ message }: { message: object }) => message), [heard], 'the log has what it was given, as it was given')
  t.match(read, /event: message\.redirected/)
  for (const id of [secret.id, file.body.id, told.id]) t.equal((await reader.get(`${path}/messages/${id}/`)).status, 404)
  t.equal(JSON.stringify(scene.seats.map(({ frames }) => frames)).includes('told otherwise'), false)
})

t.test('people see nothing of what waits, is rejected, redirected or hidden, wherever they look', soon(), async t => {
  const scene = await startExternal(t)
  const { app, path, boss, helper, order, seats: [ana, bia] } = scene
  const outsider = withToken(app, 'Helper', helper.session, '')
  const form = formOf([['type', 'A'], ['text', 'unseen file'], ['file', ['unseen bytes', 'unseen.txt']]])
  const posted = await outsider.post(`${path}/messages/`, form)
  t.equal(posted.status, 201)
  const waiting = await boss.hears({ text: 'unseen file' })
  t.equal(waiting.file_url, posted.body.file_url)
  const rejected = await say(helper, scene, 'unseen rejected')
  order('{"action": "reject", "reason": "unseen reason"}', { quoted_message_id: rejected.id })
  const redirected = await say(helper, scene, 'unseen redirected')
  order('{"action": "redirect", "bots": ["ECHO"]}', { quoted_message_id: redirected.id })
  await boss.hears({ text: 'UNSEEN REDIRECTED' })
  order('{"self_redirect": true, "bots": ["Helper"]}', { text: 'unseen hidden' })
  const hidden = await boss.hears({ text: 'unseen hidden' })
  await helper.hears({ text: 'unseen hidden' })
  boss.send({ type: 'T', text: 'unseen because there is no command' })
  const plain = await boss.hears({ text: 'unseen because there is no command' })
  await scene.settle()

  const ids = [waiting, rejected, redirected, hidden, plain].map(({ id }) => id)
  for (const seat of [ana!, bia!]) {
    const read = await readEverywhere(app, scene, seat, ids)
    for (const text of [read, JSON.stringify(seat.frames)]) {
      t.notMatch(text, /unseen/i)
      t.notMatch(text, /message\.(pending|decided|redirected)/)
      t.equal(text.includes(waiting.file_url), false)
    }
    for (const id of ids) {
      t.equal((await seat.get(`${path}/messages/${id}/`)).status, 404)
      t.equal((await seat.post(`${path}/messages/`, { type: 'T', text: 'quoting', quoted_message_id: id })).body.code, 'quoted_message_not_found')
      t.equal((await seat.post(`${path}/messages/${id}/approve/`, {})).status, 403)
      t.equal((await seat.get(`${path}/messages/${id}/decisions/`)).status, 403)
    }
    for (const address of ['?limit=100', '?until=now', '?before=1000', '?after=3']) t.notMatch(JSON.stringify((await seat.get(`${path}/messages/${address}`)).body), /unseen/i)
  }
  // Whoever decides can look at the file, by an address that nobody else is told.
  t.match(waiting.file_url, /_[0-9a-f]{32}$/)
  const media = await app.inject(waiting.file_url)
  t.equal(media.body, 'unseen bytes')
  order('{"action": "approve"}', { quoted_message_id: waiting.id })
  const shown = await ana!.hears({ text: 'unseen file' })
  t.equal(shown.file_url, waiting.file_url, 'people are told of it with the message')
  t.same((await ana!.get(`${path}/messages/${waiting.id}/`)).body, shown)
})
