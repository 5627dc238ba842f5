import multipart, { type MultipartFile, type MultipartValue } from '@fastify/multipart'
import type { FastifyRequest } from 'fastify'
import plugin from 'fastify-plugin'
import { bodyProblem } from '../errors.js'

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * Reads a form with at most one file, in the field `file`.
     * @param onFile is given the file as it arrives, and the fields that came before it
     * @returns all fields
     */
    readForm: (onFile: (file: MultipartFile, fields: Fields) => Promise<void>) => Promise<Fields>
  }
}

/** The fields of a form by name; `options`, which may be repeated, is a list. */
export type Fields = Record<string, unknown>

const limits = { fields: 100, files: 1, parts: 101, fieldNameSize: 100, fieldSize: 64 * 1024, fileSize: Infinity }

export default plugin(async app => {
  if (!app.hasRequestDecorator('isMultipart')) await app.register(multipart)
  app.decorateRequest('readForm', readForm)
}, { name: 'forms', dependencies: ['validation'] })

async function readForm (this: FastifyRequest, onFile: (file: MultipartFile, fields: Fields) => Promise<void>): Promise<Fields> {
  const fields: Fields = {}
  for await (const part of this.parts({ limits })) {
    if (part.type === 'field') addField(fields, part)
    else if (part.fieldname === 'file') await onFile(part, fields)
    else part.file.resume()
  }
  return fields
}

function addField (fields: Fields, { fieldname, value, valueTruncated }: MultipartValue): void {
  const name = fieldname.replace(/^options\[\d*\]$/, 'options')
  const pointer = `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
  const text = String(value)
  if (valueTruncated) throw bodyProblem('body_invalid', pointer, 'max_length', `${pointer} is too long.`)
  if (text.includes('\0')) throw bodyProblem('body_invalid', pointer, 'characters', `${pointer} must not have NUL.`)
  if (name === 'file' && text !== '') throw bodyProblem('body_invalid', pointer, 'type', '/file must be a file, not text.')
  if (name === 'options' && text !== '') fields.options = [...(fields.options as string[] | undefined) ?? [], text]
  else if (name !== 'options' && name !== 'file') fields[name] = text
}
