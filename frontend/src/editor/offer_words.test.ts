import { describe, expect, test } from 'vitest'

import { ROWS, rowOf } from './catalog'
import { offerWords, searchWords, textOf } from './offer_words'

describe('what a list calls a row', () => {
  test.each([
    ['run_task', 'run task'],
    ['run_named_flow', 'run the flow named …'],
    ['sleep', 'wait … seconds'],
    ['sort_elements_then', 'sort each x by key then by key'],
    ['filter_elements', 'keep each x where condition'],
    ['all_hold', 'condition and / or condition'],
    ['one_of', 'smallest / largest of value value'],
    ['compare', 'value == value'],
    ['place', 'this is the first element / the last element …'],
    ['context', 'key of element'],
    ['get_else', 'key of list or dict, else value'],
    ['text', 'text'],
    ['raw_value', 'Python'],
    ['boolean', 'True, False'],
  ])('%s: %s', (type, words) => {
    expect(textOf(offerWords(rowOf(type)))).toBe(words)
  })

  test('says which words are to be filled in', () => {
    expect(offerWords(rowOf('set_variable')).filter(({ isHole }) => isHole)).toEqual([
      { text: 'name', isHole: true },
      { text: 'value', isHole: true },
    ])
  })

  test('says what else a row is looked for by', () => {
    expect(searchWords(rowOf('sleep'))).toContain('delay')
    expect(searchWords(rowOf('log'))).toEqual([])
  })

  test('no row is without words, and no two of a shelf are called the same', () => {
    const names = ROWS.map((row) => `${row.shape} ${textOf(offerWords(row))}`)
    expect(names.filter((name, at) => name.trim() === '' || names.indexOf(name) !== at)).toEqual([])
  })
})
