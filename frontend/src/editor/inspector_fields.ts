/** The fields of the inspector: each shows one argument as a value or as Python, and tells what a person made of it. */
import { make } from '../lib/dom'
import { icon } from '../lib/icons'
import { isEmptyText } from './call_text'
import { Combobox, type Choice } from './combobox'
import { codeFor, shownValue } from './field_text'
import type { Field } from './inspected'
import { isWholeValue } from './python_place'

export type Mode = 'value' | 'python'

export interface FieldActs {
  readonly canWrite: boolean
  /** The code that the argument has now; null takes it out. */
  readonly write: (field: Field, code: string | null) => void
  readonly turn: (field: Field, mode: Mode) => void
  /** Leaves the input to the flow's own, which is declared if it is not there. */
  readonly leaveToFlow: (field: Field) => void
  /** What may stand in the field. */
  readonly offers: (field: Field, mode: Mode) => readonly string[]
}

/** A field that is on the page; `draw` writes what the text says now, where that is not what stands there. */
export interface Drawn {
  readonly node: HTMLElement
  readonly draw: (field: Field) => void
}

const MOST_OFFERED = 60
const TYPES: Readonly<Record<Field['kind'], string>> = {
  text: 'text',
  number: 'number',
  boolean: 'yes or no',
  choice: 'choice',
  list: 'list, with commas',
  element: 'element',
  any: 'text or JSON',
  secret: 'secret',
  key: 'dotted key',
  python: 'Python',
}
const SECRET = 'Whoever sees the flow reads a secret that is written here. Give it to the run as an input of the flow.'

/** The mode in which a field begins: Python where no value can show what stands there. */
export function modeFor(field: Field): Mode {
  return field.kind === 'python' || field.kind === 'secret' || shownValue(field) === null ? 'python' : 'value'
}

export function idOf(field: Field): string {
  return `in-${field.name}`
}

export function drawnField(field: Field, mode: Mode, acts: FieldActs): Drawn {
  const id = idOf(field)
  const wrong = make('div', { class: 'in-wrong', id: `${id}-wrong` })
  const unfinished = (text: string): void => wrong.replaceChildren(make('div', {}, icon('alert-triangle'), text))
  const isChosen = mode === 'value' && CHOOSES[field.kind] !== undefined
  const control = isChosen ? selected(field, acts) : typed(field, mode, acts, unfinished)
  const hint = field.kind === 'secret' ? SECRET : field.hint
  const says = make('small', { class: 'form-hint', id: `${id}-hint`, hidden: hint === '' }, hint)
  control.input.setAttribute('aria-describedby', `${id}-hint ${id}-wrong`)
  const turning = field.kind === 'python' ? null : turner(field, mode, acts)
  const node = make(
    'div',
    { class: `in-field is-${mode}`, 'data-field': field.name },
    make('div', { class: 'in-head' }, labelOf(field, mode), turning),
    control.node,
    says,
    wrong,
  )
  const draw = (next: Field): void => {
    const isHalf = control.write(next)
    if (isHalf) return
    const isHiding = next.flowInput === 'has' && next.code !== null && isEmptyText(next.code)
    const problems = [...next.problems, ...(isHiding ? ['An empty text hides the flow’s input.'] : isLacking(next) ? ['The step needs it.'] : [])]
    const way = acts.canWrite && next.flowInput !== null && (isHiding || isLacking(next)) ? WAYS[next.flowInput] : ''
    if (wrong.textContent !== problems.join('') + way) {
      const button = make('button', { type: 'button', class: 'btn btn-sm' }, way)
      button.addEventListener('click', () => acts.leaveToFlow(next))
      wrong.replaceChildren(...problems.map((text) => make('div', {}, icon('alert-triangle'), text)), ...(way === '' ? [] : [button]))
    }
    control.input.setAttribute('aria-invalid', String(problems.length > 0))
    if (turning === null) return
    const isPythonOnly = mode === 'python' && shownValue(next) === null
    turning.disabled = !acts.canWrite || isPythonOnly
    turning.title = isPythonOnly ? 'What stands here is no plain value: empty the field to give one' : TURNS[mode]
  }
  draw(field)
  return { node, draw }
}

const WAYS: Readonly<Record<NonNullable<Field['flowInput']>, string>> = {
  has: 'Use the flow’s input',
  may: 'Make it an input of the flow',
}

