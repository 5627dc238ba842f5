import type { Socket } from 'node:net'
import plugin from 'fastify-plugin'

/**
 * Closes, when the process is about to stop, connections on which nothing was ever asked, as browsers open them in
 * advance. Node counts them as busy, and they would hold the process until it is killed.
 */
export default plugin(async app => {
  const unused = new Set<Socket>()
  function forget (this: Socket): void { unused.delete(this) }
  app.server.on('connection', (socket: Socket) => {
    unused.add(socket)
    socket.on('close', forget)
  })
  const use = ({ socket }: { socket: Socket }): void => { unused.delete(socket) }
  app.server.on('request', use).on('upgrade', use)
  app.addHook('preClose', async () => { for (const socket of unused) socket.destroy() })
}, { name: 'idle-connections' })
