import { describe, expect, test } from 'vitest'

import { defaultText, valueOf } from './values'
import { difference, lineIn, plainEnds, shown, withEndsOf } from './texts'
import { agoOf } from './status'

describe('texts', () => {
  test('an edit is the one piece that differs', () => {
    expect(difference('sleep(5)\n', 'sleep(15)\n')).toEqual({ from: 6, to: 6, insert: '1' })
    expect(difference('aaa', 'aa')).toEqual({ from: 2, to: 3, insert: '' })
    expect(difference('', 'x')).toEqual({ from: 0, to: 0, insert: 'x' })
  })

  test.each([
    [1, 1],
    [2, null],
    [3, null],
    [4, 3],
    [5, 4],
  ])('line %i of a text with one more line in a changed piece is line %j of the text before', (line, before) => {
    expect(lineIn('a\nb\nc\n', 'a\nx\r\ny\nc\n', line)).toBe(before)
  })

  test('line ends stay those of the text if they were all alike', () => {
    expect(plainEnds('a\r\nb\rc\n')).toBe('a\nb\nc\n')
    expect(withEndsOf('a\r\nb\r\n', 'a\nc\n')).toBe('a\r\nc\r\n')
    expect(withEndsOf('a\nb\r\n', 'a\nc\n')).toBe('a\nc\n')
    expect(withEndsOf('', 'a\n')).toBe('a\n')
  })

  test('a long line is folded between words, and nothing of it is lost', () => {
    const text = 'word '.repeat(30)
    expect(shown(text).length).toBeGreaterThan(1)
    expect(shown(text).join('')).toBe(text)
    expect(shown('a\n\nb')).toEqual(['a', '', 'b'])
  })

  test('the default of an input has its type, and what does not fit is kept', () => {
    expect([
      valueOf('', { type: 'string' }),
      valueOf('5', { type: 'integer' }),
      valueOf('true', { type: 'boolean' }),
      valueOf('5', { type: 'string' }),
      valueOf('five', { type: 'number' }),
      valueOf('{"a": [1]}', {}),
      valueOf('five', {}),
    ]).toEqual([null, 5, true, '5', 'five', { a: [1] }, 'five'])
    expect(valueOf('80, x,', { type: 'list', of: 'integer' })).toEqual([80, 'x'])
    expect([defaultText([80, 443], 'list'), defaultText(null), defaultText('a'), defaultText('5')]).toEqual(['80, 443', '', 'a', '"5"'])
  })

  test('how long ago', () => {
    expect([agoOf(0, 3_000), agoOf(0, 125_000), agoOf(0, 7_200_000), agoOf(0, 4 * 86_400_000)]).toEqual([
      '3 s ago',
      '2 min ago',
      '2 h ago',
      '4 days ago',
    ])
  })
})
