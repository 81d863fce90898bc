/** What may come at the cursor of a script: names that belong in a text, keywords of a call, words of the language. Pure. */
import type { InputSpec } from '../wire/types'
import type { FlowName, Script, TaskName, Word } from './documents'
import { pythonOf } from './literals'
import type { Known } from './offers'
import { whereAt, type OpenCall, type Path, type Where } from './python_place'

/** One completion. `apply` is what is put in where that is not the value; `doc` is told beside the list. */
export interface Completed {
  readonly value: string
  readonly note: string
  readonly doc?: string
  readonly apply?: string
}

export interface Completions {
  readonly typed: string
  readonly offers: readonly Completed[]
  /** Inside the quotes of a text. */
  readonly isText: boolean
  /** Offered though nothing is typed yet. */
  readonly comesAlone: boolean
}

const KEYWORDS: Readonly<Record<Script, string>> = {
  execution: 'if elif else for while in not and or lambda True False None len str range try except finally break continue',
  processing: 'if elif else for while in not and or lambda True False None len str',
}
const OF_ELEMENT: readonly Completed[] = [
  { value: 'name', note: '' },
  { value: 'context', note: 'its facts' },
  { value: 'address', note: '' },
  { value: 'profile', note: '' },
  { value: 'groups', note: 'a list of names' },
  { value: 'id', note: '' },
]
const OF_RESULT: Readonly<Record<string, string>> = {
  run_task: 'ok status exit_code output data settings attempts',
  run_flow: 'ok status run elements failed messages',
  approve: 'ok by comment',
}
const OF_RUN = 'id flow started_at'

/** `before` is the script up to the cursor, `after` what follows on the line. */
export function completionsAt(before: string, script: Script, known: Known, after = ''): Completions | null {
  const where = whereAt(before)
  if (where.isInComment || where.isAttribute) return null
  if (where.inText !== null) {
    const offers = inText(where, before, known)
    return offers === null ? null : { typed: where.inText.typed, offers, isText: true, comesAlone: true }
  }
  const keys = quotedKeys(where, before, known, after)
  const offers = [...keys, ...keywordsOf(where.call, known), ...wordsOf(before, script, known)]
  return { typed: where.word, offers, isText: false, comesAlone: keys.length > 0 }
}

/** The task or flow of this name that a call runs. */
export function calledBy(call: Pick<OpenCall, 'word' | 'first'>, known: Known): TaskName | FlowName | null {
  const all: readonly (TaskName | FlowName)[] =
    call.word === 'run_task' ? (known.names?.tasks ?? []) : call.word === 'run_flow' ? (known.names?.flows ?? []) : []
  return all.find(({ name }) => name === call.first) ?? null
}

export function inputNote(input: InputSpec): string {
  return `${input.type ?? 'any'}${input.required && input.default === null ? ', required' : ''}`
}

function inText(where: Where, before: string, known: Known): readonly Completed[] | null {
  const { call, path, compared } = where
  if (path !== null) return ofPath(path, before, known)
  if (compared !== null) {
    const values = known.names?.values[contextKey(compared) ?? ''] ?? []
    return values.filter((value) => typeof value === 'string').map((value) => ({ value, note: 'known value' }))
  }
  if (call === null) return null
  if (call.word === 'run_task' && call.index === 0 && call.isAtStart)
    return (known.names?.tasks ?? []).map((one) => ({ value: one.name, note: one.class, doc: one.command_line }))
  if (call.word === 'run_flow' && call.index === 0 && call.isAtStart)
    return (known.names?.flows ?? []).map((one) => ({ value: one.name, note: one.mode, doc: stepsOf(one) }))
  if (call.word === 'set_context' && call.index === 0) return contextKeys(known)
  return call.keyword === null ? null : ofKeyword(call, call.keyword, known)
}

function ofKeyword(call: OpenCall, keyword: string, known: Known): readonly Completed[] | null {
  const elements = (known.elements ?? []).map((value) => ({ value, note: 'element' }))
  if (call.word === 'run_task' && keyword === 'element') return elements
  const input = calledBy(call, known)?.inputs.find(({ name }) => name === keyword)
  if (input?.type === 'element') return elements
  return input?.choices?.map((value) => ({ value, note: 'choice' })) ?? null
}

function ofPath(path: Path, before: string, known: Known): readonly Completed[] | null {
  const { root, keys } = path
  if (keys.includes('context')) return keysBelow(known, keys.slice(keys.indexOf('context') + 1))
  if (keys.length > 0) return null
  if (root === 'inputs') return known.inputs.map((one) => ({ value: one.name, note: inputNote(one), doc: one.description ?? '' }))
  if (root === 'run') return listed(OF_RUN)
  const result = resultOf(root, before)
  return result === null ? OF_ELEMENT : listed(OF_RESULT[result] ?? '')
}

