/** The field of each input, by its type. Views are functions of the state. */
import { make } from '../lib/dom'
import type { InputSpec } from '../wire/types'
import { isCheckbox, takesAny } from './values'

/** Names that are offered at once; typing finds the others. */
const OFFERED = 50

type Shared = Readonly<Record<string, string | null>>

export function inputField(spec: InputSpec, text: string, fault: string | undefined, elements: readonly string[]): HTMLElement {
  const id = `start-input-${spec.name}`
  const told = [...(spec.description === undefined ? [] : [`${id}-hint`]), ...(fault === undefined ? [] : [`${id}-fault`])]
  const shared = {
    id, 'data-start-input': spec.name, 'aria-invalid': fault === undefined ? null : 'true',
    'aria-describedby': told.length === 0 ? null : told.join(' '),
  }
  return make(
    'div', { class: 'mb-2', 'data-key': spec.name },
    ...(isCheckbox(spec) ? [checkbox(spec, shared)] : [label(spec, id), control(spec, shared, text, elements)]),
    spec.description === undefined ? null : make('small', { class: 'form-hint', id: `${id}-hint` }, spec.description),
    fault === undefined ? null : make('div', { class: 'invalid-feedback d-block', id: `${id}-fault` }, fault),
  )
}

function label(spec: InputSpec, id: string): HTMLElement {
  const kind = spec.type === 'list' ? `list${spec.of === undefined ? '' : ` of ${spec.of}`}, one a line` : takesAny(spec) ? 'text or JSON' : spec.type
  return make('label', { class: `form-label ${spec.required ? 'required' : ''}`, for: id }, spec.name, make('span', { class: 'text-secondary' }, ` ${kind}`))
}

function checkbox(spec: InputSpec, shared: Shared): HTMLElement {
  return make('label', { class: 'form-check' }, make('input', { ...shared, type: 'checkbox', class: 'form-check-input' }), make('span', { class: 'form-check-label' }, spec.name))
}

function control(spec: InputSpec, shared: Shared, text: string, elements: readonly string[]): HTMLElement | DocumentFragment {
  switch (spec.type) {
    case 'boolean':
      return select(spec, shared, [['true', 'yes'], ['false', 'no']])
    case 'choice':
      return select(spec, shared, (spec.choices ?? []).map((choice) => [choice, choice]))
    case 'list':
      return make('textarea', { ...shared, class: 'form-control', rows: 3, required: spec.required, spellcheck: 'false' })
    case 'secret':
      return make('input', { ...shared, type: 'password', class: 'form-control', autocomplete: 'new-password', required: spec.required })
    case 'element':
      return picker(spec, shared, text, elements)
    default:
      return make('input', { ...shared, class: 'form-control', autocomplete: 'off', inputmode: MODES[spec.type ?? ''] ?? null, required: spec.required })
  }
}

const MODES: Readonly<Record<string, string>> = { integer: 'numeric', number: 'decimal' }

function select(spec: InputSpec, shared: Shared, pairs: readonly (readonly [string, string])[]): HTMLElement {
  const options = pairs.map(([value, told]) => make('option', { value }, told))
  if (spec.default === null) options.unshift(make('option', { value: '' }, spec.required ? 'choose…' : 'not given'))
  return make('select', { ...shared, class: 'form-select', required: spec.required }, ...options)
}

function picker(spec: InputSpec, shared: Shared, text: string, elements: readonly string[]): HTMLElement {
  const needle = text.trim().toLowerCase()
  const found = elements.filter((name) => name.toLowerCase().includes(needle)).slice(0, OFFERED)
  const list = `${shared['id']}-names`
  return make(
    'div', {},
    make('input', { ...shared, class: 'form-control', list, autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false', required: spec.required, placeholder: 'name of an element' }),
    make('datalist', { id: list }, ...found.map((name) => make('option', { value: name }))),
  )
}
