/** What the inspector shows of the step that is selected: its fields, and what is wrong with each. Pure. */
import type { InputSpec } from '../wire/types'
import { argumentOf } from './call_text'
import type { CallRange, Fault, FlowName, Names, Site, TaskName } from './documents'
import { startsOfLines } from './statement_text'

export type FieldKind = 'text' | 'number' | 'boolean' | 'choice' | 'list' | 'element' | 'any' | 'secret' | 'key' | 'python'

/** One argument of the step. */
export interface Field {
  readonly name: string
  /** Where it may stand without its name. */
  readonly place: number | null
  readonly label: string
  readonly kind: FieldKind
  readonly hint: string
  /** What is so when it is not given. */
  readonly placeholder: string
  readonly isRequired: boolean
  /** The flow has an input of this name, which the task is given; or it may get one. */
  readonly flowInput: 'has' | 'may' | null
  readonly choices: readonly string[]
  /** Of a list: the type of its items. */
  readonly of: string
  readonly code: string | null
  readonly problems: readonly string[]
}

export type Callee = { readonly kind: 'task'; readonly found: TaskName } | { readonly kind: 'flow'; readonly found: FlowName }

/** A step with its arguments. */
export interface Step {
  readonly site: Site
  readonly callee: Callee | null
  readonly inputs: readonly Field[]
  /** On which elements. */
  readonly where: Field | null
  /** What every step of this kind may be told. */
  readonly options: readonly Field[]
  readonly check: Field | null
  /** What is wrong with the statement, and with none of its fields. */
  readonly problems: readonly string[]
  /** Arguments that come from a list or a dict: `*names`, `**more`. */
  readonly spread: readonly string[]
}

export interface Written {
  readonly text: string
  readonly faults: readonly Fault[]
  readonly names: Names | null
  /** The inputs of the flow itself: a task is given those of the same name. */
  readonly flowInputs: readonly InputSpec[]
}

/** The step at a site whose `call` counts in the text. */
export function stepOf(site: Site, call: CallRange, written: Written): Step {
  const callee = calleeOf(site, written.names)
  const wrong = wrongBy(call, site, written)
  const field = (name: string, change: Partial<Field>): Field => {
    const given = argumentOf(call, name, change.place ?? null)
    return { ...EMPTY, name, label: name, code: given?.code ?? null, problems: wrong.of(name, change.place ?? null), ...change }
  }
  const declared = (callee?.found.inputs ?? []).filter(({ name }) => !OPTIONS.has(name))
  const known = declared.map((input) => field(input.name, ofInput(input, callee, written)))
  const others = undeclared(site, call, declared).map((name) =>
    field(name, { kind: 'any', hint: callee === null ? '' : `The ${callee.kind} declares no such input.` }),
  )
  const build = PARTS[site.step]?.(field, callee) ?? NO_PARTS
  return {
    site,
    callee,
    inputs: [...known, ...others],
    ...build,
    problems: wrong.rest([...known, ...others, build.where, build.check, ...build.options]),
    spread: call.args.filter((one) => /^\*/.test(one.code)).map((one) => one.code),
  }
}

const EMPTY: Field = {
  name: '',
  place: null,
  label: '',
  kind: 'text',
  hint: '',
  placeholder: '',
  isRequired: false,
  flowInput: null,
  choices: [],
  of: '',
  code: null,
  problems: [],
}
/** Keywords of a call that are no inputs. */
const OPTIONS: ReadonlySet<string> = new Set(['check', 'timeout', 'retries', 'element', 'elements'])

type MakeField = (name: string, change: Partial<Field>) => Field
type Parts = Pick<Step, 'where' | 'options' | 'check'>

const NO_PARTS: Parts = { where: null, options: [], check: null }
const PARTS: Readonly<Record<string, (field: MakeField, callee: Callee | null) => Parts>> = {
  run_task: (field, callee) => {
    const task = callee?.kind === 'task' ? callee.found : null
    return {
      where: field('element', { kind: 'element', label: 'Element', placeholder: 'this element' }),
      options: [
        field('timeout', { kind: 'number', label: 'Timeout, s', placeholder: told(task?.timeout, 'as the task') }),
        field('retries', { kind: 'number', label: 'Retries', placeholder: told(task?.retries, 'as the task') }),
      ],
      check: field('check', { kind: 'boolean' }),
    }
  },
  run_flow: (field) => ({
    where: field('elements', { kind: 'python', label: 'Elements', placeholder: 'this element' }),
    options: [],
    check: field('check', { kind: 'boolean' }),
  }),
  sleep: (field) => ({
    ...NO_PARTS,
    options: [field('seconds', { place: 0, kind: 'number', label: 'Seconds', isRequired: true })],
  }),
  approve: (field) => ({
    where: null,
    options: [
      field('message', { place: 0, label: 'Question', isRequired: true }),
      field('timeout', { kind: 'number', label: 'Timeout, s', placeholder: '86400, a day' }),
    ],
    check: field('check', { kind: 'boolean' }),
  }),
  set_context: (field) => ({
    ...NO_PARTS,
    options: [
      field('key', { place: 0, kind: 'key', label: 'Key', isRequired: true }),
      field('value', { place: 1, kind: 'any', label: 'Value', isRequired: true }),
    ],
  }),
  log: (field) => ({ ...NO_PARTS, options: [field('message', { place: 0, kind: 'any', label: 'Message', isRequired: true })] }),
}

