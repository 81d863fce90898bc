import { describe, expect, test } from 'vitest'

import type { Band as WireBand, MatrixDelta, MatrixSnapshot } from '../wire/types'
import { applyFrame, cellAt, elementState, matchingPositions, type Tree } from './tree'
import { aBand, aSnapshot, LETTERS } from './wire.fixture'

/** A run tree as the server keeps it, and the frames that tell of each change. */
class Server {
  seq = 1
  readonly runs: WireBand[]
  readonly states: string[][]
  readonly cells = new Map<string, [number, number, number, 'running' | 'succeeded' | 'failed']>()

  constructor(sizes: readonly number[]) {
    let first = 0
    this.runs = sizes.map((size, number) => {
      const run = aBand({
        run: 100 + number, number, parent: number === 0 ? null : 100, first_row: first,
        elements: Array.from({ length: size }, (_, index) => `e${index}`), states: 'q'.repeat(size), counts: { queued: size },
      })
      first += size
      return run
    })
    this.states = this.runs.map((run) => Array.from(run.states))
  }

  snapshot(): MatrixSnapshot {
    const runs = this.runs.map((run, index) => ({ ...run, states: this.states[index]?.join('') ?? '', counts: this.counts(index) }))
    return aSnapshot({ seq: this.seq, runs, cells: [...this.cells.values()] })
  }

  change(random: () => number): MatrixDelta {
    this.seq += 1
    const index = Math.floor(random() * this.runs.length)
    const run = this.runs[index]
    const states = this.states[index]
    if (run === undefined || states === undefined) throw new Error('no such run')
    const position = Math.floor(random() * states.length)
    const letter = ['r', 's', 'f'][Math.floor(random() * 3)] ?? 'r'
    states[position] = letter
    const row = run.first_row + position
    const site = 1 + Math.floor(random() * 3)
    const cell: [number, number, number, 'running' | 'succeeded' | 'failed'] = [row, site, 1 + Math.floor(random() * 5), 'running']
    this.cells.set(`${row} ${site}`, cell)
    return {
      type: 'delta', seq: this.seq, counts: { [String(run.run)]: this.counts(index) }, cells: [cell],
      elements: [[row, LETTERS[letter] ?? 'queued']],
    }
  }

  private counts(index: number): Record<string, number> {
    const counts: Record<string, number> = {}
    for (const letter of this.states[index] ?? []) {
      const state = LETTERS[letter] ?? 'queued'
      counts[state] = (counts[state] ?? 0) + 1
    }
    return counts
  }
}

/** The same numbers each time. */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state / 2_147_483_648
  }
}

function folded(tree: Tree | null): Tree {
  if (tree === null) throw new Error('no tree')
  return tree
}

describe('the fold of frames', () => {
  test('a snapshot and its deltas are what a fresh snapshot says', () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const random = numbers(seed)
      const server = new Server([7, 3, 0, 5])
      // The third run has no elements: nothing can change in it.
      server.runs.splice(2, 1)
      server.states.splice(2, 1)
      let tree = applyFrame(null, server.snapshot())
      for (let step = 0; step < 60; step += 1) tree = applyFrame(tree, server.change(random))
      expect(folded(tree)).toEqual(folded(applyFrame(null, server.snapshot())))
    }
  })

  test('a frame changes no tree that was made before', () => {
    const server = new Server([4])
    const before = folded(applyFrame(null, server.snapshot()))
    const states = [...(before.bands.get(100)?.states ?? [])]
    folded(applyFrame(before, server.change(numbers(3))))
    expect([...(before.bands.get(100)?.states ?? [])]).toEqual(states)
    expect(before.bands.get(100)?.cells.size).toBe(0)
  })

  test('a delta copies the columns that it changes and no other', () => {
    const tree = applyFrame(null, aSnapshot({ runs: [aBand()], cells: [[0, 1, 1, 'running'], [0, 2, 1, 'queued']] }))
    const after = applyFrame(tree, { type: 'delta', seq: 2, counts: {}, cells: [[0, 1, 1, 'failed']] })
    const [old, now] = [folded(tree).bands.get(100), folded(after).bands.get(100)]
    expect(now?.cells.get(2)).toBe(old?.cells.get(2))
    expect(now?.cells.get(1)).not.toBe(old?.cells.get(1))
  })

  test('a delta before the first snapshot tells nothing', () => {
    expect(applyFrame(null, { type: 'delta', seq: 2, counts: {}, cells: [] })).toBeNull()
  })

  test('a run that begins comes in full, and rows find it', () => {
    const tree = applyFrame(null, aSnapshot({ runs: [aBand()] }))
    const child = aBand({ run: 101, number: 1, parent: 100, first_row: 2, elements: ['a'], states: 'r', counts: { running: 1 } })
    const after = folded(applyFrame(tree, { type: 'delta', seq: 2, counts: {}, cells: [[2, 1, 3, 'running']], new: [child] }))
    const band = after.bands.get(101)
    expect(after.runsTotal).toBe(2)
    expect(band === undefined ? null : [elementState(band, 0), cellAt(band, 0, 1)]).toEqual(['running', { state: 'running', turn: 3 }])
  })

  test('a run that was known without its elements gets them', () => {
    const empty = aBand({ flow: null, version: null, mode: null, elements: [], states: '', counts: {}, columns: [], state: 'queued' })
    const tree = applyFrame(null, aSnapshot({ runs: [empty] }))
    const after = folded(applyFrame(tree, { type: 'delta', seq: 2, counts: {}, cells: [], new: [aBand()] }))
    expect([after.bands.get(100)?.names, after.runsTotal]).toEqual([['db1', 'db2'], 1])
  })

  test('an ended element keeps its message and last step', () => {
    const tree = applyFrame(null, aSnapshot({ runs: [aBand()] }))
    const after = folded(applyFrame(tree, { type: 'delta', seq: 2, counts: {}, cells: [], elements: [[1, 'failed', 'no disk', [2, 1]]] }))
    expect(after.bands.get(100)?.endings.get(1)).toEqual({ message: 'no disk', lastStep: [2, 1] })
  })

  test('10,000 rows take 1,000 changes in far less than a frame each', () => {
    const elements = Array.from({ length: 10_000 }, (_, index) => `server${index}`)
    let tree = applyFrame(null, aSnapshot({ runs: [aBand({ elements, states: 'q'.repeat(10_000), counts: { queued: 10_000 } })] }))
    const began = performance.now()
    for (let frame = 0; frame < 10; frame += 1) {
      const rows = Array.from({ length: 100 }, (_, index) => frame * 100 + index)
      tree = applyFrame(tree, {
        type: 'delta', seq: frame + 2, counts: {}, cells: rows.map((row) => [row, 1, 1, 'running'] as const), elements: rows.map((row) => [row, 'running'] as const),
      })
    }
    expect((performance.now() - began) / 10).toBeLessThan(16)
    expect(folded(tree).bands.get(100)?.states.filter((code) => code === 2).length).toBe(1000)
  })
})

describe('matching', () => {
  test('finds rows by state and by part of their names', () => {
    const band = folded(applyFrame(null, aSnapshot({ runs: [aBand({ elements: ['db1', 'DB2', 'web1'], states: 'fsf' })] }))).bands.get(100)
    if (band === undefined) throw new Error('no band')
    expect(matchingPositions(band, null, '')).toBeNull()
    expect([...(matchingPositions(band, ['failed'], '') ?? [])]).toEqual([0, 2])
    expect([...(matchingPositions(band, null, 'db') ?? [])]).toEqual([0, 1])
    expect([...(matchingPositions(band, ['failed'], 'db') ?? [])]).toEqual([0])
  })
})