function labelOf(field: Field, mode: Mode): HTMLElement {
  return make(
    'label',
    { class: 'form-label', for: idOf(field) },
    field.label,
    make('span', { class: 'in-type' }, mode === 'python' ? 'Python' : TYPES[field.kind]),
    field.isRequired ? make('span', { class: 'in-needed' }, 'required') : null,
  )
}

/** An input that is an empty text says nothing: a new block has it so. */
function isLacking({ isRequired, code, place }: Field): boolean {
  return isRequired && (code === null || (place === null && isEmptyText(code)))
}

const TURNS: Readonly<Record<Mode, string>> = {
  python: 'Python; press to give a plain value',
  value: 'A plain value; press to write Python',
}

function turner(field: Field, mode: Mode, acts: FieldActs): HTMLButtonElement {
  const button = make(
    'button',
    {
      type: 'button',
      class: 'in-turn',
      'aria-pressed': String(mode === 'python'),
      'aria-label': `ƒx: ${field.label} as Python`,
      title: TURNS[mode],
    },
    'ƒx',
  )
  button.addEventListener('click', () => acts.turn(field, mode === 'python' ? 'value' : 'python'))
  return button
}

interface Control {
  readonly node: HTMLElement
  readonly input: HTMLInputElement | HTMLSelectElement
  /** True where half a value stands there, which is left. */
  readonly write: (field: Field) => boolean
}

const CHOOSES: Partial<Readonly<Record<Field['kind'], (field: Field) => readonly string[]>>> = {
  boolean: () => ['True', 'False'],
  choice: (field) => field.choices,
}
const YES_NO: Readonly<Record<string, string>> = { True: 'yes', False: 'no' }

function selected(field: Field, acts: FieldActs): Control {
  const none = field.placeholder === '' ? 'not given' : `not given: ${field.placeholder}`
  const options = (CHOOSES[field.kind]?.(field) ?? []).map((value) => make('option', { value }, YES_NO[value] ?? value))
  const input = make(
    'select',
    { id: idOf(field), class: 'form-select form-select-sm', disabled: !acts.canWrite },
    make('option', { value: '' }, none),
    ...options,
  )
  let now = field
  input.addEventListener('change', () => acts.write(now, codeFor(now, input.value)))
  const write = (next: Field): boolean => {
    now = next
    const shown = shownValue(next) ?? ''
    if (input.value !== shown) input.value = shown
    return false
  }
  return { node: input, input, write }
}

const HALF = 'Not finished: one value, with every quote and bracket closed.'

/** What is typed is kept as it is as long as it means what the text says. */
function typed(field: Field, mode: Mode, acts: FieldActs, unfinished: (text: string) => void): Control {
  let now = field
  /** What stands there is not written: it would tear what follows in the script. */
  let half = false
  const box = new Combobox({
    id: idOf(field),
    label: mode === 'python' ? `${field.label}, as Python` : field.label,
    placeholder: field.placeholder,
    canWrite: acts.canWrite,
    suggest: (text, caret) => suggested(acts.offers(now, mode), text, caret, mode),
    changed: (text) => {
      half = mode === 'python' && !isWholeValue(text)
      if (half) unfinished(HALF)
      else acts.write(now, mode === 'python' ? (text.trim() === '' ? null : text.trim()) : codeFor(now, text))
    },
  })
  if (mode === 'python') box.input.classList.add('code')
  if (mode === 'value' && field.kind === 'number') box.input.inputMode = 'decimal'
  const write = (next: Field): boolean => {
    now = next
    if (half) return true
    const means = mode === 'python' ? box.input.value.trim() : codeFor(next, box.input.value)
    if (means !== (next.code ?? (mode === 'python' ? '' : null)))
      box.write(mode === 'python' ? (next.code ?? '') : (shownValue(next) ?? ''))
    return false
  }
  return { node: box.node, input: box.input, write }
}

/** In Python the word at the caret is completed, elsewhere the whole field. */
function suggested(offers: readonly string[], text: string, caret: number, mode: Mode): readonly Choice[] {
  const start = mode === 'python' ? caret - (/[\w'"[\].]*$/.exec(text.slice(0, caret))?.[0].length ?? 0) : 0
  const end = mode === 'python' ? caret : text.length
  const word = text.slice(start, end).trim().toLowerCase()
  return offers
    .filter((offer) => offer.toLowerCase().includes(word))
    .slice(0, MOST_OFFERED)
    .map((offer) => ({
      label: offer,
      note: '',
      text: text.slice(0, start) + offer + text.slice(end),
      caret: start + offer.length,
    }))
}
