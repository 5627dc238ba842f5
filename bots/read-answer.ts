import { isUtf8 } from 'node:buffer'
import { describeAll, fieldErrors, judgeOf } from '../contract/ajv.js'
import { BotAnswer } from '../contract/api.js'
import { requireStorable } from '../contract/json.js'
import { ProblemError } from '../errors.js'
import { BadAnswer, nothing, type Answer } from './bot.js'

const isAnswer = judgeOf<BotAnswer>(BotAnswer)

/**
 * What a bot answers in the body of a response. What is no JSON object, such as `OK`, says nothing.
 * @param isJson whether the bot says that it is JSON; then what is none has been cut off or is a mistake
 * @throws BadAnswer
 */
export function readAnswer (body: Buffer, isJson: boolean): Answer {
  const value = parse(body.toString('utf8'))
  if (value === undefined && isJson && body.length > 0) throw new BadAnswer('Its answer is no JSON object.')
  if (value === undefined) return nothing
  if (!isUtf8(body)) throw new BadAnswer('Its answer is not UTF-8.')
  return requireAnswer(value)
}

/**
 * The same value, if it is what a bot may answer.
 * @throws BadAnswer
 */
export function requireAnswer (value: object): Answer {
  try {
    requireStorable(value)
  } catch (error) {
    throw error instanceof ProblemError ? new BadAnswer(error.message) : error
  }
  if (isAnswer(value)) return { messages: value.messages ?? [] }
  throw new BadAnswer(`Its answer is wrong: ${describeAll(fieldErrors(isAnswer.errors, 'body'), 'The answer')}`)
}

function parse (text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}
