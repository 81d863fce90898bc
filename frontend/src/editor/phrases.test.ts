import { describe, expect, it } from 'vitest'

import type { OrderPreview, Site } from './documents'
import { aDraft, aTurn } from './fixtures'
import { orderPhrase, stepsPhrase, targetPhrase } from './phrases'
import { type Side } from './side'
import { after, opened } from './state'

const ORDER: OrderPreview = { words: 'leader last', selected: 42, kept: 39, rows: [], dropped: [], keys: [], problem: null }
const SITE: Site = {
  site: 1,
  step: 'sleep',
  name: null,
  line: 1,
  end_line: 1,
  block: null,
  call: { start: 0, end: 8, args: [], close: 7 },
  statement: { start: 0, end: 8 },
}
const ASKED = { isAsking: false, problem: null }

function side(change: Partial<Side>): Side {
  const state = after(opened(aDraft(), true, 'steps'), { type: 'asked', script: 'execution' })
  return { ...after(state, { type: 'answered', script: 'execution', turn: aTurn({}) }).sides.execution, ...change }
}

const SCRIPT = side({ text: 'order_flow_elements(elements, key)' })

const TARGET = { profile: 'postgres' }

describe('the sentence', () => {
  it('counts the elements, or says what to do', () => {
    const target = { profile: 'postgres', groups: ['prod'] }
    expect(targetPhrase(target, { count: 42, names: [] }, false).text).toBe('42 elements: postgres, prod')
    expect(targetPhrase(target, { count: 0, names: [] }, false).text).toBe('no elements match postgres, prod: open Target')
    expect(targetPhrase(target, { count: 42, names: [] }, true)).toEqual({ text: 'counting…: postgres, prod', problem: null, isWaiting: true })
    expect(targetPhrase({ profile: null, groups: [], filters: [] }, null, false)).toEqual({ text: 'no elements yet: open Target', problem: null, isWaiting: false })
    expect(targetPhrase(null, null, false).text).toBe('named at each start')
    expect(targetPhrase(target, { problem: 'there is no group' }, false).problem).toBe('there is no group')
  })

  it('says the order and how many it drops', () => {
    const words = (answer: Partial<OrderPreview>): string => orderPhrase(SCRIPT, { answer: { ...ORDER, ...answer }, ...ASKED }, TARGET).text
    expect(words({})).toBe('leader last, 3 dropped')
    expect(words({ words: '' })).toBe('3 dropped')
    expect(words({ words: '', kept: 42 })).toBe('by name')
    expect(words({ kept: 0 })).toBe('every element is dropped: open Order')
    expect(words({ problem: { line: 2, message: 'no context key' } })).toBe('stops at line 2')
    expect(words({ problem: { line: 0, message: 'target' } })).toBe('no order yet')
    const unsorted = { answer: { ...ORDER, problem: { line: 0, message: 'no target' } }, ...ASKED }
    expect(orderPhrase(SCRIPT, unsorted, null)).toEqual({ text: 'leader last', problem: null, isWaiting: false })
    expect(orderPhrase(side({ text: ' \n' }), { answer: null, ...ASKED }, TARGET).text).toBe('by name')
  })

  it('keeps the last order while a newer one is on its way, and says so', () => {
    expect(orderPhrase(SCRIPT, { answer: ORDER, isAsking: true, problem: null }, TARGET)).toMatchObject({ text: 'leader last, 3 dropped', isWaiting: true })
    expect(orderPhrase(SCRIPT, { answer: null, isAsking: true, problem: null }, TARGET).text).toBe('sorting…')
  })

  it('counts the steps, and asks for one where there is none', () => {
    expect(stepsPhrase(side({ sites: [SITE] })).text).toBe('1 step')
    expect(stepsPhrase(side({ sites: [] })).text).toBe('nothing runs yet: add a step')
    expect(stepsPhrase(side({ loads: 0 })).isWaiting).toBe(true)
    const fault = { line: 3, col: 1, code: 'syntax', message: 'found the end', block: null }
    expect(stepsPhrase(side({ behind: 'blocks', problems: [fault] }))).toMatchObject({
      text: 'steps that cannot be read',
      problem: 'line 3: found the end',
    })
  })
})
