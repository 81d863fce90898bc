/** Draws the preview of a task beside its form, and asks the server after each pause in typing. */
import { make, need, oncePerFrame } from '../lib/dom'
import { icon } from '../lib/icons'
import { ApiRefused, call } from '../wire/api'
import type { Page } from '../wire/types'
import { changed, EMPTY, missing, requestOf } from './preview'
import type { Answer, Change, Declared, Outcome, Preview, PreviewProblem } from './preview'
import { fromMemory, remember, sampleFor } from './sample'

const PAUSE_MS = 250
const OFFERED = 20

export interface Sample {
  /** The task's name, empty for a new one. */
  readonly task: string
  /** An element that the task is used with. */
  readonly sample: string | null
}

/** Draws the preview from now on; `drawn` is told each state that is drawn. */
export function startPreview(form: HTMLFormElement, section: HTMLElement, data: Sample, drawn: (preview: Preview) => void): void {
  section.hidden = false
  const element = need('#preview-element', HTMLInputElement, section)
  const inputs = need('[data-preview-inputs]', HTMLElement, section)
  const answer = need('[data-preview-answer]', HTMLElement, section)
  let preview = EMPTY
  let timer: number | undefined

  const draw = oncePerFrame(() => {
    drawInputs(inputs, preview, (name, text) => change({ kind: 'input', name, text }))
    answer.replaceChildren(...outcomeView(preview))
    drawn(preview)
  })

  function change(what: Change): void {
    preview = changed(preview, what)
    draw()
    if (what.kind === 'answer') return
    window.clearTimeout(timer)
    timer = window.setTimeout(() => void ask(), PAUSE_MS)
  }

  async function ask(): Promise<void> {
    const { revision } = preview
    const request = requestOf(preview)
    const outcome: Outcome = request === null ? { kind: 'none' } : await answered(request)
    change({ kind: 'answer', revision, outcome })
  }

  form.addEventListener('input', () => change(written(form)))
  form.addEventListener('change', () => change(written(form)))
  element.addEventListener('input', () => change({ kind: 'element', name: element.value }))
  element.addEventListener('change', () => remember(data.task, element.value.trim()))
  element.value = sampleFor(data.task, fromMemory, data.sample)
  offerElements(element, need('#preview-elements', HTMLDataListElement, section), (name) => {
    if (element.value === '') {
      element.value = name
      change({ kind: 'element', name })
    }
  })
  change({ kind: 'element', name: element.value })
  change(written(form))
}

function written(form: HTMLFormElement): Change {
  const rows = [...form.querySelectorAll('.input-row')]
  return {
    kind: 'written',
    command: need('[name=command]', HTMLTextAreaElement, form).value,
    declared: rows.map(
      (row): Declared => ({
        name: need('[name=input-name]', HTMLInputElement, row).value.trim(),
        type: need('[name=input-type]', HTMLSelectElement, row).value,
        required: need('[name=input-required]', HTMLSelectElement, row).value === 'yes',
        default: need('[name=input-default]', HTMLInputElement, row).value,
        choices: need('[name=input-choices]', HTMLInputElement, row).value,
        of: need('[name=input-of]', HTMLSelectElement, row).value,
      }),
    ),
  }
}

async function answered(request: unknown): Promise<Outcome> {
  try {
    return { kind: 'answered', answer: await call<Answer>('POST', '/api/tasks/preview', { body: request }) }
  } catch (error) {
    return { kind: 'refused', message: error instanceof ApiRefused || error instanceof Error ? error.message : String(error) }
  }
}

/** Keeps the fields of inputs that stay, so that nobody loses the place while typing. */
function drawInputs(within: HTMLElement, preview: Preview, given: (name: string, text: string) => void): void {
  const names = [...new Set(preview.declared.map((input) => input.name).filter((name) => name !== ''))]
  const there = [...within.querySelectorAll<HTMLElement>('[data-input]')]
  if (there.map((field) => field.dataset['input']).join('\n') !== names.join('\n')) makeInputs(within, preview, names, given)
  for (const field of within.querySelectorAll('input')) {
    const declared = preview.declared.find((input) => `preview-input-${input.name}` === field.id)
    field.placeholder = declared?.default ?? ''
    field.type = declared?.type === 'secret' ? 'password' : 'text'
  }
}

