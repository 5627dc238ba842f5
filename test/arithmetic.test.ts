import fc from 'fast-check'
import t, { type Test } from 'tap'
import { evaluate } from '../bots/arithmetic.js'

type Table = [text: string, answer: string][]

/** An expression, already in parentheses where it needs them, and its value. */
interface Known { text: string, value: bigint }

function check (t: Test, table: Table) {
  for (const [text, answer] of table) t.equal(evaluate(text), answer, JSON.stringify(text.slice(0, 50)))
}

function refused (t: Test, texts: string[]) {
  check(t, texts.map(text => [text, '?']))
}

t.test('numbers are written as in Python', async t => {
  check(t, [
    ['0', '0'], ['00', '0'], ['0_0', '0'], ['1_000', '1000'], ['123456789012345678901234567890', '123456789012345678901234567890'],
    ['0x1f', '31'], ['0XFF', '255'], ['0x_f', '15'], ['0o17', '15'], ['0b101', '5'], ['0xe+1', '15'],
    ['1.5', '1.5'], ['.5', '0.5'], ['5.', '5.0'], ['1e3', '1000.0'], ['1.e3', '1000.0'], ['1E+2', '100.0'], ['1_0.0_1e1_0', '100100000000.0'],
    ['0.5', '0.5'], ['012.5', '12.5'], ['012e1', '120.0'], ['1e400', 'inf'], ['-1e400', '-inf']
  ])
  refused(t, ['012', '1__0', '1_', '_1', '1_.5', '1._5', '1e', '1e+', '0x', '0xg', '0b12', '0o8', '1.5.5', '1..5', '3j', '3j*2', '1n', '٣'])
})

t.test('floats are printed as Python prints them', async t => {
  check(t, [
    ['1e15', '1000000000000000.0'], ['1e16', '1e+16'], ['1e22', '1e+22'], ['1e100', '1e+100'], ['123456789012345.6', '123456789012345.6'],
    ['9999999999999998.0', '9999999999999998.0'], ['0.0001', '0.0001'], ['0.00001', '1e-05'], ['0.000012', '1.2e-05'], ['5e-324', '5e-324'],
    ['0.1+0.2', '0.30000000000000004'], ['-0.0', '-0.0'], ['0.0', '0.0'], ['-0', '0'], ['-1e16', '-1e+16'], ['1e400-1e400', 'nan'], ['-1e-5', '-1e-05']
  ])
})

t.test('operators bind as in Python', async t => {
  check(t, [
    ['1+2*3', '7'], ['(1+2)*3', '9'], ['10-4-3', '3'], ['2*7//3%4', '0'], ['100//7//2', '7'], ['2**3**2', '512'], ['(2**3)**2', '64'],
    ['-2**2', '-4'], ['2**-1', '0.5'], ['2**-2**2', '0.0625'], ['--2', '2'], ['-+-2', '2'], ['1--1', '2'], ['2*-3', '-6'], ['-7//2', '-4'],
    [' 1\t+ 2 ', '3'], ['\n1+2\n', '3'], ['( ( 1 ) )', '1'], ['2 ** 3', '8']
  ])
})

t.test('division gives a float, floor division rounds down, a remainder has the sign of the divisor', async t => {
  check(t, [
    ['4/2', '2.0'], ['1/3', '0.3333333333333333'], ['-1/3', '-0.3333333333333333'], ['0/-5', '-0.0'], ['1.5/0.5', '3.0'],
    ['-5//3', '-2'], ['-5%3', '1'], ['5//-3', '-2'], ['5%-3', '-1'], ['-6//3', '-2'], ['-6%3', '0'],
    ['5.5//2', '2.0'], ['-5.5//2', '-3.0'], ['-1.5%1', '0.5'], ['5.5%-2', '-0.5'], ['-4.0%2', '0.0'], ['4.0%-2', '-0.0'], ['1//0.1', '9.0'],
    ['-0.0//1', '-0.0'], ['-1//1e400', '-1.0'], ['-1%1e400', 'inf'], ['1e400//1', 'nan'], ['1/(1e400-1e400)', 'nan'], ['1%(1e400-1e400)', 'nan']
  ])
  refused(t, ['1/0', '1//0', '1%0', '1/0.0', '1.0//0', '1.0%0', '0/0', '1/-0.0'])
})

