import type { Problem } from '../client/index.js'
import { say } from './language.js'
import { ProblemError } from './session.js'
import type { TextKey } from './texts.js'

/** What the page can meet, in its own words. The sentences of the server are English, and for those who write programs. */
const sentences: Partial<Record<Problem['code'], TextKey>> = {
  token_invalid: 'sessionOver',
  token_expired: 'sessionOver',
  session_not_found: 'sessionOver',
  session_required: 'sessionNeeded',
  rooms_disabled: 'roomsDisabled',
  conversation_not_found: 'notFound',
  participant_not_found: 'participantUnknown',
  participant_not_yours: 'participantNotYours',
  message_not_found: 'messageUnknown',
  not_a_participant: 'notInside',
  people_only: 'peopleOnly',
  manager_required: 'managerNeeded',
  admin_required: 'adminNeeded',
  conversation_full: 'conversationFull',
  conversation_ended: 'ended',
  already_decided: 'decidedElsewhere',
  bot_not_found: 'botUnknown',
  local_id_conflict: 'idConflict',
  quoted_message_not_found: 'quotedUnknownHere',
  file_missing: 'fileMissing',
  file_unexpected: 'fileUnexpected',
  file_too_large: 'fileTooLarge',
  body_too_large: 'bodyTooLarge',
  body_malformed: 'garbled',
  request_timeout: 'tooSlow',
  rate_limited: 'tooMany',
  server_busy: 'serverBusy',
  server_draining: 'serverStopping',
  internal_error: 'serverFailed'
}

/** What is wrong with a file, by the rule that it breaks. */
const fileSentences: Record<string, TextKey> = { empty: 'fileEmpty', max_length: 'fileNameTooLong' }

/** What went wrong, for somebody who reads it: a problem of the server, or that none came from there. */
export function sayError (error: unknown): string {
  return error instanceof ProblemError ? sayProblem(error.problem) : say('somethingWrong')
}

/** A problem in the chosen language, in a general sentence when the page has no other. */
export function sayProblem (problem: Problem | undefined): string {
  if (problem === undefined) return say('somethingWrong')
  const ofFile = problem.errors?.find(({ pointer }) => pointer === '/file')
  return say(sentences[problem.code] ?? fileSentences[ofFile?.code ?? ''] ?? 'refused')
}