function makeInputs(within: HTMLElement, preview: Preview, names: readonly string[], given: (name: string, text: string) => void): void {
  within.replaceChildren(
    ...names.map((name) => {
      const id = `preview-input-${name}`
      const field = make('input', { id, class: 'form-control code', value: preview.given[name] ?? '', autocomplete: 'off', spellcheck: 'false' })
      field.addEventListener('input', () => given(name, field.value))
      return make('div', { class: 'mb-2', 'data-input': name }, make('label', { class: 'form-label', for: id }, `Input ${name}`), field)
    }),
  )
}

function outcomeView(preview: Preview): Node[] {
  const outcome: Outcome = preview.command.trim() === '' ? { kind: 'none' } : preview.outcome
  switch (outcome.kind) {
    case 'none':
      return [make('p', { class: 'text-secondary mb-0' }, 'Write a command to see it here.')]
    case 'refused':
      return [problemView({ key: '', line: 0, severity: 'error', message: outcome.message })]
    case 'answered':
      return answerView(outcome.answer, hintOf(preview))
    default:
      return outcome satisfies never
  }
}

/** What is still to be given before there can be a command; empty where nothing is. */
function hintOf(preview: Preview): string {
  if (preview.element.trim() === '') return 'Choose an element to see its command.'
  const names = missing(preview)
  return names.length === 0 ? '' : `Needs input ${names.map((name) => `'${name}'`).join(', ')}.`
}

function answerView(answer: Answer, hint: string): Node[] {
  const rendered =
    answer.rendered === null ? null : make('pre', { class: 'rendered', tabindex: 0, 'aria-label': 'The rendered command' }, answer.rendered)
  const told = rendered === null && hint !== '' ? make('p', { class: 'text-secondary mb-0' }, hint) : null
  // That an input is missing is said by the hint: nothing is wrong yet.
  const problems = answer.problems.filter((one) => told === null || one.key !== 'inputs')
  return [rendered, told, ...problems.map(problemView)].filter((node) => node !== null)
}

function problemView(problem: PreviewProblem): HTMLElement {
  const isError = problem.severity === 'error'
  const place = problem.key === 'command' && problem.line > 0 ? `line ${problem.line}: ` : PLAIN.has(problem.key) ? '' : `${problem.key}: `
  return make(
    'p',
    { class: `problem tone-${isError ? 'bad' : 'wait'}` },
    icon(isError ? 'alert-circle' : 'alert-triangle'),
    make('span', {}, `${isError ? '' : 'Warning: '}${place}${problem.message}`),
  )
}

const PLAIN: ReadonlySet<string> = new Set(['', 'command', 'inputs', 'element'])

interface Named {
  readonly name: string
}

/** Offers names as they are typed; the first of all is what the preview begins with. */
function offerElements(field: HTMLInputElement, list: HTMLDataListElement, first: (name: string) => void): void {
  let timer: number | undefined
  const offer = async (): Promise<void> => {
    const query = new URLSearchParams({ search: field.value, enabled: 'true', page_size: String(OFFERED) })
    try {
      const found = await call<Page<Named>>('GET', `/api/elements/?${query.toString()}`)
      list.replaceChildren(...found.results.map((element) => make('option', { value: element.name })))
      for (const element of found.results.slice(0, 1)) first(element.name)
    } catch (error) {
      if (!(error instanceof Error)) throw error
      field.title = error.message
    }
  }
  field.addEventListener('input', () => {
    window.clearTimeout(timer)
    timer = window.setTimeout(() => void offer(), PAUSE_MS)
  })
  void offer()
}
