import type { FieldError, Problem, ProblemCode } from './contract/api.js'

export type { FieldError, Problem, ProblemCode }

/** Every error that the API can give: status, kind, and what to do when nothing more precise can be said. */
export const problems = {
  internal_error: [500, 'Internal error', 'Something went wrong on the server. Nothing was stored; try again later.'],
  server_busy: [503, 'Server busy', 'The server has too much to do. Try again in a moment.'],
  server_draining: [503, 'Server draining', 'The server is about to stop. Try again in a moment.'],
  rate_limited: [429, 'Too many requests', 'Wait for as many seconds as Retry-After says.'],
  request_malformed: [400, 'Malformed request', 'The request is not valid HTTP.'],
  request_timeout: [408, 'Request too slow', 'The request did not arrive in time. Send it again.'],
  headers_too_large: [431, 'Headers too large', 'Send fewer or shorter headers.'],
  route_not_found: [404, 'No such path', 'There is nothing at this path. The paths are listed in /openapi.json.'],
  method_not_allowed: [405, 'Method not allowed', 'Use one of the methods in the Allow header.'],
  token_invalid: [401, 'Invalid token', 'Create a session and send its token.'],
  token_expired: [401, 'Expired token', 'Create a new session and send its token.'],
  session_not_found: [401, 'No such session', 'The session of this token does not exist. Create a new one.'],
  session_required: [401, 'Session required', 'Create a session and send its token as "Authorization: Bearer" or as the cookie sessionid.'],
  body_missing: [400, 'Missing body', 'Send a body.'],
  body_malformed: [400, 'Malformed body', 'The body cannot be read.'],
  body_invalid: [400, 'Invalid body', 'Correct the fields listed in errors.'],
  body_too_large: [413, 'Body too large', 'Send a smaller body.'],
  media_type_unsupported: [415, 'Unsupported media type', 'Send the body in a media type that the operation takes.'],
  query_invalid: [400, 'Invalid query', 'Correct the parameters listed in errors.'],
  rooms_disabled: [403, 'Rooms are disabled', 'Only conversations that this session is in can be seen on this server.'],
  not_a_participant: [403, 'Not a participant', 'Join the conversation first.'],
  participant_not_yours: [403, 'Not your participant', 'Only your own participant can be changed.'],
  manager_required: [403, 'Not a manager', 'Only a manager of the conversation may do this.'],
  admin_required: [403, 'Not an admin', 'Send the admin key of the server as "Authorization: Bearer".'],
  people_only: [403, 'For people only', 'A bot stays in the conversations that it was created with.'],
  bot_token_required: [401, 'Bot token required', 'Send the token of a bot, from the configuration, as "Authorization: Bearer".'],
  conversation_not_found: [404, 'No such conversation', 'There is no conversation with this id that you may see.'],
  participant_not_found: [404, 'No such participant', 'There is no participant with this id in the conversation.'],
  message_not_found: [404, 'No such message', 'There is no message with this id in the conversation.'],
  media_not_found: [404, 'No such file', 'There is no file at this address.'],
  delivery_not_found: [404, 'No such delivery', 'There is no delivery with this id for this bot.'],
  page_not_found: [404, 'No such page', 'Invalid page.'],
  conversation_full: [409, 'Conversation full', 'The conversation has as many participants as it can have.'],
  conversation_ended: [409, 'Conversation ended', 'The conversation has ended and takes no new messages. Create another one.'],
  local_id_conflict: [409, 'local_id used for another message', 'This local_id belongs to another message of yours. Use a new one.'],
  already_decided: [409, 'Already decided', 'Another decision about this message was made before.'],
  lease_lost: [409, 'Lease lost', 'The delivery was leased again or is closed. Lease another one.'],
  file_too_large: [413, 'File too large', 'Send a smaller file.'],
  range_not_satisfiable: [416, 'Range not satisfiable', 'The range is outside of the file.'],
  bot_not_found: [422, 'No such bot', 'Use names from /api/chat/bots/.'],
  quoted_message_not_found: [422, 'No such quoted message', 'Quote a message of the same conversation.'],
  command_invalid: [422, 'Invalid command', 'Correct the fields of the command that are listed in errors.'],
  file_missing: [422, 'Missing file', 'A message of this type needs a file or an external_file_url.'],
  file_unexpected: [422, 'Unexpected file', 'A text message takes no file. Send it with another type.']
} as const satisfies Record<ProblemCode, readonly [status: number, title: string, detail: string]>

/** What a problem says beyond its kind. */
export interface ProblemDetails {
  /** What is wrong here and what to do. */
  detail?: string
  errors?: FieldError[]
  /** The limit that was passed, in the unit that `detail` names. */
  limit?: number
}

export class ProblemError extends Error {
  readonly body: Problem
  /** Headers that belong to the answer. */
  readonly headers: Record<string, string>

  constructor (code: ProblemCode, details: ProblemDetails, headers: Record<string, string>) {
    const [status, title, detail] = problems[code]
    super(details.detail ?? detail)
    this.body = { type: `urn:colloquy:problem:${code}`, title, status, code, detail, ...details }
    this.headers = headers
  }
}

/** An error to throw, which the API answers as a problem (RFC 9457). */
export function problem (code: ProblemCode, details: ProblemDetails = {}, headers: Record<string, string> = {}): ProblemError {
  return new ProblemError(code, details, headers)
}

// A name that a client made up comes back in the answer, but not at any length.
const NAME_MAX = 100

/** The JSON pointer (RFC 6901) to a member of what another pointer leads to. */
export function pointerTo (parent: string, name: string): string {
  return `${parent}/${name.slice(0, NAME_MAX).replaceAll('~', '~0').replaceAll('/', '~1')}`
}

/** A problem of one field of the body, with the field's JSON pointer (RFC 6901). */
export function bodyProblem (code: ProblemCode, pointer: string, rule: string, detail: string): ProblemError {
  return problem(code, { detail, errors: [{ in: 'body', pointer, code: rule, detail }] })
}
