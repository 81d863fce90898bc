/** *Test on db1…*: runs one task on one element for real, and shows what came of it while it goes on. */
import { make } from '../lib/dom'
import { icon } from '../lib/icons'
import { isOver, stateBadge } from '../lib/states'
import { shownDuration } from '../lib/times'
import { ApiRefused, call } from '../wire/api'
import type { InputSpec, Tried } from '../wire/types'
import type { TaskName } from './documents'
import type { Given } from './sampled'
import { textOf } from './values'
import { tellWrong } from './wrong'

const ASKS_MS = 600

/** What was typed, by task, field and what was offered there, as long as the page lives; never what is secret. */
const kept = new Map<string, string>()

export interface Test {
  readonly task: TaskName
  readonly element: string
  readonly elements: readonly string[]
  readonly values: Readonly<Record<string, unknown>>
  /** Arguments that only a run of the flow computes. */
  readonly unknown: readonly Given[]
  /** The names of those that are secret. */
  readonly secrets: readonly string[]
  readonly flow: number
  /** The inputs of the flow that the task reads beside its own. */
  readonly others: readonly InputSpec[]
}

/** Opens the dialog; closing it leaves the run as it is. */
export function testOn(test: Test): void {
  const dialog = make('dialog', { class: 'box in-test', 'aria-labelledby': 'in-test-title' })
  const shown = make('div', { class: 'in-outcome', role: 'status' })
  const form = formOf(test)
  const run = make('button', { type: 'submit', class: 'btn btn-primary' }, icon('flask'), `Run it on ${valueIn(form, 'element')}`)
  const close = make('button', { type: 'button', class: 'btn' }, 'Close')
  const element = form.querySelector('[name=element]')
  element?.addEventListener('input', () => {
    run.replaceChildren(icon('flask'), `Run it on ${valueIn(form, 'element')}`)
  })
  close.addEventListener('click', () => dialog.close())
  dialog.addEventListener('close', () => {
    keep(form)
    dialog.remove()
  })
  form.append(make('div', { class: 'ed-answers' }, close, run))
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const empty = emptyOf(form)
    empty?.focus()
    if (empty !== null) return
    run.disabled = true
    void follow(test, form, shown, () => dialog.open).finally(() => {
      run.disabled = false
    })
  })
  dialog.append(make('h2', { class: 'h3', id: 'in-test-title' }, `Test ${test.task.name}`), form, shown)
  document.body.append(dialog)
  dialog.showModal()
  run.focus()
}

function formOf({ task, element, elements, values, unknown, secrets, others }: Test): HTMLFormElement {
  const list = make('datalist', { id: 'in-test-elements' }, ...elements.slice(0, 500).map((name) => make('option', { value: name })))
  const codeOf = (name: string): string => unknown.find((one) => one.name === name)?.code ?? ''
  return make(
    'form',
    { novalidate: true },
    make(
      'p',
      { class: 'in-warning' },
      icon('alert-triangle'),
      make('span', {}, 'This really runs the task on the element: what it changes there stays changed. The run is marked as a try.'),
    ),
    labelled('Element', make('input', { ...FIELD, id: 'in-test-element', name: 'element', ...keeping(task, '', element), list: list.id, required: true })),
    list,
    ...task.inputs.map((input) => inputOf(task, input, values[input.name], secrets.includes(input.name), codeOf(input.name))),
    ...others.map((input) => inputOf(task, input, input.default, input.type === 'secret')),
  )
}

/** What was changed from what was offered. */
function keep(form: HTMLFormElement): void {
  for (const field of form.querySelectorAll<HTMLInputElement>('input[data-kept]')) {
    if (field.value === field.dataset['offered']) kept.delete(field.dataset['kept'] ?? '')
    else kept.set(field.dataset['kept'] ?? '', field.value)
  }
}

/** The attributes of a field that is offered a text, or what somebody made of it before. */
function keeping(task: TaskName, name: string, offered: string): { readonly value: string; readonly 'data-kept': string; readonly 'data-offered': string } {
  const key = JSON.stringify([task.name, name, offered])
  return { value: kept.get(key) ?? offered, 'data-kept': key, 'data-offered': offered }
}

const FIELD = { class: 'form-control form-control-sm', autocomplete: 'off', spellcheck: 'false' } as const

function inputOf(task: TaskName, input: InputSpec, value: unknown, isSecret: boolean, code = ''): HTMLElement {
  const shared = {
    ...FIELD,
    id: `in-test-${input.name}`,
    name: `input-${input.name}`,
    required: input.required && input.default === null,
    placeholder: textOf(input.default),
    type: isSecret ? 'password' : 'text',
  }
  return labelled(input.name, make('input', { ...shared, ...(isSecret ? { value: textOf(value) } : keeping(task, input.name, textOf(value))) }), code)
}

