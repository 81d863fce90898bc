import { describe, expect, test } from 'vitest'

import { rowOf } from '../editor/catalog'
import { stepPhrase, stepTitle } from './steps'

describe('what a step is called', () => {
  test.each<[string, string | null, string]>([
    ['run_task', 'Stop service', 'Stop service'],
    ['run_task', null, 'a task by a computed name'],
    ['sleep', null, 'Wait'],
    ['approve', 'Go on?', 'Approval: Go on?'],
    ['approve', null, 'Approval'],
    ['set_context', 'version', 'Store version'],
    ['get_context', null, 'Read context'],
    ['log', 'it costs $& {}', 'Log: it costs $& {}'],
    ['unheard_of', 'x', 'x'],
  ])('%s %s', (step, name, phrase) => {
    expect(stepPhrase(step, name)).toBe(phrase)
  })

  test.each(['sleep', 'approve', 'set_context', 'log'])('the block of %s has the same word in its label', (step) => {
    expect(rowOf(step).label.toLowerCase()).toContain(stepTitle(step).toLowerCase())
  })
})
