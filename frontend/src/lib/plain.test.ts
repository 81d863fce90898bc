import { describe, expect, it } from 'vitest'

import { plainText, readPlain } from './plain'

describe('a value of any type', () => {
  it('is JSON where it reads as JSON', () => {
    const texts = ['15', ' 1.5', 'true', 'null', '"15"', '[1, "a"]', '{"a": {"b": [null]}}']
    expect(texts.map(readPlain)).toEqual([15, 1.5, true, null, '15', [1, 'a'], { a: { b: [null] } }])
  })

  it('is a text where it does not', () => {
    const texts = ['web 1', '', '1.2.3', 'True', '[1,', "{'a': 1}", 'NaN']
    expect(texts.map(readPlain)).toEqual(texts)
  })

  it('is none where a number would become another one', () => {
    expect(['12345678901234567891', '{"ids": [9007199254740993]}', '1e999'].map(readPlain)).toEqual([undefined, undefined, undefined])
  })

  it('is written as what reads as the same', () => {
    for (const value of ['web 1', '15', 'true', '', '"', 15, false, [1, '2'], { a: null }, '12345678901234567891'])
      expect(value === '' ? '' : readPlain(plainText(value))).toEqual(value)
  })
})
