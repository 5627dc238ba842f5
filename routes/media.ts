import { Readable } from 'node:stream'
import contentDisposition from 'content-disposition'
import type { FastifyPluginAsync } from 'fastify'
import * as api from '../contract/api.js'
import { findFile } from '../db/files.js'
import { problem } from '../errors.js'
import { readMediaPath } from '../views/message.js'

// What a browser may show: nothing that can hold a script.
const safeTypes = new Set([
  'image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif',
  'audio/mpeg', 'audio/ogg', 'audio/ogg; codecs=opus', 'audio/wav', 'audio/flac', 'audio/aac', 'audio/mp4', 'audio/x-m4a',
  'video/mp4', 'video/webm', 'video/ogg', 'video/quicktime'
])

export const media: FastifyPluginAsync = async app => {
  app.route<{ Params: { folder: string, file: string } }>({
    ...api.getMedia,
    handler: async (request, reply) => {
      const ids = readMediaPath(request.params.folder, request.params.file)
      const file = ids && await findFile(app.db, ids)
      if (file === undefined) throw problem('media_not_found')

      const etag = `"${file.sha256}"`
      const isHead = request.method === 'HEAD'
      const isKnown = matches(request.headers['if-none-match'], etag)
      // RFC 9110, 14.2: a range is a matter of GET alone, and comes after If-None-Match.
      const range = isHead || isKnown ? undefined : rangeOf(request.headers, file.size, etag)
      reply.headers(headersOf(file.sniffed_type, file.name, etag))
      if (isKnown) return reply.code(304).send()
      if (range !== undefined) reply.code(206).header('content-range', `bytes ${range.start}-${range.end}/${file.size}`)
      const { start, end } = range ?? { start: 0, end: file.size - 1 }
      reply.header('content-length', end - start + 1)
      return reply.send(isHead ? Readable.from([]) : app.store.open(file.key, start, end))
    }
  })
}

function headersOf (type: string, name: string | null, etag: string): Record<string, string> {
  const isSafe = safeTypes.has(type)
  return {
    etag,
    'accept-ranges': 'bytes',
    'cache-control': 'private, max-age=31536000, immutable',
    'content-type': isSafe ? type : 'application/octet-stream',
    // Letters beyond ASCII stand in the second form of the name alone (RFC 6266): browsers read the first one differently.
    'content-disposition': contentDisposition(name || 'file', { type: isSafe ? 'inline' : 'attachment', fallback: (name || 'file').replace(/[^\x20-\x7e]/g, '?') }),
    'content-security-policy': "sandbox; default-src 'none'",
    'cross-origin-resource-policy': 'cross-origin',
    'x-content-type-options': 'nosniff'
  }
}

/** Whether a list of ETags (RFC 9110, 13.1.2) names this one. */
function matches (header: string | undefined, etag: string): boolean {
  return header !== undefined && (header.trim() === '*' || header.split(',').some(item => item.trim().replace(/^W\//, '') === etag))
}

/**
 * The one range that is asked for (RFC 9110, 14.1). None when the header cannot be understood, names several, or
 * completes another copy.
 * @throws ProblemError range_not_satisfiable
 */
function rangeOf (headers: Record<string, unknown>, size: number, etag: string): { start: number, end: number } | undefined {
  const { range, 'if-range': condition } = headers
  const match = typeof range === 'string' && (condition === undefined || condition === etag) && /^bytes=(?:(\d+)-(\d*)|-(\d+))$/i.exec(range)
  if (!match) return undefined
  const [, first, last, suffix] = match
  const start = suffix === undefined ? Number(first) : Math.max(0, size - Number(suffix))
  const end = last ? Number(last) : size - 1
  if (last && start > end) return undefined
  if (start >= size) throw problem('range_not_satisfiable', { detail: `The file has ${size} bytes.`, limit: size }, { 'Content-Range': `bytes */${size}` })
  return { start, end: Math.min(end, size - 1) }
}
