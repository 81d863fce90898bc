import { describe, expect, test } from 'vitest'

import type { InputSpec } from '../wire/types'
import type { FlowDetail } from './flow'
import { chosenCount, EMPTY, givenOf, matching, needsOf, needsText, readInputs, reduce, type SheetAction, type SheetState, type With } from './state'

const INPUTS: readonly InputSpec[] = [
  { name: 'service', type: 'string', required: true, default: 'postgresql' },
  { name: 'wait_s', type: 'integer', required: false, default: null },
  { name: 'share', type: 'number', required: true, default: null },
  { name: 'careful', type: 'boolean', required: false, default: true },
]
const FLOW: FlowDetail = { id: 1, name: 'Restart', version: 1, mode: 'serial', target: { all: true }, inputs: INPUTS }

function sheet(given: With = {}, ...actions: readonly SheetAction[]): SheetState {
  const first: readonly SheetAction[] = [{ type: 'flow', flow: FLOW, given }, { type: 'candidates', names: ['db1', 'db2', 'web1'] }]
  return [...first, ...actions].reduce(reduce, EMPTY)
}

describe('inputs', () => {
  test('have their types, and those not given are left out', () => {
    const state = sheet({}, { type: 'value', name: 'share', value: '0.5' })
    expect(readInputs(state)).toEqual({ inputs: { service: 'postgresql', share: 0.5, careful: true }, faults: {} })
  })

  test('what is no value of the type is told at its field', () => {
    const state = sheet({}, { type: 'value', name: 'wait_s', value: '1.5' }, { type: 'value', name: 'share', value: 'x' })
    expect(readInputs(state).faults).toEqual({ wait_s: 'Found “1.5”, expected a whole number.', share: 'Found “x”, expected a number.' })
  })

  test('a required one without a default must be given', () => {
    expect(readInputs(sheet()).faults).toEqual({ share: 'Give a value: a number.' })
  })

  test('what the server refuses goes to its field', () => {
    const problem = { code: 'inputs_refused', message: 'no', fields: { inputs: ["input 'share' is -1, expected more", 'something else'] } }
    const state = sheet({}, { type: 'starting' }, { type: 'refused', problem })
    expect([state.isStarting, state.message, state.faults]).toEqual([false, 'no', { share: "input 'share' is -1, expected more" }])
  })
})

describe('the plan', () => {
  test('waits for the values that it needs, and a new one replaces that', () => {
    const state = sheet({}, { type: 'plan needs', inputs: ['share'], elements: false })
    expect(state.plan).toEqual({ kind: 'needs', inputs: ['share'], elements: false })
    expect(reduce(state, { type: 'plan asked' }).plan).toEqual({ kind: 'waits' })
  })

  test('waits for the elements where nobody is chosen yet, and nothing is wrong before one acts', () => {
    const state = [{ type: 'flow', flow: { ...FLOW, target: null, inputs: [] }, given: {} }, { type: 'candidates', names: ['db1'] }] as const
    const opened = state.reduce<SheetState>(reduce, EMPTY)
    expect([needsOf(opened), opened.faults, opened.message]).toEqual([{ inputs: [], elements: true }, {}, ''])
    expect(needsOf(reduce(opened, { type: 'toggle', name: 'db1' }))).toEqual({ inputs: [], elements: false })
  })

  test.each([
    [[], false, null],
    [[], true, 'It comes with the elements that you choose.'],
    [['share'], false, 'It comes with a value for share.'],
    [['share', 'peer'], true, 'It comes with values for share, peer and the elements that you choose.'],
  ])('says what it waits for: %j, elements: %s', (inputs, elements, text) => {
    expect(needsText({ inputs, elements })).toBe(text)
  })
})

describe('inputs of other types', () => {
  const specs: readonly InputSpec[] = [
    { name: 'colour', type: 'choice', required: false, default: 'blue', choices: ['blue', 'green'] },
    { name: 'ports', type: 'list', of: 'integer', required: false, default: [80, 443] },
    { name: 'peer', type: 'element', required: false, default: null },
    { name: 'password', type: 'secret', required: true, default: null },
    { name: 'force', type: 'boolean', required: true, default: null },
    { name: 'why', required: false, default: '5' },
  ]
  const flow: FlowDetail = { ...FLOW, inputs: specs }

  function filled(given: With, values: Readonly<Record<string, string>>): SheetState {
    const typed = Object.entries(values).map(([name, value]): SheetAction => ({ type: 'value', name, value }))
    return [{ type: 'flow', flow, given } as const, ...typed].reduce(reduce, EMPTY)
  }

  test('begin with their defaults, a list with one a line, and a box that is not ticked', () => {
    expect(filled({}, {}).values).toEqual({ colour: 'blue', ports: '80\n443', peer: '', password: '', force: 'false', why: '"5"' })
  })

  test('are read by their types', () => {
    const state = filled({}, { colour: 'green', ports: ' 1 \n\n2\n', peer: ' db1 ', password: ' s p q ', force: 'true' })
    expect(readInputs(state)).toEqual({ inputs: { colour: 'green', ports: [1, 2], peer: 'db1', password: ' s p q ', force: true, why: '5' }, faults: { } })
  })

  test('may be any value where no type is declared: JSON where it reads as JSON, else a text', () => {
    const read = (why: string): unknown => readInputs(filled({}, { password: 'long enough', why })).inputs['why']
    expect(['{"db1": "too old"}', '16', 'too old', ''].map(read)).toEqual([{ db1: 'too old' }, 16, 'too old', ''])
    const state = filled({ inputs: { why: { db1: 'too old' } } }, {})
    expect(state.values['why']).toBe('{"db1":"too old"}')
    expect(readInputs(filled({}, { why: '1234567890123456789' })).faults['why']).toContain('at most 15 digits')
  })

  test('that are none are told, a secret without its text', () => {
    const state = filled({}, { colour: 'red', ports: '1\nx', password: 'abc' })
    expect(readInputs(state).faults).toEqual({
      colour: 'Found “red”, expected one of blue, green.',
      ports: 'Found “1\nx”, expected one a line, each a whole number.',
      password: 'Expected at least 4 characters, since a shorter secret could not be masked.',
    })
  })

  test('never begin with what was shown of a secret', () => {
    const { values } = filled({ inputs: { password: '•••', peer: 'db2', force: true } }, {})
    expect([values['password'], values['peer'], values['force']]).toEqual(['', 'db2', 'true'])
  })
})

describe('elements', () => {
  test('are all of the target unless narrowed', () => {
    expect([givenOf(sheet()).elements, chosenCount(sheet())]).toEqual([null, 3])
    const narrowed = sheet({}, { type: 'toggle', name: 'db2' })
    expect([givenOf(narrowed).elements, chosenCount(narrowed)]).toEqual([['db1', 'web1'], 2])
    expect(givenOf(reduce(narrowed, { type: 'all' })).elements).toBeNull()
  })

  test('are found by part of their names', () => {
    expect(matching(sheet({}, { type: 'search', text: 'DB' }))).toEqual(['db1', 'db2'])
  })

  test('of a run that is started again are those that are still selected', () => {
    expect(givenOf(sheet({ inputs: { service: 'nginx', wait_s: 3 }, elements: ['db2', 'gone'] }))).toEqual({
      inputs: { service: 'nginx', wait_s: 3, careful: true }, elements: ['db2'],
    })
  })
})
