import { describe, expect, test } from 'vitest'

import { literalOf, pythonOf, quoteOf } from './literals'

describe('a plain value', () => {
  test.each([
    ['it is', "'it is'"],
    ["it's", '"it\'s"'],
    [`both ' and "`, `'both \\' and "'`],
    ['a\\b\n\t\u0000\u200b€𝄞', String.raw`'a\\b\n\t\x00\u200b€𝄞'`],
    [5, '5'],
    [-1.5, '-1.5'],
    [true, 'True'],
    [null, 'None'],
    [['a', 1, [false]], "['a', 1, [False]]"],
    [{ a: { b: [null] } }, "{'a': {'b': [None]}}"],
  ])('%j is written as Python does, and read again', (value, code) => {
    expect(pythonOf(value)).toBe(code)
    expect(literalOf(code)).toEqual(value)
  })

  test('keeps the quotes that were there', () => {
    expect(pythonOf('b', quoteOf('"a"'))).toBe('"b"')
    expect(pythonOf('b"', quoteOf('"a"'))).toBe(`'b"'`)
  })

  test('is read as Python reads it', () => {
    expect(literalOf(' [ "a" , 1, ] ')).toEqual(['a', 1])
    expect(literalOf(String.raw`"\x41\u0042\U0001d11e"`)).toBe('AB𝄞')
  })
})

test.each([
  "inputs['a']", 'f"x"', "r'x'", '"a" "b"', '"""a"""', '(1, 2)', '1_000', '0x10', '5.0', '1e3', '12345678901234567891', '1 + 2',
  "['a'", '{1: 2}', '-x', "'a", "[1,,2]", '[1]  # one', 'Trues', '', "'\\q'", "'\\N{BULLET}'", '[*a]', '{**a}', '1.e', '[x for x in y]',
])('%s is more than a plain value', (code) => {
  expect(literalOf(code)).toBeUndefined()
})
