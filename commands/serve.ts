import closeWithGrace from 'close-with-grace'
import type { Command } from './command.js'

export const serve: Command = {
  operands: [],
  description: 'Serves the API until it is told to stop. The default.',
  run: async ({ config, secrets, adminKey, isTerminal, print }) => {
    // Loaded only here, so that the other commands start at once.
    const { buildApp } = await import('../app.js')
    const logger = { level: config.logLevel, ...isTerminal && { transport: { target: 'pino-pretty' } } }
    const app = buildApp({ config, secrets, adminKey, logger })
    const closing = closeWithGrace({ delay: config.closeGraceMs, logger: app.log }, async ({ err }) => {
      if (err) app.log.error(err)
      await app.close()
    })
    try {
      const address = await app.listen({ host: config.host, port: config.port, listenTextResolver: address => `Server listening at ${address}` })
      print(`Colloquy listens at ${address}${config.publicUrl === undefined ? '' : `, for clients at ${config.publicUrl}`}`)
    } catch (error) {
      closing.uninstall()
      await app.close()
      throw error
    }
  }
}
