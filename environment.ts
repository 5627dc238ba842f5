import { SECRET_LENGTH_MIN } from './secret.js'
import { quotable } from './settings-mistakes.js'
import type { Settings } from './settings.js'

/** What the environment may say: the setting that each variable gives, and how its text is read. */
export const variables: Record<string, { key: keyof Settings, read: (text: string) => unknown, description: string }> = {
  PORT: { key: 'port', read: readNumber, description: 'The port to listen on (8000).' },
  HOST: { key: 'host', read: String, description: 'The address to listen on (127.0.0.1).' },
  COLLOQUY_DATA: { key: 'data', read: String, description: 'The folder of the database file and the secret (./data).' },
  COLLOQUY_ROOMS: { key: 'rooms', read: readBoolean, description: 'true: everybody may list and join conversations (false).' },
  COLLOQUY_ORIGINS: { key: 'origins', read: readList, description: 'The origins whose pages may call the API with credentials, with commas between.' },
  COLLOQUY_PUBLIC_URL: { key: 'public_url', read: String, description: 'The address under which clients reach the server.' },
  LOG_LEVEL: { key: 'log_level', read: String, description: 'fatal, error, warn, info, debug, trace or silent (info).' }
}

/** The variables that give no setting. */
export const otherVariables = {
  COLLOQUY_CONFIG: 'A configuration file (JSON or YAML). The environment goes before it.',
  COLLOQUY_SECRET: 'What signs the tokens: 32 characters or more. Several with commas between: the first signs, all are accepted. Without it one is made and kept in the data folder.',
  COLLOQUY_ADMIN_KEY: `Who sends it as a bearer may create sessions with the role manager or admin. ${SECRET_LENGTH_MIN} characters or more; without it nobody may.`
}

/** The settings that the environment gives. */
export function readVariables (env: NodeJS.ProcessEnv): Settings {
  const given = Object.entries(variables).filter(([name]) => isSet(env[name]))
  return Object.fromEntries(given.map(([name, { key, read }]) => [key, read(env[name]!.trim())]))
}

/** The variable that gives the setting at a path, with its text, or with the item of its list that is meant. */
export function nameVariable ([key, index]: string[], given: Settings, env: NodeJS.ProcessEnv): string {
  const [name] = Object.entries(variables).find(([, variable]) => variable.key === key)!
  const text = index === undefined ? env[name]!.trim() : given.origins![Number(index)]!
  return `${name} ("${quotable(text)}")`
}

export function isSet (text: string | undefined): text is string {
  return text !== undefined && text.trim() !== ''
}

// What is no number or no boolean stays text, so that the schema refuses it by name.
function readNumber (text: string): unknown {
  return /^\d+$/.test(text) ? Number(text) : text
}

function readBoolean (text: string): unknown {
  return text === 'true' ? true : text === 'false' ? false : text
}

export function readList (text: string): string[] {
  return text.split(',').map(item => item.trim()).filter(item => item !== '')
}
