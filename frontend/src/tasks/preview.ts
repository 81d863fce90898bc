/** The preview of a task: what is known of it, and how answers and typing change that. Pure. */

import { readPlain } from '../lib/plain'
import type { Undeclared } from '../lib/undeclared'

export interface Declared {
  readonly name: string
  readonly type: string
  readonly required: boolean
  readonly default: string
  readonly choices: string
  readonly of: string
}

/** What the server is asked. */
export interface Request {
  readonly definition: { readonly command: string; readonly inputs: readonly Record<string, unknown>[] }
  readonly element: string | null
  readonly inputs: Readonly<Record<string, string>>
}

export interface PreviewProblem {
  readonly key: string
  readonly line: number
  readonly severity: 'error' | 'warning'
  readonly message: string
}

/** A name that the template can use for the element, its value there, and where that comes from. */
export interface TemplateName {
  readonly name: string
  readonly value: string
  readonly from: string
}

export interface Answer {
  readonly rendered: string | null
  readonly problems: readonly PreviewProblem[]
  readonly names: readonly TemplateName[]
  readonly undeclared: readonly Undeclared[]
}

export type Outcome =
  | { readonly kind: 'none' }
  | { readonly kind: 'answered'; readonly answer: Answer }
  | { readonly kind: 'refused'; readonly message: string }

export interface Preview {
  readonly command: string
  readonly declared: readonly Declared[]
  readonly element: string
  readonly given: Readonly<Record<string, string>>
  /** Counts the changes: an answer to an older one is dropped. */
  readonly revision: number
  readonly outcome: Outcome
  /** Of the last element that there was: they stay while another name is typed. */
  readonly names: readonly TemplateName[]
}

export type Change =
  | { readonly kind: 'written'; readonly command: string; readonly declared: readonly Declared[] }
  | { readonly kind: 'element'; readonly name: string }
  | { readonly kind: 'input'; readonly name: string; readonly text: string }
  | { readonly kind: 'answer'; readonly revision: number; readonly outcome: Outcome }

export const EMPTY: Preview = { command: '', declared: [], element: '', given: {}, revision: 0, outcome: { kind: 'none' }, names: [] }

export function changed(preview: Preview, change: Change): Preview {
  switch (change.kind) {
    case 'written':
      return { ...preview, command: change.command, declared: change.declared, revision: preview.revision + 1 }
    case 'element':
      return { ...preview, element: change.name, revision: preview.revision + 1 }
    case 'input':
      return { ...preview, given: { ...preview.given, [change.name]: change.text }, revision: preview.revision + 1 }
    case 'answer':
      return change.revision === preview.revision ? answered(preview, change.outcome) : preview
    default:
      return change satisfies never
  }
}

function answered(preview: Preview, outcome: Outcome): Preview {
  const found = outcome.kind === 'answered' ? outcome.answer.names : []
  return { ...preview, outcome, names: found.length > 0 ? found : preview.names }
}

/** What is wrong with the template itself: marked at its lines. */
export function templateProblems(preview: Preview): readonly PreviewProblem[] {
  return preview.outcome.kind === 'answered' && preview.command.trim() !== '' ? preview.outcome.answer.problems : NONE
}

const NONE: readonly PreviewProblem[] = []

/** The inputs that the command needs and nobody has given yet. */
export function missing(preview: Preview): readonly string[] {
  const needed = preview.declared.filter((input) => input.name !== '' && input.required && input.default === '')
  return needed.map((input) => input.name).filter((name) => (preview.given[name] ?? '') === '')
}

/**
 * Null while there is neither a command nor an element to tell names of. Rows without a name are not declared; what was
 * given to others stays.
 */
export function requestOf(preview: Preview): Request | null {
  const element = preview.element.trim()
  if (preview.command.trim() === '' && element === '') return null
  return {
    definition: { command: preview.command, inputs: preview.declared.filter((input) => input.name !== '').map(keysOf) },
    element: element === '' ? null : element,
    inputs: givenInputs(preview),
  }
}

/** What a call gives: the inputs that are declared and filled in. */
export function givenInputs(preview: Preview): Readonly<Record<string, string>> {
  const names = preview.declared.map((input) => input.name).filter((name) => name !== '')
  const given = names.map((name) => [name, preview.given[name] ?? ''] as const)
  return Object.fromEntries(given.filter(([, text]) => text !== ''))
}

export function keysOf(input: Declared): Record<string, unknown> {
  const choices = itemsOf(input.choices)
  const keys = {
    name: input.name, type: input.type, required: input.required,
    ...(choices.length > 0 ? { choices } : {}), ...(input.type === 'list' && input.of !== '' ? { of: input.of } : {}),
  }
  return input.default === '' ? keys : { ...keys, default: typed(input) }
}

function itemsOf(text: string): readonly string[] {
  return text.split(',').map((item) => item.trim()).filter((item) => item !== '')
}

/** As the form's own reading: what does not read as its type goes as text, and the server says so. */
function typed(input: Declared): unknown {
  const text = input.default.trim()
  if (input.type === 'any') return readPlain(input.default) ?? input.default
  if (input.type === 'list') return itemsOf(input.default).map((item) => typed({ ...input, type: input.of, default: item }))
  if (input.type === 'boolean') return WORDS.get(text.toLowerCase()) ?? input.default
  if ((input.type === 'integer' || input.type === 'number') && text !== '' && Number.isFinite(Number(text))) return Number(text)
  return input.default
}

const WORDS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['yes', true],
  ['on', true],
  ['1', true],
  ['false', false],
  ['no', false],
  ['off', false],
  ['0', false],
])
