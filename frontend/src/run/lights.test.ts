import { describe, expect, it } from 'vitest'

import { type Light, lightInShort, lightOf, lightText, placeOfBlock } from './lights'
import { applyFrame, type Tree } from './tree'
import { aBand, aSnapshot } from './wire.fixture'

function treeOf(...runs: readonly ReturnType<typeof aBand>[]): Tree {
  const tree = applyFrame(null, aSnapshot({ runs }))
  if (tree === null) throw new Error('a snapshot makes a tree')
  return tree
}

const CHILDREN = [
  aBand({ sites: { '1': { succeeded: 2 }, '2': { running: 1, succeeded: 1 } } }),
  aBand({ run: 101, number: 1, parent: 100, site: 2, first_row: 2, elements: ['db1'], states: 's', sites: { '1': { succeeded: 1 } }, state: 'succeeded' }),
  aBand({ run: 102, number: 2, parent: 100, site: 2, first_row: 3, elements: ['db2'], states: 'r', sites: { '1': { failed: 1 } } }),
]

function stateAt(tree: Tree, path: string, ...sites: readonly number[]): string | undefined {
  return lightOf(tree, path, sites)?.state
}

describe('the light of a block', () => {
  it('is the worst that is at its step', () => {
    const tree = treeOf(aBand({ sites: { '1': { succeeded: 1, failed: 1 }, '3': { succeeded: 1, running: 1 } } }))
    expect([stateAt(tree, '', 1), stateAt(tree, '', 2), stateAt(tree, '', 3)]).toEqual(['failed', undefined, 'running'])
  })

  it('of several steps on one line is that of the worst', () => {
    const tree = treeOf(aBand({ sites: { '1': { succeeded: 2 }, '2': { unreachable: 1, succeeded: 1 } } }))
    expect(stateAt(tree, '', 1, 2)).toBe('unreachable')
  })

  it('is not one of success while some elements have still to come', () => {
    const sites = { '1': { succeeded: 1 } }
    expect(stateAt(treeOf(aBand({ sites })), '', 1)).toBe('queued')
    expect(stateAt(treeOf(aBand({ sites, state: 'succeeded' })), '', 1)).toBe('succeeded')
  })

  it('within a child is that of all runs of the child', () => {
    const tree = treeOf(...CHILDREN)
    expect(lightOf(tree, '2', [1])).toEqual({ state: 'failed', counts: { succeeded: 1, failed: 1 }, total: 2, isOver: false })
    expect(lightOf(tree, '3', [1])).toBeNull()
  })
})

describe('the words of a light', () => {
  it.each<[Light['counts'], number, string]>([
    [{ succeeded: 6 }, 6, '6 of 6 done'],
    [{ succeeded: 3, failed: 1, running: 2 }, 6, '3 of 6 done, 1 failed, 2 running'],
    [{ skipped: 1, still_running_there: 1 }, 2, '1 of 2 done, 1 still running there'],
  ])('tell how far it is and what is wrong: %j', (counts, total, text) => {
    expect(lightText({ state: 'queued', counts, total, isOver: false })).toBe(text)
  })

  it.each<[Light['counts'], number, string]>([
    [{ succeeded: 1 }, 6, '1 done, not reached by 5'],
    [{ succeeded: 1, failed: 1 }, 6, '1 done, 1 failed, not reached by 4'],
    [{ failed: 1 }, 6, '1 failed, not reached by 5'],
    [{ succeeded: 6 }, 6, '6 of 6 done'],
  ])('miss nobody once the run is over: %j', (counts, total, text) => {
    expect(lightText({ state: 'succeeded', counts, total, isOver: true })).toBe(text)
  })

  it('is in short how many are done, of all', () => {
    expect(lightInShort({ state: 'failed', counts: { succeeded: 2, skipped: 1, failed: 1 }, total: 6, isOver: true })).toBe('3/6')
  })

  it('follow the runs of the step: a child may be over while its caller goes on', () => {
    const ended = aBand({ run: 101, number: 1, parent: 100, site: 2, first_row: 2, state: 'partial', sites: { '1': { succeeded: 1 } } })
    const tree = treeOf(aBand({ sites: { '1': { succeeded: 1 } } }), ended)
    const texts = ['', '2'].map((path) => lightOf(tree, path, [1])).map((light) => (light === null ? '' : lightText(light)))
    expect(texts).toEqual(['1 of 2 done', '1 done, not reached by 1'])
  })
})

describe('from a block to the matrix', () => {
  it('leads to the element that the block is lit for', () => {
    const ends = [[1, 'no disk', [1, 1]]] as const
    const tree = treeOf(aBand({ states: 'sf', ends, sites: { '1': { succeeded: 1, failed: 1 } } }))
    expect(placeOfBlock(tree, '', [1])).toEqual({ run: 100, position: 1, site: 1 })
  })

  it('leads into the run of the child that is worst', () => {
    expect(placeOfBlock(treeOf(...CHILDREN), '2', [1])).toEqual({ run: 102, position: 0, site: 1 })
  })

  it('leads to the call of a child that has not begun', () => {
    expect(placeOfBlock(treeOf(aBand()), '2.1', [4])).toEqual({ run: 100, position: 0, site: 2 })
  })
})
