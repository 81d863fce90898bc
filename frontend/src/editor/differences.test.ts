import { describe, expect, it } from 'vitest'

import { folded, type Line } from './differences'

const same = (at: number): Line => [' ', at, at, `line ${at}`]
const fresh = (at: number): Line => ['+', null, at, `line ${at}`]

describe('lines of a difference', () => {
  it('are shown with three others around them', () => {
    const lines = [...Array.from({ length: 6 }, (_, at) => same(at + 1)), fresh(7), ...Array.from({ length: 5 }, (_, at) => same(at + 8))]
    expect(folded(lines).map((line) => (typeof line === 'number' ? line : line[3]))).toEqual([
      3, 'line 4', 'line 5', 'line 6', 'line 7', 'line 8', 'line 9', 'line 10', 2,
    ])
  })

  it('of which none changed are left out whole', () => {
    expect(folded([same(1), same(2)])).toEqual([2])
    expect(folded([])).toEqual([])
  })
})
