import { describe, expect, test } from 'vitest'

import type { Band } from '../wire/types'
import { cancelEffects } from './cancelling'
import { applyFrame } from './tree'
import { aBand, aSnapshot } from './wire.fixture'

function effects(changes: Partial<Band>): readonly string[] {
  const tree = applyFrame(null, aSnapshot({ runs: [aBand(changes)] }))
  return tree === null ? [] : cancelEffects(tree)
}

describe('what cancelling will do', () => {
  test('running steps are ended, and who has not begun will not begin', () => {
    expect(effects({ counts: { running: 1, waiting: 1, queued: 3 } })).toEqual([
      '2 elements have begun: running steps are ended there and not waited for, waits and questions too.',
      'After that only steps under a “finally” run there.',
      '3 elements will not be started.',
      'A cancelled run cannot be resumed. Pause lets running steps finish instead.',
    ])
  })

  test('children are told of where the flow calls some', () => {
    const children = 'Child runs are cancelled with it, in the same way.'
    expect(effects({ columns: [[1, 'run_flow', 'Restart', 1]] })).toContain(children)
    expect(effects({})).not.toContain(children)
  })

  test('nothing is said of elements that are not there', () => {
    expect(effects({ counts: { succeeded: 2 } })).toEqual(['No step is running now.', 'A cancelled run cannot be resumed. Pause lets running steps finish instead.'])
  })

  test('who has paused the run already needs no advice to pause', () => {
    expect(effects({ state: 'paused' }).at(-1)).toBe('A cancelled run cannot be resumed.')
  })

  test('a second cancel ends the finally steps', () => {
    expect(effects({ asked: ['cancel', 'alice'] })[0]).toBe('The finally steps that are running are ended too, and no other one starts.')
  })
})
