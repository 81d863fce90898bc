/** The preview of a task: what is known of it, and how answers and typing change that. Pure. */

import { readPlain } from '../lib/plain'

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

export interface Answer {
  readonly rendered: string | null
  readonly problems: readonly PreviewProblem[]
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
}

export type Change =
  | { readonly kind: 'written'; readonly command: string; readonly declared: readonly Declared[] }
  | { readonly kind: 'element'; readonly name: string }
  | { readonly kind: 'input'; readonly name: string; readonly text: string }
  | { readonly kind: 'answer'; readonly revision: number; readonly outcome: Outcome }

export const EMPTY: Preview = { command: '', declared: [], element: '', given: {}, revision: 0, outcome: { kind: 'none' } }

export function changed(preview: Preview, change: Change): Preview {
  switch (change.kind) {
    case 'written':
      return { ...preview, command: change.command, declared: change.declared, revision: preview.revision + 1 }
    case 'element':
      return { ...preview, element: change.name, revision: preview.revision + 1 }
    case 'input':
      return { ...preview, given: { ...preview.given, [change.name]: change.text }, revision: preview.revision + 1 }
    case 'answer':
      return change.revision === preview.revision ? { ...preview, outcome: change.outcome } : preview
    default:
      return change satisfies never
  }
}

/** The inputs that the command needs and nobody has given yet. */
export function missing(preview: Preview): readonly string[] {
  const needed = preview.declared.filter((input) => input.name !== '' && input.required && input.default === '')
  return needed.map((input) => input.name).filter((name) => (preview.given[name] ?? '') === '')
}

/**
 * Null while there is nothing to render; without the element while inputs are missing, so that the command alone is checked.
 * Rows without a name are not declared; what was given to others stays.
 */
export function requestOf(preview: Preview): Request | null {
  if (preview.command.trim() === '') return null
  const declared = preview.declared.filter((input) => input.name !== '')
  const given = declared.map((input) => [input.name, preview.given[input.name] ?? ''] as const)
  return {
    definition: { command: preview.command, inputs: declared.map(keysOf) },
    element: preview.element.trim() === '' || missing(preview).length > 0 ? null : preview.element.trim(),
    inputs: Object.fromEntries(given.filter(([, text]) => text !== '')),
  }
}

function keysOf(input: Declared): Record<string, unknown> {
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
