import { describe, expect, it } from 'vitest'

import { aTask } from './fixtures'
import type { ReadKey } from './documents'
import { agesOf, factText, isByHand, missingIn, readerOf } from './order_words'

const NOW = Date.parse('2026-01-04T00:00:00Z')
const KEY: ReadKey = {
  key: 'role',
  missing: [],
  missing_total: 0,
  oldest_at: null,
  newest_at: null,
  oldest_setting_at: null,
  untimed: 0,
  origins: {},
  sources: [],
}

describe('the facts that an order was made of', () => {
  it('tell the newest and the oldest, and how many come from where', () => {
    const dated = { ...KEY, oldest_at: '2026-01-01T00:00:00Z', newest_at: '2026-01-03T23:58:00Z' }
    expect(agesOf(dated, NOW)).toBe('written 2 min ago – 3 days ago')
    expect(agesOf({ ...dated, oldest_at: dated.newest_at, origins: { setting: 4, group: 2, profile: 0 } }, NOW)).toBe(
      'written 2 min ago, 2 from a group',
    )
    const daysOld = { ...dated, newest_at: dated.oldest_at }
    expect(agesOf({ ...daysOld, origins: { setting: 0, group: 3, profile: 0 }, sources: ['group eu'] }, NOW)).toBe(
      'written 3 days ago, from the group eu',
    )
    expect(agesOf({ ...dated, origins: { group: 2, profile: 6 }, sources: ['group eu', 'profile pg', 'group us'] }, NOW)).toBe(
      'written 2 min ago – 3 days ago, 2 from a group, 6 from the profile pg',
    )
  })

  it('say it where a time is not known', () => {
    expect(agesOf({ ...KEY, untimed: 6, origins: { profile: 6 }, sources: ['profile pg'] }, NOW)).toBe('time not known, from the profile pg')
    const dated = { ...KEY, oldest_at: '2026-01-01T00:00:00Z', newest_at: '2026-01-01T00:00:00Z', untimed: 2, origins: { setting: 1, group: 2 } }
    expect(agesOf(dated, NOW)).toBe('written 3 days ago, 2 at a time not known, 2 from a group')
    expect(agesOf(KEY, NOW)).toBe('')
  })

  it('are by hand where groups and profiles alone say them', () => {
    expect(isByHand({ ...KEY, origins: { setting: 0, group: 2, profile: 1 } })).toBe(true)
    expect(isByHand({ ...KEY, origins: { setting: 1, group: 2, profile: 1 } })).toBe(false)
    expect(isByHand(KEY)).toBe(false)
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
