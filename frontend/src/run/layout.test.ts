import { describe, expect, test } from 'vitest'

import type { MatrixSnapshot } from '../wire/types'
import { COLUMNS, firstRow, HEAD, type Layout, layOut, ROW, rowBeside, rowY, visibleLines, windowsFor } from './layout'
import { applyFrame, type Tree } from './tree'
import { aBand, aSnapshot } from './wire.fixture'

const ALL = { state: null, text: '' }

function treeOf(runs: MatrixSnapshot['runs']): Tree {
  const tree = applyFrame(null, aSnapshot({ runs }))
  if (tree === null) throw new Error('no tree')
  return tree
}

function large(size: number, states = 's'.repeat(size)): Tree {
  return treeOf([aBand({ elements: Array.from({ length: size }, (_, index) => `e${index}`), states })])
}

const FAMILY = treeOf([
  aBand({ elements: ['a', 'b'], states: 'rr' }),
  aBand({ run: 101, number: 1, parent: 100, site: 2, first_row: 2, elements: ['a'], states: 's', state: 'succeeded' }),
  aBand({ run: 102, number: 2, parent: 101, site: 1, first_row: 3, elements: ['a', 'c'], states: 'sf', state: 'failed' }),
  aBand({ run: 103, number: 3, parent: 100, site: 2, turn: 2, first_row: 5, elements: ['b'], states: 'r' }),
])

function places(layout: Layout): unknown {
  return layout.segments.map(({ run, depth, rows }) => [run, depth, rows])
}

describe('bands', () => {
  test('stand below their callers, in the order in which they began', () => {
    expect(places(layOut(FAMILY, ALL, new Map()))).toEqual([[100, 0, 2], [101, 1, 1], [102, 2, 2], [103, 1, 1]])
  })

  test('a run alone needs no head', () => {
    const layout = layOut(large(3), ALL, new Map())
    expect(layout.height).toBe(COLUMNS + 3 * ROW)
    expect(layout.segments[0]?.headHeight).toBe(0)
  })

  test('a folded band keeps its head alone', () => {
    const layout = layOut(FAMILY, ALL, new Map([[102, false]]))
    expect(layout.segments[2]?.height).toBe(HEAD)
    expect(rowY(layout, 102, 0)).toBeNull()
  })

  test('of many runs those that went well are folded by themselves, and a person opens them', () => {
    const children = Array.from({ length: 12 }, (_, index) =>
      aBand({ run: 101 + index, number: index + 1, parent: 100, first_row: 2 + index, elements: ['a'], states: 's', state: index === 3 ? 'failed' : 'succeeded' }),
    )
    const tree = treeOf([aBand(), ...children])
    expect(layOut(tree, ALL, new Map()).segments.filter(({ open }) => open).map(({ run }) => run)).toEqual([100, 104])
    expect(layOut(tree, ALL, new Map([[105, true]])).segments.filter(({ open }) => open).map(({ run }) => run)).toEqual([100, 104, 105])
  })

  test('a filter keeps the rows that match and hides the other runs', () => {
    const layout = layOut(FAMILY, { state: 'failed', text: '' }, new Map())
    expect(places(layout)).toEqual([[100, 0, 0], [102, 2, 1]])
    expect(firstRow(layout)).toEqual({ run: 102, position: 1 })
  })

  test('a run whose caller was left out stands below the top', () => {
    const tree = treeOf([aBand(), aBand({ run: 109, number: 9, parent: 108, first_row: 50, elements: ['a'], states: 'r' })])
    expect(places(layOut(tree, ALL, new Map()))).toEqual([[100, 0, 2], [109, 1, 1]])
  })
})

describe('the virtual window', () => {
  test('holds the rows that are seen and no other', () => {
    const layout = layOut(large(10_000), ALL, new Map())
    const lines = visibleLines(layout, COLUMNS + 5000 * ROW, COLUMNS + 5000 * ROW + 600)
    const rows = lines.filter((line) => line.kind === 'row')
    expect([rows.length, rows[0]?.position, rows.at(-1)?.position]).toEqual([25, 5000, 5024])
  })

  test('together the windows of all scroll places show each line once', () => {
    const layout = layOut(FAMILY, ALL, new Map())
    const seen: number[] = []
    for (let y = 0; y < layout.height; y += 8) seen.push(...visibleLines(layout, y, y + 8).map((line) => line.y))
    expect(new Set(seen).size).toBe(4 * 2 + 6)
  })

  test('the rows asked for are few, within the bounds, and change seldom', () => {
    const layout = layOut(large(10_000), ALL, new Map())
    const at = (y: number): unknown => windowsFor(layout, y, y + 600)
    expect(at(COLUMNS + 5010 * ROW)).toEqual([{ run: 100, from: 4950, to: 5100, also: [] }])
    expect(at(COLUMNS + 5010 * ROW + 10)).toEqual(at(COLUMNS + 5010 * ROW))
  })

  test('a filter asks for single rows', () => {
    const states = 's'.repeat(4000) + 'f' + 's'.repeat(5000) + 'f' + 's'.repeat(998)
    const layout = layOut(large(10_000, states), { state: 'failed', text: '' }, new Map())
    expect(windowsFor(layout, 0, 600)).toEqual([{ run: 100, from: 0, to: 0, also: [4000, 9001] }])
  })

  test('no more runs are asked for than may be', () => {
    const children = Array.from({ length: 40 }, (_, index) =>
      aBand({ run: 101 + index, number: index + 1, parent: 100, first_row: 2 + index, elements: ['a'], states: 'f', state: 'failed' }),
    )
    expect(windowsFor(layOut(treeOf([aBand(), ...children]), ALL, new Map()), 0, 5000).length).toBe(16)
  })
})

describe('rows beside each other', () => {
  const layout = layOut(FAMILY, ALL, new Map([[101, false]]))

  test('lead over the bounds of bands, folded ones left out', () => {
    expect(rowBeside(layout, 100, 1, 1)).toEqual({ run: 102, position: 0 })
    expect(rowBeside(layout, 102, 0, -1)).toEqual({ run: 100, position: 1 })
    expect(rowBeside(layout, 100, 0, 4)).toEqual({ run: 103, position: 0 })
  })

  test('stay at the ends', () => {
    expect(rowBeside(layout, 100, 0, -5)).toEqual({ run: 100, position: 0 })
    expect(rowBeside(layout, 100, 0, 500)).toEqual({ run: 103, position: 0 })
  })
})
