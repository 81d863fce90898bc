import { expect, test } from 'vitest'

import type { Column } from '../wire/types'
import { stepOf } from './events'
import type { JournalEvent } from './records'

const COLUMNS: readonly Column[] = [[1, 'run_task', 'Stop service', 1], [2, 'sleep', null, 2], [3, 'approve', 'Go on?', 3]]

function anEvent(about: Readonly<Record<string, unknown>>): JournalEvent {
  return { seq: 1, at: '2026-11-26T14:00:00+00:00', run: 100, type: 'step_finished', turn: 1, ...about }
}

test.each([
  ['2 Wait', { site: 2, step: 'sleep', name: null }],
  ['3 Approval: Go on?', { site: 3, step: 'approve', name: 'Go on?' }],
  ['1 Stop service', { site: 1, step: 'run_task', name: 'Stop service' }],
  ['refresh Read role', { site: 0, turn: 2, step: 'refresh', name: 'Read role' }],
  ['3 Approval', { site: 3, kind: 'approval', type: 'question_asked' }],
  ['2 Wait', { site: 2, kind: 'interrupted', type: 'question_asked' }],
  ['9', { site: 9, kind: 'interrupted', type: 'question_asked' }],
  ['', { type: 'run_state' }],
])('an event names its step as the page does: %s', (told, about) => {
  expect(stepOf(anEvent(about), COLUMNS)).toBe(told)
})
