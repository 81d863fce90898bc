import { describe, expect, test } from 'vitest'

import type { Band, Column } from '../wire/types'
import { applyFrame, bandOf } from './tree'
import { aBand, aQuestion, aSnapshot } from './wire.fixture'
import { batchFrom, callersText, columnName, departureText, endingOf, endingText, failuresText, reasonText, sentence } from './words'

function said(changes: Partial<Band>, questions: readonly string[] = []): string {
  const asked = questions.map((element, index) => aQuestion({ question: index + 1, element }))
  const tree = applyFrame(null, aSnapshot({ runs: [aBand(changes)], questions: asked }))
  return tree === null ? '' : sentence(tree)
}

const names = Array.from({ length: 42 }, (_, index) => `db${index}`)

describe('the sentence', () => {
  test.each<[string, Partial<Band>]>([
    ['Waits for a worker to take it.', { state: 'queued', reason: 'worker' }],
    ['Its elements are being chosen.', { elements: [], states: '', counts: {} }],
    [
      '10 of 42 elements done, now at 3 Start service.',
      { elements: names, counts: { succeeded: 10, running: 1, queued: 31 }, sites: { '1': { succeeded: 11 }, '3': { running: 1 } } },
    ],
    ['Paused: no step starts until somebody resumes it. 0 of 2 elements done.', { state: 'paused' }],
    ['All done on 2 elements.', { state: 'succeeded', counts: { succeeded: 2 } }],
    ['Nothing to do: no element was left.', { state: 'succeeded', reason: 'no element was left', elements: [], states: '', counts: {} }],
    ['Ended with failures: 1 of 2 elements failed.', { state: 'partial', counts: { failed: 1, succeeded: 1 } }],
    [
      'Stopped: db7 failed at 3 Start service: exit code 3. 30 not started, 2 left mid-way.',
      {
        state: 'failed', reason: 'db7 failed at 3 Start service: exit code 3; 1 failed, 0 allowed', elements: names,
        counts: { failed: 1, succeeded: 9, not_started: 30, stopped: 2 },
      },
    ],
    ['Cancelled by alice. 1 left mid-way.', { state: 'cancelled', reason: 'cancelled by alice', counts: { cancelled: 1, succeeded: 1 } }],
  ])('%s', (expected, changes) => {
    expect(said(changes)).toBe(expected)
  })

  test('names the element that somebody must decide about', () => {
    expect(said({ state: 'needs_attention', counts: { running: 2 } }, ['db1', 'db2'])).toBe('Waits for your answer about db1 and 1 more. 0 of 2 elements done.')
  })
})

describe('approvals and batches', () => {
  test('a run that waits for an approval says what is asked', () => {
    const tree = applyFrame(null, aSnapshot({ runs: [aBand({ state: 'waiting', counts: { running: 2 } })], questions: [aQuestion({ kind: 'approval', message: 'Go on?' })] }))
    expect(tree === null ? '' : sentence(tree)).toBe('Waits for your answer: “Go on?”. 0 of 2 elements done.')
  })

  test('a run that soaks says after which batch, and until when', () => {
    const said100 = said({ state: 'waiting', reason: 'timer', batches: [1], soaking: [1, 1_795_701_600] })
    expect(said100).toMatch(/^Batch 1 of 2 is done; the next one begins at .+\.$/)
  })

  test('the callers of an approval are named as far as they are few', () => {
    expect(callersText(aQuestion({ callers: ['db1', 'db2'], callers_total: 2 }))).toBe('db1, db2')
    const many = Array.from({ length: 20 }, (_, index) => `e${index}`)
    expect(callersText(aQuestion({ callers: many, callers_total: 500 }))).toBe('e0, e1, e2, e3, e4, e5, e6, e7 and 492 more')
  })

  test('rows tell which batch begins with them', () => {
    const tree = applyFrame(null, aSnapshot({ runs: [aBand({ batches: [1, 3] })] }))
    const band = tree === null ? undefined : bandOf(tree)
    expect(band === undefined ? [] : [0, 1, 2, 3].map((position) => batchFrom(band, position))).toEqual([1, 2, null, 3])
  })

  test('a step has the name that the editor gives it', () => {
    expect(columnName([2, 'sleep', null, 2])).toBe('2 Wait')
    expect(columnName([3, 'approve', 'Go on?', 3])).toBe('3 Approval: Go on?')
  })

  test('tasks of refresh have no number', () => {
    expect(columnName([-1, 'refresh', 'Read role', 0])).toBe('refresh Read role')
  })
})

