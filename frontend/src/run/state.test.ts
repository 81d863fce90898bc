import { describe, expect, test } from 'vitest'

import { readAddress, writeAddress } from './address'
import { layOut } from './layout'
import { moved, nextTrouble } from './keys'
import type { Attempt } from './records'
import { type Action, firstState, type PageData, type PageState, reduce, shownStep } from './state'
import { aBand, aSnapshot } from './wire.fixture'

const DATA: PageData = {
  run: 100, root: 100, parent: null, flow: 'Restart', flow_id: 1, version: 1, is_try: false, mode: 'serial', started_by: 'alice', schedule: null, run_reason: '',
  created_at: '2026-11-26T14:00:00+00:00', inputs: {}, narrowed: null, error_threshold: null, plan: null, usual_s: null,
}
const STEP = { run: 100, element: 'db1', site: 1, turn: 1, attempt: 1 }

function after(...actions: readonly Action[]): PageState {
  return actions.reduce(reduce, firstState(DATA, readAddress('', ''), 0))
}

function attempt(changes: Partial<Attempt>): Attempt {
  return {
    id: 1, element: 'db1', site: 1, turn: 1, attempt: 1, step: 'run_task', name: 'Stop service', target: 'db1', line: 1, status: 'failed', reason: '',
    advice: '', exit_code: 1, result: {}, started_at: null, finished_at: '2026-11-26T14:00:00+00:00', ...changes,
  }
}

const OPENED = { run: 100, element: 'db1', site: 1 }
const SNAPSHOT: Action = { type: 'frame', frame: aSnapshot({ cells: [[0, 1, 1, 'retrying']] }) }

describe('the address', () => {
  test.each(['', '?state=failed', '?tab=events&state=failed&q=db+1', '#/run/12/element/db1', '?q=a%26b#/run/12/element/a%20b%2Fc/site/3'])('%s is kept', (address) => {
    const [search, hash] = address.split('#')
    expect(writeAddress('/runs/1/', readAddress(search ?? '', hash === undefined ? '' : `#${hash}`))).toBe(`/runs/1/${address}`)
  })

  test('what it cannot mean is left out', () => {
    expect(readAddress('?state=broken&tab=x', '#/run/x/element/')).toEqual({ filter: { state: null, text: '' }, tab: 'matrix', opened: null })
  })
})

describe('what was asked', () => {
  test('is said at once, until the run tells of it', () => {
    const asking = after(SNAPSHOT, { type: 'asked', verb: 'pause' })
    expect(asking.asking).toBe('pause')
    const unrelated = reduce(asking, { type: 'frame', frame: { type: 'delta', seq: 2, counts: {}, cells: [[0, 1, 1, 'running']] } })
    expect(unrelated.asking).toBe('pause')
    const { state, reason, started_at, ended_at, columns } = aBand()
    const head = { run: 100, state, reason, started_at, ended_at, columns, soaking: null, asked: ['pause', 'alice'] as const }
    expect(reduce(unrelated, { type: 'frame', frame: { type: 'delta', seq: 3, counts: {}, cells: [], runs: [head] } }).asking).toBeNull()
  })

  test('a refusal ends it and is told', () => {
    const refused = after(SNAPSHOT, { type: 'asked', verb: 'pause' }, { type: 'refused', message: 'run 100 has ended' })
    expect([refused.asking, refused.problem]).toEqual([null, 'run 100 has ended'])
  })
})

