import { ConfigError, type Config } from '../config.js'

// What the operating system calls the reasons for which an address cannot be listened at.
const addressProblems: Record<string, string> = {
  EADDRINUSE: 'is in use. Stop what listens there, or set PORT to another one.',
  EADDRNOTAVAIL: 'is no address of this machine. Set HOST to one that is, such as 127.0.0.1.',
  ENOTFOUND: 'is no address of this machine. Set HOST to one that is, such as 127.0.0.1.',
  EACCES: 'may not be listened at by this user. Set PORT to 1024 or more.'
}

/** Why a command failed, in sentences for whoever called it. */
export function explain (error: unknown, config: Config | undefined): string {
  if (error instanceof ConfigError) return ['The configuration has mistakes:', ...error.mistakes.map(mistake => `- ${mistake}`)].join('\n')
  if (!(error instanceof Error)) return String(error)
  return explainAddress(error, config) ?? explainFolder(error, config) ?? explainBug(error) ?? explainPlainly(error)
}

function explainAddress ({ code = '', syscall = '' }: NodeJS.ErrnoException, config: Config | undefined): string | undefined {
  const problem = ['listen', 'getaddrinfo'].includes(syscall) ? addressProblems[code] : undefined
  return problem && `The address ${config?.host}:${config?.port} ${problem}`
}

function explainFolder ({ code = '', syscall, path, message }: NodeJS.ErrnoException, config: Config | undefined): string | undefined {
  if (code.startsWith('SQLITE_')) return `The database in ${config?.dataFolder} cannot be used: ${message}.`
  if (syscall === undefined || path === undefined) return undefined
  const isData = config !== undefined && (path.startsWith(config.dataFolder) || config.dataFolder.startsWith(path))
  const reason = message.match(/^\w+: (.*?),/)?.[1] ?? message
  return `${path} cannot be used: ${reason}.${isData ? ' Set COLLOQUY_DATA to a folder in which this user may write.' : ''}`
}

// The place of a mistake in the program is for whoever corrects it.
function explainBug (error: Error): string | undefined {
  return [TypeError, RangeError, ReferenceError].some(kind => error.constructor === kind) ? error.stack : undefined
}

function explainPlainly ({ message, cause }: Error): string {
  return cause instanceof Error ? `${message} ${cause.message}` : message
}
