// Posts into the database in a folder as fast as it can, and tells how far it is, until nobody listens any more.
import { createConversation } from '../../actions/create-conversation.js'
import { postMessage } from '../../actions/post-message.js'
import { configure } from '../../config.js'
import { migrate } from '../../db/migrate.js'
import { openDatabase } from '../../db/sqlite.js'
import { createWriter } from '../../db/write.js'
import { policyOf } from '../../policy.js'

const connections = openDatabase(process.argv[2]!)
await migrate(connections)
const write = createWriter(connections.writer, growths => { if (process.connected) process.send!(growths, () => {}) })
const policy = policyOf(configure({ bots: [] }))
const message = { type: 'T' as const, text: 'x'.repeat(500), localId: null, quotedMessageId: null, options: [], file: null, externalFileUrl: null, command: null }
const entries = [await create(), await create()]

while (process.connected) {
  await Promise.all([1, 2, 3, 4].flatMap(() => entries.map(({ me }) => postMessage(write, policy, me, message))))
}
connections.close()

function create () {
  return createConversation(write, policy, { sessionId: undefined, nickname: 'ana', name: null, bots: [] })
}
