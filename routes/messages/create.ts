import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { ValidateFunction } from 'ajv'
import type { FastifyRequest } from 'fastify'
import type { Policy } from '../../actions/policy.js'
import { postMessage, requireFileType, requireSize, toNewMessage, type StoredFile } from '../../actions/post-message.js'
import * as api from '../../contract/api.js'
import { bodyProblem } from '../../errors.js'
import type { Fields, FormFile } from '../../plugins/forms.js'
import { messageView } from '../../views/message.js'

// What a form may have beside its file.
const FORM_OVERHEAD_BYTES = 1024 * 1024
const FILE_NAME_MAX = 255
const MEDIA_TYPE_MAX = 255

type FileType = api.FileMessage['type']

export const createMessage: FastifyPluginAsyncTypebox<{ policy: Policy }> = async (app, { policy }) => {
  const limits = policy.fileLimits
  const largest = (Object.keys(limits) as FileType[]).reduce((one, other) => limits[other] > limits[one] ? other : one)

  const validateForm = app.validatorCompiler!({ schema: api.MessageForm, method: 'POST', url: api.createMessage.url, httpPart: 'body' }) as ValidateFunction

  app.route({
    ...api.createMessage,
    handler: async (request, reply) => {
      const upload: { file: StoredFile | null, isKept: boolean } = { file: null, isKept: false }
      try {
        const input = await readInput(request, file => { upload.file = file })
        const { message, isNew } = await postMessage(app.write, policy, request.loaded.me, toNewMessage(input, upload.file))
        upload.isKept = isNew
        reply.code(isNew ? 201 : 200)
        return messageView(message, app.base)
      } finally {
        if (upload.file !== null && !upload.isKept) await app.store.discard(upload.file.key)
      }
    }
  })

  async function readInput (request: FastifyRequest, onStored: (file: StoredFile) => void): Promise<api.MessageInput> {
    if (!request.isMultipart()) return request.body as api.MessageInput
    requireDeclaredSize(request, largest)
    const fields = await request.readForm(limits[largest] + FORM_OVERHEAD_BYTES, async (file, fields) => onStored(await store(request, file, fields)))
    requireValid(fields)
    return fields
  }

  /** Stores the file while it arrives, under the limit of its type, or the greatest one when the type comes later. */
  async function store (request: FastifyRequest, file: FormFile, fields: Fields): Promise<StoredFile> {
    const type = fields.type === undefined ? largest : typeOf(fields)
    requireDeclaredSize(request, type)
    return app.store.save(file.content, {
      name: baseName(file.name),
      declaredType: file.type.slice(0, MEDIA_TYPE_MAX),
      checkSize: bytes => requireSize(limits, type, bytes)
    })
  }

  // The fields that came before the file are judged before it is read.
  function typeOf (fields: Fields): FileType {
    requireValid(fields)
    const { type } = fields
    requireFileType(type)
    return type
  }

  function requireValid (fields: Fields): asserts fields is api.MessageInput & Fields {
    if (validateForm(fields)) return
    throw Object.assign(new Error('The form is invalid.'), { validation: validateForm.errors, validationContext: 'body' })
  }

  function requireDeclaredSize (request: FastifyRequest, type: FileType): void {
    const bytes = Number(request.headers['content-length'] ?? 0) - FORM_OVERHEAD_BYTES
    if (bytes > 0) requireSize(limits, type, bytes)
  }
}

/** What stands after the last slash or backslash: some clients send whole paths. */
function baseName (path: string): string {
  const name = path.split(/[/\\]/).at(-1) || 'file'
  if ([...name].length > FILE_NAME_MAX) throw bodyProblem('body_invalid', '/file', 'max_length', `The name of the file has at most ${FILE_NAME_MAX} characters. Give it a shorter one.`)
  if (name.includes('\0') || !name.isWellFormed()) throw bodyProblem('body_invalid', '/file', 'characters', 'The name of the file must not have NUL or half a surrogate pair.')
  return name
}
