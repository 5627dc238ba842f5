import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The file in the data folder that keeps the secret when the configuration gives none: one secret a line, the first signs. */
export const SECRET_FILE = 'secret'

/** HS256 wants a key as long as its hash, 256 bits (RFC 7518, 3.2). */
export const SECRET_LENGTH_MIN = 32

export function isSecret (text: string): boolean {
  return text.length >= SECRET_LENGTH_MIN
}

/** The secrets kept in the data folder; one is made the first time, readable by the owner alone. */
export function loadSecrets (folder: string): string[] {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = join(folder, SECRET_FILE)
  try {
    writeFileSync(file, `${randomBytes(48).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const secrets = readFileSync(file, 'utf8').split('\n').map(line => line.trim()).filter(line => line !== '')
  if (secrets.length === 0 || !secrets.every(isSecret)) throw new Error(`${file} must hold secrets of ${SECRET_LENGTH_MIN} characters or more, one a line.`)
  return secrets
}
