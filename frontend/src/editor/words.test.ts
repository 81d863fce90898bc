import { describe, expect, it } from 'vitest'

import { ageWords, conditionsOf, rulesWords, secondsWords } from './words'
import type { OtherKeys } from './state'

function rules(change: Partial<OtherKeys>): string {
  return rulesWords({
    mode: 'serial',
    target: { profile: 'demo' },
    concurrency: 1,
    batches: [],
    soak: 0,
    error_threshold: null,
    on_empty: 'fail',
    refresh: [],
    inputs: [],
    ...change,
  })
}

describe('the rules of a flow in words', () => {
  it('say how many elements are worked on together', () => {
    expect(rules({})).toBe('one at a time, stop at the first failure')
    expect(rules({ concurrency: 4 })).toBe('4 at a time, stop at the first failure')
    expect(rules({ mode: 'parallel', concurrency: 8 })).toBe('step by step, at most 8 at once, stop at the first failure')
    expect(rules({ mode: 'parallel', concurrency: 50 })).toBe('step by step, stop at the first failure')
  })

  it('say the batches, the last of which repeats, and what passes between them', () => {
    const batches = [1, 5, '20%']
    expect(rules({ mode: 'parallel', concurrency: null, batches, soak: 300 })).toBe(
      'step by step, 1, then 5, then 20\u00a0% at a time, 5 min between them, stop at the first failure',
    )
    expect(rules({ mode: 'parallel', concurrency: 10, batches: ['20%'] })).toContain('step by step, 20\u00a0% at a time, at most 10 at once')
  })

  it('say nothing of batches that a serial flow does not have', () => {
    expect(rules({ batches: [1], soak: 5 })).toBe('one at a time, stop at the first failure')
  })

  it('say at which failure the run stops, which is the one after those allowed', () => {
    expect(rules({ error_threshold: 0 })).toContain('stop at the first failure')
    expect(rules({ error_threshold: 2 })).toContain('stop at the 3rd failure')
    expect(rules({ error_threshold: '10%' })).toContain('stop when more than 10\u00a0% fail')
    expect(rules({ error_threshold: '100%' })).toContain('go on whatever fails')
    expect(rules({ target: null })).toContain('stop at the first failure, or as its caller does')
  })

  it('say what comes before, and what happens without elements', () => {
    expect(rules({ refresh: ['Read role'], on_empty: 'succeed' })).toBe(
      'after reading fresh facts: one at a time, stop at the first failure, with no elements there is nothing to do',
    )
  })
})

describe('a target in words', () => {
  it('names profile, groups of which one is enough, and filters', () => {
    expect(conditionsOf({ profile: 'postgres', groups: ['prod', 'stage'], filters: ['env == prod'] })).toBe(
      'postgres, prod or stage, env == prod',
    )
    expect(conditionsOf({ all: true })).toBe('all of the fleet')
  })

  it('leaves out filters that are not written yet, and counts those that do not fit', () => {
    expect(conditionsOf({ profile: null, groups: [], filters: ['a == 1', ' '] })).toBe('a == 1')
    const filters = ['a == 1', 'b == 1', 'c == 1', 'd == 1']
    expect(conditionsOf({ profile: 'p', filters })).toBe('p, a == 1, b == 1 and 2 more conditions')
  })
})

it('seconds are said in the largest unit that is exact', () => {
  expect([5, 90, 300, 7200, 121].map(secondsWords).join(', ')).toBe('5 s, 90 s, 5 min, 2 h, 121 s')
})

it('ages of facts are coarse', () => {
  const now = Date.parse('2026-01-04T00:00:00Z')
  const shown = ['2026-01-03T23:59:30Z', '2026-01-03T23:58:00Z', '2026-01-03T20:00:00Z', '2026-01-01T00:00:00Z', '2026-01-05T00:00:00Z']
  expect(shown.map((at) => ageWords(at, now))).toEqual(['30 s ago', '2 min ago', '4 h ago', '3 days ago', '0 s ago'])
})