t.test('a quotient of ints is rounded once, however large they are', async t => {
  check(t, [
    ['10**400/10**399', '10.0'], ['(2**53+1)/1', '9007199254740992.0'], ['(2**53+3)/1', '9007199254740996.0'], ['(2**54+2)*10**400/10**400', '1.8014398509481984e+16'],
    ['(2**54+3)/2', '9007199254740994.0'], ['1/10**320', '1e-320'], ['1/2**1075', '0.0'], ['-1/2**1075', '-0.0'], ['3/2**1076', '5e-324'], ['1/10**4000', '0.0'],
    ['(2**1024-2**970-1)/1', '1.7976931348623157e+308']
  ])
  refused(t, ['10**400/3', '(2**1024-2**970)/1'])
})

t.test('powers of ints are exact, other powers are floats', async t => {
  check(t, [
    ['9**99', String(9n ** 99n)], ['(-3)**3', '-27'], ['0**0', '1'], ['1**999999999999', '1'], ['(-1)**999999999999', '-1'], ['0**999999999999', '0'],
    ['10**-5', '1e-05'], ['5**-5', '0.00032'], ['7**-2', '0.02040816326530612'], ['(-2)**-1', '-0.5'], ['2**-1074', '5e-324'], ['2**-1080', '0.0'],
    ['2**0.5', '1.4142135623730951'], ['9**0.5', '3.0'], ['2**1.5', '2.8284271247461903'], ['27**(1/3)', '3.0'], ['1.13**10', '3.3945673899222197'], ['1.05**10', '1.628894626777442'],
    ['10.0**22', '1e+22'], ['10.0**308', '1e+308'], ['(-2.0)**3', '-8.0'], ['(-0.0)**3', '-0.0'], ['0.0**0', '1.0'], ['1e-200**2', '0.0'], ['1.0000000001**1e10', '2.7182820532347876'],
    ['1**(1e400-1e400)', '1.0'], ['(-1)**1e400', '1.0'], ['(-1e400)**0.5', 'inf'], ['0.0**-1e400', 'inf'], ['2**1e400', 'inf'], ['2**-1e400', '0.0'], ['2**(1e400-1e400)', 'nan']
  ])
  refused(t, ['0**-1', '0.0**-1', '(-8)**(1/3)', '(-1)**0.5', '10.0**309', '1e200**2', '0.5**-1e10', '(10**400)**-1', '10**-10**400'])
})

t.test('an int beside a float becomes a float', async t => {
  check(t, [
    ['1+1.0', '2.0'], ['2*1.5', '3.0'], ['2**53+1+0.0', '9007199254740992.0'], ['10**308*1.0', '1e+308'], ['1e308*10', 'inf'], ['-1e308*10', '-inf'], ['1e400*0', 'nan']
  ])
  refused(t, ['10**309*1.0', '1.0-10**400', '10**400*1e400', '10**400//0.5', '2.0**10**400'])
})

t.test('everything else gets a question mark', async t => {
  refused(t, [
    '', ' ', '?', 'hello', '1+', '+', '*1', '1 2', '1 .5', '()', '(1', '1)', '(1))', '1(2)', '2* *3', '1/ /2', '2***3', '1,2', '(1,2)', '1\n+2', '(1\n+2)', '1\f+2',
    '~1', '1&2', '1|2', '1^2', '1<<2', '1>>2', 'not 1', '1<2', '1==1', 'x', '1 if 1 else 2', 'inf', 'abs(1)', '__import__("os")', '1;2', '1 # one', '1\0', '१+१', '1\u00a0+ 1', '5×2', '🙂'
  ])
})

t.test('what is too long, too deep or too large is refused before it is worked out', async t => {
  check(t, [
    ['1'.repeat(1000), '1'.repeat(1000)], ['1'.repeat(1001), '?'], [`1${' '.repeat(1000)}`, '?'],
    [`${'('.repeat(50)}1${')'.repeat(50)}`, '1'], [`${'('.repeat(51)}1${')'.repeat(51)}`, '?'], [`${'(1)+'.repeat(200)}1`, '201'],
    [`${'-'.repeat(998)}1`, '1'], [`${'1**'.repeat(300)}1`, '1'], [`${'1.5**-'.repeat(160)}1`, evaluate(`${'1.5**-'.repeat(162)}1`)],
    ['10**4299', `1${'0'.repeat(4299)}`], ['10**4300-1', '?'], ['-10**4299', `-1${'0'.repeat(4299)}`], ['-10**4300', '?'], ['10**4299*9+10**4299', '?']
  ])
  refused(t, [
    '9**9**9', '9**999999999', '-9**9**9', '9**9**9**9**9**9', '(9**4000)**4000', '2**10**4000', '0*9**9**9', '(-2)**999999999',
    '('.repeat(10_000), '('.repeat(1000), `${'9**99*'.repeat(150)}1`, `${'9**4000*'.repeat(120)}1`, `${'9'.repeat(990)}**9`
  ])
})

