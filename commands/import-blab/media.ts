import { constants, statSync } from 'node:fs'
import { lstat, open, realpath, type FileHandle } from 'node:fs/promises'
import { isAbsolute, join, resolve, sep } from 'node:path'
import type { Blab } from '../../db/blab.js'

/** Why a file cannot be taken. */
export type Lack = 'file_absent' | 'file_outside' | 'file_empty' | 'file_of_other_size' | 'file_not_wanted'

/** A file that is open, and how many bytes it has. */
export interface MediaFile { handle: FileHandle, size: number }

/** Opens a file of the media folder by its path there, if it has the size that it should have; null for any. */
export type OpenMedia = (path: string, size: number | null) => Promise<MediaFile | Lack>

/** Stands for a folder when there is none any more. */
export const NO_MEDIA = 'none'

/**
 * How to open the files of a database.
 * @param name the media folder; undefined when it was not named
 * @throws when the folder is not that of the database: a message that was taken without its file never gets it
 */
export async function openMedia (name: string | undefined, blab: Blab): Promise<OpenMedia> {
  const { files } = blab.totals
  if (name === undefined && files > 0) {
    throw new Error(`The database has ${files} files. Name its media folder by --media; or, when it is lost, call it with --media ${NO_MEDIA}: then text stands for the files.`)
  }
  if (name === undefined || name === NO_MEDIA) return async () => 'file_not_wanted'
  const folder = resolve(name)
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) throw new Error(`There is no folder ${folder}. Name the media folder of BLAB Controller by --media.`)
  const root = await realpath(folder)
  if (files > 0 && !await hasAny(root, blab)) {
    throw new Error(`${folder} has none of the ${files} files of the database. Name by --media the folder that has the folder chat in it, which MEDIA_ROOT names in the settings of BLAB Controller.`)
  }
  return (path, size) => openIn(root, path, size)
}

async function hasAny (root: string, blab: Blab): Promise<boolean> {
  for (const path of blab.readFiles()) if ((await locate(root, path)).file !== null) return true
  return false
}

async function openIn (root: string, path: string, size: number | null): Promise<MediaFile | Lack> {
  const { file, lack } = await locate(root, path)
  if (file === null) return lack
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW)
  const { size: actual } = await handle.stat()
  if (actual > 0 && (size === null || actual === size)) return { handle, size: actual }
  await handle.close()
  return actual === 0 ? 'file_empty' : 'file_of_other_size'
}

type Located = { file: string, lack: null } | { file: null, lack: Lack }

/** Where a file is, if it is one and in the folder. */
async function locate (root: string, path: string): Promise<Located> {
  const outside: Located = { file: null, lack: 'file_outside' }
  if (isAbsolute(path) || path.split(/[/\\]/).includes('..') || path.includes('\0')) return outside
  const file = await realpath(join(root, path)).catch(unlessMissing)
  if (file === null) return { file, lack: 'file_absent' }
  if (!file.startsWith(root.endsWith(sep) ? root : root + sep)) return outside
  return (await lstat(file)).isFile() ? { file, lack: null } : { file: null, lack: 'file_absent' }
}

function unlessMissing (error: NodeJS.ErrnoException): null {
  if (['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG'].includes(error.code!)) return null
  throw error
}
