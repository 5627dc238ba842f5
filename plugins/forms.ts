import type { IncomingMessage } from 'node:http'
import multipart, { type MultipartFile, type MultipartValue } from '@fastify/multipart'
import type { FastifyRequest } from 'fastify'
import plugin from 'fastify-plugin'
import { bodyProblem, pointerTo, problem } from '../errors.js'

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * Reads a form with at most one file, in the field `file`.
     * @param maxBytes of the whole body
     * @param onFile is given the file as it arrives, and the fields that came before it
     * @returns all fields
     * @throws ProblemError body_malformed, body_invalid, body_too_large
     */
    readForm: (maxBytes: number, onFile: (file: FormFile, fields: Fields) => Promise<void>) => Promise<Fields>
  }
}

/** The fields of a form by name; `options`, which may be repeated, is a list. */
export type Fields = Record<string, unknown>

export interface FormFile {
  /** As the client gives it, perhaps with a path. */
  name: string
  type: string
  content: AsyncIterable<Uint8Array>
}

const limits = { fields: 100, files: 10, parts: 110, fieldSize: 64 * 1024, fileSize: Infinity }

export default plugin(async app => {
  if (!app.hasRequestDecorator('isMultipart')) await app.register(multipart)
  app.decorateRequest('readForm', readForm)
}, { name: 'forms', dependencies: ['validation'] })

async function readForm (this: FastifyRequest, maxBytes: number, onFile: (file: FormFile, fields: Fields) => Promise<void>): Promise<Fields> {
  const fields: Fields = {}
  let hasFile = false
  limitBody(this.raw, maxBytes)
  try {
    for await (const part of readable(this.parts({ limits }))) {
      if (part.type === 'field') addField(fields, part)
      else if (part.fieldname !== 'file') part.file.resume()
      else if (hasFile) throw bodyProblem('body_invalid', '/file', 'max_items', 'A message has one file. Send the others in messages of their own.')
      else {
        hasFile = true
        await onFile(toFile(part), fields)
      }
    }
    return fields
  } finally {
    // What is left of the body has to go before the connection can carry another request.
    this.raw.unpipe()
    this.raw.resume()
  }
}

// What nobody reads, such as a part of another name, has no limit of its own.
function limitBody (raw: IncomingMessage, maxBytes: number): void {
  let bytes = 0
  raw.on('data', function count (piece: Uint8Array) {
    bytes += piece.length
    if (bytes > maxBytes) raw.off('data', count).emit('error', Object.assign(new Error(`It has more than ${maxBytes} bytes`), { code: 'BODY_LIMIT' }))
  })
}

/** The same items; what the parser throws, also when the client goes away, is a problem of the body. */
async function * readable<T> (items: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield * items
  } catch (error) {
    const { code, message } = error as { code?: string, message: string }
    throw problem(code?.endsWith('_LIMIT') ? 'body_too_large' : 'body_malformed', { detail: `The form cannot be read: ${message}.` })
  }
}

function toFile ({ filename = '', mimetype, file }: MultipartFile): FormFile {
  return { name: filename, type: mimetype, content: readable(file) }
}

function addField (fields: Fields, { fieldname = '', value, valueTruncated }: MultipartValue): void {
  const name = fieldname.replace(/^options\[\d*\]$/, 'options')
  const pointer = pointerTo('', name)
  if (valueTruncated) throw bodyProblem('body_invalid', pointer, 'max_length', `${pointer} is too long.`)
  if (typeof value !== 'string') throw bodyProblem('body_invalid', pointer, 'type', `${pointer} must be text.`)
  if (value.includes('\0') || !value.isWellFormed()) throw bodyProblem('body_invalid', pointer, 'characters', `${pointer} must not have NUL or half a surrogate pair.`)
  if (name === 'file' && value !== '') throw bodyProblem('body_invalid', pointer, 'type', '/file must be a file, not text.')
  if (name === 'options' && value !== '') fields.options = [...(fields.options as string[] | undefined) ?? [], value]
  else if (name !== 'options' && name !== 'file') fields[name] = value
}
