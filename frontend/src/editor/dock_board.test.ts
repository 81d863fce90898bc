import { describe, expect, it } from 'vitest'

import { boardOf, cellText, columnKeys, isHatched, playedAt, stepTitle, toldCell, toldPlan, toldUnknown, toldWave } from './dock_board'
import { cellName, longestRise, movesBetween } from './dock_moves'
import type { DraftPlan, PlanCell, PlanColumn, PlanSummary } from './documents'

function column(site: number, name: string, more: Partial<PlanColumn> = {}): PlanColumn {
  return { path: ['F'], site, depth: 0, step: 'run_task', name, line: site, may_run: false, within: null, ...more }
}

function plan(columns: readonly PlanColumn[], rows: readonly string[], cells: readonly PlanCell[], more: Partial<PlanSummary> = {}): DraftPlan {
  const waves = Math.max(0, ...cells.flatMap(([, , found]) => found))
  return {
    problems: [], reason: null, sampled: {}, rows, rows_total: rows.length, columns, columns_total: columns.length, cells,
    plan: {
      mode: 'serial', concurrency: 1, complete: true, stops_at: null, hash: '', notes: [], elements_total: rows.length,
      waves_total: waves, ...more,
    },
  }
}

const CHILD = [
  column(1, 'A'),
  column(2, 'G', { step: 'run_flow' }),
  column(1, 'B', { path: ['F', 'G'], depth: 1, within: 1 }),
  column(2, 'H', { path: ['F', 'G'], depth: 1, within: 1, step: 'run_flow' }),
  column(1, 'C', { path: ['F', 'G', 'H'], depth: 2, within: 3 }),
  column(3, 'Z'),
]

/** Every element at every step, one element after the other. */
function serial(rows: readonly string[], names: readonly string[]): DraftPlan {
  const cells = rows.flatMap((_, row) => names.map((__, at): PlanCell => [row, at, [row * names.length + at + 1]]))
  return plan(names.map((name, at) => column(at + 1, name)), rows, cells)
}

