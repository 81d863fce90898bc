import { describe, expect, it } from 'vitest'

import type { RunState, RunSummary } from '../wire/types'
import type { Filters } from './filters'
import { addressOf, isFiltered, matches } from './filters'
import { after, firstState, type Happening, type RunsPage, type State } from './state'

const ALL: Filters = { state: [], flow: '', started_by: '', search: '', tries: '' }

function run(id: number, state: RunState = 'running', lastSeq = 1, more: Partial<RunSummary> = {}): RunSummary {
  return {
    id, flow: 'Restart', version: 1, is_try: false, mode: 'serial', state, reason: '', run_reason: '', started_by: 'alice', last_seq: lastSeq,
    counts: {}, created_at: '2026-11-26T12:00:00Z', started_at: null, ended_at: null, ...more,
  }
}

function page(rows: readonly RunSummary[], more: Partial<RunsPage> = {}): RunsPage {
  return { filters: ALL, rows, page: 1, pages: 1, total: rows.length, size: 3, any: rows.length > 0, ...more }
}

function play(start: RunsPage, ...happenings: readonly Happening[]): State {
  return happenings.reduce(after, firstState(start))
}

function ids(state: State): number[] {
  return state.rows.map((row) => row.id)
}

const told = (...runs: readonly RunSummary[]): Happening => ({ type: 'told', runs })

describe('the first page', () => {
  it('shows new runs on top, and the oldest leave for the next page', () => {
    const state = play(page([run(3), run(2), run(1)]), told(run(5), run(4)))
    expect(ids(state)).toEqual([5, 4, 3])
    expect([state.total, state.pages]).toEqual([5, 2])
  })

  it('changes rows where they stand', () => {
    const state = play(page([run(2), run(1)]), told(run(1, 'failed', 9)))
    expect(state.rows.map((row) => [row.id, row.state])).toEqual([[2, 'running'], [1, 'failed']])
    expect(state.total).toBe(2)
  })

  it('never goes back to what is older', () => {
    const state = play(page([run(1, 'succeeded', 9)]), told(run(1, 'running', 5)))
    expect(state.rows[0]?.state).toBe('succeeded')
    const again = play(page([run(1)]), told(run(1, 'succeeded', 9)), { type: 'page', page: page([run(1, 'running', 5)]) })
    expect(again.rows[0]?.state).toBe('succeeded')
  })

  it('does not take old runs of the socket for new ones', () => {
    const state = play(page([run(9), run(8), run(7)], { pages: 2, total: 5 }), told(run(2), run(9)))
    expect([ids(state), state.total]).toEqual([[9, 8, 7], 5])
  })

  it('has each run once however often it is told', () => {
    const state = play(page([run(1)]), told(run(2), run(1)), told(run(2)), told(run(2, 'failed', 4)))
    expect([ids(state), state.total]).toEqual([[2, 1], 2])
  })

  it('leaves out what does not match, and lets go of what no longer does', () => {
    const running = { ...ALL, state: ['running'] as const }
    const state = play(page([run(1)], { filters: running }), told(run(2, 'failed'), run(3)), told(run(1, 'succeeded', 5)))
    expect([ids(state), state.total]).toEqual([[3], 1])
  })
})

describe('while somebody points at the table', () => {
  const hold: Happening = { type: 'held', held: true }

  it('no row moves or goes, but each is up to date', () => {
    const running = { ...ALL, state: ['running'] as const }
    const state = play(page([run(2), run(1)], { filters: running }), hold, told(run(3)), told(run(1, 'failed', 5)))
    expect(state.rows.map((row) => [row.id, row.state])).toEqual([[2, 'running'], [1, 'failed']])
    expect(state.waiting.map((row) => row.id)).toEqual([3])
  })

  it('new ones come when the pointer leaves, or when they are asked for', () => {
    const start = page([run(1)])
    expect(ids(play(start, hold, told(run(2)), { type: 'held', held: false }))).toEqual([2, 1])
    const shown = play(start, hold, told(run(2)), { type: 'shown' })
    expect([ids(shown), shown.waiting, shown.held]).toEqual([[2, 1], [], true])
  })
})

describe('later pages', () => {
  it('keep their runs, and keep them up to date', () => {
    const state = play(page([run(2), run(1)], { page: 2, pages: 2, total: 5 }), told(run(9), run(1, 'failed', 5)))
    expect(state.rows.map((row) => [row.id, row.state])).toEqual([[2, 'running'], [1, 'failed']])
    expect(state.total).toBe(5)
  })
})

describe('the first run of all', () => {
  it('ends the empty list', () => {
    const state = play(page([]), told(run(1)))
    expect([ids(state), state.any, state.total]).toEqual([[1], true, 1])
  })

  it('is known even if it does not match', () => {
    const state = play(page([], { filters: { ...ALL, flow: 'Other' } }), told(run(1)))
    expect([ids(state), state.any]).toEqual([[], true])
  })
})

describe('filters', () => {
  it('match as the server does', () => {
    const one = run(12, 'failed', 1, { flow: 'Clean logs', run_reason: 'Disk is FULL' })
    expect(matches(one, { ...ALL, tries: 'only' })).toBe(false)
    expect(matches(one, { ...ALL, tries: 'none' })).toBe(true)
    expect(matches({ ...one, is_try: true }, { ...ALL, tries: 'only' })).toBe(true)
    expect(matches(one, { ...ALL, search: ' clean ' })).toBe(true)
    expect(matches(one, { ...ALL, search: 'disk is full' })).toBe(true)
    expect(matches(one, { ...ALL, search: '#12' })).toBe(true)
    expect(matches(one, { ...ALL, search: '1' })).toBe(false)
    expect(matches(one, { ...ALL, flow: 'Clean' })).toBe(false)
    expect(matches(one, { ...ALL, state: ['partial', 'failed'], started_by: 'alice' })).toBe(true)
  })

  it('have one address for one view', () => {
    expect(addressOf(ALL, 1)).toBe('')
    expect(addressOf({ state: ['failed', 'partial'], flow: 'A & B', started_by: '', search: ' x ', tries: 'none' }, 2)).toBe(
      '?state=failed&state=partial&flow=A+%26+B&search=x&tries=none&page=2',
    )
    expect([isFiltered(ALL), isFiltered({ ...ALL, search: ' ' }), isFiltered({ ...ALL, flow: 'x' })]).toEqual([false, false, true])
  })
})
