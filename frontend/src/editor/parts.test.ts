import { describe, expect, test } from 'vitest'

import { ROWS, rowOf } from './catalog'
import { addClause, addItem, dropClause, dropItem } from './changes'
import { addableClauses, partsOf, wordOf } from './parts'

describe('the parts of a block', () => {
  test.each(ROWS.map((row) => [row.type, row] as const))('%s shows each of its holes once', (_, row) => {
    const extra = row.example.blocks.find((block) => block.id === row.example.first)?.extra ?? {}
    const parts = partsOf(row, extra)
    for (const hole of row.holes) {
      const shown = parts.filter(
        (part) => ('name' in part && part.name === hole.name) || (part.kind === 'add-item' && part.hole === hole.name),
      )
      expect(shown).toHaveLength(1)
    }
    expect(parts.filter((part) => part.kind === 'choice')).toHaveLength(row.options.length > 0 ? 1 : 0)
    expect(parts.filter((part) => part.kind === 'body' && part.name === 'BODY')).toHaveLength(row.body ? 1 : 0)
  })

  test('each input that a call is given has its name and its value', () => {
    const kinds = partsOf(rowOf('run_task'), { counts: { INPUTS: 1 } }).map((part) => part.kind)
    expect(kinds).toEqual(['head', 'field', 'add-item', 'keyword', 'value'])
  })

  test('what a badge says comes last and has no hole to see', () => {
    const parts = partsOf(rowOf('run_task'), { counts: { INPUTS: 2 } }, new Set(['INPUTS.0']))
    expect(parts.map((part) => ('name' in part ? `${part.kind} ${part.name}` : part.kind))).toEqual([
      'head',
      'field NAME',
      'add-item',
      'keyword INPUTS.1',
      'value INPUTS.1',
      'badge INPUTS.0',
    ])
  })

  test('a call of a flow unfolds into its steps, Python says why it stays', () => {
    const kinds = (isUnfolded: boolean): readonly string[] =>
      partsOf(rowOf('run_flow'), {}, new Set(), isUnfolded).map((part) => part.kind)
    expect(kinds(false)).toEqual(['head', 'field', 'add-item', 'fold'])
    expect(kinds(true)).toEqual(['head', 'field', 'add-item', 'fold', 'steps'])
    expect(partsOf(rowOf('raw_statement'), { why: 'two targets' }).at(-1)).toEqual({ kind: 'why', text: 'two targets' })
  })

  test('a clause stands before its own body, with its comment', () => {
    const parts = partsOf(rowOf('if'), { clauses: ['elif', 'else'], comments: [[], ['# why'], []] })
    expect(parts.map((part) => ('name' in part ? part.name : part.kind))).toEqual([
      'head',
      'label',
      'TEST',
      'add-clause',
      'BODY',
      'label',
      'TEST1',
      'drop-clause',
      'comment',
      'BODY1',
      'label',
      'drop-clause',
      'BODY2',
    ])
  })

  test('a clause that does not repeat is offered once', () => {
    expect(addableClauses(rowOf('if'), { clauses: ['else'] }).map((clause) => clause.kind)).toEqual(['elif'])
  })

  test('a block that this build does not know is an error that says what to do', () => {
    expect(() => rowOf('teleport')).toThrow('Reload the page')
  })

  test('the word of a label has no holes', () => {
    expect([wordOf('else if {TEST}'), wordOf('else'), wordOf('if it fails with {TYPE}, named {NAME}')]).toEqual([
      'else',
      'else',
      'if it fails',
    ])
  })
})

describe('what + and − do', () => {
  const given = {
    clauses: ['elif', 'else'],
    spans: [
      [1, 1, 0],
      [3, 3, 0],
      [5, 5, 0],
    ],
    comments: [['# a'], ['# b'], ['# c']],
    sources: { X: 'y' },
  } as const
  const [elif] = rowOf('if').clauses

  test('a new clause comes behind those of its kind and before the last, and the names behind it move on', () => {
    const { extra, renamed } = addClause(rowOf('if'), given, elif ?? { kind: '', label: '', repeats: false, holes: [] })
    expect(extra).toEqual({
      clauses: ['elif', 'elif', 'else'],
      spans: [[1, 1, 0], [3, 3, 0], null, [5, 5, 0]],
      comments: [['# a'], ['# b'], [], ['# c']],
      sources: { X: 'y' },
    })
    expect(['TEST', 'BODY', 'TEST1', 'BODY1', 'BODY2'].map(renamed)).toEqual([
      'TEST',
      'BODY',
      'TEST1',
      'BODY1',
      'BODY3',
    ])
  })

  test('a clause that goes takes its names along, and the names behind it move up', () => {
    const { extra, renamed } = dropClause(given, 0)
    expect(extra).toEqual({
      clauses: ['else'],
      spans: [
        [1, 1, 0],
        [5, 5, 0],
      ],
      comments: [['# a'], ['# c']],
      sources: { X: 'y' },
    })
    expect(['TEST', 'TEST1', 'BODY1', 'BODY2'].map(renamed)).toEqual(['TEST', null, null, 'BODY1'])
  })

  test('handlers stay in the order in which they are tried', () => {
    const row = rowOf('try')
    const handler = row.clauses.find((clause) => clause.kind === 'except')
    const { extra } = addClause(
      row,
      { clauses: ['except_as', 'finally'] },
      handler ?? { kind: '', label: '', repeats: false, holes: [] },
    )
    expect(extra.clauses).toEqual(['except_as', 'except', 'finally'])
  })

  test('an item that goes takes its name and value along', () => {
    const { extra, renamed } = dropItem({ counts: { INPUTS: 3, OTHER: 1 } }, 'INPUTS', 1)
    expect(extra).toEqual({ counts: { INPUTS: 2, OTHER: 1 } })
    expect(['INPUTS.0', 'INPUTS.1', 'INPUTS.2', 'NAME'].map(renamed)).toEqual(['INPUTS.0', null, 'INPUTS.1', 'NAME'])
  })

  test('an item that comes is the last', () => {
    expect(addItem({}, 'ITEMS').extra).toEqual({ counts: { ITEMS: 1 } })
  })
})
