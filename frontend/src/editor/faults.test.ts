import { describe, expect, test } from 'vitest'

import type { InputSpec } from '../wire/types'
import type { Argument, Fault, FlowName, Names, Site } from './documents'
import { faultsOf } from './faults'
import { aDraft, aTask, WORDS } from './fixtures'
import { countOf, sortedProblems } from './problems'
import { sideOf, type Side } from './side'
import { after, opened } from './state'

const SERVICE: InputSpec = { name: 'service', type: 'string', required: true, default: null }
const WAIT: InputSpec = { name: 'wait', type: 'integer', required: true, default: 5 }
const child: FlowName = { id: 2, name: 'Child', version: 1, mode: 'serial', steps: [], inputs: [SERVICE] }
const names: Names = { tasks: [aTask('Restart', [SERVICE, WAIT])], flows: [child], steps: WORDS, context_keys: [], values: {} }

/** A script of one line and the site of its call; `given` are arguments behind the name. */
function sideWith(step: 'run_task' | 'run_flow', name: string, given: readonly (readonly [string | null, string])[], before = ''): Side {
  const texts = [`'${name}'`, ...given.map(([key, code]) => (key === null ? code : `${key}=${code}`))]
  const text = `${before}${step}(${texts.join(', ')})\n`
  const start = before.length
  const args = [[null, `'${name}'`] as const, ...given].map(([key, code]): Argument => ({ name: key, code, start, end: start }))
  const site: Site = {
    site: 1, step, name, line: 1, end_line: 1, block: 'b1', statement: { start, end: text.length - 1 },
    call: { start, end: text.length - 1, close: text.length - 2, args },
  }
  return { ...sideOf(text), sites: [site] }
}

function warned(side: Side, flowInputs: readonly InputSpec[] = []): readonly Fault[] {
  return faultsOf(side, names, flowInputs)
}

describe('a required input that a call does not give', () => {
  test('is a warning at the call, with the block and the way out', () => {
    const [fault, ...more] = warned(sideWith('run_task', 'Restart', []))
    expect(more).toEqual([])
    expect(fault).toMatchObject({ line: 1, col: 1, block: 'b1', severity: 'warning', code: 'missing_input' })
    expect(fault?.message).toBe(
      "the task 'Restart' requires service, which has no value yet. Give a value here, or make it an input of the flow",
    )
  })

  test('is counted in characters, not in UTF-16 units', () => {
    expect(warned(sideWith('run_task', 'Restart', [], "'🦭'; "))[0]?.col).toBe(6)
  })

  test('is one where it is given as an empty text, as by a new block', () => {
    expect(warned(sideWith('run_task', 'Restart', [['service', "''"]]))).toHaveLength(1)
  })

  test('is told as hiding the input of the flow, where that has one', () => {
    const given = sideWith('run_task', 'Restart', [['service', "''"]])
    expect(warned(given, [SERVICE]).map(({ message }) => message)).toEqual([
      'service is an empty text here, and hides the input of the flow. Take it out, or give a value here',
    ])
  })

  test('is none when it is given, has a default, or is spread into the call', () => {
    expect(warned(sideWith('run_task', 'Restart', [['service', "'nginx'"]]))).toEqual([])
    expect(warned(sideWith('run_task', 'Restart', [[null, '**more']]))).toEqual([])
  })

  test('is none where the task reads the flow’s own input; a child flow is not given it', () => {
    expect(warned(sideWith('run_task', 'Restart', []), [SERVICE])).toEqual([])
    expect(warned(sideWith('run_flow', 'Child', []), [SERVICE]).map(({ message }) => message)).toEqual([
      "the flow 'Child' requires service, which has no value yet. Give a value here",
    ])
  })

  test('is none of a task that does not exist: that is a problem of its own', () => {
    expect(warned(sideWith('run_task', 'Gone', []))).toEqual([])
  })

  test('is found once: the list stays the same until something changes', () => {
    const side = sideWith('run_task', 'Restart', [])
    expect(faultsOf(side, names, [])).not.toBe(faultsOf({ ...side }, names, []))
    const inputs: readonly InputSpec[] = []
    expect(faultsOf(side, names, inputs)).toBe(faultsOf(side, names, inputs))
  })
})

describe('warnings', () => {
  test('stand among the problems and are counted apart', () => {
    const state = after(opened(aDraft(), true, 'steps'), { type: 'names-known', names })
    const problem: Fault = { line: 1, col: 3, code: 'name', message: 'Unknown name.', block: null }
    const side = { ...sideWith('run_task', 'Restart', []), problems: [problem] }
    const found = sortedProblems({ ...state, sides: { ...state.sides, execution: side } })
    expect(found.map(({ isWarning }) => isWarning)).toEqual([true, false])
    expect(countOf(found)).toBe('1 problem, 1 warning')
    expect(countOf(found.slice(0, 1))).toBe('1 warning')
    expect(countOf([])).toBe('0 problems')
  })
})
