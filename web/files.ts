import type { FileMessage, Limits } from '../client/index.js'
import { say, saySize } from './language.js'

export type FileType = FileMessage['type']

const limitOf: Record<FileType, keyof Limits> = { A: 'MAX_ATTACHMENT_SIZE', i: 'MAX_IMAGE_SIZE', V: 'MAX_VIDEO_SIZE', a: 'MAX_AUDIO_SIZE', v: 'MAX_VOICE_SIZE' }
// The most characters of the name of a file.
const FILE_NAME_MAX = 255
// What browsers show; a picture of another kind is a file.
const pictures = /^image\/(png|jpeg|gif|webp|avif)$/

/** The greatest voice message, in bytes. */
export function voiceLimitOf (limits: Limits): number {
  return limits[limitOf.v]
}

/** As what a file is sent: where its own type is disabled, as any file. */
export function typeOf (file: Blob, limits: Limits): FileType {
  const type = pictures.test(file.type) ? 'i' : file.type.startsWith('video/') ? 'V' : file.type.startsWith('audio/') ? 'a' : 'A'
  return limits[limitOf[type]] === 0 ? 'A' : type
}

/** Why a file cannot be sent; undefined when it can. */
export function refusalOf (file: Blob, name: string, type: FileType, limits: Limits): string | undefined {
  const limit = limits[limitOf[type]]
  if (file.size === 0) return say('fileEmpty')
  if (limit === 0) return say('notAllowed', { name })
  if ([...name].length > FILE_NAME_MAX) return say('fileNameTooLong')
  return file.size > limit ? say('tooLarge', { name, size: saySize(file.size), limit: saySize(limit) }) : undefined
}
