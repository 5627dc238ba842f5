import type { FastifyRequest } from 'fastify'
import plugin from 'fastify-plugin'
import { readJson } from '../contract/json.js'

/** Reads JSON bodies of a bounded size. */
export default plugin<{ bodyBytes: number }>(async (app, { bodyBytes }) => {
  app.removeContentTypeParser(['application/json', 'text/plain'])
  app.addContentTypeParser('application/json', { parseAs: 'buffer', bodyLimit: bodyBytes }, (_request: FastifyRequest, body: Buffer, done) => {
    try { done(null, readJson(body)) } catch (error) { done(error as Error) }
  })
}, { name: 'json', dependencies: ['problems'] })
