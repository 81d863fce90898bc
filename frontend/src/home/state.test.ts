import { describe, expect, it } from 'vitest'

import type { RunState, RunSummary } from '../wire/types'
import { after, comingOf, firstState, type Happening, type NextStarts, type Overview, runningOf } from './state'

const NOW = Date.parse('2026-11-26T12:00:00Z')
const EMPTY: Overview = { troubles: [], starts: [], elements: { by_state: {}, never_run: 0, disabled: 0 } }

function run(id: number, state: RunState): RunSummary {
  return {
    id, flow: 'Restart', version: 1, is_try: false, mode: 'serial', state, reason: '', run_reason: '', started_by: 'alice', last_seq: 1, counts: {},
    created_at: '2026-11-26T12:00:00Z', started_at: null, ended_at: null,
  }
}

function starts(id: number, ...at: readonly string[]): NextStarts {
  return { id, schedule: `S${id}`, flow: 'Restart', flow_id: 1, at: at.map((time) => `2026-11-26T${time}Z`) }
}

const play = (...happenings: readonly Happening[]) => happenings.reduce(after, firstState(EMPTY))
const told = (...runs: readonly RunSummary[]): Happening => ({ type: 'told', runs, whole: false })

describe('what runs now', () => {
  it('is what is not over, the newest first; what wants an answer stands elsewhere', () => {
    const state = play(told(run(1, 'running'), run(2, 'succeeded'), run(3, 'needs_attention'), run(4, 'paused'), run(5, 'queued')))
    expect(runningOf(state).map((each) => each.id)).toEqual([5, 4, 1])
  })

  it('goes when it is over', () => {
    expect(runningOf(play(told(run(1, 'running')), told(run(1, 'failed'))))).toEqual([])
  })
})

describe('an opening socket', () => {
  it('tells whether anything runs, which is not known before', () => {
    expect([play(), play({ type: 'told', runs: [], whole: true })].map((state) => state.isTold)).toEqual([false, true])
  })

  it('ends what it does not tell of', () => {
    expect(runningOf(play(told(run(1, 'running')), { type: 'told', runs: [run(9, 'running')], whole: true })).map((each) => each.id)).toEqual([9])
  })
})

describe('the overview', () => {
  it('is old when a run is in another state, and not because the socket opened', () => {
    expect(play(told(run(1, 'failed'))).isOld).toBe(false)
    expect(play(told(run(1, 'running')), told(run(1, 'running'))).isOld).toBe(false)
    expect(play(told(run(1, 'running')), told(run(1, 'failed'))).isOld).toBe(true)
    expect(play(told(run(1, 'running')), told(run(2, 'running'))).isOld).toBe(true)
    expect(play(told(), told(run(1, 'running'))).isOld).toBe(true)
  })

  it('is asked for once for each change, and again after a problem', () => {
    const changed = [told(run(1, 'running')), told(run(1, 'failed'))]
    expect(play(...changed, { type: 'asked' }).isOld).toBe(false)
    expect(play(...changed, { type: 'asked' }, { type: 'problem', message: 'no answer' })).toMatchObject({ isOld: true, problem: 'no answer' })
    expect(play({ type: 'problem', message: 'x' }, { type: 'asked' }, { type: 'overview', overview: EMPTY })).toMatchObject({ isOld: false, problem: '' })
  })

  it('is old when all known starts of a schedule have passed', () => {
    const overview = { ...EMPTY, starts: [starts(1, '11:00:00', '13:00:00')] }
    const at = (now: number) => after(after(firstState(EMPTY), { type: 'overview', overview }), { type: 'time', now }).isOld
    expect([at(NOW), at(NOW + 2 * 3_600_000)]).toEqual([false, true])
  })
})

describe('what starts next', () => {
  it('is the first start to come of each schedule, the earliest first', () => {
    const coming = comingOf([starts(1, '11:00:00', '13:00:00'), starts(2, '12:30:00'), starts(3, '11:59:59')], NOW)
    expect(coming.map(({ start, at }) => [start.id, at])).toEqual([[2, '2026-11-26T12:30:00Z'], [1, '2026-11-26T13:00:00Z']])
  })
})