describe('the drawer', () => {
  test('shows the attempt under way, then the last one, or the chosen one', () => {
    const open = after(SNAPSHOT, { type: 'open', opened: OPENED }, { type: 'attempts', opened: OPENED, attempts: { kind: 'loaded', value: [attempt({})] } })
    expect(shownStep(open)).toEqual({ ...STEP, attempt: 2 })
    const ended = reduce(open, { type: 'frame', frame: { type: 'delta', seq: 2, counts: {}, cells: [[0, 1, 1, 'failed']] } })
    expect(shownStep(ended)).toEqual(STEP)
    const two = reduce(ended, { type: 'attempts', opened: OPENED, attempts: { kind: 'loaded', value: [attempt({}), attempt({ attempt: 2 })] } })
    expect(shownStep(two)).toEqual({ ...STEP, attempt: 2 })
    expect(shownStep(reduce(two, { type: 'choose attempt', turn: 1, attempt: 1 }))).toEqual(STEP)
  })

  test('records of another cell that come late change nothing', () => {
    const open = after(SNAPSHOT, { type: 'open', opened: OPENED })
    const late = reduce(open, { type: 'attempts', opened: { ...OPENED, site: 2 }, attempts: { kind: 'loaded', value: [] } })
    expect(late.drawer?.attempts).toEqual({ kind: 'loading' })
  })

  test('a log goes on where it was when the connection was lost, and takes no part twice', () => {
    const piece = (offset: number, text: string): Action => ({
      type: 'log', frame: { type: 'log', step: STEP, offset, pieces: [['stdout', text]], end: offset + text.length },
    })
    const state = after(SNAPSHOT, { type: 'open', opened: OPENED }, { type: 'read log', step: STEP }, piece(0, 'one\n'), piece(0, 'one\n'), piece(4, 'two\n'))
    expect(state.drawer?.log?.pieces.map(([, text]) => text).join('')).toBe('one\ntwo\n')
    expect(state.drawer?.log?.end).toBe(8)
  })

  test('a long log lets its beginning go', () => {
    const text = 'x'.repeat(100_000)
    const actions = Array.from({ length: 6 }, (_, index): Action => ({
      type: 'log', frame: { type: 'log', step: STEP, offset: index * 100_000, pieces: [['stdout', text]], end: (index + 1) * 100_000 },
    }))
    const log = after(SNAPSHOT, { type: 'open', opened: OPENED }, { type: 'read log', step: STEP }, ...actions).drawer?.log
    expect([log?.pieces.length, log?.dropped, log?.end]).toEqual([4, 2, 600_000])
  })
})

describe('events', () => {
  const event = (seq: number): PageState['events']['rows'][number] => ({ seq, run: 100, type: 'run_state', at: '' })

  test('come before and behind those that are there, each once', () => {
    const state = after({ type: 'events', rows: [event(5), event(6)], lastSeq: 6 }, { type: 'events', rows: [event(6), event(7)], lastSeq: 7 }, { type: 'events', rows: [event(3), event(4)], lastSeq: 7 })
    expect(state.events.rows.map(({ seq }) => seq)).toEqual([3, 4, 5, 6, 7])
  })
})

describe('keys', () => {
  const state = after({ type: 'frame', frame: aSnapshot({ runs: [aBand({ elements: ['a', 'b', 'c'], states: 'sfu', ends: [[1, 'no', [2, 1]]] })] }) })
  const { tree } = state
  if (tree === null) throw new Error('no tree')
  const layout = layOut(tree, state.filter, state.folds)

  test('arrows move between cells and stop at the edges', () => {
    const from = { run: 100, position: 0, site: 0 }
    expect(moved(tree, layout, from, 'ArrowRight', false)).toEqual({ ...from, site: 1 })
    expect(moved(tree, layout, from, 'ArrowLeft', false)).toEqual(from)
    expect(moved(tree, layout, from, 'ArrowDown', false)).toEqual({ ...from, position: 1 })
    expect(moved(tree, layout, from, 'End', false)).toEqual({ ...from, site: 3 })
    expect(moved(tree, layout, from, 'End', true)).toEqual({ ...from, position: 2 })
    expect(moved(tree, layout, from, 'x', false)).toBeNull()
  })

  test('the next trouble is the next failed row, round the tree, at the step that ended it', () => {
    expect(nextTrouble(tree, null, 1)).toEqual({ run: 100, position: 1, site: 2 })
    expect(nextTrouble(tree, { run: 100, position: 1 }, 1)).toEqual({ run: 100, position: 2, site: 0 })
    expect(nextTrouble(tree, { run: 100, position: 2 }, 1)).toEqual({ run: 100, position: 1, site: 2 })
    expect(nextTrouble(tree, { run: 100, position: 1 }, -1)).toEqual({ run: 100, position: 2, site: 0 })
  })
})