/** `code` says what the flow gives there. */
function labelled(text: string, control: HTMLInputElement, code = ''): HTMLElement {
  const hint = code === '' ? null : make('small', { class: 'form-hint' }, 'In the flow: ', make('code', {}, code))
  const need = make('div', { class: 'in-wrong', id: `${control.id}-need` })
  control.setAttribute('aria-describedby', need.id)
  control.addEventListener('input', () => tellEmpty(control, false))
  return make('div', { class: 'in-field' }, make('label', { class: 'form-label', for: control.id }, text), control, hint, need)
}

/** The first field that needs a value and has none; each of them says so. */
function emptyOf(form: HTMLFormElement): HTMLInputElement | null {
  const empty = [...form.querySelectorAll<HTMLInputElement>('input[required]')].filter(({ value }) => value.trim() === '')
  for (const field of empty) tellEmpty(field, true)
  return empty[0] ?? null
}

function tellEmpty(field: HTMLInputElement, isEmpty: boolean): void {
  field.setAttribute('aria-invalid', String(isEmpty))
  const place = document.getElementById(`${field.id}-need`)
  if (place !== null) tellWrong(place, isEmpty ? ['A value is needed.'] : [])
}

function valueIn(form: HTMLFormElement, name: string): string {
  const field = form.elements.namedItem(name)
  return field instanceof HTMLInputElement ? field.value.trim() : ''
}

/** Texts are read as the declared types by the server; an empty one is not given. */
function bodyOf(test: Test, form: HTMLFormElement): unknown {
  const names = [...test.task.inputs, ...test.others].map(({ name }) => name)
  const given = [...new Set(names)].map((name) => [name, valueIn(form, `input-${name}`)] as const)
  return {
    name: test.task.name,
    element: valueIn(form, 'element'),
    inputs: Object.fromEntries(given.filter(([, text]) => text !== '')),
    secrets: test.secrets,
    flow: test.flow,
  }
}

async function follow(test: Test, form: HTMLFormElement, shown: HTMLElement, isOpen: () => boolean): Promise<void> {
  shown.replaceChildren(make('p', {}, 'Starting…'))
  try {
    const run = await call<{ readonly id: number }>('POST', '/api/tasks/try', { body: bodyOf(test, form) })
    while (isOpen()) {
      const tried = await call<Tried>('GET', `/api/runs/${run.id}/tried`)
      shown.replaceChildren(...outcomeOf(tried, run.id))
      if (isOver(tried.state)) return
      await new Promise((resolve) => window.setTimeout(resolve, ASKS_MS))
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    shown.replaceChildren(...refusalOf(error))
  }
}

function refusalOf(error: Error): readonly Node[] {
  const fields = error instanceof ApiRefused ? Object.values(error.problem.fields).flat() : []
  const rest = fields.filter((text) => !error.message.includes(text))
  return [make('p', { class: 'in-wrong' }, icon('alert-triangle'), [error.message, ...rest].join(' '))]
}

function outcomeOf(tried: Tried, run: number): readonly Node[] {
  const link = make('a', { href: `/runs/${run}/` }, `Run ${run}`)
  const facts = [
    tried.exit_code === null ? null : `exit code ${tried.exit_code}`,
    tried.attempts === null || tried.attempts < 2 ? null : `${tried.attempts} attempts`,
    tried.duration_s === null ? null : shownDuration(tried.duration_s * 1000),
  ].filter((text) => text !== null)
  const head = make('p', { class: 'in-outcome-head' }, stateBadge(tried.status ?? tried.state), facts.join(', '), link)
  return [
    head,
    tried.message === null || tried.message === '' ? null : make('p', {}, tried.message),
    titled('Output', outputOf(tried)),
    tried.data === null ? null : titled('Parsed data', make('pre', { class: 'in-command' }, JSON.stringify(tried.data, null, 2))),
    tried.command === null ? null : titled('Command as sent', make('pre', { class: 'in-command' }, tried.command)),
  ].filter((node) => node !== null)
}

/** What went to stderr is marked, with a word for who does not see the colour. */
function outputOf(tried: Tried): Node | null {
  const pieces = tried.pieces ?? (tried.output === null ? [] : [['stdout', tried.output] as const])
  if (tried.output === null && pieces.length === 0) return null
  if (pieces.every(([, text]) => text === '')) return make('p', { class: 'text-secondary' }, 'It printed nothing.')
  const lines = pieces.map(([stream, text]) =>
    stream === 'stdout' ? text : make('span', { class: 'in-stderr', title: 'stderr' }, text),
  )
  return make('pre', { class: 'in-command in-output', tabindex: 0, 'aria-label': 'Output' }, ...lines)
}

function titled(title: string, content: Node | null): Node | null {
  return content === null ? null : make('div', {}, make('h3', {}, title), content)
}
