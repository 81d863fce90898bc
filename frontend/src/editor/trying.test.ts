import { describe, expect, it } from 'vitest'

import type { OrderPreview } from './documents'
import { chosenWords, inRunOrder } from './trying'

function anOrder(...names: readonly string[]): OrderPreview {
  const rows = names.map((name) => ({ name, facts: {}, written_at: {} }))
  return { words: '', selected: names.length, kept: names.length, rows, dropped: [], keys: [], problem: null }
}

describe('the elements to try on', () => {
  it('stand as the flow would take them', () => {
    expect(inRunOrder(['db1', 'db2', 'db3'], anOrder('db3', 'db1', 'db2'))).toEqual(['db3', 'db1', 'db2'])
  })

  it('come last where the order drops them or does not tell of them, and none is added', () => {
    expect(inRunOrder(['db1', 'db2', 'db3'], anOrder('db9', 'db3'))).toEqual(['db3', 'db1', 'db2'])
  })

  it('stay as they were selected while no order is known', () => {
    expect(inRunOrder(['db2', 'db1'], null)).toEqual(['db2', 'db1'])
  })
})

it('with nobody chosen the dialog says what to do', () => {
  expect([chosenWords(0, 10, 0), chosenWords(2, 10, 3)]).toEqual(['Choose at least one of 10 elements', '2 of 10 chosen, 3 more not listed'])
})
