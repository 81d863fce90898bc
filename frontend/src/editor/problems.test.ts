import { describe, expect, test } from 'vitest'

import { aDraft } from './fixtures'
import { nextProblem, sortedProblems, whereIs, type At, type Found } from './problems'
import { after, opened } from './state'

function problem(card: At['card'], line: number, col = 1): Found {
  const message = `${card} ${line}`
  return { card, line, col, message, isWarning: false, of: { key: card, line, message } }
}

const PROBLEMS = [problem('order', 2), problem('steps', 1, 5), problem('steps', 1, 9), problem('steps', 7)]

describe('the next problem', () => {
  test('is the one behind the cursor, across both scripts', () => {
    expect(nextProblem(PROBLEMS, null, 1)).toBe(PROBLEMS[0])
    expect(nextProblem(PROBLEMS, { card: 'order', line: 2, col: 1 }, 1)).toBe(PROBLEMS[1])
    expect(nextProblem(PROBLEMS, { card: 'steps', line: 1, col: 5 }, 1)).toBe(PROBLEMS[2])
    expect(nextProblem(PROBLEMS, { card: 'steps', line: 3, col: 1 }, 1)).toBe(PROBLEMS[3])
  })

  test('is the first after the last, and back', () => {
    expect(nextProblem(PROBLEMS, { card: 'steps', line: 9, col: 1 }, 1)).toBe(PROBLEMS[0])
    expect(nextProblem(PROBLEMS, { card: 'steps', line: 7, col: 1 }, -1)).toBe(PROBLEMS[2])
    expect(nextProblem(PROBLEMS, { card: 'order', line: 1, col: 1 }, -1)).toBe(PROBLEMS[3])
    expect(nextProblem([], null, 1)).toBeNull()
  })

  test('is told by the card that it is on', () => {
    expect(whereIs({ card: 'order', line: 2, col: 1 })).toBe('Order, line 2')
    expect(whereIs({ card: 'steps', line: 0, col: 0 })).toBe('Steps, blocks')
    expect(whereIs({ card: 'rules', line: 0, col: 1 })).toBe('Rules')
  })
})

describe('the problems of the draft', () => {
  test('are those of the scripts and of the other keys, in the order of the sentence', () => {
    const message = 'Not a number.'
    const problems = [
      { key: 'concurrency', line: 0, message },
      { key: 'target.filters.0', line: 0, message },
    ]
    const state = after(opened(aDraft(), true, 'steps'), { type: 'publishing', to: { step: 'refused', message, problems } })
    const fault = { line: 3, col: 1, code: 'name', message: 'Unknown name.', block: null }
    const sides = { ...state.sides, execution: { ...state.sides.execution, problems: [fault] } }
    expect(sortedProblems({ ...state, sides }).map(whereIs)).toEqual(['Target', 'Steps, line 3', 'Rules'])
  })
})
