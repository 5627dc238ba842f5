import { calculate, NoAnswer, print, refuse, type PythonNumber } from './python-number.js'

/** What the parser works off: the tokens, the place of the next one, and how many parentheses are open there. */
interface Input { readonly tokens: string[], at: number, depth: number }

const LENGTH_MAX = 1000
const DEPTH_MAX = 50

// The numbers of https://docs.python.org/3/reference/lexical_analysis.html#numeric-literals without the imaginary ones.
const digits = String.raw`\d(?:_?\d)*`
const exponent = `[eE][+-]?${digits}`
const float = String.raw`(?:(?:${digits}\.(?:${digits})?|\.${digits})(?:${exponent})?|${digits}${exponent})`
const int = String.raw`(?:0[xX](?:_?[\da-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|0(?:_?0)*|[1-9](?:_?\d)*)`

// What is no number or operator becomes a token of one character, which no rule accepts.
const TOKEN = new RegExp(String.raw`${float}|${int}|\*\*|//|[^ \t]`, 'g')
const FLOAT = new RegExp(`^${float}$`)
const INT = new RegExp(`^${int}$`)

/**
 * The value of an arithmetic expression as Python 3 prints it, or `?` for anything else: other text, what Python raises an
 * error for, more than 1000 characters, parentheses deeper than 50, an int of more than 4300 digits. The grammar is that of
 * https://docs.python.org/3/reference/expressions.html for `+ - * / // % **` and parentheses.
 */
export function evaluate (text: string): string {
  if (text.length > LENGTH_MAX) return '?'
  const input = { tokens: text.trim().match(TOKEN) ?? [], at: 0, depth: 0 }
  try {
    const value = sum(input)
    return input.at === input.tokens.length ? print(value) : '?'
  } catch (error) {
    if (error instanceof NoAnswer) return '?'
    throw error
  }
}

function sum (input: Input): PythonNumber {
  return leftToRight(input, ['+', '-'], product)
}

function product (input: Input): PythonNumber {
  return leftToRight(input, ['*', '/', '//', '%'], signed)
}

function leftToRight (input: Input, operators: string[], operand: (input: Input) => PythonNumber): PythonNumber {
  let value = operand(input)
  for (let operator = take(input, operators); operator; operator = take(input, operators)) {
    value = calculate(operator, value, operand(input))
  }
  return value
}

function signed (input: Input): PythonNumber {
  const sign = take(input, ['+', '-'])
  if (!sign) return power(input)
  const value = signed(input)
  return sign === '-' ? -value : value
}

function power (input: Input): PythonNumber {
  const base = atom(input)
  return take(input, ['**']) ? calculate('**', base, signed(input)) : base
}

function atom (input: Input): PythonNumber {
  if (take(input, ['('])) return parenthesized(input)
  const token = input.tokens[input.at++] ?? ''
  const literal = token.replaceAll('_', '')
  if (FLOAT.test(token)) return Number(literal)
  return INT.test(token) ? BigInt(literal) : refuse()
}

function parenthesized (input: Input): PythonNumber {
  if (++input.depth > DEPTH_MAX) refuse()
  const value = sum(input)
  if (!take(input, [')'])) refuse()
  input.depth--
  return value
}

function take (input: Input, tokens: string[]): string | undefined {
  const token = input.tokens[input.at]
  if (token === undefined || !tokens.includes(token)) return undefined
  input.at++
  return token
}