describe('the board of a plan', () => {
  it('shows the columns of children in bands behind their call', () => {
    const board = boardOf(plan(CHILD, ['E1'], []), new Set())
    expect(board.columns.map(({ column: { name } }) => name)).toEqual(['A', 'G', 'B', 'H', 'C', 'Z'])
    expect(board.bands.map(({ label, from, to }) => [label, from, to])).toEqual([['G', 2, 4], ['G › H', 4, 5]])
    expect(board.columns.map(({ holds }) => holds)).toEqual([0, 3, 0, 1, 0, 0])
  })

  it('leaves the columns of a folded child out, those of its children too', () => {
    const folded = new Set([columnKeys(CHILD)[1] ?? ''])
    const board = boardOf(plan(CHILD, ['E1'], [[0, 4, [3]], [0, 5, [4]]]), folded)
    expect(board.columns.map(({ column: { name }, isFolded }) => [name, isFolded])).toEqual([['A', false], ['G', true], ['Z', false]])
    expect(board.rows[0]?.cells).toEqual([null, null, { waves: [4], count: 1 }])
  })

  it('keeps the names of columns when a step is put in before them', () => {
    const before = columnKeys([column(1, 'A'), column(2, 'B'), column(3, 'A')])
    const now = columnKeys([column(1, 'X'), column(2, 'A'), column(3, 'B'), column(4, 'A')])
    expect(now.slice(1)).toEqual(before)
  })

  it('writes the first wave of a loop and how many there are', () => {
    expect(cellText({ waves: [3], count: 1 })).toBe('3')
    expect(cellText({ waves: [3, 5, 7], count: 3 })).toBe('3 ×3')
    expect(cellText({ waves: [3, 5], count: 40 })).toBe('3 ×40')
  })

  it.each([
    [[2], 1, 2, 'now'], [[2], 1, 3, 'done'], [[2], 1, 1, 'next'], [[2, 4], 2, 3, 'next'], [[2, 4], 2, 5, 'done'],
    [[2, 4], 30, 9, 'next'],
  ] as const)('plays waves %j of %i up to %i', (waves, count, wave, expected) => {
    expect(playedAt({ waves, count }, wave)).toBe(expected)
  })

  it('hatches what may run past an unknown, and the elements that a Serial plan never came to', () => {
    const stops_at = { path: ['F'], line: 2, site: 1, reason: '', may_run: [2] }
    const columns = [column(1, 'A'), column(2, 'B', { may_run: true })]
    const stopped = plan(columns, ['E1', 'E2'], [[0, 0, [1]]], { complete: false, stops_at })
    const [first, second] = boardOf(stopped, new Set()).rows
    const hatched = [first, second].map((row) => columns.map((one, at) => row !== undefined && isHatched(row, one, row.cells[at] ?? null)))
    expect(hatched).toEqual([[false, true], [true, true]])
    expect(boardOf(stopped, new Set()).unknown).toEqual({ row: 0, column: 1 })
    expect(toldUnknown(stopped)).toBe('depends on the result of step 1')
    expect(toldPlan(stopped)).toBe('1 wave on 2 elements known; what follows depends on the result of step 1')
  })

  it('says in words where an unknown stands', () => {
    const stop = { path: ['F', 'G'], line: 2, site: 4, reason: '', may_run: [] }
    expect(toldUnknown(plan([], [], [], { stops_at: stop }))).toBe('depends on the result of step 4 of G')
    expect(toldUnknown(plan([], [], [], { stops_at: { ...stop, site: null } }))).toBe(
      'depends on the run itself, which nobody knows before it starts',
    )
  })

  it('tells a wave, a cell and a step', () => {
    const told = serial(['E1', 'E2'], ['A', 'B'])
    expect(toldWave(told, 0)).toBe('All waves')
    expect(toldWave(told, 3)).toBe('Wave 3 of 4: 1 A on E2')
    expect(toldWave(plan([column(1, 'A')], ['E1', 'E2'], [[0, 0, [1]], [1, 0, [1]]]), 1)).toBe('Wave 1 of 1: 1 A on 2 elements')
    const [row] = boardOf(told, new Set()).rows
    expect(row && toldCell(told, row, column(2, 'B'), row.cells[1] ?? null)).toBe('E1, step 2 B: wave 2')
    expect(row && toldCell(told, row, column(2, 'B'), null)).toBe('E1, step 2 B: does not run')
    expect(stepTitle(column(3, 'done', { step: 'log', path: ['F', 'G'], depth: 1 }))).toBe('3 Log: done, in G')
  })
})

describe('what an edit moved', () => {
  const names = (moved: ReadonlySet<string>): string[] => [...moved].sort()

  it('is nothing where only the numbers are others', () => {
    const moves = movesBetween(serial(['E1', 'E2'], ['A', 'B']), serial(['E1', 'E2'], ['A', 'X', 'B']))
    expect(names(moves.cells)).toEqual(['E1|run_task X', 'E2|run_task X'])
    expect(names(moves.rows)).toEqual([])
  })

  it('is the element that runs earlier or later', () => {
    const moves = movesBetween(serial(['E1', 'E2', 'E3'], ['A']), serial(['E2', 'E3', 'E1'], ['A']))
    expect(names(moves.cells)).toEqual(['E1|run_task A'])
    expect(names(moves.rows)).toEqual(['E1'])
  })

  it('is a step that was moved', () => {
    const moves = movesBetween(serial(['E1'], ['A', 'B', 'C']), serial(['E1'], ['B', 'C', 'A']))
    expect(names(moves.cells)).toEqual(['E1|run_task A'])
  })

  it('is an element that was not there', () => {
    const moves = movesBetween(serial(['E1'], ['A']), serial(['E1', 'E2'], ['A']))
    expect([names(moves.rows), names(moves.cells)]).toEqual([['E2'], [cellName('E2', 'run_task A')]])
  })

  it.each([
    [[], []], [[1, 2, 3], [0, 1, 2]], [[3, 1, 2], [1, 2]], [[1, 1, 1], [0, 1, 2]], [[2, 3, 1, 4], [0, 1, 3]],
  ])('finds a longest rise in %j', (values, places) => {
    expect([...longestRise(values)].sort()).toEqual(places)
  })
})
