import type { BotTraits, Policy } from './actions/policy.js'
import { managerKinds, type BotConfig, type Config } from './config.js'

// Those that read messages from a socket of their own; of others the deliveries are all that they hear.
const socketKinds = new Set(['websocket'])
const sessionKinds = new Set(['websocket', 'webhook'])

/** What the configuration means for actions. */
export function policyOf ({ bots, limits, manager }: Config): Policy {
  return {
    fileLimits: limits.fileBytes,
    participantsMax: limits.participants,
    bots: new Map(bots.map(bot => [bot.name, traitsOf(bot)])),
    approval: manager
  }
}

function traitsOf (bot: BotConfig): BotTraits {
  const { kind, required, receives, hop_limit: hopsMax, max_age_s: maxAge } = bot
  return {
    isRequired: required,
    hearsMessages: !socketKinds.has(kind),
    hearsJoining: socketKinds.has(kind) || kind === 'module' || managerKinds.has(kind),
    hasSession: sessionKinds.has(kind),
    receives,
    hopsMax,
    delayMs: 'delay_ms' in bot ? bot.delay_ms : 0,
    maxAgeMs: maxAge * 1000
  }
}
