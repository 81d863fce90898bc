import { describe, expect, it } from 'vitest'

import { aTask } from './fixtures'
import { agesOf, factText, missingIn, readerOf } from './order_words'

const NOW = Date.parse('2026-01-04T00:00:00Z')
const KEY = { key: 'role', missing: [], missing_total: 0, oldest_at: null, newest_at: null, origins: {} }

describe('the facts that an order was made of', () => {
  it('tell the newest and the oldest, and how many have no age', () => {
    const dated = { ...KEY, oldest_at: '2026-01-01T00:00:00Z', newest_at: '2026-01-03T23:58:00Z' }
    expect(agesOf(dated, NOW)).toBe('written 2 min ago – 3 days ago')
    expect(agesOf({ ...dated, oldest_at: dated.newest_at, origins: { setting: 4, group: 2, profile: 0 } }, NOW)).toBe(
      'written 2 min ago, 2 from a group',
    )
    expect(agesOf({ ...KEY, origins: { profile: 6 } }, NOW)).toBe('6 from a profile')
  })

  it('name some of the elements in which one is missing', () => {
    expect(missingIn([])).toBe('')
    expect(missingIn(['a', 'b'])).toBe('missing in a, b')
    expect(missingIn(['a', 'b', 'c', 'd', 'e', 'f', 'g'], 9)).toBe('missing in a, b, c, d, e and 4 more')
  })

  it('are read anew by a task that saves them', () => {
    const tasks = [aTask('Read role', [], { saves: ['role'] }), aTask('Read net', [], { saves: ['net.0.mtu'] })]
    const names = { tasks, flows: [], steps: [], context_keys: [], values: {} }
    expect(readerOf('role', ['Read role'], names)).toBe('Read role')
    expect(readerOf('net', ['Read role', 'Read net'], names)).toBe('Read net')
    expect(readerOf('role', ['Read net'], names)).toBe(null)
    expect(readerOf('role', ['Read role'], null)).toBe(null)
  })

  it('stand in a cell as they are read', () => {
    expect([factText('a'), factText(undefined), factText(null), factText([1])]).toEqual(['a', '–', 'null', '[1]'])
  })
})
