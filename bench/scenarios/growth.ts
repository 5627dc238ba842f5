import { inParallel, joinConversation, openSession } from '../client.js'
import { createFolder, removeFolder, startColloquy, type Colloquy } from '../colloquy.js'
import { createLedger, type Ledger } from '../count.js'
import { checkStored } from '../fault.js'
import { fill, pickConversations, seed } from '../fill.js'
import { loadHttp } from '../http-load.js'
import { median } from '../outcome.js'
import { freshPages } from '../paging.js'
import { posts } from '../posting.js'
import type { Extent, Figures, Plot, Run, Scenario } from '../scenario.js'

interface Growing { conversations: number, steps: number[], measured: number }

/** What is measured, and in which files: the yardstick's, and how the other one grows. */
const USUAL = { measured: 100, small: { conversations: 100, messages: 50_000 }, conversations: 10_000, steps: [500_000, 5_000_000] }
const SMOKE = { measured: 2, small: { conversations: 2, messages: 120 }, conversations: 100, steps: [20_000] }

/** A server with a file of its own, whose posts and pages are measured. */
interface Side {
  colloquy: Colloquy
  ledger: Ledger
  run: () => Promise<Run>
}

export const growth: Scenario = {
  name: 'growth',
  title: 'Posts and pages of 100 conversations in a file with 5 million messages, against the same conversations in a file of their own',
  goals: [{ figure: 'post_rate_per_s', atLeast: 0.9 }, { figure: 'page_rate_per_s', atLeast: 0.9 }],
  startsServers: true,
  open: async extent => {
    const { measured, small, conversations, steps } = extent.isSmoke ? SMOKE : USUAL
    const smallFolder = createFolder()
    const largeFolder = createFolder()
    const points = await grow(smallFolder, { ...small, steps: [small.messages], measured }, extent)
    points.push(...await grow(largeFolder, { conversations, steps, measured }, extent))
    const other = await openSide(smallFolder, measured, extent)
    const mine = await openSide(largeFolder, measured, extent)
    return {
      run: noting(points, steps.at(-1)!, mine),
      yardstick: noting(points, small.messages, other),
      check: () => checkStored(extent, mine.colloquy, mine.ledger),
      plots: () => plotsOf(points),
      close: async () => {
        await Promise.all([mine, other].map(({ colloquy }) => colloquy.close()))
        for (const folder of [smallFolder, largeFolder]) removeFolder(folder)
      }
    }
  }
}

/** What was measured in a file of some size. */
interface Point { messages: number, figures: Figures }

/** Fills a file in steps, and measures it at each but the last. */
async function grow (folder: string, { conversations, steps, measured }: Growing, extent: Extent): Promise<Point[]> {
  await seed(folder, conversations)
  const points: Point[] = []
  let filled = 0
  for (const messages of steps) {
    await fill(folder, messages - filled, part => extent.onProgress((filled + part * (messages - filled)) / steps.at(-1)!))
    filled = messages
    if (messages === steps.at(-1)) continue
    const side = await openSide(folder, measured, extent)
    points.push({ messages, figures: (await side.run()).figures })
    await side.colloquy.close()
  }
  return points
}

async function openSide (folder: string, measured: number, extent: Extent): Promise<Side> {
  const colloquy = await startColloquy({}, { folder, settings: { rooms: true } })
  const ids = pickConversations(folder, measured)
  const members = await inParallel(measured, async index => joinConversation(colloquy.address, await openSession(colloquy.address), ids[index]!))
  const ledger = createLedger(members)
  const [nextPost, nextPage] = [posts(colloquy.address, members, ledger), freshPages(colloquy.address, members)]
  const run = async (): Promise<Run> => {
    const post = await loadHttp(colloquy, { ...extent, next: nextPost })
    const page = await loadHttp(colloquy, { ...extent, next: nextPage })
    return { ...post, figures: { ...named('post', post.figures), ...named('page', page.figures) }, mistakes: [...post.mistakes, ...page.mistakes] }
  }
  return { colloquy, ledger, run }
}

function named (name: string, figures: Figures): Figures {
  return Object.fromEntries(Object.entries(figures).map(([figure, value]) => [`${name}_${figure}`, value]))
}

/** The same run, which also notes what it came to. */
function noting (points: Point[], messages: number, { run }: Side): () => Promise<Run> {
  return async () => {
    const result = await run()
    points.push({ messages, figures: result.figures })
    return result
  }
}

function plotsOf (points: Point[]): Plot[] {
  const sizes = [...new Set(points.map(({ messages }) => messages))].toSorted((one, other) => one - other)
  const rateAt = (name: string, size: number): number => median(points.filter(({ messages }) => messages === size).map(({ figures }) => figures[`${name}_rate_per_s`]!))
  return ['post', 'page'].map(name => ({
    title: `rate of ${name} by the size of the file`,
    x: 'messages in the file',
    y: 'per s',
    spacing: 'logarithm',
    series: [{ name, points: sizes.map(size => [size, rateAt(name, size)]) }]
  }))
}
