/** Parts of the forms on the cards: each is made once, drawn from the state, and tells what a person changed.
 *
 * A control is written to only when the state says something else than what stands there means, so neither focus nor
 * caret nor half a number is ever lost; undo and another person's draft still come through.
 */
import { make } from '../lib/dom'
import { icon } from '../lib/icons'
import { problemWords, type KeyProblem } from './documents'
import type { OtherKeys, State } from './state'

/** What a part draws: the state, and the problems of its keys. */
export interface Form {
  readonly keys: OtherKeys
  readonly state: State
  readonly problems: readonly KeyProblem[]
}

export interface Part {
  readonly node: HTMLElement
  readonly draw: (form: Form) => void
}

export type Option = readonly [value: string, label: string]

interface Field<Value> {
  readonly id: string
  /** For a list of fields of one kind the label holds the number of the row. */
  readonly label: string
  /** What stands under the field; none where the label says it all. */
  readonly help?: string | ((keys: OtherKeys) => string)
  readonly canWrite: boolean
  /** The key of the flow, dotted: its problems stand at the field. */
  readonly key: string
  readonly get: (keys: OtherKeys) => Value
  readonly tell: (value: Value) => void
}

interface TextField<Value> extends Field<Value> {
  readonly placeholder?: string
  readonly inputmode?: string
  readonly width?: 'short' | 'full'
  readonly show: (value: Value) => string
  readonly read: (text: string) => Value
}

export function textField<Value>(wants: TextField<Value>): Part {
  const { id, placeholder = '', inputmode = 'text', canWrite, get, tell, show, read } = wants
  const control = make('input', {
    type: 'text',
    id,
    class: `form-control form-control-sm${wants.width === 'short' ? ' is-short' : ''}`,
    placeholder,
    inputmode,
    autocomplete: 'off',
    spellcheck: 'false',
    readonly: !canWrite,
  })
  control.addEventListener('input', () => tell(read(control.value)))
  return fieldOf(wants, control, (keys) => {
    const value = get(keys)
    if (JSON.stringify(read(control.value)) !== JSON.stringify(value)) control.value = show(value)
  })
}

/** `options` may depend on what is chosen: a name that is gone stays in the list. */
export function selectField(
  wants: Field<string> & { readonly options: (form: Form) => readonly Option[]; readonly width?: 'short' | 'full' },
): Part {
  const { id, canWrite, get, tell, options } = wants
  const width = wants.width === 'short' ? ' is-short' : ''
  const control = make('select', { id, class: `form-select form-select-sm${width}`, disabled: !canWrite })
  control.addEventListener('change', () => tell(control.value))
  let shown = ''
  return fieldOf(wants, control, (keys, form) => {
    const offered = options(form)
    if (JSON.stringify(offered) !== shown) {
      shown = JSON.stringify(offered)
      control.replaceChildren(...offered.map(([value, text]) => make('option', { value }, text)))
    }
    const value = get(keys)
    if (control.value !== value) control.value = value
  })
}

export function checkField(wants: Omit<Field<boolean>, 'help'>): Part {
  const { id, label, canWrite, get, tell } = wants
  const control = make('input', { type: 'checkbox', class: 'form-check-input', id, disabled: !canWrite })
  control.addEventListener('change', () => tell(control.checked))
  const node = make('label', { class: 'form-check', for: id }, control, make('span', { class: 'form-check-label' }, label))
  return { node, draw: ({ keys }) => void (control.checked = get(keys)) }
}

/** A title, what it is about, and parts under it. */
export function section(title: string, about: string | null, ...parts: readonly (Part | Node)[]): Part {
  const nodes = parts.map((part) => (part instanceof Node ? part : part.node))
  const node = make(
    'section',
    { class: 'card-section' },
    make('h2', {}, title),
    about === null ? null : make('p', { class: 'form-hint' }, about),
    ...nodes,
  )
  return {
    node,
    draw: (form) => {
      for (const part of parts) if (!(part instanceof Node)) part.draw(form)
    },
  }
}

/** As many parts as the list is long; those that stay are drawn anew, so what is edited keeps its focus. */
export function rows(node: HTMLElement, count: (form: Form) => number, makeRow: (index: number) => Part): Part {
  const made: Part[] = []
  return {
    node,
    draw: (form) => {
      const wanted = count(form)
      while (made.length < wanted) {
        const row = makeRow(made.length)
        made.push(row)
        node.append(row.node)
      }
      while (made.length > wanted) made.pop()?.node.remove()
      for (const row of made) row.draw(form)
    },
  }
}

/** What is wrong with exactly these keys; empty where nothing is. */
export function wrongPlace(id: string, keys: readonly string[]): Part {
  const node = make('div', { class: 'card-wrong', id, role: 'alert' })
  return { node, draw: ({ problems }) => tellWrong(node, problems.filter(({ key }) => keys.includes(key)).map(problemWords)) }
}

function tellWrong(node: HTMLElement, texts: readonly string[]): void {
  const shown = [...node.children].map((line) => line.textContent)
  if (texts.join('\n') !== shown.join('\n'))
    node.replaceChildren(...texts.map((text) => make('div', {}, icon('alert-triangle'), text)))
}

/** The label says which key it is; the message says what was found. */
function toldAtField({ key, message }: KeyProblem): string {
  return message.startsWith('is ') ? message.replace(/^is /, 'This is ') : problemWords({ key, line: 0, message })
}

function isOrUnder(key: string, above: string): boolean {
  return key === above || key.startsWith(`${above}.`)
}

export function addButton(id: string, label: string, act: () => void): HTMLButtonElement {
  const button = make('button', { type: 'button', class: 'btn btn-sm', id }, icon('plus'), label)
  button.addEventListener('click', act)
  return button
}

export function iconButton(name: string, label: string, act: () => void): HTMLButtonElement {
  const button = make(
    'button',
    { type: 'button', class: 'btn btn-sm btn-icon', 'aria-label': label, title: label },
    icon(name),
  )
  button.addEventListener('click', act)
  return button
}

function fieldOf<Value>(
  { id, label, help, key }: Field<Value>,
  control: HTMLInputElement | HTMLSelectElement,
  write: (keys: OtherKeys, form: Form) => void,
): Part {
  const wrong = make('div', { class: 'card-wrong', id: `${id}-wrong`, role: 'alert' })
  const hint = help === undefined ? null : make('small', { class: 'form-hint', id: `${id}-help` }, typeof help === 'string' ? help : '')
  const told = [hint === null ? '' : hint.id, wrong.id].join(' ').trim()
  control.setAttribute('aria-describedby', told)
  const node = make('div', { class: 'card-field' }, make('label', { class: 'form-label', for: id }, label), control, hint, wrong)
  return {
    node,
    draw: (form) => {
      write(form.keys, form)
      if (hint !== null && typeof help === 'function') writeText(hint, help(form.keys))
      const texts = form.problems.filter((problem) => isOrUnder(problem.key, key)).map(toldAtField)
      tellWrong(wrong, texts)
      control.setAttribute('aria-invalid', String(texts.length > 0))
    },
  }
}

/** Gives the focus to what the next frame draws. */
export function focusSoon(id: string): void {
  requestAnimationFrame(() => document.getElementById(id)?.focus())
}

export function writeText(node: HTMLElement, text: string): void {
  if (node.textContent !== text) node.textContent = text
}
