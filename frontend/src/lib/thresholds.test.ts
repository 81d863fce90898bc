import { expect, it } from 'vitest'

import { ordinal, withoutCount } from './thresholds'

it('numbers are said as people say them', () => {
  expect([1, 2, 3, 4, 11, 12, 13, 21, 102, 113].map(ordinal).join(' ')).toBe('1st 2nd 3rd 4th 11th 12th 13th 21st 102nd 113th')
})

it('a reason is told without the count at its end, and whole where it has none there', () => {
  expect(withoutCount('db7 failed at 3 Check: exit code 3; 1 failed, 0 allowed')).toBe('db7 failed at 3 Check: exit code 3')
  expect(withoutCount('aborted by db7: 1 failed, 0 allowed; see CHG-1')).toBe('aborted by db7: 1 failed, 0 allowed; see CHG-1')
})