/** The keys in quotes, behind a name that has keys: another may be a list, in whose brackets stands a number. */
function quotedKeys({ path, close, quote }: Where, before: string, known: Known, after: string): readonly Completed[] {
  if (path === null || !hasKeys(path, before)) return []
  const end = after.trimStart().startsWith(close) ? '' : close
  return (ofPath(path, before, known) ?? []).map((one) => ({ ...one, apply: `${pythonOf(one.value, quote)}${end}` }))
}

function hasKeys({ root, keys }: Path, before: string): boolean {
  if (keys.length > 0 || ['inputs', 'run', 'element'].includes(root) || resultOf(root, before) !== null) return true
  return new RegExp(`\\b(?:lambda ${root}|for ${root} in elements)(?!\\w)`, 'u').test(before)
}

/** The step whose result a name was given; null for other names. */
function resultOf(name: string, before: string): string | null {
  const found = [...before.matchAll(/^[ \t]*(\w+)[ \t]*=[ \t]*(run_task|run_flow|approve)\(/gm)]
  return found.findLast((one) => one[1] === name)?.[2] ?? null
}

/** The dotted context key that a path leads to. */
export function contextKey(path: Path): string | null {
  const at = path.keys.indexOf('context')
  return at === -1 || at === path.keys.length - 1 ? null : path.keys.slice(at + 1).join('.')
}

/** The next keys of dotted paths, below the keys above. */
function keysBelow(known: Known, above: readonly string[]): readonly Completed[] {
  const paths = (known.names?.context_keys ?? []).map((path) => path.split('.'))
  const below = paths.filter((keys) => above.every((key, index) => keys[index] === key))
  const next = [...new Set(below.map((keys) => keys[above.length]).filter((key) => key !== undefined))]
  return next.map((value) => ({ value, note: '', doc: valuesOf(known, [...above, value].join('.')) }))
}

function contextKeys(known: Known): readonly Completed[] {
  return (known.names?.context_keys ?? []).map((value) => ({ value, note: '', doc: valuesOf(known, value) }))
}

/** The known values of a context key in a line; '' where none is known. */
export function valuesOf(known: Known, key: string): string {
  const values = known.names?.values[key] ?? []
  return values.length === 0 ? '' : `Known values: ${values.slice(0, 8).map(String).join(', ')}${values.length > 8 ? ', …' : ''}`
}

export function stepsOf(flow: FlowName): string {
  const steps = flow.steps.slice(0, 12).map((step) => `${step.site} ${step.name ?? step.step}`)
  return steps.join(' · ') + (flow.steps.length > 12 ? ' · …' : '')
}

/** Inputs of what is called, then what every call may be told; those that are given already are left out. */
function keywordsOf(call: OpenCall | null, known: Known): readonly Completed[] {
  if (call === null || !call.isAtStart || call.keyword !== null) return []
  const inputs = (calledBy(call, known)?.inputs ?? []).map((input) => ({
    value: input.name,
    note: inputNote(input),
    doc: input.description ?? '',
  }))
  const options = (known.names?.steps ?? []).find((word) => word.name === call.word && word.kind === 'step')
  const own = [...(options?.signature.matchAll(/(\w+)=/g) ?? [])].map((found) => ({ value: found[1] ?? '', note: 'option' }))
  return [...inputs, ...own]
    .filter(({ value }) => !call.keywords.includes(value))
    .map((one) => ({ ...one, apply: `${one.value}=` }))
}

function wordsOf(before: string, script: Script, known: Known): readonly Completed[] {
  const words = (known.names?.steps ?? []).filter((word) => word.scripts.includes(script))
  const mine = [...new Set([...before.matchAll(/^[ \t]*(?:for[ \t]+)?([A-Za-z_]\w*)[ \t]*(?:=(?!=)|in\b)/gm)].map((found) => found[1] ?? ''))]
  return [
    ...words.map((word) => ({ value: word.name, note: noteOf(word), doc: word.doc })),
    ...mine.filter((name) => !words.some((word) => word.name === name)).map((value) => ({ value, note: 'variable' })),
    ...listed(KEYWORDS[script]),
  ]
}

function noteOf(word: Word): string {
  return word.signature.startsWith(`${word.name}(`) ? word.signature.slice(word.name.length) : word.kind
}

function listed(words: string): readonly Completed[] {
  return words.split(' ').map((value) => ({ value, note: '' }))
}
