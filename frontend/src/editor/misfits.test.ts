import { describe, expect, test } from 'vitest'

import { callWords, scheduleWords } from './misfits'

const NONE = { missing: [], unknown: [], wrong: [] }

describe('what the next version would not take', () => {
  test.each([
    [{ ...NONE, missing: ['speed'] }, 'Gives no value for speed: it cannot start until it does.'],
    [{ ...NONE, missing: ['a', 'b', 'c'] }, 'Gives no value for a, b and c: it cannot start until it does.'],
    [{ ...NONE, unknown: ['old', 'older'] }, 'Gives old and older, which the flow does not take: it cannot start until that is changed.'],
    [
      { missing: ['a'], unknown: ['old'], wrong: [{ name: 'speed', expected: 'a whole number' }] },
      'Gives no value for a; old, which the flow does not take; a value for speed that is not a whole number: it cannot start until that is changed.',
    ],
  ])('is said of a schedule', (misfit, words) => {
    expect(scheduleWords(misfit)).toBe(words)
  })

  test('is said of a call with its line', () => {
    expect(callWords(3, { ...NONE, missing: ['speed'] })).toBe('Line 3 gives no value for speed: the call fails until it does.')
  })
})
