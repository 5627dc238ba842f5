import closeWithGrace from 'close-with-grace'
import { buildApp } from '../app.js'
import type { Command } from './command.js'

export const serve: Command = {
  usage: 'serve',
  description: 'Serves the API until it is told to stop. The default.',
  run: async ({ config, secrets, isTerminal, print }) => {
    const logger = { level: config.logLevel, ...isTerminal && { transport: { target: 'pino-pretty' } } }
    const app = buildApp({ config, secrets, logger })
    const closing = closeWithGrace({ delay: config.closeGraceMs, logger: app.log }, async ({ err }) => {
      if (err) app.log.error(err)
      await app.close()
    })
    try {
      const address = await app.listen({ host: config.host, port: config.port, listenTextResolver: address => `Server listening at ${address}` })
      print(`Colloquy listens at ${config.publicUrl ?? address}`)
    } catch (error) {
      closing.uninstall()
      await app.close()
      throw error
    }
  }
}
