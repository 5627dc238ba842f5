import type { BotConfig } from '../config.js'
import type { Bot } from './bot.js'
import { calcOrEcho } from './calc-or-echo.js'
import { calculator } from './calculator.js'
import { echo } from './echo.js'
import { loadModule } from './module.js'
import { preSelect } from './pre-select.js'
import { rules } from './rules.js'
import { transparent } from './transparent.js'
import { websocket } from './websocket.js'

/** What runs a configured bot; undefined for one that comes and takes its messages itself. */
export async function createBot (config: BotConfig): Promise<Bot | undefined> {
  switch (config.kind) {
    case 'echo': return echo
    case 'calculator': return calculator
    case 'websocket': return websocket(config)
    case 'webhook': return (await import('./webhook.js')).webhook(config)
    case 'lease': return undefined
    case 'module': return loadModule(config)
    case 'transparent': return transparent
    case 'calc-or-echo': return calcOrEcho(config)
    case 'pre-select': return preSelect(config)
    case 'rules': return rules(config)
  }
}
