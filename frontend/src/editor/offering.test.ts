import { describe, expect, test } from 'vitest'

import { ROWS, rowOf, type Category } from './catalog'
import type { Names } from './documents'
import { aFlow, aTask, WORDS } from './fixtures'
import { fillerFor, freeKeyword } from './fillers'
import { canvasType } from './flat'
import { matching, offersFor, type Known } from './offers'
import { searched, shelvesFor } from './toolbox'

const names: Names = {
  tasks: [
    aTask('Restart', [
      { name: 'service', type: 'string', required: true, default: null },
      { name: 'wait', type: 'integer', required: false, default: 5 },
    ]),
    aTask('Health'),
  ],
  flows: [aFlow('Child')],
  steps: WORDS,
  context_keys: ['env', 'net.0.hostname', 'net.0.mac'],
  values: { env: ['prod', 'stage'] },
}
const known: Known = { names, inputs: [{ name: 'version', type: 'string', required: true, default: null }] }

describe('what a field offers', () => {
  const [task, inputs] = rowOf('run_task').holes
  if (task === undefined || inputs === undefined) throw new Error('run_task has two holes')

  test('a task that is not there is a mistake; an input may be any', () => {
    expect(offersFor(task, known, '')).toMatchObject({ what: 'task', isClosed: true })
    expect(offersFor(inputs, known, 'Restart').isClosed).toBe(false)
  })

  test('nothing is called missing before the names are known', () => {
    expect(offersFor(task, { names: null, inputs: [] }, '').isClosed).toBe(false)
  })

  test('the inputs of the task that is called come before the keywords that every call has', () => {
    expect(offersFor(inputs, known, 'Restart').offers.map((offer) => offer.value)).toEqual([
      'service',
      'wait',
      'check',
      'timeout',
      'retries',
      'element',
    ])
  })

  test('a search finds all words, those that begin with it first', () => {
    const offers = ['web restart', 'restart web', 'stop'].map((value) => ({ value, note: '' }))
    expect(matching(offers, 're web', 10).map((offer) => offer.value)).toEqual(['web restart', 'restart web'])
    expect(matching(offers, 'restart', 1).map((offer) => offer.value)).toEqual(['restart web'])
  })

  test('a new input is the next that is not given yet, with a value of its type', () => {
    const { offers } = offersFor(inputs, known, 'Restart')
    expect(freeKeyword(offers, ['service'])).toBe('wait')
    expect(fillerFor(rowOf('run_task'), 'INPUTS', known, 'Restart', 'wait').type).toBe('block_number')
    expect(fillerFor(rowOf('run_task'), 'INPUTS', known, 'Restart', 'check').fields).toEqual({ CHOICE: 'False' })
    expect(fillerFor(rowOf('if'), 'TEST', null, null, null).type).toBe('block_place')
  })
})

describe('the toolbox', () => {
  test('your tasks come first, with the inputs that they must have', () => {
    const [shelf] = shelvesFor('execution', names)
    expect(shelf?.title).toBe('Tasks')
    expect(shelf?.entries[0]?.state).toMatchObject({
      type: 'block_run_task',
      fields: { NAME: 'Restart', 'INPUTS.0': 'service' },
      extraState: { counts: { INPUTS: 1 } },
    })
  })

  test('what the flow has itself is not given once more', () => {
    const [shelf] = shelvesFor('execution', names, [{ name: 'service', type: 'string', required: true, default: null }])
    expect(shelf?.entries[0]?.state.fields).toEqual({ NAME: 'Restart' })
    expect(shelf?.entries[0]?.state).toMatchObject({ extraState: { counts: { INPUTS: 0 } } })
  })

  test('every row of the catalog is on one shelf of each script that it may stand in', () => {
    for (const script of ['execution', 'processing'] as const) {
      const types = shelvesFor(script, null).flatMap((shelf) => shelf.entries.map((entry) => entry.state.type))
      expect(types.toSorted()).toEqual(
        ROWS.filter((row) => row.scripts.includes(script))
          .map((row) => `block_${row.type}`)
          .toSorted(),
      )
    }
  })

  test('a processing script is offered nothing that it does not know', () => {
    const text = JSON.stringify(shelvesFor('processing', names))
    expect(text).not.toMatch(/block_(position|element|run_task|sleep)"/)
  })

  test('a search looks at the beginnings of words', () => {
    const found = searched(shelvesFor('execution', names), 'run rest')
    expect(found.map((entry) => entry.state.fields?.['NAME'] as string)).toContain('Restart')
    expect(searched(shelvesFor('execution', names), 'zzz')).toEqual([])
  })

  test.each([
    ['if', 'if'],
    ['fail', 'fail'],
    ['set variable', 'set_variable'],
    ['run_flow', 'run_flow'],
    ['hea', 'run_task'],
  ])('what a search for %s puts in is what it names', (query, type) => {
    expect(searched(shelvesFor('execution', names), query)[0]?.state.type).toBe(canvasType(type))
  })

  test.each(['question', 'confirm', 'pause', 'prompt', 'manual', 'ask', 'Approval'])('a search for %s finds the approval', (query) => {
    expect(searched(shelvesFor('execution', names), query).map((entry) => entry.state.type)).toContain(canvasType('approve'))
  })

  test.each(['wait', 'sleep', 'delay'])('what is meant by %s comes before what is named like it', (query) => {
    const named = { ...names, tasks: [aTask('Wait for disk'), aTask('Delay a job')], flows: [aFlow('Sleep, then wait')] }
    const found = searched(shelvesFor('execution', named), query)
    expect(found[0]?.state.type).toBe(canvasType('sleep'))
    expect(found.length).toBeGreaterThan(1)
  })

  test('no block brings a task of another site along', () => {
    const offered = shelvesFor('execution', { ...names, tasks: [], flows: [] })
    expect(JSON.stringify(offered)).not.toContain('"NAME":"Health"')
  })

  test('every category has a shelf', () => {
    const categories = new Set(shelvesFor('execution', names).map((shelf) => shelf.category))
    expect([...categories].toSorted()).toEqual(['data', 'decide', 'do', 'elements', 'raw', 'wait'] satisfies Category[])
  })
})
