/** The sheet: inputs, which elements, why, and the plan of what will happen. Views are functions of the state. */
import { make } from '../lib/dom'
import { icon } from '../lib/icons'
import { inputField } from './fields'
import { planText, plural } from './plan'
import { chosenCount, isNobodyChosen, matching, needsText, type SheetState } from './state'

const MOST_NAMES = 200

export function sheetView(state: SheetState): readonly HTMLElement[] {
  const { flow } = state
  const title = flow === null ? 'Run' : `Run ${flow.name}`
  const head = make(
    'div', { class: 'st-head' },
    make('h2', { class: 'h3', id: 'start-title' }, title),
    make('button', { type: 'button', class: 'btn-close ms-auto', 'data-start': 'close', 'aria-label': 'Close' }),
  )
  if (flow === null) {
    return [head, make('p', { class: 'st-body', role: state.message === '' ? null : 'alert' }, state.message === '' ? 'Loading…' : state.message)]
  }
  const form = make(
    'form', { class: 'st-form', novalidate: true, 'data-key': 'form' },
    make('div', { class: 'st-body' }, problem(state), inputs(state), elements(state), reason(), planPart(state)),
    foot(state),
  )
  return [head, form]
}

function problem({ message }: SheetState): HTMLElement | null {
  return message === '' ? null : make('p', { class: 'st-problem tone-bad', role: 'alert', 'data-key': 'problem' }, icon('alert-circle'), make('span', {}, message))
}

// --- inputs ---------------------------------------------------------------------------------------------------------

function inputs({ flow, values, faults, enabled }: SheetState): HTMLElement | null {
  if (flow === null || flow.inputs.length === 0) return null
  const fields = flow.inputs.map((spec) => inputField(spec, values[spec.name] ?? '', faults[spec.name], enabled))
  return make('section', { 'data-key': 'inputs', 'aria-label': 'Inputs' }, make('h3', { class: 'h4' }, 'Inputs'), ...fields)
}

// --- elements -------------------------------------------------------------------------------------------------------

function elements(state: SheetState): HTMLElement {
  const { candidates, narrowed, faults } = state
  const told = candidates === null ? 'Loading…' : narrowed === null ? `all ${candidates.length} of the target` : `${narrowed.size} of ${candidates.length}`
  const fault = faults['elements']
  const isToChoose = isNobodyChosen(state) && fault === undefined && (candidates ?? []).length > 0
  return make(
    'details', { class: 'st-elements', 'data-key': 'elements', 'data-open': state.flow?.target === null ? 'true' : null },
    make('summary', {}, make('strong', {}, 'Elements: '), told),
    fault === undefined ? null : make('div', { class: 'invalid-feedback d-block', role: 'alert' }, fault),
    isToChoose ? make('p', { class: 'text-secondary mb-0', 'data-key': 'choose' }, 'Choose at least one element.') : null,
    make(
      'div', { class: 'd-flex flex-wrap gap-2 my-2' },
      make('input', { type: 'search', class: 'form-control st-search', placeholder: 'Find an element', 'aria-label': 'Find an element', 'data-start-search': true, autocomplete: 'off' }),
      make('button', { type: 'button', class: 'btn', 'data-start': 'all' }, 'All'),
      make('button', { type: 'button', class: 'btn', 'data-start': 'none' }, 'None'),
    ),
    names(state),
  )
}

function names(state: SheetState): HTMLElement {
  const found = matching(state)
  const rows = found.slice(0, MOST_NAMES).map((name) => {
    const isOn = state.narrowed?.has(name) ?? true
    return make(
      'li', { 'data-key': name },
      make('label', { class: 'form-check' }, make('input', { type: 'checkbox', class: 'form-check-input', 'data-start-element': name, checked: isOn }), make('span', { class: 'form-check-label' }, name)),
    )
  })
  if (found.length > MOST_NAMES) rows.push(make('li', { class: 'text-secondary' }, `and ${found.length - MOST_NAMES} more: find them by name`))
  if (found.length === 0 && state.candidates !== null) rows.push(make('li', { class: 'text-secondary' }, state.search === '' ? noNames(state) : 'No element has this in its name.'))
  return make('ul', { class: 'st-names' }, ...rows)
}

function noNames({ flow }: SheetState): string {
  return flow?.target === null ? 'No element is enabled.' : 'The target selects no element now.'
}

function reason(): HTMLElement {
  return make(
    'div', { class: 'my-3', 'data-key': 'reason' },
    make('label', { class: 'form-label', for: 'start-reason' }, 'Reason', make('span', { class: 'text-secondary' }, ' kept with the run')),
    make('input', { class: 'form-control', id: 'start-reason', 'data-start-reason': true, maxlength: 1000, autocomplete: 'off', placeholder: 'CHG-1234, kernel update' }),
  )
}

// --- plan -----------------------------------------------------------------------------------------------------------

function planPart({ plan }: SheetState): HTMLElement {
  const title = make('h3', { class: 'h4' }, 'Plan')
  switch (plan.kind) {
    case 'waits':
      return make('section', { class: 'st-plan', 'data-key': 'plan', 'aria-label': 'Plan' }, title, make('p', { class: 'text-secondary' }, 'Making the plan…'))
    case 'needs':
      return make(
        'section', { class: 'st-plan', 'data-key': 'plan', 'aria-label': 'Plan' }, title,
        make('p', { class: 'text-secondary' }, needsText(plan)),
      )
    case 'refused':
      return make(
        'section', { class: 'st-plan', 'data-key': 'plan', 'aria-label': 'Plan' }, title,
        make('p', { class: 'st-note tone-wait' }, icon('alert-triangle'), make('span', {}, `There is no plan: ${plan.message}`)),
        make('p', { class: 'text-secondary' }, 'It can be started all the same; a run that cannot begin fails before its first step.'),
      )
    case 'made':
      return make('section', { class: 'st-plan', 'data-key': 'plan', 'aria-label': 'Plan' }, title, ...planText(plan.plan))
    default:
      return plan satisfies never
  }
}

function foot(state: SheetState): HTMLElement {
  const count = chosenCount(state)
  const label = state.isStarting ? 'Starting…' : count === null || isNobodyChosen(state) ? 'Run' : `Run on ${plural(count, 'element')}`
  return make(
    'div', { class: 'st-foot', 'data-key': 'foot' },
    make('button', { type: 'submit', class: 'btn btn-primary', disabled: state.isStarting }, icon('player-play'), ` ${label}`),
    make('button', { type: 'button', class: 'btn', 'data-start': 'close' }, 'Not now'),
  )
}
