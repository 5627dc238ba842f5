import { writeFileSync } from 'node:fs'
import { inParallel } from './client.js'
import { machine } from './machine.js'
import { help, readOptions, UsageError, type Options } from './options.js'
import type { Outcome } from './outcome.js'
import { perform } from './perform.js'
import { pin } from './processes.js'
import { createProgress } from './progress.js'
import { reportHtml } from './report-html.js'
import { reportJson } from './report-json.js'
import { reportText } from './report-text.js'
import { scenarios } from './scenarios/index.js'

// Where nobody looks at the time, scenarios need not wait for each other.
const SMOKE_AT_ONCE = 4

// Leaving by exit takes the servers and their folders along.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

try {
  const options = readOptions(process.argv.slice(2), scenarios)
  if (options.isHelp) print(help(scenarios))
  else report(options, await runAll(options))
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 2
}
// A scenario that has broken off may have left a server.
process.exit()

async function runAll ({ scenarios, ...extent }: Options): Promise<Outcome[]> {
  const progress = createProgress(process.stderr)
  if (!extent.isSmoke) pin()
  const outcomes = await inParallel(scenarios.length, index => perform(scenarios[index]!, extent, progress.show), extent.isSmoke ? SMOKE_AT_ONCE : 1)
  progress.clear()
  return outcomes
}

/** A goal that is missed is a finding; a mistake is a failure. */
function report ({ json, html }: Options, outcomes: Outcome[]): void {
  const date = new Date()
  print(reportText(outcomes, machine))
  if (json !== undefined) writeFileSync(json, reportJson(outcomes, machine, date))
  if (html !== undefined) writeFileSync(html, reportHtml(outcomes, machine, date))
  if (outcomes.some(({ mistakes }) => mistakes.length > 0)) process.exitCode = 1
}

function print (text: string): void {
  process.stdout.write(`${text}\n`)
}
