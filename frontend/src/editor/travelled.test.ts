import { describe, expect, test } from 'vitest'

import { aDraft } from './fixtures'
import { keysOf, opened } from './state'
import { travelledWords } from './travelled'

const EMPTY = keysOf(opened(aDraft({ execution_script: '', target: null }), true, 'steps'))
const steps = (execution_script: string): typeof EMPTY => ({ ...EMPTY, execution_script })

describe('what an undo did is told', () => {
  test.each([
    ['sleep(5)\nlog("a")\n', 'log("a")\n', 'Undone in Steps: “sleep(5)” is gone'],
    ['log("a")\n', 'sleep(5)\nlog("a")\n', 'Undone in Steps: “sleep(5)” is back'],
    ['sleep(5)\n', 'sleep(6)\n', 'Undone in Steps: “sleep(6)” instead of “sleep(5)”'],
    ['a()\nb()\nc()\n', '', 'Undone in Steps: 3 lines are gone'],
    ['x()\na()\nb()\n', 'x()\nc()\nd()\n', 'Undone in Steps: lines 2 to 3'],
    ['a()\n\n', 'a()\n', 'Undone in Steps: the layout'],
    ['x'.repeat(60), '', `Undone in Steps: “${'x'.repeat(39)}…” is gone`],
  ])('%j to %j', (before, after, words) => {
    expect(travelledWords('undone', steps(before), steps(after))).toBe(words)
  })

  test('another part is named, and several are', () => {
    expect(travelledWords('redone', EMPTY, { ...EMPTY, soak: 5 })).toBe('Done again in Rules')
    const both = { ...steps('sleep(1)\n'), target: { profile: 'postgres' } }
    expect(travelledWords('undone', both, EMPTY)).toBe('Undone in Target, Steps')
  })

  test('blocks that make no script are no key of the draft', () => {
    expect(travelledWords('undone', EMPTY, EMPTY)).toBe('Undone: a change of the blocks')
  })
})