function told(value: number | undefined, whose: string): string {
  return value === undefined ? whose : `${value}, ${whose}`
}

/** The task or flow that the step calls by its plain name; null where there is none, or it is computed. */
export function calleeOf(site: Site, names: Names | null): Callee | null {
  const task = site.step === 'run_task' ? names?.tasks.find((one) => one.name === site.name) : undefined
  if (task !== undefined) return { kind: 'task', found: task }
  const flow = site.step === 'run_flow' ? names?.flows.find((one) => one.name === site.name) : undefined
  return flow === undefined ? null : { kind: 'flow', found: flow }
}

const KINDS: Readonly<Record<string, FieldKind>> = {
  string: 'text',
  integer: 'number',
  number: 'number',
  boolean: 'boolean',
  choice: 'choice',
  element: 'element',
  list: 'list',
  secret: 'secret',
}

/** True where the call itself has to give the input: a task is given the flow's own of the same name. */
export function isNeeded(input: InputSpec, callee: Callee | null, flowInputs: readonly InputSpec[]): boolean {
  return input.required && input.default === null && !isInherited(input, callee, flowInputs)
}

/** True where a task is given the flow's own input of the same name. */
export function isInherited(input: InputSpec, callee: Callee | null, flowInputs: readonly InputSpec[]): boolean {
  return callee?.kind === 'task' && flowInputs.some(({ name }) => name === input.name)
}

function ofInput(input: InputSpec, callee: Callee | null, { flowInputs }: Written): Partial<Field> {
  const ownValue = input.default === null ? '' : JSON.stringify(input.default)
  return {
    label: input.name,
    kind: KINDS[input.type ?? ''] ?? 'any',
    hint: input.description ?? '',
    placeholder: isInherited(input, callee, flowInputs) ? 'as the flow’s input' : ownValue,
    isRequired: isNeeded(input, callee, flowInputs),
    flowInput: callee?.kind !== 'task' ? null : isInherited(input, callee, flowInputs) ? 'has' : 'may',
    choices: input.choices ?? [],
    of: input.of ?? '',
  }
}

/** Keywords that are neither declared nor known by heart; without a callee all are as good as declared. */
function undeclared(site: Site, call: CallRange, declared: readonly InputSpec[]): readonly string[] {
  if (site.step !== 'run_task' && site.step !== 'run_flow') return []
  const known = new Set(declared.map(({ name }) => name))
  return call.args.map(({ name }) => name).filter((name) => name !== null && !OPTIONS.has(name) && !known.has(name)) as string[]
}

/** The problems of a statement, by the argument that they stand at. */
function wrongBy(
  call: CallRange,
  site: Site,
  { text, faults }: Written,
): {
  readonly of: (name: string, place: number | null) => readonly string[]
  readonly rest: (fields: readonly (Field | null)[]) => readonly string[]
} {
  const starts = startsOfLines(text)
  const placed = faults.map((fault) => ({ ...fault, at: placeOf(text, starts, fault) }))
  const { start, end } = site.statement
  const own = placed.filter(({ at }) => at >= call.start && at < call.end)
  const around = placed.filter(({ at }) => at >= start && at < end && !own.some((one) => one.at === at))
  const at = (place: number): string | null => {
    const index = call.args.findIndex((one) => place >= (one.from ?? one.start) && place < one.end)
    return index === -1 ? null : (call.args[index]?.name ?? `#${index}`)
  }
  return {
    of: (name, place) => own.filter((one) => [name, `#${place}`].includes(at(one.at) ?? '')).map(({ message }) => message),
    rest: (fields) => {
      const told = new Set(fields.flatMap((one) => (one === null ? [] : [one.name, `#${one.place}`])))
      const untold = own.filter((one) => !told.has(at(one.at) ?? '') && !one.code.startsWith('unknown_'))
      return [...untold, ...around].map(({ message }) => message)
    },
  }
}

/** Where a problem stands, in UTF-16 units; its column counts characters. */
function placeOf(text: string, starts: readonly number[], { line, col }: Fault): number {
  const start = starts[line - 1]
  if (line < 1 || start === undefined) return -1
  const end = starts[line] ?? text.length
  return start + Array.from(text.slice(start, end)).slice(0, Math.max(0, col - 1)).join('').length
}
