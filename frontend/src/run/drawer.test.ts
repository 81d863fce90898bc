import { describe, expect, test } from 'vitest'

import { answerText, printed } from './drawer'
import type { Attempt } from './records'
import type { Drawer, Log } from './state'

const ATTEMPT: Attempt = {
  id: 1, element: 'web1', site: 2, turn: 1, attempt: 1, step: 'approve', name: 'Go on?', target: null, line: 5, status: 'succeeded',
  reason: '', advice: '', exit_code: null, result: { by: 'alice', comment: 'looks good' }, started_at: null, finished_at: '2026-11-26T18:00:00Z',
}
const SILENT: Log = { step: { run: 1, element: 'web1', site: 2, turn: 1, attempt: 1 }, pieces: [], dropped: 0, end: 0, isRead: true }

function opened(step: string, log: Log): Drawer {
  const attempts = { kind: 'loaded', value: [{ ...ATTEMPT, step }] } as const
  return { opened: { run: 1, element: 'web1', site: 2 }, attempts, element: { kind: 'loading' }, chosen: null, log }
}

describe('the drawer', () => {
  test('tells who approved, and what they said', () => {
    expect(answerText(ATTEMPT)).toBe('approved by alice: looks good')
    expect(answerText({ ...ATTEMPT, result: { by: 'alice', comment: '' } })).toBe('approved by alice')
  })

  test('leaves a refusal to its reason, and other steps alone', () => {
    expect(answerText({ ...ATTEMPT, status: 'failed' })).toBeNull()
    expect(answerText({ ...ATTEMPT, step: 'run_task' })).toBeNull()
  })

  test('says that nothing was printed of a task alone', () => {
    expect(printed(opened('run_task', SILENT))).toBe(SILENT)
    expect(printed(opened('approve', SILENT))).toBeNull()
  })
})
