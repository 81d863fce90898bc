/** The sheet's one state, and every way in which it changes. Pure. */
import type { InputSpec, Problem } from '../wire/types'
import type { FlowDetail, Given, Plan } from './flow'
import { expected, misfit, takesAny, textFor, valueOf } from './values'

/** What is filled in when the sheet opens: the run that is started again, or nothing. */
export interface With {
  readonly inputs?: Readonly<Record<string, unknown>>
  readonly elements?: readonly string[] | null
  readonly reason?: string
}

/** What must be given before there is a plan: values of these inputs, elements. */
export interface Needs {
  readonly inputs: readonly string[]
  readonly elements: boolean
}

export type PlanView =
  | { readonly kind: 'waits' }
  | ({ readonly kind: 'needs' } & Needs)
  | { readonly kind: 'made'; readonly plan: Plan }
  | { readonly kind: 'refused'; readonly message: string }

export interface SheetState {
  readonly flow: FlowDetail | null
  readonly candidates: readonly string[] | null
  /** Every enabled element: what an input of type element may be. */
  readonly enabled: readonly string[]
  /** By input, as it stands in its field. */
  readonly values: Readonly<Record<string, string>>
  /** Null: all that the target selects. */
  readonly narrowed: ReadonlySet<string> | null
  readonly search: string
  readonly reason: string
  readonly plan: PlanView
  readonly isStarting: boolean
  readonly message: string
  /** By input or `elements`. */
  readonly faults: Readonly<Record<string, string>>
}

export type SheetAction =
  | { readonly type: 'flow'; readonly flow: FlowDetail; readonly given: With }
  | { readonly type: 'candidates'; readonly names: readonly string[] }
  | { readonly type: 'enabled'; readonly names: readonly string[] }
  | { readonly type: 'value'; readonly name: string; readonly value: string }
  | { readonly type: 'all' }
  | { readonly type: 'none' }
  | { readonly type: 'toggle'; readonly name: string }
  | { readonly type: 'search'; readonly text: string }
  | { readonly type: 'reason'; readonly text: string }
  | { readonly type: 'plan asked' }
  | ({ readonly type: 'plan needs' } & Needs)
  | { readonly type: 'plan'; readonly plan: Plan }
  | { readonly type: 'no plan'; readonly message: string }
  | { readonly type: 'starting' }
  | { readonly type: 'refused'; readonly problem: Problem }
  | { readonly type: 'faults'; readonly faults: Readonly<Record<string, string>> }

export const EMPTY: SheetState = {
  flow: null, candidates: null, enabled: [], values: {}, narrowed: null, search: '', reason: '', plan: { kind: 'waits' }, isStarting: false, message: '', faults: {},
}

export function reduce(state: SheetState, action: SheetAction): SheetState {
  switch (action.type) {
    case 'flow':
      return opened(state, action.flow, action.given)
    case 'candidates':
      return { ...state, candidates: action.names, narrowed: stillThere(state.narrowed, action.names) }
    case 'enabled':
      return { ...state, enabled: action.names }
    case 'value':
      return { ...state, values: { ...state.values, [action.name]: action.value }, faults: without(state.faults, action.name) }
    case 'all':
      return { ...state, narrowed: state.flow?.target === null ? new Set(state.candidates ?? []) : null, faults: without(state.faults, 'elements') }
    case 'none':
      return { ...state, narrowed: new Set() }
    case 'toggle':
      return { ...state, narrowed: toggled(state, action.name), faults: without(state.faults, 'elements') }
    case 'search':
      return { ...state, search: action.text }
    case 'reason':
      return { ...state, reason: action.text }
    case 'plan asked':
      return { ...state, plan: { kind: 'waits' } }
    case 'plan needs':
      return { ...state, plan: { kind: 'needs', inputs: action.inputs, elements: action.elements } }
    case 'plan':
      return { ...state, plan: { kind: 'made', plan: action.plan } }
    case 'no plan':
      return { ...state, plan: { kind: 'refused', message: action.message } }
    case 'starting':
      return { ...state, isStarting: true, message: '', faults: {} }
    case 'refused':
      return { ...state, isStarting: false, message: action.problem.message, faults: faultsOf(state, action.problem) }
    case 'faults':
      return { ...state, faults: action.faults, message: 'Correct what is marked, then start it.' }
    default:
      return action satisfies never
  }
}

