import { describe, expect, test } from 'vitest'

import { nextProblem, whereIs, type At } from './problems'
import type { Listed } from './state'

function problem(script: At['script'], line: number, col = 1): Listed {
  return { script, line, col, code: 'x', message: `${script} ${line}`, block: null }
}

const PROBLEMS = [problem('processing', 2), problem('execution', 1, 5), problem('execution', 1, 9), problem('execution', 7)]

describe('the next problem', () => {
  test('is the one behind the cursor, across both scripts', () => {
    expect(nextProblem(PROBLEMS, null, 1)).toBe(PROBLEMS[0])
    expect(nextProblem(PROBLEMS, { script: 'processing', line: 2, col: 1 }, 1)).toBe(PROBLEMS[1])
    expect(nextProblem(PROBLEMS, { script: 'execution', line: 1, col: 5 }, 1)).toBe(PROBLEMS[2])
    expect(nextProblem(PROBLEMS, { script: 'execution', line: 3, col: 1 }, 1)).toBe(PROBLEMS[3])
  })

  test('is the first after the last, and back', () => {
    expect(nextProblem(PROBLEMS, { script: 'execution', line: 9, col: 1 }, 1)).toBe(PROBLEMS[0])
    expect(nextProblem(PROBLEMS, { script: 'execution', line: 7, col: 1 }, -1)).toBe(PROBLEMS[2])
    expect(nextProblem(PROBLEMS, { script: 'processing', line: 1, col: 1 }, -1)).toBe(PROBLEMS[3])
    expect(nextProblem([], null, 1)).toBeNull()
  })

  test('is told by the card that it is on', () => {
    expect(whereIs({ script: 'processing', line: 2, col: 1 })).toBe('Order, line 2')
    expect(whereIs({ script: 'execution', line: 0, col: 0 })).toBe('Steps, blocks')
  })
})
