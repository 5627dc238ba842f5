import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * The file of a database, which is named by its path, by a `file:` URL or, as in Django's settings, by
 * `sqlite:///relative` or `sqlite:////absolute`.
 * @throws when it names a database of another kind, or no file
 */
export function readSource (source: string): string {
  const file = resolve(pathOf(source))
  const stats = statSync(file, { throwIfNoEntry: false })
  if (stats === undefined) throw new Error(`There is no file ${file}. Name the SQLite file of BLAB Controller by --from.`)
  if (!stats.isFile()) throw new Error(`${file} is no file. Name the SQLite file of BLAB Controller by --from.`)
  return file
}

function pathOf (source: string): string {
  // The address is not repeated: it may hold a password.
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(source)?.[1]!.toLowerCase() ?? (/^file:/i.test(source) ? 'file' : undefined)
  switch (scheme) {
    case undefined: return source
    case 'file': return decode(() => fileURLToPath(source))
    case 'sqlite': return decode(() => decodeURIComponent(/^sqlite:\/\/\/([^?]+)/i.exec(source)![1]!))
    case 'http':
    case 'https': throw new Error('A database is not read from another computer. Download it first, and name the file by --from.')
    default: throw new Error(`Only SQLite files are read, and ${scheme}:// names something else. Copy the database into one: write it by \`python manage.py dumpdata chat\`, and read it by \`python manage.py loaddata\` with DATABASES set to a new SQLite file.`)
  }
}

function decode (read: () => string): string {
  try { return read() } catch {
    throw new Error('The URL after --from names no file. Write it as sqlite:////folder/file.sqlite3, or name the path of the file.')
  }
}
