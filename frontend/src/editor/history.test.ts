import { describe, expect, test } from 'vitest'

import { aDraft } from './fixtures'
import { NO_HISTORY, recorded, redone, undone } from './history'

const [one, two, three] = [1, 2, 3].map((concurrency) => ({ ...aDraft(), concurrency }))
if (!one || !two || !three) throw new Error('three drafts')

describe('the history', () => {
  test('an edit is undone and done again', () => {
    const history = recorded(NO_HISTORY, one, 'rules', 0)
    const back = undone(history, two)
    expect(back?.keys).toBe(one)
    expect(redone(back?.history ?? NO_HISTORY, one)?.keys).toBe(two)
  })

  test('what is typed without a pause is undone at once, what comes after a pause by itself', () => {
    const typing = recorded(recorded(NO_HISTORY, one, 'text', 0), two, 'text', 300)
    expect(typing.past.map(({ keys }) => keys)).toEqual([one])
    expect(recorded(typing, three, 'text', 5_000).past.map(({ keys }) => keys)).toEqual([one, three])
  })

  test('edits of two kinds are two steps, however fast', () => {
    expect(recorded(recorded(NO_HISTORY, one, 'text', 0), two, 'rules', 1).past).toHaveLength(2)
  })

  test('an edit after undoing forgets what was undone', () => {
    const back = undone(recorded(NO_HISTORY, one, 'rules', 0), two)
    expect(recorded(back?.history ?? NO_HISTORY, one, 'rules', 10).future).toEqual([])
  })

  test('an edit right after undoing is a step of its own', () => {
    const history = recorded(recorded(NO_HISTORY, one, 'text', 0), two, 'rules', 10)
    const back = undone(history, three)
    expect(recorded(back?.history ?? NO_HISTORY, two, 'text', 20).past.map(({ keys }) => keys)).toEqual([one, two])
  })

  test('without edits there is nothing to undo or to do again', () => {
    expect(undone(NO_HISTORY, one)).toBeNull()
    expect(redone(NO_HISTORY, one)).toBeNull()
  })
})