describe('failures and what the rules say of them', () => {
  test.each<[number | string | null, boolean, Partial<Band>, string | null]>([
    [null, false, {}, 'No failures; rule: stop at the first failure'],
    [null, true, {}, null],
    [0, true, { counts: { failed: 1 } }, '1 failure; rule: stop at the first failure'],
    [3, false, { counts: { failed: 1, unreachable: 1 } }, '2 failures; rule: stop at the 4th failure'],
    ['10%', false, { elements: names, counts: { failed: 2 } }, '2 failures; rule: stop when more than 10\u00a0% fail: at the 5th of 42'],
    ['10%', false, { elements: [] }, 'No failures; rule: stop when more than 10\u00a0% fail'],
    ['100%', false, {}, 'No failures; rule: go on whatever fails'],
  ])('%s, child: %s', (threshold, isChild, changes, text) => {
    const tree = applyFrame(null, aSnapshot({ runs: [aBand(changes)] }))
    const band = tree === null ? undefined : bandOf(tree)
    expect(band === undefined ? undefined : failuresText(band, threshold, isChild)).toBe(text)
  })
})

describe('failures are told with the names of the page', () => {
  const columns: readonly Column[] = [[1, 'run_task', 'sleep', 1], [2, 'sleep', null, 2], [3, 'approve', 'Go on?', 3], [-1, 'refresh', 'Read role', 0]]

  test.each([
    ['db1 failed at 2 sleep: interrupted; 1 failed, 0 allowed', 'db1 failed at 2 Wait: interrupted; 1 failed, 0 allowed'],
    ['db1 failed at 3 Go on?: refused by alice', 'db1 failed at 3 Approval: Go on?: refused by alice'],
    ['db1 failed at 1 sleep: exit code 1', 'db1 failed at 1 sleep: exit code 1'],
    ['db1 failed at refresh Read role: no', 'db1 failed at refresh Read role: no'],
    ['db1 failed: 2 sleep: as the author said it', 'db1 failed: 2 sleep: as the author said it'],
  ])('%s', (served, told) => {
    expect(reasonText(served, columns)).toBe(told)
  })

  test.each([
    ["run_task 'Back up' on db4 was planned, and the run ended before", "'Back up' on db4 was planned, and the run ended before"],
    ['sleep on db4 was planned, and approve \'Go on?\' on db4 was started', "Wait on db4 was planned, and Approval 'Go on?' on db4 was started"],
    ["nothing more was planned, and run_flow 'Check' on db4 was started", "nothing more was planned, and 'Check' on db4 was started"],
  ])('where the plan was left: %s', (served, told) => {
    expect(departureText(served)).toBe(told)
  })

  test('an element says so too, in its row and in the sentence of its run', () => {
    expect(endingText('2 sleep: interrupted', columns)).toBe('2 Wait: interrupted')
    expect(endingText('4 sleep: of another step', columns)).toBe('4 sleep: of another step')
    expect(said({ state: 'failed', reason: 'db1 failed at 2 sleep: interrupted; 1 failed, 0 allowed', counts: { failed: 1, succeeded: 1 } })).toBe('Stopped: db1 failed at 2 Wait: interrupted.')
  })
})

test('an element that a fail ended says why, one that goes on says nothing', () => {
  const begun = applyFrame(null, aSnapshot({ runs: [aBand()] }))
  const tree = applyFrame(begun, { type: 'delta', seq: 2, counts: {}, cells: [], elements: [[1, 'failed', 'no disk', [2, 1]]] })
  const band = tree === null ? undefined : bandOf(tree)
  expect(band === undefined ? [] : [endingOf(band, 0), endingOf(band, 1)]).toEqual([null, 'failed: no disk'])
})
