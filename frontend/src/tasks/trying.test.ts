import { describe, expect, it } from 'vitest'

import { definitionOf, saveOf } from './definition'
import { IDLE, inShort, isGoingOn, moved, readiness, saved } from './trying'
import type { TryEvent, Trying } from './trying'
import type { Tried } from '../wire/types'

const GOING: Tried = {
  state: 'running', reason: '', status: null, exit_code: null, output: null, pieces: null, data: null, message: null, attempts: null,
  duration_s: null, command: null,
}
const OVER: Tried = { ...GOING, state: 'succeeded', status: 'succeeded', exit_code: 0, output: 'up', data: { disks: [{ free: 7 }] }, attempts: 2, duration_s: 1.24 }

function after(...events: readonly TryEvent[]): Trying {
  return events.reduce(moved, IDLE)
}

describe('a try', () => {
  const started: readonly TryEvent[] = [{ kind: 'asked', element: 'db1' }, { kind: 'started', run: 7 }]

  it('is followed from the question to its result', () => {
    expect(after(started[0] as TryEvent)).toEqual({ kind: 'starting', element: 'db1' })
    expect(after(...started)).toEqual({ kind: 'following', element: 'db1', run: 7, tried: null, problem: '' })
    expect(after(...started, { kind: 'told', run: 7, tried: GOING })).toMatchObject({ kind: 'following', tried: GOING })
    expect(after(...started, { kind: 'told', run: 7, tried: OVER })).toEqual({ kind: 'over', element: 'db1', run: 7, tried: OVER })
  })

  it('is asked for once at a time', () => {
    const going = after(...started)
    expect(moved(going, { kind: 'asked', element: 'db2' })).toBe(going)
    expect(isGoingOn(going)).toBe(true)
    expect(after(...started, { kind: 'told', run: 7, tried: OVER }, { kind: 'asked', element: 'db2' })).toMatchObject({ element: 'db2' })
  })

  it('goes on when an answer is lost, and says so until the next one', () => {
    const lost = after(...started, { kind: 'not-told', run: 7, problem: 'no answer' })
    expect(lost).toMatchObject({ kind: 'following', problem: 'no answer' })
    expect(moved(lost, { kind: 'told', run: 7, tried: GOING })).toMatchObject({ problem: '' })
  })

  it('heeds no answer to an earlier one', () => {
    expect(after(...started, { kind: 'told', run: 6, tried: OVER })).toMatchObject({ kind: 'following' })
  })

  it('that is refused says why', () => {
    expect(after({ kind: 'asked', element: 'db1' }, { kind: 'refused', problems: ['timeout: …'] })).toEqual({ kind: 'refused', problems: ['timeout: …'] })
  })

  it('asks with the name of the element, or says what is missing', () => {
    expect(readiness('Stop', 'db1', [], false)).toEqual({
      question: 'Run Stop on db1 now, as it stands in the form? The command really runs there.',
    })
    expect(readiness('Stop', '', [], false)).toEqual({ problem: 'Choose an element to try it on.' })
    expect(readiness('', 'db1', ['service'], false)).toEqual({ problem: "Give 'service' first: the task needs it." })
    expect(readiness('', 'db1', [], true)).toEqual({ problem: 'Correct what the preview says first.' })
  })

  it('tells in short how it went, and what it saves', () => {
    expect(inShort(OVER)).toBe('exit 0 · 2 attempts · 1.2 s')
    expect(inShort(GOING)).toBe('')
    expect(saved({ 'disk.free': 'data.disks.0.free', said: 'output', none: 'data.x.y' }, OVER)).toEqual([
      ['disk.free', 7], ['said', 'up'], ['none', null],
    ])
  })
})

describe('the task in the form', () => {
  it('leaves out what is empty, and sends what is no number as it was typed', () => {
    const fields = { command: 'true', timeout: '60', retries: '', retry_delay: 'soon', parse: 'none', save: '', on_interrupt: 'ask' }
    expect(definitionOf(fields, [])).toEqual({ command: 'true', timeout: 60, retry_delay: 'soon', on_interrupt: 'ask', inputs: [] })
  })

  it('reads what is saved, line by line', () => {
    expect(saveOf('a.b: data.x\n\n"c": output\n')).toEqual({ 'a.b': 'data.x', c: 'output' })
    expect(saveOf('nothing like it')).toBe('nothing like it')
    expect(saveOf(' \n')).toBeNull()
  })
})
