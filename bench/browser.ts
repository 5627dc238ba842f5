import { existsSync } from 'node:fs'
import type { Browser } from 'playwright-core'
import { unpinned } from './processes.js'

const EXECUTABLE = '/usr/bin/chromium'
const WORDS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
  // The address bar, which nobody sees, would take time from the page.
  '--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup'
]

/**
 * Starts Chromium without a window, on all cores: it draws in several processes, and people have more than one core.
 * @throws Error when it is not installed
 */
export async function startBrowser (executablePath = EXECUTABLE): Promise<Browser> {
  if (!existsSync(executablePath)) throw new Error(`There is no Chromium at ${executablePath}, in which the page could be opened. On Debian: apt-get install chromium`)
  const { chromium } = await import('playwright-core')
  // The bench ends by signals itself, and takes the browser along.
  return unpinned(() => chromium.launch({ executablePath, args: WORDS, handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false }))
}
