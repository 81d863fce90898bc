import { describe, expect, test } from 'vitest'

import { ROWS } from './catalog'
import { SCRIPT } from './fixtures'
import { blockAt, blocksOf, isSameScript, linesOf, stateOf } from './flat'

function sorted(blocks: typeof SCRIPT): unknown {
  return { ...blocks, blocks: blocks.blocks.toSorted((a, b) => a.id.localeCompare(b.id)) }
}

describe('the flat list and the nested state', () => {
  test('say the same: there and back is the identity', () => {
    expect(sorted(blocksOf(stateOf(SCRIPT, 'b1'), SCRIPT.sites))).toEqual(sorted(SCRIPT))
  })

  test('keep what the canvas does not understand as it came', () => {
    expect(stateOf(SCRIPT, 'b1').extraState).toBe(SCRIPT.blocks[0]?.extra)
  })

  test.each(ROWS.map((row) => [row.type, row] as const))('hold for the example of %s', (_, row) => {
    const first = row.example.first ?? ''
    expect(sorted(blocksOf(stateOf(row.example, first), row.example.sites))).toEqual(sorted(row.example))
  })

  test('an example has no ids, and its values give way', () => {
    const state = stateOf(SCRIPT, 'b1', true)
    expect(state.id).toBeUndefined()
    expect(state.inputs?.['TEST']?.shadow?.type).toBe('block_compare')
    expect(state.inputs?.['BODY']?.block?.type).toBe('block_log')
  })
})

describe('two lists of blocks', () => {
  test('say the same in whatever order they are listed', () => {
    const [first, ...rest] = SCRIPT.blocks
    if (first === undefined) throw new Error('the script has blocks')
    expect(isSameScript(SCRIPT, { ...SCRIPT, blocks: SCRIPT.blocks.toReversed() })).toBe(true)
    expect(isSameScript(SCRIPT, { ...SCRIPT, blocks: rest })).toBe(false)
    expect(isSameScript(SCRIPT, { ...SCRIPT, blocks: [{ ...first, fields: { X: 'y' } }, ...rest] })).toBe(false)
    expect(isSameScript(SCRIPT, { ...SCRIPT, first: null })).toBe(false)
  })
})

describe('blocks and lines', () => {
  test('a value is on the lines of its statement', () => {
    expect(linesOf(SCRIPT, 'b4')).toEqual([1, 1])
    expect(linesOf(SCRIPT, 'b7')).toEqual([5, 6])
    expect(linesOf(SCRIPT, 'gone')).toBeNull()
  })

  test('a line belongs to the innermost statement on it', () => {
    expect([1, 2, 3, 4, 6, 9].map((line) => blockAt(SCRIPT, line))).toEqual(['b1', 's1', 'b1', 'b5', 's2', null])
  })
})
