import { describe, expect, test } from 'vitest'

import { badgeFor } from './badges'

describe('a badge', () => {
  test.each([
    ['timeout', { type: 'number', fields: { NUMBER: '90' } }, 'timeout 90'],
    ['retries', { type: 'number', fields: { NUMBER: '1' } }, '1 retry'],
    ['retries', { type: 'number', fields: { NUMBER: '3' } }, '3 retries'],
    ['check', { type: 'boolean', fields: { CHOICE: 'False' } }, 'goes on if it fails'],
    ['element', { type: 'text', fields: { TEXT: 'db1' } }, 'on db1'],
    ['elements', { type: 'elements', fields: {} }, 'on all elements'],
  ])('of %s says it in a few words', (keyword, value, words) => {
    expect(badgeFor(keyword, value)).toBe(words)
  })

  test('is for plain values alone: an expression keeps its blocks', () => {
    expect(badgeFor('timeout', { type: 'arithmetic', fields: { CHOICE: '+' } })).toBeNull()
    expect(badgeFor('timeout', null)).toBeNull()
  })

  test('is not for the inputs of a task', () => {
    expect(badgeFor('service', { type: 'text', fields: { TEXT: 'web' } })).toBeNull()
  })
})
