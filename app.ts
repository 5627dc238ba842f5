import { fastify, LogController, type FastifyInstance, type FastifyPluginAsync, type FastifyReply, type FastifyServerOptions } from 'fastify'
import { configure, type Config } from './config.js'
import access from './plugins/access.js'
import annex from './plugins/annex.js'
import approvals from './plugins/approvals.js'
import briefing from './plugins/briefing.js'
import chatPage from './plugins/chat-page.js'
import contract from './plugins/contract.js'
import database from './plugins/database.js'
import deliveries from './plugins/deliveries.js'
import docs from './plugins/docs.js'
import doorbell from './plugins/doorbell.js'
import feed from './plugins/feed/feed.js'
import forms from './plugins/forms.js'
import idleConnections from './plugins/idle-connections.js'
import json from './plugins/json.js'
import keys from './plugins/keys.js'
import links from './plugins/links.js'
import memberships from './plugins/memberships.js'
import origins from './plugins/origins.js'
import pages from './plugins/pages.js'
import patience from './plugins/patience.js'
import presence from './plugins/presence.js'
import problems, { answerError, answerUnreadable } from './plugins/problems.js'
import rates from './plugins/rates.js'
import sessions, { type ResolveSession } from './plugins/sessions/sessions.js'
import sockets from './plugins/sockets/sockets.js'
import store from './plugins/store.js'
import validation from './plugins/validation.js'
import { policyOf } from './policy.js'
import { approvals as approvalRoutes } from './routes/approvals.js'
import { botStates } from './routes/bot-states.js'
import { botDeliveries } from './routes/bot-deliveries.js'
import { conversationList } from './routes/conversation-list.js'
import { conversations } from './routes/conversations.js'
import { socketRoute } from './routes/live/socket.js'
import { streamRoute } from './routes/live/stream.js'
import { log } from './routes/log.js'
import { media } from './routes/media.js'
import { createMessage } from './routes/messages/create.js'
import { decisions } from './routes/messages/decide.js'
import { listMessages } from './routes/messages/list.js'
import { participants } from './routes/participants.js'
import { readMark } from './routes/read-mark.js'
import { service } from './routes/service.js'
import { sessions as sessionRoutes } from './routes/sessions.js'
import { loadSecrets } from './secret.js'

export { defineBot, type BotContext, type BotDefinition, type BotReply } from './bots/module.js'
export { configure, ConfigError, type Config, type Settings } from './config.js'
export type { ResolveSession, Subject } from './plugins/sessions/sessions.js'

// Long enough for a large file over a slow line.
const REQUEST_TIMEOUT_MS = 300_000

export interface ColloquyOptions {
  /** What `configure` gives; the defaults when absent. */
  config?: Config
  /** What signs the tokens: the first signs, all are accepted. One is made and kept in the data folder when absent. */
  secrets?: string[]
  /** Who sends it as a bearer is an admin; nobody is when absent. */
  adminKey?: string | undefined
  /** A host application's own login: who the caller of a request is. */
  resolveSession?: ResolveSession
  /** Whether the chat page may take the path / of the application; a host without a prefix has something of its own there when absent. */
  ownsRoot?: boolean
}

/** The whole service as one encapsulated plugin, which another Fastify application registers under a prefix. */
export const colloquy: FastifyPluginAsync<ColloquyOptions> = async (app, { config = configure(), secrets = [], adminKey, resolveSession, ownsRoot = app.prefix !== '' }) => {
  const policy = policyOf(config)
  await app.register(problems)
  await app.register(links, { publicUrl: config.publicUrl })
  await app.register(sockets, { ...config.limits, origins: config.origins, publicUrl: config.publicUrl })
  await app.register(doorbell)
  await app.register(origins, { origins: config.origins })
  await app.register(json, { bodyBytes: config.limits.bodyBytes })
  await app.register(validation)
  await app.register(database, { dataFolder: config.dataFolder })
  await app.register(store)
  await app.register(memberships)
  await app.register(keys, {
    adminKey,
    botTokens: new Map(config.bots.flatMap(bot => bot.kind === 'lease' ? [[bot.token, bot.name]] : []))
  })
  await app.register(sessions, {
    secrets: secrets.length > 0 ? secrets : loadSecrets(config.dataFolder),
    secure: config.publicUrl?.startsWith('https:') ?? false,
    resolveSession
  })
  await app.register(rates, { requestsPerMinute: config.limits.requestsPerMinute })
  await app.register(annex)
  await app.register(docs)
  if (config.page && ownsRoot) await app.register(chatPage)
  await app.register(patience)
  await app.register(pages)
  await app.register(feed)
  await app.register(presence, { policy, graceMs: config.presenceGraceMs })
  await app.register(approvals, { policy })
  await app.register(briefing)
  await app.register(deliveries, { bots: config.bots, policy })
  await app.register(socketRoute, { config, policy })
  await app.register(async app => {
    await app.register(contract)
    await app.register(access, { rooms: config.rooms })
    await app.register(service, { config })
    await app.register(sessionRoutes, { config })
    await app.register(conversationList, { config })
    await app.register(conversations, { policy })
    await app.register(participants)
    await app.register(readMark)
    await app.register(listMessages)
    await app.register(async app => {
      await app.register(forms)
      await app.register(createMessage, { policy })
    })
    await app.register(decisions, { policy })
    await app.register(approvalRoutes)
    await app.register(log)
    await app.register(streamRoute, { config })
    await app.register(botDeliveries, { config, policy })
    await app.register(botStates, { config })
    await app.register(media)
  })
}

/** An application that is the service and nothing else, ready to listen. */
export function buildApp ({ logger = false, ...options }: ColloquyOptions & Pick<FastifyServerOptions, 'logger'> = {}): FastifyInstance {
  const config = options.config ?? configure()
  const app = fastify({
    logger,
    trustProxy: config.trustProxy,
    logController: new LogController({ disableRequestLogging: !['debug', 'trace'].includes(config.logLevel) }),
    return503OnClosing: false,
    // A name of any length reaches the gate, which finds nothing there.
    routerOptions: { maxParamLength: 16_384 },
    // A migration copies the file first, which may take long.
    pluginTimeout: 0,
    requestTimeout: REQUEST_TIMEOUT_MS,
    frameworkErrors: (error, request, reply) => answerError(error, request, reply as FastifyReply),
    clientErrorHandler: answerUnreadable
  })
  app.register(idleConnections)
  app.register(colloquy, { ...options, config, ownsRoot: true })
  return app
}
