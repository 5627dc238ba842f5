import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { markRead } from '../actions/mark-read.js'
import * as api from '../contract/api.js'
import { countUnread } from '../db/messages.js'

const UNREAD_MAX = Number(api.ReadState.properties.unread_count.maximum)

export const readMark: FastifyPluginAsyncTypebox = async app => {
  app.route({
    ...api.markRead,
    handler: async request => {
      const { me, viewer: { audiences } } = request.loaded
      const seq = await markRead(app.write, me, request.body.seq)
      return { read_seq: seq, unread_count: await countUnread(app.db, me.conversation_id, audiences, me.id, seq, UNREAD_MAX) }
    }
  })
}
