import { describe, expect, it } from 'vitest'

import type { Declared } from './preview'
import { offersAt, placeAt } from './template_completion'

const SECRET: Declared = { name: 'password', type: 'secret', required: true, default: '', choices: '', of: '' }
const GRACE: Declared = { name: 'grace', type: 'integer', required: false, default: '15', choices: '', of: '' }
const NAMES = [{ name: 'net.0.host', value: 'a', from: 'group prod' }]
const FILTERS = [{ name: 'quote', words: 'one word for the shell' }]

describe('the place of the cursor in a template', () => {
  it.each([
    ['echo {{ por', { kind: 'name', typed: 'por' }],
    ['echo {{ net.0.', { kind: 'name', typed: 'net.0.' }],
    ['{% if inputs.fo', { kind: 'name', typed: 'inputs.fo' }],
    ['echo {{ ', { kind: 'name', typed: '' }],
    ['echo {{ a | qu', { kind: 'filter', typed: 'qu' }],
    ['echo {{ a |', { kind: 'filter', typed: '' }],
    ['echo {{ a }} b', { kind: 'shell', typed: 'b' }],
    ['echo ', { kind: 'shell', typed: '' }],
    ['', { kind: 'shell', typed: '' }],
  ])('is found in %j', (before, place) => {
    expect(placeAt(before)).toEqual(place)
  })

  it.each(["{{ a | default('b", '{# a note ', "{{ steps['Check"])('offers nothing inside of texts and notes: %j', (before) => {
    expect(placeAt(before)).toBeNull()
  })
})

describe('what a template offers', () => {
  it('are inputs with what they are given or their default, never a secret, then names with their values', () => {
    const offers = offersAt({ kind: 'name', typed: '' }, NAMES, [SECRET, GRACE], { password: 'hunter2' }, FILTERS)
    expect(offers.map((one) => [one.text, one.note])).toEqual([
      ['inputs.password', '•••'], ['inputs.grace', '15'], ['net.0.host', 'a'], ['steps', "steps['Check disk'].output"],
    ])
  })

  it('are filters after a bar', () => {
    expect(offersAt({ kind: 'filter', typed: 'q' }, NAMES, [GRACE], {}, FILTERS).map((one) => one.text)).toEqual(['quote'])
  })

  it('bring their braces and quote where the shell is', () => {
    const [input, name] = offersAt({ kind: 'shell', typed: '' }, NAMES, [GRACE], {}, FILTERS)
    expect([input?.text, name?.text]).toEqual(['{{ inputs.grace | quote }}', '{{ net.0.host | quote }}'])
  })
})
