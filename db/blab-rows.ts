/** A conversation of BLAB Controller. Ids are UUIDs with dashes, times are milliseconds; null is what cannot be read as one. */
export interface BlabConversation {
  id: string | null
  /** As the database spells it, to ask for what belongs to it. */
  key: string
  name: string | null
  created_at: number | null
}

export interface BlabParticipant {
  id: string | null
  key: string
  name: string
  type: string
}

export interface BlabMessage {
  id: string | null
  key: string
  type: string
  time: number | null
  /** Null for none; a text that is no id for one that does not exist. */
  quoted_message_id: string | null
  sender_id: string | null
  /** 0: never approved; 1: needed no approval; 2: approved. */
  approval_status: number
  /** Of system messages the name of the event. */
  text: string
  /** JSON. */
  metadata: string
  options: string[]
  local_id: string | null
  /** JSON; empty for none. */
  command: string
  sent_by_manager: boolean
  /** Below the media folder; null for none. */
  file: string | null
  file_key: string
  file_name: string | null
  file_size: number | null
  mime_type: string | null
  external_file_url: string | null
}

/** A row as SQLite gives it, with the names of its columns. */
export type Row = Record<string, string | number | null>

export function toConversation ({ id, name, created_at: createdAt }: Row): BlabConversation {
  return { id: toUuid(id), key: String(id), name: shownOrNull(name), created_at: toTime(createdAt) }
}

export function toParticipant ({ id, name, type }: Row): BlabParticipant {
  return { id: toUuid(id), key: String(id), name: shownOrNull(name) ?? `ANON_${toUuid(id)}`, type: String(type) }
}

export function toMessage (row: Row, options: unknown[]): BlabMessage {
  return {
    id: toUuid(row.m_id),
    key: String(row.m_id),
    type: String(row.type),
    time: toTime(row.time),
    quoted_message_id: row.quoted_message_id === null ? null : toUuid(row.quoted) ?? 'none',
    sender_id: row.sender_id === null ? null : toUuid(row.sender_id) ?? 'none',
    approval_status: Number(row.approval_status),
    text: textOrNull(row.text) ?? '',
    metadata: textOrNull(row.additional_metadata) ?? '{}',
    options: options.map(text => textOrNull(text) ?? ''),
    local_id: textOrNull(row.local_id),
    command: textOrNull(row.command) ?? '',
    sent_by_manager: row.sent_by_manager === 1,
    file: textOrNull(row.file),
    file_key: String(row.file_key).replaceAll('-', '').toLowerCase(),
    file_name: textOrNull(row.original_file_name),
    file_size: toSize(row.file_size),
    mime_type: textOrNull(row.mime_type),
    external_file_url: shownOrNull(row.external_file_url)
  }
}

// Django writes nothing as null or as an empty text.
function textOrNull (value: unknown): string | null {
  return value === null || value === '' ? null : String(value)
}

/** A text of which something can be seen, as it is; null for any other. */
function shownOrNull (value: unknown): string | null {
  const text = textOrNull(value)
  return text === null || text.trim() === '' ? null : text
}

/** A number of bytes; null for what is none. */
function toSize (value: unknown): number | null {
  const size = value === null ? NaN : Number(value)
  return Number.isSafeInteger(size) && size >= 0 ? size : null
}

/** A UUID as it is spelled here; null when it is none. Django writes it to SQLite as 32 hex digits. */
export function toUuid (value: unknown): string | null {
  const match = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/.exec(String(value).replaceAll('-', '').toLowerCase())
  return match !== null && /^[0-9a-f]+$/.test(match[0]) ? match.slice(1).join('-') : null
}

/** The milliseconds of a time as Django writes it to SQLite, in UTC; what is smaller is cut off. Null when there is no such time. */
function toTime (value: unknown): number | null {
  const match = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.(\d+))?$/.exec(String(value))
  if (match === null) return null
  const iso = `${match[1]}T${match[2]}.${(match[3] ?? '').padEnd(3, '0').slice(0, 3)}Z`
  const time = Date.parse(iso)
  // 31 February would be read as 3 March.
  return Number.isNaN(time) || new Date(time).toISOString() !== iso ? null : time
}
