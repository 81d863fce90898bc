import { describe, expect, it } from 'vitest'

import { changed, EMPTY, missing, requestOf } from './preview'
import type { Declared, Outcome } from './preview'

const SERVICE: Declared = { name: 'service', type: 'string', required: true, default: '', choices: '', of: '' }
const shown: Outcome = { kind: 'answered', answer: { rendered: 'true', problems: [], names: [], undeclared: [] } }

describe('the preview of a task', () => {
  it('asks nothing while there is no command and no element', () => {
    expect(requestOf(EMPTY)).toBeNull()
    expect(requestOf(changed(EMPTY, { kind: 'element', name: 'db1' }))?.element).toBe('db1')
  })

  it('keeps the names of the last element while another one is typed', () => {
    const names = [{ name: 'zone', value: 'eu', from: 'own setting' }]
    const answered: Outcome = { kind: 'answered', answer: { rendered: 'true', problems: [], names, undeclared: [] } }
    const known = changed(EMPTY, { kind: 'answer', revision: 0, outcome: answered })
    const unknown: Outcome = { kind: 'answered', answer: { rendered: null, problems: [], names: [], undeclared: [] } }
    const typing = changed(known, { kind: 'element', name: 'd' })
    expect(changed(typing, { kind: 'answer', revision: 1, outcome: unknown }).names).toEqual(names)
  })

  it('asks for declared inputs alone, and for no element as null', () => {
    let preview = changed(EMPTY, { kind: 'written', command: 'true', declared: [SERVICE, { ...SERVICE, name: '' }] })
    preview = changed(preview, { kind: 'input', name: 'service', text: 'nginx' })
    preview = changed(preview, { kind: 'input', name: 'gone', text: 'left over' })
    expect(requestOf(preview)).toEqual({
      definition: { command: 'true', inputs: [{ name: 'service', type: 'string', required: true }] },
      element: null,
      inputs: { service: 'nginx' },
    })
  })

  it('tells which input is missing', () => {
    const declared = [SERVICE, { ...SERVICE, name: 'mode', default: 'fast' }, { ...SERVICE, name: 'note', required: false }]
    const empty = changed(changed(EMPTY, { kind: 'element', name: 'db1' }), { kind: 'written', command: 'true', declared })
    expect(missing(empty)).toEqual(['service'])
    const given = changed(empty, { kind: 'input', name: 'service', text: 'nginx' })
    expect([missing(given), requestOf(given)?.inputs]).toEqual([[], { service: 'nginx' }])
  })

  it('sends a default as its type where it reads as one', () => {
    const inputs = [
      { ...SERVICE, type: 'integer', default: '15', choices: '', of: '' },
      { ...SERVICE, type: 'boolean', default: 'yes' },
      { ...SERVICE, type: 'number', default: 'many' },
      { ...SERVICE, default: '15', choices: '', of: '' },
      { ...SERVICE, type: 'any', default: '[15]' },
    ]
    const preview = changed(EMPTY, { kind: 'written', command: 'true', declared: inputs })
    expect(requestOf(preview)?.definition.inputs.map((input) => input['default'])).toEqual([15, true, 'many', '15', [15]])
  })

  it('drops an answer to what was typed before', () => {
    const first = changed(EMPTY, { kind: 'written', command: 'true', declared: [] })
    const second = changed(first, { kind: 'element', name: 'db1' })
    expect(changed(second, { kind: 'answer', revision: first.revision, outcome: shown }).outcome.kind).toBe('none')
    expect(changed(second, { kind: 'answer', revision: second.revision, outcome: shown }).outcome).toBe(shown)
  })

  it('keeps what was given to an input whose declaration goes and comes back', () => {
    let preview = changed(EMPTY, { kind: 'input', name: 'service', text: 'nginx' })
    preview = changed(preview, { kind: 'written', command: 'true', declared: [] })
    preview = changed(preview, { kind: 'written', command: 'true', declared: [SERVICE] })
    expect(requestOf(preview)?.inputs).toEqual({ service: 'nginx' })
  })
})
