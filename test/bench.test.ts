import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { readOptions } from '../bench/options.js'
import { scenarios } from '../bench/scenarios/index.js'
import { start, type Ended } from './support/command.js'

// Each run starts two servers from their sources, on a machine that may be busy.
t.setTimeout(300_000)

const program = fileURLToPath(new URL('../bench/bench.ts', import.meta.url))
const tsx = import.meta.resolve('tsx')

function bench (t: Test, ...words: string[]): Promise<Ended> {
  return start(t, [process.execPath, '--import', tsx, program, ...words], t.testdir()).ended
}

t.test('a load without mistakes is reported as text, as JSON and as a page', async t => {
  const [json, html] = ['json', 'html'].map(name => join(t.testdirName, `report.${name}`)) as [string, string]
  const { code, out, err } = await bench(t, 'post', '--smoke', '--json', json, '--html', html)
  t.equal(code, 0, err)
  t.match(out, /^post: .+\n.+Colloquy +yardstick +ratio.+\n +rate, per s +[\d,.]+ +[\d,.]+ +\d+\.\d\d .* (met|missed)\n/m)

  const { machine, scenarios: { post } } = JSON.parse(readFileSync(json, 'utf8'))
  t.match(machine, { cores: Number, memory_gib: Number, node: process.versions.node })
  t.match(post, { ratio: Number, goal: 0.8, met: Boolean, mistakes: [] })
  t.match(post.goals, [{ figure: 'rate_per_s', atLeast: 0.8 }, { figure: 'p99_ms', atMost: 2.5 }])
  t.ok(post.runs[0].colloquy.figures.rate_per_s > 0)

  const page = readFileSync(html, 'utf8')
  t.match(page, /<svg/)
  t.notMatch(page, /https?:|src=|href=|@import|url\(/, 'nothing is loaded from elsewhere')
})

t.test('a message that was acknowledged and is not in the log fails the run', async t => {
  const { code, out } = await bench(t, 'post', '--smoke', '--fault', 'drop')
  t.equal(code, 1)
  t.match(out, /Lost: the message \d{10} was acknowledged as seq \d+, and is not in the log\./)
})

t.test('a message that is in the log twice fails the run', async t => {
  const { code, out } = await bench(t, 'post', '--smoke', '--fault', 'double')
  t.equal(code, 1)
  t.match(out, /Doubled: the message \d{10} is in the log at seq \d+ and at \d+\./)
})

t.test('a command line that makes no sense is refused in a sentence', async t => {
  for (const [words, sentence] of [
    [['tea'], /^There is no scenario "tea"\. There are post, /],
    [['--pairs', '0'], /^--pairs must be a number from 1 to 1000\.$/],
    [['--seconds', 'many'], /^--seconds must be a number from 0\.1 to 600\.$/],
    [['--connections', '1.5'], /^--connections must be a whole number\.$/],
    [['--fault', 'burn'], /^--fault must be drop or double\.$/],
    [['--url', 'http://example.org'], /^--url must be the address of a server on this machine/],
    [['--fault', 'drop', '--url', 'http://127.0.0.1:8000'], /^--fault harms the file of a server/],
    [['start', '--url', 'http://127.0.0.1:8000'], /^The scenario start starts its servers itself\. Leave out --url\.$/]
  ] as Array<[string[], RegExp]>) {
    t.throws(() => readOptions(words, scenarios), { message: sentence })
  }
  const { code, err } = await bench(t, 'tea')
  t.equal(code, 2)
  t.match(err, /^There is no scenario "tea"\./)
})

t.test('a server that runs already is loaded by the scenarios that start none themselves', async t => {
  const { scenarios: chosen, url } = readOptions(['--url', 'http://127.0.0.1:8000/'], scenarios)
  t.equal(url, 'http://127.0.0.1:8000')
  t.same(chosen, scenarios.filter(({ startsServers }) => !startsServers))
})
