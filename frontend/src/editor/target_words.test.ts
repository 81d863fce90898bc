import { describe, expect, it } from 'vitest'

import { shownGroups } from './groups'
import { effectWords, kindOf, leftBefore, targetOfKind } from './target_words'

const answer = {
  count: null,
  base: 42,
  problem: '',
  found: 17,
  rows: [],
  filters: [
    { left: 20, problem: '', position: null },
    { left: null, problem: "found '=', expected one of ==", position: 4 },
    { left: 17, problem: '', position: null },
  ],
}

describe('what a filter does', () => {
  it('is counted from what the readable ones before it left', () => {
    expect([0, 1, 2].map((index) => leftBefore(answer, index))).toEqual([42, 20, 20])
    expect([0, 2].map((index) => effectWords('a == 1', answer.filters[index], leftBefore(answer, index)))).toEqual(['42 → 20', '20 → 17'])
    expect(effectWords('a == 1', { left: 42, problem: '', position: null }, 42)).toBe('42 left')
  })

  it('is what is wrong with it, and where', () => {
    expect(effectWords('env = 1', answer.filters[1], 20)).toBe("character 5: found '=', expected one of ==")
    expect(effectWords(' ', undefined, 20)).toBe('write it, or take it out')
  })
})

it('a target that was chosen comes back after a look at the other kinds', () => {
  const chosen = { profile: 'linux', groups: ['prod'] }
  expect(kindOf(targetOfKind('none', chosen))).toBe('none')
  expect(kindOf(targetOfKind('all', chosen))).toBe('all')
  expect(targetOfKind('chosen', chosen)).toEqual(chosen)
})

describe('groups to choose from', () => {
  const many = Array.from({ length: 100 }, (_, index) => ({ name: `g${index}`, members: index }))

  it('are all shown where there are few, with those chosen that are gone', () => {
    const { shown, more } = shownGroups(many.slice(0, 3), ['g1', 'lost'], 'nothing')
    expect(shown.map(({ name, members }) => `${name} ${String(members)}`)).toEqual(['lost null', 'g0 0', 'g1 1', 'g2 2'])
    expect(more).toBe(0)
  })

  it('are searched where there are many, the chosen ones always in view', () => {
    const { shown, more } = shownGroups(many, ['g77'], 'G9')
    expect(shown.map(({ name }) => name)).toEqual(['g77', 'g9', ...Array.from({ length: 10 }, (_, index) => `g9${index}`)])
    expect(more).toBe(0)
    expect(shownGroups(many, [], '').more).toBe(60)
  })
})
