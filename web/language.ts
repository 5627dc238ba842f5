import type { Message } from '../client/index.js'
import { keep, recall } from './storage.js'
import { texts, type Language, type TextKey } from './texts.js'

const KEY = 'colloquy.language'
// English is the language of many countries, which write times differently.
const locales: Record<Language, string> = { en: navigator.language.startsWith('en') ? navigator.language : 'en', pt: 'pt-BR' }
const KIB = 1024

export let language: Language = chosen()
setDocumentLanguage()

function chosen (): Language {
  const stored = recall('local', KEY)
  if (stored === 'en' || stored === 'pt') return stored
  return navigator.language.startsWith('pt') ? 'pt' : 'en'
}

export function chooseLanguage (next: Language): void {
  keep('local', KEY, next)
  language = next
  setDocumentLanguage()
}

function setDocumentLanguage (): void {
  document.documentElement.lang = locales[language]
}

/** A text of the page in the chosen language; what stands in braces is filled in. */
export function say (key: TextKey, values: Record<string, string | number> = {}): string {
  return texts[language][key].replace(/\{(\w+)\}/g, (_, name) => isolated(String(values[name])))
}

/** A name within a sentence, which turns nothing but itself (Unicode, UAX 9: FSI and PDI). */
function isolated (text: string): string {
  return /[\p{Script=Hebrew}\p{Script=Arabic}\p{Bidi_Control}]/u.test(text) ? `\u2068${text}\u2069` : text
}

// Making a format takes far longer than using it.
const formats = new Map<string, Intl.DateTimeFormat>()

function format (time: string, options: Intl.DateTimeFormatOptions): string {
  const key = JSON.stringify([language, options])
  const known = formats.get(key) ?? new Intl.DateTimeFormat(locales[language], options)
  formats.set(key, known)
  return known.format(new Date(time))
}

export function sayTime (time: string): string {
  return format(time, { hour: '2-digit', minute: '2-digit' })
}

export function sayDay (time: string, now = new Date()): string {
  const date = new Date(time)
  const days = Math.round((startOfDay(now) - startOfDay(date)) / (24 * 3600 * 1000))
  if (days === 0) return say('today')
  if (days === 1) return say('yesterday')
  return format(time, { dateStyle: 'long' })
}

/** Today a time, otherwise a day. */
export function sayWhen (time: string): string {
  return startOfDay(new Date(time)) === startOfDay(new Date()) ? sayTime(time) : format(time, { day: 'numeric', month: 'short' })
}

/** A name for a conversation that has none. */
export function sayUnnamed (createdAt: string): string {
  return say('unnamed', { time: format(createdAt, { dateStyle: 'medium', timeStyle: 'short' }) })
}

export function saySize (bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB']
  const power = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log(bytes) / Math.log(KIB)))
  return `${new Intl.NumberFormat(locales[language], { maximumFractionDigits: power === 0 ? 0 : 1 }).format(bytes / KIB ** power)} ${units[power]}`
}

export function sayDuration (seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`
}

/** A message in a few words. */
export function sayMessage (message: Message): string {
  if (message.type === 'S') return ''
  if (message.type === 'T') return message.text
  const kinds = { A: 'file', i: 'picture', V: 'video', a: 'audio', v: 'voice' } as const
  return [say(kinds[message.type]), message.text || message.file_name].filter(Boolean).join(': ')
}

function startOfDay (date: Date): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime()
}
