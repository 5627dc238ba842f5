/** An int of Python is a bigint here, a float of Python a number. */
export type PythonNumber = bigint | number

/** What Python raises an error for, or what is over a limit here. */
export class NoAnswer extends Error {}

// Python refuses to print more digits (sys.int_info.default_max_str_digits). Here no intermediate may have more, either: a
// power is estimated first, a product is at most twice as long as its operands and can be measured.
const DIGITS_MAX = 4300n
const INT_BEYOND = 10n ** DIGITS_MAX
const BITS_MAX = BigInt(INT_BEYOND.toString(2).length)

// The ends of two neighbouring floats and the middle between them are multiples of 2 ** -1075, so they have no more decimals.
const DECIMALS = 1075n

// The logarithm keeps 192 bits after the point. Of the power 110 are sure, so that an exact power comes out exact.
const POINT = 192n
const ONE = 1n << POINT
const UNSURE = POINT - 110n
const LN_2 = logarithm(2n * ONE)

type Operation = [ofInts: (left: bigint, right: bigint) => PythonNumber, ofFloats: (left: number, right: number) => number]

const operations: Record<string, Operation> = {
  '+': [(left, right) => left + right, (left, right) => left + right],
  '-': [(left, right) => left - right, (left, right) => left - right],
  '*': [(left, right) => left * right, (left, right) => left * right],
  '/': [divideInts, (left, right) => left / nonzero(right)],
  '//': [(left, right) => (left - intModulo(left, right)) / right, floatFloor],
  '%': [intModulo, floatModulo],
  '**': [intPower, floatPower]
}

/** The value of a binary operation as Python 3 has it; throws NoAnswer where Python raises, and for an int of more than 4300 digits. */
export function calculate (operator: string, left: PythonNumber, right: PythonNumber): PythonNumber {
  const [ofInts, ofFloats] = operations[operator] ?? refuse()
  if (typeof left === 'number' || typeof right === 'number') return ofFloats(toFloat(left), toFloat(right))
  const value = ofInts(left, right)
  return typeof value === 'number' || (value < INT_BEYOND && -value < INT_BEYOND) ? value : refuse()
}

/** The number as Python's repr writes it: an exponent below 1e-04 and from 1e+16 on, of two digits at least; a float never looks like an int. */
export function print (value: PythonNumber): string {
  if (typeof value === 'bigint') return value.toString()
  if (!Number.isFinite(value)) return String(value).replace('Infinity', 'inf').toLowerCase()
  const size = Math.abs(value)
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) return value.toExponential().replace(/(?<=e[+-])(?=\d$)/, '0')
  const digits = Object.is(value, -0) ? '-0' : String(value)
  return Number.isInteger(value) ? `${digits}.0` : digits
}

/** Throws NoAnswer, in place of a value. */
export function refuse (): never {
  throw new NoAnswer()
}

function nonzero<Value extends PythonNumber> (divisor: Value): Value {
  return divisor === 0 || divisor === 0n ? refuse() : divisor
}

function opposed (left: PythonNumber, right: PythonNumber): boolean {
  return (left < 0) !== (right < 0)
}

function finite (value: number): number {
  return Number.isFinite(value) ? value : refuse()
}

function toFloat (value: PythonNumber): number {
  return typeof value === 'number' ? value : finite(Number(value))
}

function divideInts (left: bigint, right: bigint): number {
  const quotient = finite(ratio(left < 0n ? -left : left, right < 0n ? -nonzero(right) : nonzero(right)))
  return opposed(left, right) ? -quotient : quotient
}

// Rounds once: a last digit tells the conversion from decimals, which rounds correctly, whether the decimals are all.
function ratio (left: bigint, right: bigint): number {
  const decimals = left * 10n ** DECIMALS
  return Number(`${decimals / right}${decimals % right === 0n ? 0 : 1}e-${DECIMALS + 1n}`)
}

function intModulo (left: bigint, right: bigint): bigint {
  const rest = left % nonzero(right)
  return rest !== 0n && opposed(rest, right) ? rest + right : rest
}

// This and floatFloor follow _float_div_mod in Objects/floatobject.c of CPython.
function floatModulo (left: number, right: number): number {
  const rest = left % nonzero(right)
  if (rest === 0) return right < 0 ? -0 : 0
  return opposed(rest, right) ? rest + right : rest
}

function floatFloor (left: number, right: number): number {
  const rest = left % nonzero(right)
  const borrowed = rest !== 0 && opposed(rest, right) ? 1 : 0
  const quotient = (left - rest) / right - borrowed
  if (quotient === 0) return 0 * (left / right)
  const floor = Math.floor(quotient)
  return quotient - floor > 0.5 ? floor + 1 : floor
}

function intPower (base: bigint, exponent: bigint): PythonNumber {
  if (exponent < 0n) return floatPower(toFloat(base), toFloat(exponent))
  const bits = BigInt((base < 0n ? -base : base).toString(2).length)
  return (bits - 1n) * exponent > BITS_MAX ? refuse() : base ** exponent
}

// Python and JavaScript differ on ±1 to an infinite power, on 1 to nan, and on what Python raises an error for.
function floatPower (base: number, exponent: number): number {
  if (base === 1 || (base === -1 && Math.abs(exponent) === Infinity)) return 1
  if (!Number.isFinite(base) || !Number.isFinite(exponent) || exponent === 0) return base ** exponent
  if (base === 0) return exponent < 0 ? refuse() : base ** exponent
  if (base < 0 && !Number.isInteger(exponent)) refuse()
  const power = finite(positivePower(Math.abs(base), exponent))
  return base < 0 && exponent % 2 !== 0 ? -power : power
}

// The engine's own ** is off by a last digit once in ten times (10 ** -5 in Node 20); the C library, which Python asks, hardly ever is.
function positivePower (base: number, exponent: number): number {
  const [numerator, shift] = binary(exponent)
  const log = (binaryLogarithm(base) * numerator) >> shift
  const whole = log >> POINT
  if (whole > 1024n || whole < -1080n) return whole > 0n ? Infinity : 0
  const fraction = exponential(((log - (whole << POINT)) * LN_2) >> POINT)
  const sure = (fraction + (1n << (UNSURE - 1n))) >> UNSURE
  const scale = POINT - UNSURE - whole
  return scale > 0n ? ratio(sure, 1n << scale) : ratio(sure << -scale, 1n)
}

// A finite float is exactly numerator / 2 ** shift.
function binary (value: number): [numerator: bigint, shift: bigint] {
  let shift = 0n
  for (; !Number.isInteger(value); value *= 2) shift += 1n
  return [BigInt(value), shift]
}

function binaryLogarithm (value: number): bigint {
  const [numerator, shift] = binary(value)
  const whole = BigInt(numerator.toString(2).length - 1)
  const mantissa = (numerator << POINT) >> whole
  return ((whole - shift) << POINT) + (logarithm(mantissa) << POINT) / LN_2
}

// ln x = 2 artanh z with z = (x - 1) / (x + 1), for x from 1 to 2.
function logarithm (value: bigint): bigint {
  const z = ((value - ONE) << POINT) / (value + ONE)
  const square = (z * z) >> POINT
  let sum = 0n
  for (let power = z, n = 1n; power > 0n; power = (power * square) >> POINT, n += 2n) sum += power / n
  return 2n * sum
}

function exponential (value: bigint): bigint {
  let sum = 0n
  for (let term = ONE, n = 1n; term > 0n; term = ((term * value) >> POINT) / n, n += 1n) sum += term
  return sum
}