const leaf: fc.Arbitrary<Known> = fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }).map(value => ({ text: value < 0n ? `(${value})` : `${value}`, value }))

// Quotient and rest are chosen first, so that no division is needed to know them.
function divisions ([quotient, divisor, rest]: [bigint, bigint, bigint]): [Known, Known] {
  const text = `(${quotient * divisor + rest % divisor})`
  return [{ text: `(${text}//(${divisor}))`, value: quotient }, { text: `(${text}%(${divisor}))`, value: rest % divisor }]
}

const magnitudes = fc.bigInt({ min: 1n, max: 10n ** 15n })
const signs = fc.constantFrom(1n, -1n)
const division = fc.tuple(fc.bigInt(-(10n ** 9n), 10n ** 9n), magnitudes, magnitudes, signs, fc.nat(1))
  .map(([quotient, divisor, rest, sign, which]) => divisions([quotient, divisor * sign, rest * sign])[which] as Known)

const { known } = fc.letrec<{ known: Known }>(tie => ({
  known: fc.oneof({ maxDepth: 4, withCrossShrink: true }, leaf, division,
    tie('known').map(({ text, value }) => ({ text: `(-${text})`, value: -value })),
    fc.tuple(tie('known'), tie('known')).map(([left, right]) => ({ text: `(${left.text} + ${right.text})`, value: left.value + right.value })),
    fc.tuple(tie('known'), tie('known')).map(([left, right]) => ({ text: `(${left.text}-${right.text})`, value: left.value - right.value })),
    fc.tuple(tie('known'), tie('known')).map(([left, right]) => ({ text: `(${left.text}\t*${right.text})`, value: left.value * right.value })),
    fc.tuple(tie('known'), fc.nat(3)).map(([base, power]) => ({ text: `(${base.text}**${power})`, value: Array<bigint>(power).fill(base.value).reduce((left, right) => left * right, 1n) })))
}))

t.test('expressions of ints have the value that they were built with', async () => {
  fc.assert(fc.property(known.filter(({ text }) => text.length <= 1000), ({ text, value }) => evaluate(text) === String(value)), { numRuns: 1000 })
})

t.test('a printed float reads back as itself', async () => {
  const floats = fc.double({ noNaN: true, noDefaultInfinity: true })
  fc.assert(fc.property(floats, value => {
    const answer = evaluate(String(value))
    return evaluate(answer) === answer && (Number.isInteger(value) || Object.is(Number(answer), value))
  }), { numRuns: 1000 })
})

t.test('a quotient of ints that a float can hold is that float', async () => {
  const mantissas = fc.bigInt({ min: -(2n ** 53n), max: 2n ** 53n }).filter(mantissa => mantissa !== 0n)
  fc.assert(fc.property(mantissas, fc.nat(1000), fc.bigInt(1n, 10n ** 100n), (mantissa, shift, factor) =>
    Number(evaluate(`${mantissa * factor}/(${factor}*2**${shift})`)) === Number(mantissa) / 2 ** shift), { numRuns: 1000 })
})

t.test('any text whatever gets an answer that can be printed', async () => {
  const alphabet = fc.constantFrom(...'0123456789._eExXbj+-*/%() \t', '**', '//', '9**99', '1e308', '0x1f', '10**400')
  const texts = fc.oneof(fc.string({ unit: 'binary', maxLength: 1100 }), fc.string({ unit: alphabet, maxLength: 12 }), fc.string({ unit: alphabet, maxLength: 400 }))
  fc.assert(fc.property(texts, text => /^(?:\?|-?\d{1,4300}|-?\d+\.\d+|-?\d(?:\.\d+)?e[+-]\d{2,3}|-?inf|nan)$/.test(evaluate(text))), { numRuns: 3000 })
})
