import { describeAll, fieldErrors, judgeOf } from '../contract/ajv.js'
import { ManagerCommand } from '../contract/api.js'
import { requireStorable } from '../contract/json.js'
import { bodyProblem, problem, ProblemError, type FieldError } from '../errors.js'

const isCommand = judgeOf<ManagerCommand>(ManagerCommand)

/**
 * What a manager wants done.
 * @param text JSON
 * @throws ProblemError command_invalid, with the place in the command
 */
export function readCommand (text: string): ManagerCommand {
  const command = parse(text)
  requireClean(command)
  if (!isCommand(command)) {
    const errors = fieldErrors(isCommand.errors, 'body', '/command')
    throw problem('command_invalid', { detail: describeAll(errors, 'The command'), errors })
  }
  const { action, bots, self_redirect: isRedirected } = command
  if ((action === 'redirect' || isRedirected) && bots === undefined) throw commandProblem('/bots', 'required', 'A redirection needs bots, by name or participant id.')
  return command
}

/** A problem of one field of a command. */
export function commandProblem (pointer: string, rule: string, detail: string): Error {
  return bodyProblem('command_invalid', `/command${pointer}`, rule, detail)
}

// Escapes in the text are characters only now.
function requireClean (command: unknown): void {
  try { requireStorable(command) } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    const [{ pointer, code }] = error.body.errors as [FieldError]
    throw commandProblem(pointer, code, error.body.detail)
  }
}

function parse (text: string): unknown {
  try { return JSON.parse(text) } catch {
    throw bodyProblem('command_invalid', '/command', 'format', 'The command must be JSON text.')
  }
}