/** Whether an empty field is a value too. */
function mayBeEmpty(spec: InputSpec): boolean {
  return takesAny(spec) || spec.type === 'string' || spec.type === 'list'
}

export function needsOf(state: SheetState): Needs {
  return { inputs: Object.keys(readInputs(state).faults), elements: isNobodyChosen(state) }
}

/** Null where nothing is missing: "It comes with a value for share and the elements that you choose." */
export function needsText({ inputs, elements }: Needs): string | null {
  const values = inputs.length === 0 ? [] : [`${inputs.length === 1 ? 'a value' : 'values'} for ${inputs.join(', ')}`]
  const parts = [...values, ...(elements ? ['the elements that you choose'] : [])]
  return parts.length === 0 ? null : `It comes with ${parts.join(' and ')}.`
}

export function isNobodyChosen({ narrowed }: SheetState): boolean {
  return narrowed?.size === 0
}

/** The inputs with their types, as far as they can be read, and what cannot be. */
export function readInputs(state: SheetState): { readonly inputs: Record<string, unknown>; readonly faults: Record<string, string> } {
  const inputs: Record<string, unknown> = {}
  const faults: Record<string, string> = {}
  for (const spec of state.flow?.inputs ?? []) {
    const text = state.values[spec.name] ?? ''
    if (text === '' && !(mayBeEmpty(spec) && spec.default !== null)) {
      if (spec.required && spec.default === null) faults[spec.name] = `Give a value: ${expected(spec)}.`
      continue
    }
    const value = valueOf(spec, text)
    if (value === undefined) faults[spec.name] = misfit(spec, text)
    else inputs[spec.name] = value
  }
  return { inputs, faults }
}

export function givenOf(state: SheetState): Given {
  return { inputs: readInputs(state).inputs, elements: state.narrowed === null ? null : [...state.narrowed] }
}

/** How many elements it starts on, as far as is known. */
export function chosenCount(state: SheetState): number | null {
  if (state.plan.kind === 'made') return state.plan.plan.elements.length
  return state.narrowed?.size ?? state.candidates?.length ?? null
}

export function matching(state: SheetState): readonly string[] {
  const needle = state.search.trim().toLowerCase()
  return (state.candidates ?? []).filter((name) => name.toLowerCase().includes(needle))
}

function opened(state: SheetState, flow: FlowDetail, given: With): SheetState {
  const values = Object.fromEntries(flow.inputs.map((spec) => [spec.name, textFor(spec, given.inputs?.[spec.name])]))
  const elements = given.elements ?? (flow.target === null ? [] : null)
  return { ...state, flow, values, narrowed: elements === null ? null : new Set(elements), reason: given.reason ?? '' }
}

/** Elements of an earlier run that are selected no longer cannot be asked for. */
function stillThere(narrowed: ReadonlySet<string> | null, names: readonly string[]): ReadonlySet<string> | null {
  if (narrowed === null) return null
  const known = new Set(names)
  return new Set([...narrowed].filter((name) => known.has(name)))
}

function toggled(state: SheetState, name: string): ReadonlySet<string> {
  const chosen = new Set(state.narrowed ?? state.candidates ?? [])
  if (chosen.has(name)) chosen.delete(name)
  else chosen.add(name)
  return chosen
}

/** The server names inputs in its sentences; those go to their fields. */
function faultsOf(state: SheetState, { fields }: Problem): Readonly<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const [field, messages] of Object.entries(fields)) {
    for (const message of messages) {
      const name = state.flow?.inputs.find((spec) => message.includes(`'${spec.name}'`))?.name
      if (field.startsWith('inputs') && name !== undefined) found[name] = message
      else if (field === 'elements') found['elements'] = [...messages].join(', ')
    }
  }
  return found
}

function without(faults: Readonly<Record<string, string>>, name: string): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(faults).filter(([key]) => key !== name))
}
